/** Roles, active and eligible: what the snapshot has and live lacks (R44, R45). Pure. */
import type { RoleAssignment } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { isOver, scopeNow } from '../directory/roles.ts';

export interface RoleStep {
  readonly roleDefinitionId: Id;
  /** The definition's id in the snapshot. */
  readonly targetId: Id;
  readonly directoryScopeId: string;
  readonly endDateTime?: string;
  /** Its time is over. */
  readonly expired: boolean;
}

/**
 * Assignments of the snapshot that live lacks, with role definition and unit scope under the ids they have now.
 * @param now the tenant's time.
 */
export function roleSteps(
  wanted: readonly RoleAssignment[],
  live: readonly RoleAssignment[],
  resolve: (id: Id) => Id,
  now: Date,
): RoleStep[] {
  return wanted
    .map(({ roleDefinitionId, directoryScopeId, endDateTime }): RoleStep => {
      return {
        roleDefinitionId: resolve(roleDefinitionId),
        targetId: roleDefinitionId,
        directoryScopeId: scopeNow(directoryScopeId, resolve),
        ...(endDateTime === undefined ? {} : { endDateTime }),
        expired: isOver(endDateTime, now),
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
  const kept = new Set(
    wanted.map(
      ({ roleDefinitionId, directoryScopeId }) => `${resolve(roleDefinitionId)} ${scopeNow(directoryScopeId, resolve)}`,
    ),
  );
  return live.filter(({ roleDefinitionId, directoryScopeId }) => !kept.has(`${roleDefinitionId} ${directoryScopeId}`));
};
