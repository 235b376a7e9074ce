/** Roles, active and eligible: what the snapshot has and live lacks (R44, R45). Pure. */
import type { RoleAssignment } from '../directory/gateway.ts';
import type { DirectoryRecord, Id, JsonObject } from '../directory/record.ts';

export interface RoleStep {
  readonly roleDefinitionId: Id;
  /** The definition's id in the snapshot. */
  readonly targetId: Id;
  readonly directoryScopeId: string;
  readonly endDateTime?: string;
  /** Its time is over. */
  readonly expired: boolean;
}

const unitScope = /^\/administrativeUnits\/(.+)$/;

/** The unit that a scope names; undefined for the whole tenant and for an app. */
export const unitOf = (directoryScopeId: string): Id | undefined => unitScope.exec(directoryScopeId)?.[1];

/** Assignments of the snapshot that live lacks, with role definition and unit scope under the ids they have now. */
export function roleSteps(
  wanted: readonly RoleAssignment[],
  live: readonly RoleAssignment[],
  resolve: (id: Id) => Id,
  now: Date,
): RoleStep[] {
  return wanted
    .map(({ roleDefinitionId, directoryScopeId, endDateTime }): RoleStep => {
      const scope = directoryScopeId.replace(unitScope, (_, unit: string) => `/administrativeUnits/${resolve(unit)}`);
      return {
        roleDefinitionId: resolve(roleDefinitionId),
        targetId: roleDefinitionId,
        directoryScopeId: scope,
        ...(endDateTime === undefined ? {} : { endDateTime }),
        expired: endDateTime !== undefined && Date.parse(endDateTime) <= now.getTime(),
      };
    })
    .filter(({ roleDefinitionId, directoryScopeId }) => {
      const same = (has: RoleAssignment) =>
        has.roleDefinitionId === roleDefinitionId && has.directoryScopeId === directoryScopeId;
      return !live.some(same);
    });
}

/** Roles that live has and the snapshot does not (R40): of the same kind, wherever their definition and unit are now. */
export const extraRoles = (
  wanted: readonly RoleAssignment[],
  live: readonly RoleAssignment[],
  resolve: (id: Id) => Id,
): readonly RoleAssignment[] => {
  const place = (scope: string) =>
    scope.replace(unitScope, (_, unit: string) => `/administrativeUnits/${resolve(unit)}`);
  const kept = new Set(
    wanted.map(({ roleDefinitionId, directoryScopeId }) => `${resolve(roleDefinitionId)} ${place(directoryScopeId)}`),
  );
  return live.filter(({ roleDefinitionId, directoryScopeId }) => !kept.has(`${roleDefinitionId} ${directoryScopeId}`));
};

/** A record of role assignments or of role schedules. */
export function assignmentOf({ id, body }: DirectoryRecord): RoleAssignment {
  const endDateTime = endOf(body);
  return {
    id,
    principalId: String(body.principalId),
    roleDefinitionId: String(body.roleDefinitionId),
    directoryScopeId: String(body.directoryScopeId ?? '/'),
    ...(endDateTime === undefined ? {} : { endDateTime }),
  };
}

function endOf({ scheduleInfo }: JsonObject): string | undefined {
  const { expiration } = (scheduleInfo ?? {}) as { readonly expiration?: JsonObject | null };
  return typeof expiration?.endDateTime === 'string' ? expiration.endDateTime : undefined;
}

/** Tells which assignment a schedule belongs to, whatever their ids are. */
export const roleKey = ({ principalId, roleDefinitionId, directoryScopeId }: RoleAssignment): string =>
  `${principalId} ${roleDefinitionId} ${directoryScopeId}`;
