/** Which roles principals hold themselves, by a snapshot or by the live directory in its shape. */
import type { RoleAssignment } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { assignmentOf, withEnds } from '../directory/roles.ts';
import type { SnapshotReader } from './reader.ts';

export type RoleRecords = 'roleAssignments' | 'roleEligibilitySchedules' | GroupScheduleRecords;
export type GroupScheduleRecords = 'groupAssignmentSchedules' | 'groupEligibilitySchedules';

export type Scannable = Pick<SnapshotReader, 'has' | 'scan'>;

/** @param kind active assignments come with their ends where the schedules of them were captured, too. */
export async function heldRoles(
  reader: Scannable,
  kind: RoleRecords,
  principals: ReadonlySet<Id>,
): Promise<readonly RoleAssignment[]> {
  const held = await rolesIn(reader, kind, principals);
  if (kind !== 'roleAssignments' || held.length === 0 || !reader.has('roleAssignmentSchedules')) return held;
  return withEnds(held, await rolesIn(reader, 'roleAssignmentSchedules', principals));
}

/** Schedules of some groups, whoever they are for. */
export async function schedulesOfGroups(
  reader: Scannable,
  kind: GroupScheduleRecords,
  groups: ReadonlySet<Id>,
): Promise<readonly RoleAssignment[]> {
  const found: RoleAssignment[] = [];
  for await (const record of reader.scan(kind)) {
    const schedule = assignmentOf(record);
    if (groups.has(schedule.roleDefinitionId)) found.push(schedule);
  }
  return found;
}

async function rolesIn(reader: Scannable, kind: KindName, principals: ReadonlySet<Id>): Promise<RoleAssignment[]> {
  const found: RoleAssignment[] = [];
  for await (const record of reader.scan(kind)) {
    const role = assignmentOf(record);
    if (principals.has(role.principalId)) found.push(role);
  }
  return found;
}
