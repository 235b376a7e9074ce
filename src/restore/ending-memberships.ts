/**
 * Memberships and ownerships that were to end: given back as a schedule with the same end, or not at all once it has passed (R45). A plain link
 * would make them last for good.
 */
import type { RoleAssignment } from '../directory/gateway.ts';
import { type Id, refId } from '../directory/record.ts';
import type { Relation } from '../directory/relations.ts';
import { isOver, longest } from '../directory/roles.ts';
import { schedulesOfGroups } from '../snapshot/held-roles.ts';
import type { JobContext } from './job-context.ts';
import type { LinkDifference, LinkStep } from './links.ts';

/** Tells the end of a link of the snapshot; undefined: it lasts for good, or the snapshot does not know. */
export type Ending = (difference: LinkDifference, subjectId: Id) => string | undefined;

/** @param differences those of groups that may hold roles count alone. */
export async function endingsOf(
  { reader }: JobContext,
  differences: readonly { readonly difference: LinkDifference; readonly subjectId: Id; readonly isGuarded: boolean }[],
): Promise<Ending> {
  const groups = differences
    .filter(
      ({ difference, isGuarded }) =>
        isGuarded && difference.act === 'link' && accessOf(difference.relation) !== undefined,
    )
    .map(({ difference, subjectId }) => groupIn(difference, subjectId));
  if (groups.length === 0 || !reader.has('groupAssignmentSchedules')) return () => undefined;
  const schedules = await schedulesOfGroups(reader, 'groupAssignmentSchedules', new Set(groups));
  const held = Map.groupBy(schedules, keyOf);
  return (difference, subjectId) => {
    const roleDefinitionId = groupIn(difference, subjectId);
    const principalId = difference.subjectIsSource ? refId(difference.other) : subjectId;
    const place = { principalId, roleDefinitionId, directoryScopeId: accessOf(difference.relation) ?? '' };
    return longest(held.get(keyOf(place)) ?? [])?.endDateTime;
  };
}

const keyOf = ({ principalId, roleDefinitionId, directoryScopeId }: Omit<RoleAssignment, 'id'>): string =>
  `${roleDefinitionId} ${principalId} ${directoryScopeId}`;

const groupIn = ({ subjectIsSource, other }: LinkDifference, subjectId: Id): Id =>
  subjectIsSource ? subjectId : refId(other);

/** What a link makes its target of a group. */
export const accessOf = ({ name }: Relation): 'member' | 'owner' | undefined =>
  name === 'members' ? 'member' : name === 'owners' ? 'owner' : undefined;

/** The step for a link that ends. @param step to link it for good. @param now the tenant's time. */
export function untilItsEnd(step: LinkStep, difference: LinkDifference, endDateTime: string, now: Date): LinkStep {
  if (isOver(endDateTime, now)) return { ...step, act: 'skip', reason: 'role-expired' };
  const { relation: _relation, replaces: _replaces, source, target, ...rest } = step;
  return {
    ...rest,
    act: 'assign-role',
    source: target,
    target: source,
    directoryScopeId: accessOf(difference.relation) ?? 'member',
    holding: 'active-in-group',
    endDateTime,
  };
}
