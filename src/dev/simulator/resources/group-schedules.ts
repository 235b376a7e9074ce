/** Privileged Identity Management for groups: who may become a member or an owner, and who is one for a time (graph-facts 3.3, 7). */
import { badRequest, notFound, notImplemented } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, type Route } from '../request.ts';
import type { Entity, Row } from '../tenant/entity.ts';
import { newId } from './bodies.ts';
import { requireFittingMember, requireWritableLinks } from './group-kinds.ts';
import {
  endGroupAssignment,
  type GroupSchedule,
  type GroupTable,
  holdingSchedules,
  joinGroup,
  liveSchedules,
} from './group-scheduling.ts';
import { isReplicated } from './lookup.ts';
import { hasBegun } from './role-assigning.ts';
import { assignedAlready, callerId, notAssigned, readAction, scheduleInfo } from './role-schedules.ts';
import { listRows, rowRoutes } from './rows.ts';
import { parseSchedule } from './schedule-info.ts';

const root = '/identityGovernance/privilegedAccess/group';
const context = root.slice(1);

export const groupScheduleRoutes: readonly Route[] = [
  ...family('groupEligibility', 'eligibilitySchedule', 'privilegedAccessGroupEligibilitySchedule'),
  ...family('groupAssignment', 'assignmentSchedule', 'privilegedAccessGroupAssignmentSchedule'),
];

function family(table: GroupTable, name: string, type: string): readonly Route[] {
  const requests = (call: Call): readonly Row[] =>
    [...call.tenant.rows('groupRequest').values()]
      .filter((row) => row.table === table)
      .map(({ table: _, ...row }) => row);
  return [
    ...scopedRoutes(`${name}s`, type, (call) => schedules(call, table)),
    ...scopedRoutes(`${name}Instances`, `${type}Instance`, (call) => instances(call, table)),
    ...scopedRoutes(`${name}Requests`, `${type}Request`, requests),
    {
      method: 'POST',
      template: `${root}/${name}Requests`,
      handle: (call) => request(call, table, `${context}/${name}Requests`),
    },
  ];
}

/** Lists must be asked for one group or one principal (L:api/privilegedaccessgroup-list-eligibilityschedules). */
const scoped = /\b(groupId|principalId)\s+eq\s+'[^']+'/i;

function scopedRoutes(name: string, type: string, rows: (call: Call) => readonly Row[]): readonly Route[] {
  const [, ...single] = rowRoutes(`${root}/${name}`, type, `${context}/${name}`, rows);
  const list = (call: Call): GraphResponse => {
    if (!scoped.test(call.query.get('$filter') ?? ''))
      throw badRequest("The required parameters GroupId or PrincipalId is missing in the '$filter'.");
    return listRows(call, type, `${context}/${name}`, rows(call));
  };
  return [{ method: 'GET', template: `${root}/${name}`, handle: list }, ...single];
}

const shared = ({ id, groupId, principalId, accessId }: Row): Row => ({
  id,
  accessId,
  groupId,
  memberType: 'direct',
  principalId,
});

const schedules = ({ tenant }: Call, table: GroupTable): readonly Row[] =>
  liveSchedules(tenant, table).map((row) => ({
    ...shared(row),
    createdDateTime: row.startDateTime,
    createdUsing: row.id,
    modifiedDateTime: null,
    scheduleInfo: scheduleInfo(row),
    status: 'Provisioned',
    ...(table === 'groupAssignment' ? { assignmentType: 'assigned' } : {}),
  }));

const instances = ({ tenant }: Call, table: GroupTable): readonly Row[] =>
  holdingSchedules(tenant, table).map((row) => ({
    ...shared(row),
    startDateTime: row.startDateTime,
    endDateTime: row.endDateTime,
    ...(table === 'groupAssignment'
      ? { assignmentType: 'assigned', assignmentScheduleId: row.id }
      : { eligibilityScheduleId: row.id }),
  }));

