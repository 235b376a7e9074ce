/** The older face of roles: activated directory roles with members, templates, and roles scoped to a unit (graph-facts 4.4). */
import { deltaPage } from '../delta/delta.ts';
import { badRequest, conflictingObject, linksExist, missingValue, notFound } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import type { Entity, Row } from '../tenant/entity.ts';
import { answerCreated, answerOne, newId } from './bodies.ts';
import { linkedObjects, readReference } from './links.ts';
import { listPage } from './listing.ts';
import { findLive, findReadable } from './lookup.ts';
import { activateRole, activeRows, assignRole, describeRole, unassignRole } from './role-assigning.ts';
import { findBuiltInRole, roleTemplates } from './role-templates.ts';
import { checkAssignment } from './roles.ts';
import { listRows, rowRoutes } from './rows.ts';

const templates = (): readonly Row[] =>
  roleTemplates.map(({ id, displayName }) => ({
    id,
    deletedDateTime: null,
    description: describeRole(displayName),
    displayName,
  }));

export const directoryRoleRoutes: readonly Route[] = [
  ...rowRoutes('/directoryRoleTemplates', 'directoryRoleTemplate', 'directoryRoleTemplates', templates),
  {
    method: 'GET',
    template: '/directoryRoles',
    handle: (call) =>
      listPage(call, {
        entities: call.tenant.ofType('directoryRole'),
        type: 'directoryRole',
        context: 'directoryRoles',
        page: 999,
      }),
  },
  {
    method: 'GET',
    template: '/directoryRoles/delta',
    handle: (call) =>
      deltaPage(call, {
        types: ['directoryRole'],
        context: 'directoryRoles',
        relations: ['members'],
        usualRelations: ['members'],
      }),
  },
  { method: 'POST', template: '/directoryRoles', handle: activate },
  { method: 'GET', template: '/directoryRoles/{id}', handle: (call) => answerOne(call, findRole(call)) },
  // Members are given by the same rules as unified assignments of the whole tenant.
  { method: 'POST', template: '/directoryRoles/{id}/members/$ref', handle: addMember },
  { method: 'DELETE', template: '/directoryRoles/{id}/members/{id}/$ref', handle: removeMember },
  ...linkedObjects('/directoryRoles', 'directoryRole', 'members', (call, id) =>
    call.tenant.targets('members', id).keys(),
  ),
  ...['/directory/administrativeUnits', '/administrativeUnits'].flatMap((prefix): Route[] => [
    {
      method: 'GET',
      template: `${prefix}/{id}/scopedRoleMembers`,
      handle: (call) => {
        const unit = findReadable(call, 'administrativeUnit', param(call, 0));
        return listScoped(call, (row) => row.administrativeUnitId === unit.id);
      },
    },
    { method: 'POST', template: `${prefix}/{id}/scopedRoleMembers`, handle: addScoped },
    { method: 'DELETE', template: `${prefix}/{id}/scopedRoleMembers/{id}`, handle: removeScoped },
  ]),
  {
    method: 'GET',
    template: '/users/{id}/scopedRoleMemberOf',
    handle: (call) => {
      const user = findReadable(call, 'user', param(call, 0));
      return listScoped(call, (row) => (row.roleMemberInfo as { id: string }).id === user.id);
    },
  },
];

const findRole = (call: Call): Entity => findLive(call, 'directoryRole', param(call, 0));

function activate(call: Call): GraphResponse {
  const { roleTemplateId, ...others } = readBody(call);
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@odata.'));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of resource 'DirectoryRole'.`);
  const template = findBuiltInRole(String(roleTemplateId));
  if (template === undefined || template.id !== String(roleTemplateId).toLowerCase())
    throw notFound(String(roleTemplateId));
  const { tenant } = call;
  if (tenant.ofType('directoryRole').some((role) => role.properties.roleTemplateId === template.id))
    throw conflictingObject();
  const id = tenant.transact(() => activateRole(tenant, template.id));
  return answerCreated(call, findLive(call, 'directoryRole', id));
}

