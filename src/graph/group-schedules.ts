/**
 * Schedules of Privileged Identity Management for groups: Graph lists them for one group or one principal only
 * (L:api/privilegedaccessgroup-list-eligibilityschedules), so a snapshot asks the groups that may hold roles, many to a batch.
 */
import type { Change, Cursor, InGroup, Page, RoleAssignment } from '../directory/gateway.ts';
import { type Kind, kindOf } from '../directory/kinds.ts';
import { cleanBody, type Id } from '../directory/record.ts';
import { assignmentOf } from '../directory/roles.ts';
import { AppError, isAppError } from '../errors.ts';
import { read } from './call.ts';
import type { Transport } from './client.ts';
import { isExpiredLink } from './errors.ts';
import { collect, okBody } from './finding.ts';
import type { Lane } from './lane.ts';
import { entitiesOf } from './listing.ts';
import { selected } from './reading.ts';

export type GroupSchedules = 'groupAssignmentSchedules' | 'groupEligibilitySchedules';

export const isOfGroups = (source: string): source is GroupSchedules =>
  source === 'groupAssignmentSchedules' || source === 'groupEligibilitySchedules';

/** The schedules of one page of groups. @throws AppError as the port says. */
export async function readGroupSchedules(
  lane: Lane,
  transport: Transport,
  source: GroupSchedules,
  cursor?: Cursor,
): Promise<Page> {
  const first = read('/groups', [], { $select: 'id', $filter: 'isAssignableToRole eq true', $top: 999 });
  const call = cursor === undefined ? first : { ...first, path: transport.pathOf(cursor) };
  const answer = await lane.submit(call);
  if (cursor !== undefined && isExpiredLink(answer))
    throw new AppError(
      'token-expired',
      `the ${source} must be read from the beginning: Graph has forgotten the page link`,
    );
  const body = okBody(call, answer);
  const groups = entitiesOf(body).map(({ id }) => String(id));
  const found = await Promise.all(groups.map((id) => schedulesOf(lane, transport, kindOf(source), 'groupId', id)));
  const next = body['@odata.nextLink'];
  return { changes: found.flat(), ...(typeof next === 'string' ? { next } : {}) };
}

const withoutPremium = 'AadPremiumLicenseRequired';

/** Those of one group or one principal; none where it is gone, or the tenant has no Privileged Identity Management. @throws AppError as the port says. */
export async function schedulesOf(
  lane: Lane,
  transport: Transport,
  kind: Kind,
  end: 'groupId' | 'principalId',
  id: Id,
): Promise<Extract<Change, { change: 'set' }>[]> {
  const $filter = `${end} eq '${id.replaceAll("'", "''")}'`;
  const call = read(kind.collection, [], { $select: selected(kind), $filter });
  const found = await collect(lane, transport, call).catch((error: unknown) => {
    if (isAppError(error) && error.details?.graphCode === withoutPremium) return undefined;
    throw error;
  });
  return (found ?? []).map((entity) => ({
    change: 'set',
    kind: kind.name,
    id: String(entity.id),
    body: cleanBody(entity),
  }));
}

const kinds = {
  'active-in-group': 'groupAssignmentSchedules',
  'eligible-in-group': 'groupEligibilitySchedules',
} as const satisfies Readonly<Record<InGroup, GroupSchedules>>;

/** The same as what is held. */
export async function heldInGroups(
  lane: Lane,
  transport: Transport,
  holding: InGroup,
  end: 'groupId' | 'principalId',
  id: Id,
): Promise<readonly RoleAssignment[]> {
  return heldBySchedule(lane, transport, kinds[holding], end, id);
}

/** The same of any kind of schedules, those of roles included. */
export async function heldBySchedule(
  lane: Lane,
  transport: Transport,
  kind: GroupSchedules | 'roleAssignmentSchedules' | 'roleEligibilitySchedules',
  end: 'groupId' | 'principalId',
  id: Id,
): Promise<readonly RoleAssignment[]> {
  return (await schedulesOf(lane, transport, kindOf(kind), end, id)).map(assignmentOf);
}
