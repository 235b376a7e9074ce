/** App roles of users, groups and service principals, and delegated grants (graph-facts 3.3, 4.4). */
import { badRequest, missingValue, notFound, quotaExceeded } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import { isGuid } from '../schema/schema.ts';
import type { DirectoryType, Row } from '../tenant/entity.ts';
import { assignmentsOf } from './app-role-rows.ts';
import { newId } from './bodies.ts';
import { findLive } from './lookup.ts';
import { grantedTo } from './own-app.ts';
import { rowRoutes } from './rows.ts';

/** The role of an app that declares none. */
const defaultAccess = '00000000-0000-0000-0000-000000000000';
const mostAssignments = 1500;

const principals = [
  ['users', 'user', 'User'],
  ['groups', 'group', 'Group'],
  ['servicePrincipals', 'servicePrincipal', 'ServicePrincipal'],
] as const;

export const appRoleRoutes: readonly Route[] = [
  ...principals.flatMap(([collection, type]): Route[] => {
    const path = `/${collection}/{id}/appRoleAssignments`;
    return [
      ...rowRoutes(path, 'appRoleAssignment', contextOf, (call) => rowsOf(call, type, 'principalId')),
      { method: 'POST', template: path, handle: (call) => assign(call, 'principalId', type) },
      { method: 'DELETE', template: `${path}/{id}`, handle: (call) => unassign(call, type, 'principalId') },
    ];
  }),
  ...rowRoutes('/servicePrincipals/{id}/appRoleAssignedTo', 'appRoleAssignment', contextOf, (call) =>
    rowsOf(call, 'servicePrincipal', 'resourceId'),
  ),
  {
    method: 'POST',
    template: '/servicePrincipals/{id}/appRoleAssignedTo',
    handle: (call) => assign(call, 'resourceId', 'servicePrincipal'),
  },
  {
    method: 'DELETE',
    template: '/servicePrincipals/{id}/appRoleAssignedTo/{id}',
    handle: (call) => unassign(call, 'servicePrincipal', 'resourceId'),
  },
  ...rowRoutes('/oauth2PermissionGrants', 'oAuth2PermissionGrant', 'oauth2PermissionGrants', (call) => [
    ...call.tenant.rows('oauth2PermissionGrant').values(),
  ]),
  { method: 'POST', template: '/oauth2PermissionGrants', handle: grant },
  {
    method: 'DELETE',
    template: '/oauth2PermissionGrants/{id}',
    handle: (call) => {
      const id = param(call, 0);
      if (call.tenant.row('oauth2PermissionGrant', id) === undefined) throw notFound(id);
      call.tenant.transact(() => call.tenant.remove('oauth2PermissionGrant', id));
      return noContent();
    },
  },
  ...rowRoutes('/users/{id}/oauth2PermissionGrants', 'oAuth2PermissionGrant', 'oauth2PermissionGrants', (call) => {
    const user = findLive(call, 'user', param(call, 0));
    return [...call.tenant.rows('oauth2PermissionGrant').values()].filter((row) => row.principalId === user.id);
  }),
];

/** `users('{id}')/appRoleAssignments`: the collection, the object, the relation (L:api/user-post-approleassignments). */
function contextOf(call: Call): string {
  const [, collection = '', , relation = ''] = call.route.split('/');
  const type = principals.find(([name]) => name === collection)?.[1] ?? 'servicePrincipal';
  return `${collection}('${findLive(call, type, param(call, 0)).id}')/${relation}`;
}

function rowsOf(call: Call, type: DirectoryType, end: 'principalId' | 'resourceId'): readonly Row[] {
  const object = findLive(call, type, param(call, 0));
  const granted = end === 'principalId' ? grantedTo(object, call.settings) : [];
  return [...granted, ...assignmentsOf(call.tenant, object.id, end)];
}

