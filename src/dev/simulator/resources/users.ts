/** Users: create, read, update, delete (graph-facts 4.1-4.3, 5). */
import { deltaPage } from '../delta/delta.ts';
import { badRequest, invalidValue, missingValue, unknownProperty } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, type GraphResponse, noContent, param, type Route } from '../request.ts';
import { sensitiveProperties } from '../sensitive-actions.ts';
import type { Entity } from '../tenant/entity.ts';
import { moveToBin } from './bin.ts';
import { answerCreated, answerOne, newId, onlyChanged } from './bodies.ts';
import { mergeAttributes } from './custom-security-attributes.ts';
import { followRules } from './dynamic-groups.ts';
import { userExpanders } from './expanding.ts';
import { extensionsOf, isCloudExtension } from './extension-types.ts';
import { isSocial, readIdentities, requiredWith, requireLastingPassword } from './identities.ts';
import { kindOf } from './kinds.ts';
import { countOf, listPage } from './listing.ts';
import { findLive, findReadable, findReferenced } from './lookup.ts';
import { requireRoom } from './object-quota.ts';
import { requireAuthorityOver, requirePasswordAuthority } from './privilege.ts';
import { requireUnrestricted } from './restricted-units.ts';
import { checkUserValues, type Password, readPassword, settleUserValues } from './user-values.ts';
import {
  checkProperties,
  isFederated,
  refuseForApps,
  requireCloudMastered,
  requireNotMixed,
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

const beside = (call: Call) => ({
  ...(call.settings.syncPropertiesOnCloudUsers ? { also: syncNames } : {}),
  added: extensionsOf(call, 'user'),
});

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
  const { 'manager@odata.bind': manager, customSecurityAttributes: attributes, ...body } = readBody(call);
  if (manager !== undefined && !call.settings.managerBindOnCreate) throw unknownProperty('manager@odata.bind', 'user');
  refuseForApps(call, Object.keys(body), call.settings.employeeHireDateOnCreate ? [] : ['employeeHireDate']);
  requireNotMixed(Object.keys(body), true);
  const wanted = { ...kind, required: requiredWith(body.identities, kind.required) };
  const checked = checkProperties(wanted, body, null, beside(call));
  checkUserValues(checked);
  const { passwordProfile, identities, ...rest } = checked;
  const { kept, name } = readIdentities(call, identities, null);
  requireLastingPassword(kept, rest.passwordPolicies);
  const id = newId();
  const userPrincipalName = rest.userPrincipalName ?? name ?? `${id}@${call.settings.domains[0]?.id ?? ''}`;
  const federated = requireVerifiedDomain(call, String(userPrincipalName));
  if (federated && typeof rest.onPremisesImmutableId !== 'string') throw missingValue('onPremisesImmutableId', 'User');
  const password = readPassword(passwordProfile, rest.passwordPolicies);
  const properties = {
    accountEnabled: true,
    ...settleUserValues(rest, null),
    userPrincipalName,
    ...(kept.length > 0 ? { identities: kept } : {}),
    ...(attributes === undefined ? {} : { customSecurityAttributes: mergeAttributes(null, attributes) }),
  };
  requireUnique(call, null, properties);
  requireRoom(call);
  const boss = manager === undefined ? null : findReferenced(call, manager);
  const now = tenant.clock.now();
  return tenant.transact(() => {
    const user = tenant.create('user', id, {
      userType: 'Member',
      ...properties,
      createdDateTime: now,
      lastPasswordChangeDateTime: now,
      signInSessionsValidFromDateTime: now,
    });
    if (password !== null) tenant.put('password', user.id, { ...password });
    if (boss !== null) tenant.link('manager', user.id, boss.id);
    followRules(call, user);
    // A social account shows itself in the answer (L:api/user-post-users, example 2); others only when they are asked.
    const shown = kept.some(isSocial) ? ['identities', 'passwordPolicies'] : [];
    return answerCreated(call, user, shown);
  });
}

function updateUser(call: Call): GraphResponse {
  const user = findLive(call, 'user', param(call, 0));
  const sent = readBody(call);
  const names = Object.keys(sent);
  if (names.length === 0) throw badRequest('Specified HTTP request has no properties to update.');
  refuseForApps(call, names, ['employeeHireDate']);
  requireNotMixed(names, false);
  requireCloudMastered(
    user,
    names.filter((name) => !isCloudExtension(call, name)),
  );
  const { customSecurityAttributes: attributes, ...body } = sent;
  const checked = checkProperties(kind, body, user, beside(call));
  checkUserValues(checked);
  if (user.properties.onPremisesSyncEnabled === false && names.includes('onPremisesExtensionAttributes')) {
    // Formerly synced: only Exchange can write them (graph-facts 3.2).
    throw badRequest(
      'Unable to update the specified properties for objects that have originated within an external service.',
    );
  }
  // Licences and the usage location are open even there (E:role-based-access-control/admin-units-restricted-management).
  if (names.some((name) => name !== 'usageLocation')) requireUnrestricted(call, user.id);
  const { passwordProfile, identities, ...rest } = checked;
  if (identities !== undefined) {
    const { kept, name } = readIdentities(call, identities, user);
    if (kept.length > 0 || user.properties.identities !== undefined) rest.identities = kept;
    rest.userPrincipalName = name ?? user.properties.userPrincipalName;
  }
  const { password, changed } = settleUpdate(call, user, names, passwordProfile, rest);
  if (attributes !== undefined)
    changed.customSecurityAttributes = mergeAttributes(user.properties.customSecurityAttributes, attributes);
  requireUnique(call, user.id, changed);
  const { tenant } = call;
  tenant.transact(() => {
    if (password !== null) tenant.put('password', user.id, { ...password });
    if (Object.keys(changed).length > 0) tenant.update(user.id, changed);
    followRules(call, user);
  });
  return noContent();
}

/** Who may do it, and what then differs from what is stored. */
function settleUpdate(
  call: Call,
  user: Entity,
  names: readonly string[],
  passwordProfile: unknown,
  rest: Readonly<Record<string, unknown>>,
): { readonly password: Password | null; readonly changed: Record<string, unknown> } {
  const { tenant } = call;
  const changed = onlyChanged(user, settleUserValues(rest, user));
  if ([...names, ...Object.keys(changed)].some((name) => sensitiveProperties.has(name)))
    requireAuthorityOver(call, user);
  const name = String(changed.userPrincipalName ?? user.properties.userPrincipalName);
  if (changed.userPrincipalName !== undefined) requireVerifiedDomain(call, name);
  if (passwordProfile === undefined) return { password: null, changed };
  requirePasswordAuthority(call);
  // Whoever signs in elsewhere has no password here (L:api/user-update).
  if (isFederated(call, name)) throw invalidValue('passwordProfile', 'User');
  const before = (tenant.row('password', user.id) as Password | undefined) ?? null;
  const password = readPassword(passwordProfile, rest.passwordPolicies ?? user.properties.passwordPolicies, before);
  if (password !== null && password.password !== before?.password)
    changed.lastPasswordChangeDateTime = tenant.clock.now();
  return { password, changed };
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
