/** Eligible and active roles by schedule (Privileged Identity Management; graph-facts 3.3, 4.4). */
import { badRequest, conflictingObject, notFound, notImplemented } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, type Route } from '../request.ts';
import type { Row } from '../tenant/entity.ts';
import { newId } from './bodies.ts';
import { assignRole, liveRows, unassignRole } from './role-assigning.ts';
import { checkAssignment, roleExpanders } from './roles.ts';
import { rowRoutes } from './rows.ts';
import { parseSchedule } from './schedule-info.ts';

const root = '/roleManagement/directory';
const context = 'roleManagement/directory';

type Table = 'roleAssignment' | 'roleEligibility';

export const scheduleRoutes: readonly Route[] = [
  ...family('roleEligibility', 'roleEligibility', 'unifiedRoleEligibility'),
  ...family('roleAssignment', 'roleAssignmentSchedule', 'unifiedRoleAssignmentSchedule'),
];

function family(table: Table, name: string, type: string): readonly Route[] {
  const schedule = table === 'roleEligibility' ? `${name}Schedule` : name;
  const typeName = table === 'roleEligibility' ? `${type}Schedule` : type;
  return [
    ...rowRoutes(
      `${root}/${schedule}s`,
      typeName,
      `${context}/${schedule}s`,
      (call) => schedules(call, table),
      roleExpanders,
    ),
    ...rowRoutes(
      `${root}/${schedule}Instances`,
      `${typeName}Instance`,
      `${context}/${schedule}Instances`,
      (call) => instances(call, table),
      roleExpanders,
    ),
    ...rowRoutes(
      `${root}/${schedule}Requests`,
      `${typeName}Request`,
      `${context}/${schedule}Requests`,
      (call) =>
        [...call.tenant.rows('roleRequest').values()]
          .filter((row) => row.table === table)
          .map(({ table: _, ...row }) => row),
      roleExpanders,
    ),
    {
      method: 'POST',
      template: `${root}/${schedule}Requests`,
      handle: (call) => request(call, table, `${context}/${schedule}Requests`),
    },
  ];
}

/** Rows whose schedule has begun or will, and has not ended. */
function current(call: Call, table: Table): readonly Row[] {
  const nowMs = call.tenant.clock.nowMs();
  return liveRows(call.tenant, table).filter(
    (row) => typeof row.endDateTime !== 'string' || Date.parse(row.endDateTime) > nowMs,
  );
}

function schedules(call: Call, table: Table): readonly Row[] {
  return current(call, table).map((row) => ({
    id: row.id,
    appScopeId: null,
    createdDateTime: row.startDateTime ?? null,
    createdUsing: row.id,
    directoryScopeId: row.directoryScopeId,
    memberType: 'Direct',
    modifiedDateTime: null,
    principalId: row.principalId,
    roleDefinitionId: row.roleDefinitionId,
    scheduleInfo: scheduleInfo(row),
    status: 'Provisioned',
    ...(table === 'roleAssignment' ? { assignmentType: 'Assigned' } : {}),
  }));
}

function instances(call: Call, table: Table): readonly Row[] {
  const nowMs = call.tenant.clock.nowMs();
  return current(call, table)
    .filter((row) => typeof row.startDateTime !== 'string' || Date.parse(row.startDateTime) <= nowMs)
    .map((row) => ({
      id: row.id,
      appScopeId: null,
      directoryScopeId: row.directoryScopeId,
      endDateTime: row.endDateTime ?? null,
      memberType: 'Direct',
      principalId: row.principalId,
      roleDefinitionId: row.roleDefinitionId,
      startDateTime: row.startDateTime ?? null,
      ...(table === 'roleAssignment'
        ? { assignmentType: 'Assigned', roleAssignmentOriginId: row.id, roleAssignmentScheduleId: row.id }
        : { roleEligibilityScheduleId: row.id }),
    }));
}

function scheduleInfo(row: Row): object {
  const ends = typeof row.endDateTime === 'string';
  return {
    startDateTime: row.startDateTime ?? null,
    recurrence: null,
    expiration: { type: ends ? 'afterDateTime' : 'noExpiration', duration: null, endDateTime: row.endDateTime ?? null },
  };
}

function request(call: Call, table: Table, name: string): GraphResponse {
  const { action, scheduleInfo: schedule, justification = null, ...rest } = readBody(call);
  const known = [
    'principalId',
    'roleDefinitionId',
    'directoryScopeId',
    '@odata.type',
    'ticketInfo',
    'isValidationOnly',
    'appScopeId',
  ];
  const [other] = Object.keys(rest).filter((key) => !known.includes(key));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of a schedule request.`);
  if (action !== 'adminAssign' && action !== 'adminRemove')
    throw notImplemented(`the schedule request action ${String(action)}`);
  const checked = checkAssignment(call, rest);
  const { tenant } = call;
  const same = current(call, table).find(
    (row) =>
      row.principalId === checked.principalId &&
      row.roleDefinitionId === checked.roleDefinitionId &&
      row.directoryScopeId === checked.directoryScopeId,
  );
  const id = newId();
  const now = tenant.clock.now();
  const times =
    action === 'adminAssign'
      ? parseSchedule(schedule, tenant.clock.nowMs())
      : { startDateTime: null, endDateTime: null };
  tenant.transact(() => {
    if (action === 'adminRemove') {
      if (same === undefined) throw notFound(checked.principalId);
      if (table === 'roleAssignment') unassignRole(tenant, String(same.id));
      else tenant.remove(table, String(same.id));
    } else {
      if (same !== undefined) throw conflictingObject();
      const row = { id, ...checked, ...times };
      if (table === 'roleAssignment') {
        assignRole(tenant, row);
        tenant.put('roleAssignment', id, row);
      } else tenant.put(table, id, row);
    }
  });
  const body: Row = {
    id,
    action,
    appScopeId: null,
    approvalId: null,
    completedDateTime: now,
    createdDateTime: now,
    customData: null,
    directoryScopeId: checked.directoryScopeId,
    isValidationOnly: false,
    justification,
    principalId: checked.principalId,
    roleDefinitionId: checked.roleDefinitionId,
    scheduleInfo: action === 'adminAssign' ? scheduleInfo({ ...times }) : null,
    status: action === 'adminAssign' ? 'Provisioned' : 'Revoked',
    targetScheduleId: action === 'adminAssign' ? id : (same?.id ?? null),
    ticketInfo: { ticketNumber: null, ticketSystem: null },
  };
  tenant.transact(() => tenant.put('roleRequest', id, { ...body, table }));
  return json({ '@odata.context': contextUrl(`${name}/$entity`), ...body }, 201);
}
