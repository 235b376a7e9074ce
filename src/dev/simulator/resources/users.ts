/** Users: create, read, update, delete (graph-facts 4.1-4.3, 5). */
import { deltaPage } from '../delta/delta.ts';
import { badRequest, missingValue, unknownProperty } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { sensitiveProperties } from '../permissions.ts';
import { type Call, type GraphResponse, noContent, param, type Route } from '../request.ts';
import type { Entity } from '../tenant/entity.ts';
import { moveToBin } from './bin.ts';
import { answerCreated, answerOne, newId, onlyChanged } from './bodies.ts';
import { followRules } from './dynamic-groups.ts';
import { userExpanders } from './expanding.ts';
import { kindOf } from './kinds.ts';
import { countOf, listPage } from './listing.ts';
import { findLive, findReadable, findReferenced } from './lookup.ts';
import { requireAuthorityOver, requirePasswordAuthority } from './privilege.ts';
import { requireUnrestricted } from './restricted-units.ts';
import { checkUserValues, readPassword, settleUserValues } from './user-values.ts';
import {
  checkProperties,
  refuseForApps,
  requireCloudMastered,
  requireUnique,
  requireVerifiedDomain,
} from './validation.ts';

const kind = kindOf('user');
/** Written by ADSyncTools on cloud users although the resource page calls them read-only (graph-facts 6; a switch). */
const syncNames = new Set([
  'onPremisesDistinguishedName',
  'onPremisesDomainName',
  'onPremisesSamAccountName',
  'onPremisesSecurityIdentifier',
  'onPremisesUserPrincipalName',
]);
const none: ReadonlySet<string> = new Set();

const list = (call: Call) => ({
  entities: call.tenant.ofType('user'),
  type: 'user' as const,
  context: 'users',
  expand: userExpanders,
});

export const userRoutes: readonly Route[] = [
  { method: 'GET', template: '/users', handle: (call) => listPage(call, list(call)) },
  { method: 'GET', template: '/users/$count', handle: (call) => countOf(call, list(call)) },
  {
    method: 'GET',
    template: '/users/delta',
    handle: (call) =>
      deltaPage(call, { types: ['user'], context: 'users', relations: ['manager'], usualRelations: [] }),
  },
  { method: 'POST', template: '/users', handle: createUser },
  {
    method: 'GET',
    template: '/users/{id}',
    handle: (call) => answerOne(call, findReadable(call, 'user', param(call, 0)), userExpanders),
  },
  { method: 'PATCH', template: '/users/{id}', handle: updateUser },
  { method: 'DELETE', template: '/users/{id}', handle: deleteUser },
  { method: 'POST', template: '/users/{id}/revokeSignInSessions', handle: revokeSessions },
];

function createUser(call: Call): GraphResponse {
  const { tenant } = call;
  const { 'manager@odata.bind': manager, ...body } = readBody(call);
  if (manager !== undefined && !call.settings.managerBindOnCreate) throw unknownProperty('manager@odata.bind', 'user');
  refuseForApps(
    call,
    Object.keys(body),
    call.settings.employeeHireDateOnCreate || call.caller === 'outside' ? [] : ['employeeHireDate'],
  );
  const checked = checkProperties(kind, body, null, call.settings.syncPropertiesOnCloudUsers ? syncNames : none);
  checkUserValues(checked);
  const { passwordProfile, ...rest } = checked;
  const federated = requireVerifiedDomain(call, String(rest.userPrincipalName));
  if (federated && typeof rest.onPremisesImmutableId !== 'string') throw missingValue('onPremisesImmutableId', 'User');
  const password = readPassword(passwordProfile, rest.passwordPolicies);
  const properties = settleUserValues(rest, null);
  requireUnique(call, null, properties);
  const boss = manager === undefined ? null : findReferenced(call, manager);
  const now = tenant.clock.now();
  return tenant.transact(() => {
    const user = tenant.create('user', newId(), {
      userType: 'Member',
      ...properties,
      createdDateTime: now,
      lastPasswordChangeDateTime: now,
      signInSessionsValidFromDateTime: now,
    });
    if (password !== null) tenant.put('password', user.id, { ...password });
    if (boss !== null) tenant.link('manager', user.id, boss.id);
    followRules(call, user);
    return answerCreated(call, user);
  });
}

function updateUser(call: Call): GraphResponse {
  const user = findLive(call, 'user', param(call, 0));
  const body = readBody(call);
  const names = Object.keys(body);
  if (names.length === 0) throw badRequest('Specified HTTP request has no properties to update.');
  refuseForApps(call, names, ['employeeHireDate']);
  requireCloudMastered(user, names);
  const checked = checkProperties(kind, body, user, call.settings.syncPropertiesOnCloudUsers ? syncNames : none);
  checkUserValues(checked);
  if (user.properties.onPremisesSyncEnabled === false && names.includes('onPremisesExtensionAttributes')) {
    // Formerly synced: only Exchange can write them (graph-facts 3.2).
    throw badRequest(
      'Unable to update the specified properties for objects that have originated within an external service.',
    );
  }
  requireUnrestricted(call, user.id);
  if (names.some((name) => sensitiveProperties.has(name))) requireAuthorityOver(call, user);
  const { passwordProfile, ...rest } = checked;
  if (names.includes('passwordProfile')) requirePasswordAuthority(call);
  const password = readPassword(passwordProfile, rest.passwordPolicies ?? user.properties.passwordPolicies);
  const changed = onlyChanged(user, settleUserValues(rest, user));
  if (typeof changed.userPrincipalName === 'string') requireVerifiedDomain(call, changed.userPrincipalName);
  requireUnique(call, user.id, changed);
  const { tenant } = call;
  tenant.transact(() => {
    if (password !== null) {
      tenant.put('password', user.id, { ...password });
      changed.lastPasswordChangeDateTime = tenant.clock.now();
    }
    if (Object.keys(changed).length > 0) tenant.update(user.id, changed);
    followRules(call, user);
  });
  return noContent();
}

function deleteUser(call: Call): GraphResponse {
  const user = findLive(call, 'user', param(call, 0));
  requireUnrestricted(call, user.id);
  requireAuthorityOver(call, user);
  moveToBin(call, user);
  return noContent();
}

function revokeSessions(call: Call): GraphResponse {
  const user: Entity = findLive(call, 'user', param(call, 0));
  const { tenant } = call;
  tenant.transact(() => tenant.update(user.id, { signInSessionsValidFromDateTime: tenant.clock.now() }));
  return {
    status: 200,
    headers: {},
    body: { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean', value: true },
  };
}
