/** Role assignments and role schedules, as records tell of them. Pure. */
import type { RoleAssignment } from './gateway.ts';
import type { DirectoryRecord, Id, JsonObject } from './record.ts';

const unitScope = /^\/administrativeUnits\/(.+)$/;

/** The unit that a scope names; undefined for the whole tenant and for an app. */
export const unitOf = (directoryScopeId: string): Id | undefined => unitScope.exec(directoryScopeId)?.[1];

/** The same scope with its unit under the id it has now. */
export const scopeNow = (directoryScopeId: string, resolve: (id: Id) => Id): string =>
  directoryScopeId.replace(unitScope, (_, unit: string) => `/administrativeUnits/${resolve(unit)}`);

/** A record of role assignments, of role schedules, or of schedules of groups: there the group stands for the role, `member` or `owner` for the scope. */
export function assignmentOf({ id, body }: DirectoryRecord): RoleAssignment {
  const endDateTime = endOf(body);
  return {
    id,
    principalId: String(body.principalId),
    roleDefinitionId: String(body.groupId ?? body.roleDefinitionId),
    directoryScopeId: String(body.accessId ?? body.directoryScopeId ?? '/'),
    ...(endDateTime === undefined ? {} : { endDateTime }),
  };
}

function endOf({ scheduleInfo }: JsonObject): string | undefined {
  const { expiration } = (scheduleInfo ?? {}) as { readonly expiration?: JsonObject | null };
  return typeof expiration?.endDateTime === 'string' ? expiration.endDateTime : undefined;
}

/** Whether an end, if there is one, has passed. @param now the tenant's time. */
export const isOver = (endDateTime: string | undefined, now: Date): boolean =>
  endDateTime !== undefined && Date.parse(endDateTime) <= now.getTime();

type End = RoleAssignment['endDateTime'];

/** What lasts for good ends after all the rest. */
const endMs = (end: End): number => (end === undefined ? Number.POSITIVE_INFINITY : Date.parse(end));

/** However they are written. */
export const sameEnd = (one: End, other: End): boolean => endMs(one) === endMs(other);

export const endsBefore = (one: End, other: End): boolean => endMs(one) < endMs(other);

/** The one of several that lasts longest. */
export const longest = <T extends { readonly endDateTime?: string }>(some: readonly T[]): T | undefined =>
  some.reduce<T | undefined>(
    (best, one) => (best === undefined || endsBefore(best.endDateTime, one.endDateTime) ? one : best),
    undefined,
  );

/** Tells which assignment a schedule belongs to, whatever their ids are. */
const keyOf = ({ principalId, roleDefinitionId, directoryScopeId }: RoleAssignment): string =>
  `${principalId} ${roleDefinitionId} ${directoryScopeId}`;

/** Active assignments with their ends, which stand in their schedules alone. */
export function withEnds(
  assignments: readonly RoleAssignment[],
  schedules: readonly RoleAssignment[],
): readonly RoleAssignment[] {
  const byKey = Map.groupBy(schedules, keyOf);
  return assignments.map((assignment) => {
    const endDateTime = longest(byKey.get(keyOf(assignment)) ?? [])?.endDateTime;
    return endDateTime === undefined ? assignment : { ...assignment, endDateTime };
  });
}
