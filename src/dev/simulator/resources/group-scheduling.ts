/** Memberships and ownerships of groups by schedule: the rows of Privileged Identity Management for groups, mirrored as links. */
import type { Row } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { hasBegun } from './role-assigning.ts';

/** Who may become a member or an owner, and who is one for a time. */
export type GroupTable = 'groupEligibility' | 'groupAssignment';

export interface GroupSchedule {
  readonly id: string;
  readonly groupId: string;
  readonly principalId: string;
  readonly accessId: 'member' | 'owner';
  readonly startDateTime: string;
  readonly endDateTime: string | null;
}

const relationOf = ({ accessId }: Row): 'members' | 'owners' => (accessId === 'owner' ? 'owners' : 'members');

const isLinked = (tenant: Tenant, row: Row): boolean =>
  tenant.targets(relationOf(row), String(row.groupId)).has(String(row.principalId));

/** Links what has begun; once: whoever is taken out of the group later stays out. Inside a transaction. */
export function joinGroup(tenant: Tenant, row: Row): void {
  if (row.joined === true) return;
  tenant.put('groupAssignment', String(row.id), { ...row, joined: true });
  const ends = [row.groupId, row.principalId].map((id) => tenant.live(String(id)));
  if (ends.every((end) => end !== undefined) && !isLinked(tenant, row))
    tenant.link(relationOf(row), String(row.groupId), String(row.principalId));
}

/** Ends a membership by schedule. Inside a transaction. */
export function endGroupAssignment(tenant: Tenant, id: string): void {
  const row = tenant.row('groupAssignment', id);
  if (row === undefined) return;
  tenant.remove('groupAssignment', id);
  if (row.joined === true && isLinked(tenant, row))
    tenant.unlink(relationOf(row), String(row.groupId), String(row.principalId));
}

/** Schedules of live groups for live principals; one whose link somebody took away is over. */
export function liveSchedules(tenant: Tenant, table: GroupTable): readonly Row[] {
  return [...tenant.rows(table).values()].filter(
    (row) =>
      tenant.live(String(row.groupId)) !== undefined &&
      tenant.live(String(row.principalId)) !== undefined &&
      (row.joined !== true || isLinked(tenant, row)),
  );
}

/** Those that hold now. */
export const holdingSchedules = (tenant: Tenant, table: GroupTable): readonly Row[] =>
  liveSchedules(tenant, table).filter((row) => hasBegun(tenant, row));