const known = ['principalId', 'groupId', 'accessId', '@odata.type'];

function request(call: Call, table: GroupTable, name: string): GraphResponse {
  const {
    action,
    scheduleInfo: schedule,
    justification = null,
    ticketInfo = null,
    customData = null,
    isValidationOnly = false,
    ...rest
  } = readBody(call);
  const [other] = Object.keys(rest).filter((key) => !known.includes(key));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of a schedule request.`);
  const wanted = readAction(action);
  if (isValidationOnly !== false && isValidationOnly !== null) throw notImplemented('isValidationOnly');
  const { tenant } = call;
  const asked = checkAsked(call, rest);
  const same = liveSchedules(tenant, table).find(
    (row) => row.principalId === asked.principalId && row.groupId === asked.groupId && row.accessId === asked.accessId,
  );
  const id = newId();
  const now = tenant.clock.now();
  const times = wanted === 'adminRemove' ? null : parseSchedule(schedule, tenant.clock.nowMs());
  const target = same === undefined ? id : String(same.id);
  const body: Row = {
    id,
    status: times === null ? 'Revoked' : 'Provisioned',
    createdDateTime: now,
    completedDateTime: now,
    approvalId: null,
    customData,
    action,
    ...asked,
    isValidationOnly: false,
    targetScheduleId: times === null ? null : target,
    justification,
    createdBy: { application: null, device: null, user: { displayName: null, id: callerId(call) } },
    scheduleInfo:
      times === null
        ? null
        : { startDateTime: times.startDateTime, recurrence: null, expiration: { ...times.expiration } },
    ticketInfo: { ticketNumber: null, ticketSystem: null, ...(ticketInfo as object | null) },
  };
  tenant.transact(() => {
    if (wanted !== 'adminAssign' && same === undefined) throw notAssigned();
    if (wanted === 'adminAssign' && same !== undefined) throw assignedAlready();
    if (times !== null) {
      const { startDateTime, endDateTime } = times;
      grant(call, table, { id: target, ...asked, startDateTime, endDateTime });
    } else if (table === 'groupAssignment') endGroupAssignment(tenant, target);
    else tenant.remove(table, target);
    tenant.put('groupRequest', id, { ...body, table });
  });
  return json({ '@odata.context': contextUrl(`${name}/$entity`), ...body }, 201, {
    Location: `${call.base}/${name}/${id}`,
  });
}

/** Under the id of one that is there already it takes its place. */
function grant({ tenant }: Call, table: GroupTable, schedule: GroupSchedule): void {
  const row: Row = { ...schedule };
  const begins = table === 'groupAssignment' && hasBegun(tenant, row);
  if (table === 'groupAssignment' && !begins) endGroupAssignment(tenant, schedule.id);
  tenant.put(table, schedule.id, row);
  if (begins) joinGroup(tenant, row);
}

type Asked = Pick<GroupSchedule, 'groupId' | 'principalId' | 'accessId'>;

/** Groups that are synced, dynamic or managed in Exchange cannot be brought under it (E:groups-discover-groups). Throws 400, 403 or 404. */
function checkAsked(call: Call, { groupId, principalId, accessId }: Readonly<Record<string, unknown>>): Asked {
  if (accessId !== 'member' && accessId !== 'owner')
    throw badRequest("A value is required for property 'accessId' of a schedule request.");
  const group = findEnd(call, groupId);
  const principal = findEnd(call, principalId);
  if (group.type !== 'group') throw notFound(String(groupId));
  requireWritableLinks(call, group, 'members');
  if (accessId === 'member') requireFittingMember(group, principal);
  return { groupId: group.id, principalId: principal.id, accessId };
}

function findEnd(call: Call, id: unknown): Entity {
  const end = call.tenant.live(String(id).toLowerCase());
  if (end === undefined || !isReplicated(call, end)) throw notFound(String(id));
  return end;
}
