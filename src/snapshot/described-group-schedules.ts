/** What is held by schedule in groups (Privileged Identity Management for groups), by names; and the end of memberships that have one. */
import type { RoleAssignment } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import { type Id, type Ref, ref } from '../directory/record.ts';
import type { Describable, Related } from './describe.ts';
import { type GroupScheduleRecords, heldRoles, type Scannable, schedulesOfGroups } from './held-roles.ts';

/** What an object of a kind calls those who may join, or what it may join. */
export const eligibleName = (kind: KindName): 'eligibleGroups' | 'eligiblePrincipals' =>
  kind === 'groups' ? 'eligiblePrincipals' : 'eligibleGroups';

/** @param name how an end is shown. */
export async function eligibleOf(
  reader: Describable,
  kind: KindName,
  id: Id,
  name: (end: Ref) => Promise<Related>,
): Promise<Related[]> {
  const found = await eligibleIn(reader, kind, id);
  return Promise.all(
    found.map(async ({ otherId, ...schedule }) => ({
      ...(await (kind === 'groups' ? principal(otherId, name) : name(ref('group', otherId)))),
      ...schedule,
    })),
  );
}

interface Eligible {
  readonly otherId: Id;
  /** `member` or `owner`. */
  readonly accessId: string;
  readonly scheduleId: Id;
  readonly endDateTime?: string;
}

/** The same by ids alone. */
export async function eligibleIn(reader: Scannable, kind: KindName, id: Id): Promise<Eligible[]> {
  const found = await schedulesOf(reader, 'groupEligibilitySchedules', kind, id);
  return found.map(({ id: scheduleId, principalId, roleDefinitionId, directoryScopeId, endDateTime }) => ({
    otherId: kind === 'groups' ? principalId : roleDefinitionId,
    accessId: directoryScopeId,
    scheduleId,
    ...(endDateTime === undefined ? {} : { endDateTime }),
  }));
}

/** Ends of memberships and ownerships: by `member` or `owner`, and the id of the other end. */
export async function endsOf(
  reader: Scannable,
  kind: KindName,
  id: Id,
): Promise<(access: 'member' | 'owner', other: Id) => string | undefined> {
  const found = await schedulesOf(reader, 'groupAssignmentSchedules', kind, id);
  const ends = new Map(
    found.map(({ principalId, roleDefinitionId, directoryScopeId, endDateTime }) => [
      `${directoryScopeId} ${kind === 'groups' ? principalId : roleDefinitionId}`,
      endDateTime,
    ]),
  );
  return (access, other) => ends.get(`${access} ${other}`);
}

async function schedulesOf(
  reader: Scannable,
  records: GroupScheduleRecords,
  kind: KindName,
  id: Id,
): Promise<readonly RoleAssignment[]> {
  if (!reader.has(records) || (kind !== 'groups' && kind !== 'users')) return [];
  return kind === 'groups'
    ? schedulesOfGroups(reader, records, new Set([id]))
    : heldRoles(reader, records, new Set([id]));
}

/** A user, mostly; nothing but its record tells. */
async function principal(id: Id, name: (end: Ref) => Promise<Related>): Promise<Related> {
  const asUser = await name(ref('user', id));
  return asUser.displayName === null ? name(ref('group', id)) : asUser;
}
