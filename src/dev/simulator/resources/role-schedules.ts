/** Eligible and active roles by schedule (Privileged Identity Management; graph-facts 3.3, 4.4). */
import { badRequest, GraphError, notImplemented } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, type Route } from '../request.ts';
import { stableId } from '../seed/stable-id.ts';
import type { Row } from '../tenant/entity.ts';
import { appClientId } from '../tenant/organization.ts';
import { newId } from './bodies.ts';
import { assignRole, hasBegun, liveRows, type RoleAssignment, unassignRole } from './role-assigning.ts';
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

function schedules(call: Call, table: Table): readonly Row[] {
  return liveRows(call.tenant, table).map((row) => ({
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
  return liveRows(call.tenant, table)
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

/** As a schedule shows it. */
export function scheduleInfo(row: Row): object {
  const ends = typeof row.endDateTime === 'string';
  return {
    startDateTime: row.startDateTime ?? null,
    recurrence: null,
    expiration: { type: ends ? 'afterDateTime' : 'noExpiration', duration: null, endDateTime: row.endDateTime ?? null },
  };
}

export const assignedAlready = (): GraphError =>
  new GraphError(400, 'RoleAssignmentExists', 'The Role assignment already exists.');
export const notAssigned = (): GraphError =>
  new GraphError(400, 'RoleAssignmentDoesNotExist', 'The Role assignment does not exist.');

/** What an administrator may ask for here; others of a request's actions are not simulated (L:api/rbacapplication-post-roleassignmentschedulerequests). */
const actions = ['adminAssign', 'adminUpdate', 'adminRemove'] as const;
export type ScheduleAction = (typeof actions)[number];

/** Throws 501. */
export function readAction(action: unknown): ScheduleAction {
  const known = actions.find((one) => one === action);
  if (known === undefined) throw notImplemented(`the schedule request action ${String(action)}`);
  return known;
}

/** Properties of a request that say what it is about; the others tell of it. */
const known = ['principalId', 'roleDefinitionId', 'directoryScopeId', '@odata.type'];

function request(call: Call, table: Table, name: string): GraphResponse {
  const {
    action,
    scheduleInfo: schedule,
    justification = null,
    ticketInfo = null,
    customData = null,
    isValidationOnly = false,
    appScopeId = null,
    ...rest
  } = readBody(call);
  const [other] = Object.keys(rest).filter((key) => !known.includes(key));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of a schedule request.`);
  const asked = readAction(action);
  if (isValidationOnly !== false && isValidationOnly !== null) throw notImplemented('isValidationOnly');
  if (appScopeId !== null) throw notImplemented('appScopeId');
  const checked = checkAssignment(call, rest);
  const { tenant } = call;
  const same = liveRows(tenant, table).find(
    (row) =>
      row.principalId === checked.principalId &&
      row.roleDefinitionId === checked.roleDefinitionId &&
      row.directoryScopeId === checked.directoryScopeId,
  );
  const id = newId();
  const now = tenant.clock.now();
  const times = asked === 'adminRemove' ? null : parseSchedule(schedule, tenant.clock.nowMs());
  const target = same === undefined ? id : String(same.id);
  const body: Row = {
    id,
    status: times === null ? 'Revoked' : 'Provisioned',
    createdDateTime: now,
    completedDateTime: times === null ? null : now,
    approvalId: null,
    customData,
    action,
    principalId: checked.principalId,
    roleDefinitionId: checked.roleDefinitionId,
    directoryScopeId: checked.directoryScopeId,
    appScopeId: null,
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
    if (asked !== 'adminAssign' && same === undefined) throw notAssigned();
    if (asked === 'adminAssign' && same !== undefined) throw assignedAlready();
    if (times === null) withdraw(call, table, target);
    else
      grant(call, table, {
        id: target,
        ...checked,
        startDateTime: times.startDateTime,
        endDateTime: times.endDateTime,
      });
    tenant.put('roleRequest', id, { ...body, table });
  });
  return json({ '@odata.context': contextUrl(`${name}/$entity`), ...body }, 201, {
    Location: `${call.base}/${name}/${id}`,
  });
}

/** Under the id of one that is there already it takes its place. */
function grant({ tenant }: Call, table: Table, assignment: RoleAssignment): void {
  if (table === 'roleEligibility') {
    tenant.put(table, assignment.id, { ...assignment });
    return;
  }
  if (!hasBegun(tenant, { ...assignment })) unassignRole(tenant, assignment.id);
  assignRole(tenant, assignment);
}

function withdraw({ tenant }: Call, table: Table, id: string): void {
  if (table === 'roleAssignment') unassignRole(tenant, id);
  else tenant.remove(table, id);
}

/** Who asked: the product's app, or the administrator beside it. */
export const callerId = ({ caller }: Call): string => (caller === 'app' ? appClientId : stableId('administrator'));