function assign(call: Call, end: 'principalId' | 'resourceId', type: DirectoryType): GraphResponse {
  const source = findLive(call, type, param(call, 0));
  const { principalId, resourceId, appRoleId, ...others } = readBody(call);
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@odata.'));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of resource 'AppRoleAssignment'.`);
  const [principal, resource, role] = [principalId, resourceId, appRoleId].map((value) =>
    String(value ?? '').toLowerCase(),
  );
  for (const [name, value] of Object.entries({ principalId, resourceId, appRoleId })) {
    if (!isGuid(value)) throw missingValue(name, 'AppRoleAssignment');
  }
  if (source.id !== (end === 'principalId' ? principal : resource))
    throw badRequest(`'${end}' has to be the object of the request.`);
  const { tenant } = call;
  const who = tenant.live(principal ?? '');
  if (who === undefined) throw notFound(String(principalId));
  const app = findLive(call, 'servicePrincipal', String(resourceId));
  const declared = (app.properties.appRoles as ReadonlyArray<{ id?: unknown }> | undefined) ?? [];
  if (role !== defaultAccess && !declared.some((one) => one.id === role)) {
    throw badRequest(`Permission being assigned was not found on application '${app.id}'.`);
  }
  const rows = [...tenant.rows('appRoleAssignment').values()].filter((row) => row.principalId === who.id);
  if (rows.some((row) => row.resourceId === app.id && row.appRoleId === role)) {
    throw badRequest('Permission being assigned already exists on the object');
  }
  if (rows.length >= mostAssignments) throw quotaExceeded(rows.length + 1, mostAssignments, 'appRoleAssignments');
  const principalType = principals.find(([, known]) => known === who.type)?.[2];
  if (principalType === undefined) throw badRequest('The principal cannot have app roles.');
  const id = Buffer.from(newId().replaceAll('-', ''), 'hex').toString('base64url');
  const row: Row = {
    id,
    appRoleId: role,
    createdDateTime: tenant.clock.now(),
    principalId: who.id,
    principalType,
    resourceId: app.id,
  };
  tenant.transact(() => tenant.put('appRoleAssignment', id, row));
  const shown = {
    deletedDateTime: null,
    ...row,
    principalDisplayName: who.properties.displayName ?? null,
    resourceDisplayName: app.properties.displayName ?? null,
  };
  return json({ '@odata.context': contextUrl(`${contextOf(call)}/$entity`), ...shown }, 201, {
    Location: `${call.base}${call.path}/${id}`,
  });
}

function unassign(call: Call, type: DirectoryType, end: 'principalId' | 'resourceId'): GraphResponse {
  const id = param(call, 1);
  if (!rowsOf(call, type, end).some((row) => row.id === id)) throw notFound(id);
  call.tenant.transact(() => call.tenant.remove('appRoleAssignment', id));
  return noContent();
}

function grant(call: Call): GraphResponse {
  const { clientId, consentType, principalId = null, resourceId, scope = '', ...others } = readBody(call);
  const [other] = Object.keys(others).filter(
    (name) => !['startTime', 'expiryTime'].includes(name) && !name.startsWith('@odata.'),
  );
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of resource 'OAuth2PermissionGrant'.`);
  if (consentType !== 'AllPrincipals' && consentType !== 'Principal')
    throw badRequest("Invalid value specified for property 'consentType'.");
  if ((consentType === 'Principal') !== (typeof principalId === 'string'))
    throw badRequest("Invalid value specified for property 'principalId'.");
  const client = findLive(call, 'servicePrincipal', String(clientId));
  const resource = findLive(call, 'servicePrincipal', String(resourceId));
  const principal = principalId === null ? null : findLive(call, 'user', String(principalId)).id;
  const id = Buffer.from(newId().replaceAll('-', ''), 'hex').toString('base64url');
  const row: Row = { id, clientId: client.id, consentType, principalId: principal, resourceId: resource.id, scope };
  call.tenant.transact(() => call.tenant.put('oauth2PermissionGrant', id, row));
  return json({ '@odata.context': contextUrl('oauth2PermissionGrants/$entity'), ...row }, 201);
}
