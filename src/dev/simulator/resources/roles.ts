/** Unified roles: definitions and active assignments under `/roleManagement/directory` (graph-facts 3.3, 4.4). */
import { badRequest, conflictingObject, denied, notFound } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import { fits, graphType, isGuid } from '../schema/schema.ts';
import type { Row } from '../tenant/entity.ts';
import { newId } from './bodies.ts';
import { isRoleAssignable } from './group-kinds.ts';
import { isReplicated, type View } from './lookup.ts';
import { renderTyped } from './render.ts';
import {
  activeRows,
  assignRole,
  describeRole,
  type RoleAssignment,
  scopeIdOf,
  unassignRole,
} from './role-assigning.ts';
import { readScope, requireFewAssignments } from './role-scopes.ts';
import { findBuiltInRole, roleTemplates } from './role-templates.ts';
import { type RowExpanders, rowRoutes } from './rows.ts';

const root = '/roleManagement/directory';
const context = 'roleManagement/directory';

export const roleExpanders: RowExpanders = {
  principal: (call, row, select) => {
    const principal = call.tenant.live(String(row.principalId));
    return principal === undefined ? null : renderTyped(call, principal, select);
  },
  roleDefinition: (call, row, select) => {
    const role = findDefinition(call, String(row.roleDefinitionId));
    return role === undefined || select === null
      ? (role ?? null)
      : Object.fromEntries(select.map((name) => [name, role[name] ?? null]));
  },
  directoryScope: (call, row, select) => {
    const scope = call.tenant.live(scopeIdOf(row.directoryScopeId) ?? '');
    return scope === undefined ? null : renderTyped(call, scope, select);
  },
};

export const roleRoutes: readonly Route[] = [
  ...rowRoutes(`${root}/roleDefinitions`, 'unifiedRoleDefinition', `${context}/roleDefinitions`, definitions),
  { method: 'POST', template: `${root}/roleDefinitions`, handle: createDefinition },
  { method: 'PATCH', template: `${root}/roleDefinitions/{id}`, handle: updateDefinition },
  { method: 'DELETE', template: `${root}/roleDefinitions/{id}`, handle: deleteDefinition },
  ...rowRoutes(
    `${root}/roleAssignments`,
    'unifiedRoleAssignment',
    `${context}/roleAssignments`,
    (call) => activeRows(call.tenant).map(showAssignment),
    roleExpanders,
  ),
  { method: 'POST', template: `${root}/roleAssignments`, handle: createAssignment },
  {
    method: 'DELETE',
    template: `${root}/roleAssignments/{id}`,
    handle: (call) => {
      const id = param(call, 0);
      if (!activeRows(call.tenant).some((row) => row.id === id)) throw notFound(id);
      call.tenant.transact(() => unassignRole(call.tenant, id));
      return noContent();
    },
  },
];

const showAssignment = (row: Row): Row => ({
  ...row,
  appScopeId: null,
  condition: null,
  principalOrganizationId: null,
});

/** Every built-in role under its template id, and the tenant's custom ones. */
export function definitions({ tenant }: View): readonly Row[] {
  return [...roleTemplates.map(({ id }) => builtIn(id)), ...tenant.rows('roleDefinition').values()].filter(
    (row) => row !== undefined,
  );
}

function builtIn(id: string): Row | undefined {
  const template = findBuiltInRole(id);
  if (template === undefined || template.id !== id) return undefined;
  return {
    id: template.id,
    description: describeRole(template.displayName),
    displayName: template.displayName,
    isBuiltIn: true,
    isEnabled: true,
    resourceScopes: ['/'],
    rolePermissions: [{ allowedResourceActions: ['microsoft.directory/users/standard/read'], condition: null }],
    templateId: template.id,
    version: '1',
  };
}

/** A definition by its id. */
export const findDefinition = ({ tenant }: View, id: string): Row | undefined =>
  builtIn(id.toLowerCase()) ?? tenant.row('roleDefinition', id.toLowerCase());

function readDefinition(call: Call, before: Row | null): Row {
  const body = readBody(call);
  const { properties } = graphType('unifiedRoleDefinition');
  for (const [name, value] of Object.entries(body)) {
    if (name === '@odata.type') continue;
    const type = properties.get(name);
    if (type === undefined) throw badRequest(`Invalid property '${name}'.`);
    if (!fits(value, type))
      throw badRequest(`Invalid value specified for property '${name}' of resource 'RoleDefinition'.`);
    if (['id', 'isBuiltIn'].includes(name)) throw badRequest(`Property '${name}' is read-only and cannot be set.`);
  }
  const { '@odata.type': _, ...given } = body;
  const merged: Record<string, unknown> = {
    description: null,
    isEnabled: true,
    resourceScopes: ['/'],
    version: null,
    ...before,
    ...given,
  };
  if (typeof merged.displayName !== 'string' || merged.displayName === '')
    throw badRequest("A value is required for property 'displayName' of resource 'RoleDefinition'.");
  const permissions = merged.rolePermissions;
  if (!Array.isArray(permissions) || permissions.length === 0)
    throw badRequest("A value is required for property 'rolePermissions' of resource 'RoleDefinition'.");
  merged.rolePermissions = permissions.map((one) => ({ condition: null, ...one }));
  return merged;
}