const assignmentId = (): string => Buffer.from(newId().replaceAll('-', ''), 'hex').toString('base64url');

function addMember(call: Call): GraphResponse {
  const role = findRole(call);
  const member = readReference(call);
  const roleDefinitionId = String(role.properties.roleTemplateId);
  const checked = checkAssignment(call, { roleDefinitionId, principalId: member.id, directoryScopeId: '/' });
  if (call.tenant.targets('members', role.id).has(member.id)) throw linksExist('members');
  call.tenant.transact(() => assignRole(call.tenant, { id: assignmentId(), ...checked }));
  return noContent();
}

function removeMember(call: Call): GraphResponse {
  const role = findRole(call);
  const memberId = param(call, 1).toLowerCase();
  const { tenant } = call;
  const row = activeRows(tenant).find(
    (one) =>
      one.principalId === memberId &&
      one.roleDefinitionId === role.properties.roleTemplateId &&
      one.directoryScopeId === '/',
  );
  if (row === undefined) throw notFound(memberId);
  tenant.transact(() => unassignRole(tenant, String(row.id)));
  return noContent();
}

/** Assignments of built-in roles with the scope of a unit, as scoped role memberships. */
function scopedRows(call: Call): readonly Row[] {
  const { tenant } = call;
  return activeRows(tenant).flatMap((row) => {
    const unitId = /^\/administrativeUnits\/(.+)$/.exec(String(row.directoryScopeId))?.[1];
    const role = tenant.ofType('directoryRole').find((one) => one.properties.roleTemplateId === row.roleDefinitionId);
    if (unitId === undefined) return [];
    const principal = tenant.live(String(row.principalId));
    const { displayName = null, userPrincipalName } = principal?.properties ?? {};
    // `identity` is an open type; of a user it shows the name too (L:api/administrativeunit-list-scopedrolemembers).
    const roleMemberInfo = {
      id: row.principalId,
      displayName,
      ...(userPrincipalName === undefined ? {} : { userPrincipalName }),
    };
    return [{ id: row.id, administrativeUnitId: unitId, roleId: role?.id ?? row.roleDefinitionId, roleMemberInfo }];
  });
}

function listScoped(call: Call, admits: (row: Row) => boolean): GraphResponse {
  return listRows(call, 'scopedRoleMembership', 'scopedRoleMemberships', scopedRows(call).filter(admits));
}

function addScoped(call: Call): GraphResponse {
  const unit = findLive(call, 'administrativeUnit', param(call, 0));
  const { roleId, roleMemberInfo, ...others } = readBody(call);
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@odata.'));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of resource 'ScopedRoleMembership'.`);
  if (typeof roleId !== 'string') throw missingValue('roleId', 'ScopedRoleMembership');
  const role = call.tenant.live(String(roleId).toLowerCase());
  if (role === undefined || role.type !== 'directoryRole') throw notFound(String(roleId));
  const principalId = (roleMemberInfo as { id?: unknown } | undefined)?.id;
  const checked = checkAssignment(call, {
    roleDefinitionId: role.properties.roleTemplateId,
    principalId,
    directoryScopeId: `/administrativeUnits/${unit.id}`,
  });
  const taken = activeRows(call.tenant).some(
    (row) =>
      row.principalId === checked.principalId &&
      row.roleDefinitionId === checked.roleDefinitionId &&
      row.directoryScopeId === checked.directoryScopeId,
  );
  if (taken) throw conflictingObject();
  const id = assignmentId();
  call.tenant.transact(() => assignRole(call.tenant, { id, ...checked }));
  const row = scopedRows(call).find((one) => one.id === id);
  return json({ '@odata.context': contextUrl('scopedRoleMemberships/$entity'), ...row }, 201);
}

function removeScoped(call: Call): GraphResponse {
  const id = param(call, 1);
  if (!scopedRows(call).some((row) => row.id === id && row.administrativeUnitId === param(call, 0).toLowerCase()))
    throw notFound(id);
  call.tenant.transact(() => unassignRole(call.tenant, id));
  return noContent();
}