function createDefinition(call: Call): GraphResponse {
  const row = readDefinition(call, null);
  if (readBody(call).isEnabled === undefined)
    throw badRequest("A value is required for property 'isEnabled' of resource 'RoleDefinition'.");
  const templateId = typeof row.templateId === 'string' ? row.templateId.toLowerCase() : newId();
  if (!isGuid(templateId))
    throw badRequest("Invalid value specified for property 'templateId' of resource 'RoleDefinition'.");
  requireFreeName(call, row, null);
  if (findDefinition(call, templateId) !== undefined) throw conflictingObject();
  // A custom role's id is its template id: that is how one may be made again under its old id.
  const created: Row = { ...row, id: templateId, templateId, isBuiltIn: false };
  call.tenant.transact(() => call.tenant.put('roleDefinition', templateId, created));
  return json({ '@odata.context': contextUrl(`${context}/roleDefinitions/$entity`), ...created }, 201, {
    Location: `${call.base}${root}/roleDefinitions/${templateId}`,
  });
}

function requireFreeName(call: Call, row: Row, own: string | null): void {
  const name = String(row.displayName).toLowerCase();
  const taken = definitions(call).some((other) => other.id !== own && String(other.displayName).toLowerCase() === name);
  if (taken) throw conflictingObject();
}

function findCustom(call: Call): Row {
  const row = findDefinition(call, param(call, 0));
  if (row === undefined) throw notFound(param(call, 0));
  if (row.isBuiltIn === true) throw denied('Built-in role definitions cannot be changed.');
  return row;
}

function updateDefinition(call: Call): GraphResponse {
  const row = findCustom(call);
  const next = readDefinition(call, row);
  if (next.templateId !== row.templateId) throw badRequest("Property 'templateId' is read-only and cannot be set.");
  requireFreeName(call, next, String(row.id));
  call.tenant.transact(() => call.tenant.put('roleDefinition', String(row.id), next));
  return noContent();
}

function deleteDefinition(call: Call): GraphResponse {
  const id = String(findCustom(call).id);
  const used = [...call.tenant.rows('roleAssignment').values()].some((row) => row.roleDefinitionId === id);
  if (used) throw badRequest('The role definition cannot be deleted because role assignments refer to it.');
  call.tenant.transact(() => call.tenant.remove('roleDefinition', id));
  return noContent();
}

/** Checks role, principal and scope of an assignment, active or eligible. Throws 400 or 404. */
export function checkAssignment(call: Call, body: Readonly<Record<string, unknown>>): Omit<RoleAssignment, 'id'> {
  const { roleDefinitionId, principalId, directoryScopeId } = body;
  for (const [name, value] of Object.entries({ roleDefinitionId, principalId, directoryScopeId })) {
    if (typeof value !== 'string' || value === '')
      throw badRequest(`A value is required for property '${name}' of resource 'RoleAssignment'.`);
  }
  const definition = findDefinition(call, String(roleDefinitionId));
  if (definition === undefined) throw notFound(String(roleDefinitionId));
  const principal = call.tenant.live(String(principalId).toLowerCase());
  if (principal === undefined || !isReplicated(call, principal)) throw notFound(String(principalId));
  if (
    principal.type === 'group' ? !isRoleAssignable(principal) : !['user', 'servicePrincipal'].includes(principal.type)
  ) {
    throw badRequest(
      'The principal cannot be assigned a role: only users, service principals and role-assignable groups can.',
    );
  }
  if (definition.isEnabled === false) throw badRequest('The role definition is disabled and cannot be assigned.');
  return {
    roleDefinitionId: String(definition.id),
    principalId: principal.id,
    directoryScopeId: readScope(call, String(directoryScopeId), definition),
  };
}

function createAssignment(call: Call): GraphResponse {
  const body = readBody(call);
  const known = [
    '@odata.type',
    'roleDefinitionId',
    'principalId',
    'directoryScopeId',
    'roleDefinition@odata.bind',
    'principal@odata.bind',
  ];
  const [other] = Object.keys(body).filter((name) => !known.includes(name));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of resource 'RoleAssignment'.`);
  const checked = checkAssignment(call, body);
  const { tenant } = call;
  const same = (row: Row): boolean =>
    row.roleDefinitionId === checked.roleDefinitionId &&
    row.principalId === checked.principalId &&
    row.directoryScopeId === checked.directoryScopeId;
  const rows = [...tenant.rows('roleAssignment').values()];
  if (rows.some(same)) throw conflictingObject();
  requireFewAssignments(
    rows.filter((row) => row.principalId === checked.principalId),
    checked,
  );
  // Real ids are opaque Base64-like strings; this one only has to be unique and safe in a path.
  const id = Buffer.from(newId().replaceAll('-', ''), 'hex').toString('base64url');
  const assignment = { id, ...checked };
  tenant.transact(() => assignRole(tenant, assignment));
  return json(
    { '@odata.context': contextUrl(`${context}/roleAssignments/$entity`), ...showAssignment({ ...assignment }) },
    201,
    {
      Location: `${call.base}${root}/roleAssignments/${id}`,
    },
  );
}
