/** Groups of all kinds: create, read, update, delete (graph-facts 3.2, 4.4, 5). */
import { deltaPage } from '../delta/delta.ts';
import { badRequest, exchangeOwned, invalidValue, unknownProperty } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, type GraphResponse, noContent, param, type Route } from '../request.ts';
import { moveToBin } from './bin.ts';
import { answerCreated, answerOne, newId, onlyChanged } from './bodies.ts';
import { followRule, parseRule } from './dynamic-groups.ts';
import { groupExpanders } from './expanding.ts';
import { isExchangeOwned } from './group-kinds.ts';
import { addGroupMembers, addGroupOwners, readBinding } from './group-links.ts';
import { kindOf } from './kinds.ts';
import { countOf, listPage } from './listing.ts';
import { findLinkSource, findLive, findReadable } from './lookup.ts';
import { requireUnrestricted } from './restricted-units.ts';
import { checkProperties, requireCloudMastered, requireUnique } from './validation.ts';

const kind = kindOf('group');
const mostBound = 20;

const list = (call: Call) => ({
  entities: call.tenant.ofType('group'),
  type: 'group' as const,
  context: 'groups',
  expand: groupExpanders,
});

export const groupRoutes: readonly Route[] = [
  { method: 'GET', template: '/groups', handle: (call) => listPage(call, list(call)) },
  { method: 'GET', template: '/groups/$count', handle: (call) => countOf(call, list(call)) },
  {
    method: 'GET',
    template: '/groups/delta',
    handle: (call) =>
      deltaPage(call, {
        types: ['group'],
        context: 'groups',
        relations: ['members', 'owners'],
        usualRelations: ['members'],
      }),
  },
  { method: 'POST', template: '/groups', handle: createGroup },
  {
    method: 'GET',
    template: '/groups/{id}',
    handle: (call) => answerOne(call, findReadable(call, 'group', param(call, 0)), groupExpanders),
  },
  { method: 'PATCH', template: '/groups/{id}', handle: updateGroup },
  {
    method: 'DELETE',
    template: '/groups/{id}',
    handle: (call) => {
      const group = findLive(call, 'group', param(call, 0));
      requireUnrestricted(call, group.id);
      moveToBin(call, group);
      return noContent();
    },
  },
];

function createGroup(call: Call): GraphResponse {
  const { tenant } = call;
  const { 'members@odata.bind': memberRefs, 'owners@odata.bind': ownerRefs, ...body } = readBody(call);
  const checked = checkProperties(kind, body, null);
  checkGroupValues(checked);
  requireSupportedKind(checked);
  if (typeof checked.membershipRule === 'string') parseRule(checked.membershipRule);
  const members = readBinding(call, memberRefs, 'members');
  const owners = readBinding(call, ownerRefs, 'owners');
  if (members.length + owners.length > mostBound) {
    throw badRequest(`Can't specify more than ${mostBound} relationships as part of group creation.`);
  }
  const unified = Array.isArray(checked.groupTypes) && checked.groupTypes.includes('Unified');
  const mail = unified ? `${checked.mailNickname}@${call.settings.domains[0]?.id ?? ''}` : null;
  const properties = {
    groupTypes: [],
    ...checked,
    ...(checked.membershipRule === undefined
      ? {}
      : { membershipRuleProcessingState: checked.membershipRuleProcessingState ?? 'On' }),
    ...(unified && checked.visibility === undefined ? { visibility: 'Public' } : {}),
    ...(mail === null ? {} : { mail, proxyAddresses: [`SMTP:${mail}`] }),
  };
  requireUnique(call, null, properties);
  const now = tenant.clock.now();
  return tenant.transact(() => {
    const group = tenant.create('group', newId(), { ...properties, createdDateTime: now, renewedDateTime: now });
    if (owners.length > 0) addGroupOwners(call, group, owners);
    if (members.length > 0) addGroupMembers(call, group, members);
    followRule(call, group.id);
    return answerCreated(call, tenant.get(group.id) ?? group);
  });
}

function updateGroup(call: Call): GraphResponse {
  const group = findLive(call, 'group', param(call, 0));
  requireUnrestricted(call, group.id);
  const { 'members@odata.bind': memberRefs, 'owners@odata.bind': ownerRefs, ...body } = readBody(call);
  if (ownerRefs !== undefined && !call.settings.ownersBindOnUpdate) throw unknownProperty('owners@odata.bind', 'group');
  const bound = memberRefs !== undefined || ownerRefs !== undefined;
  if (bound) findLinkSource(call, 'group', group.id);
  const names = Object.keys(body);
  if (names.length === 0 && !bound) throw badRequest('Specified HTTP request has no properties to update.');
  if (names.length > 0) {
    requireCloudMastered(group, names);
    if (isExchangeOwned(group)) throw exchangeOwned();
  }
  const checked = checkProperties(kind, body, group);
  checkGroupValues(checked);
  if (typeof checked.membershipRule === 'string') parseRule(checked.membershipRule);
  if (
    checked.visibility !== undefined &&
    (checked.visibility === 'HiddenMembership') !== (group.properties.visibility === 'HiddenMembership')
  ) {
    throw invalidValue('visibility', 'Group');
  }
  const changed = onlyChanged(group, checked);
  requireUnique(call, group.id, { mailEnabled: group.properties.mailEnabled, ...changed });
  const members = readBinding(call, memberRefs, 'members');
  const owners = readBinding(call, ownerRefs, 'owners');
  if (members.length > mostBound || owners.length > mostBound) {
    throw badRequest(`The number of references in a request must not exceed ${mostBound}.`);
  }
  const { tenant } = call;
  tenant.transact(() => {
    if (Object.keys(changed).length > 0) tenant.update(group.id, changed);
    if (owners.length > 0) addGroupOwners(call, group, owners);
    if (members.length > 0) addGroupMembers(call, group, members);
    if ('membershipRule' in changed || 'groupTypes' in changed || 'membershipRuleProcessingState' in changed)
      followRule(call, group.id);
  });
  return noContent();
}

/** Distribution and mail-enabled security groups are made in Exchange, role-assignable ones with care (L:api/resources/group). */
function requireSupportedKind(checked: Readonly<Record<string, unknown>>): void {
  const types = (checked.groupTypes as readonly string[] | undefined) ?? [];
  const unified = types.includes('Unified');
  if (checked.mailEnabled === true && !unified)
    throw badRequest(
      'The service does not currently support creation of mail-enabled security groups or distribution lists. Please ensure that groupTypes contains "Unified".',
    );
  if (checked.mailEnabled === false && unified) throw invalidValue('mailEnabled', 'Group');
  if (checked.mailEnabled === false && checked.securityEnabled === false) {
    throw badRequest('A group must be mail-enabled, security-enabled, or both.');
  }
  const dynamic = types.includes('DynamicMembership');
  if (dynamic !== (typeof checked.membershipRule === 'string')) throw invalidValue('membershipRule', 'Group');
  if (checked.isAssignableToRole === true && (dynamic || checked.securityEnabled !== true))
    throw invalidValue('isAssignableToRole', 'Group');
}

function checkGroupValues(checked: Readonly<Record<string, unknown>>): void {
  const { groupTypes, visibility, mailNickname, membershipRuleProcessingState: state } = checked;
  const invalid = (name: string, holds: boolean): void => {
    if (!holds) throw invalidValue(name, 'Group');
  };
  if (Array.isArray(groupTypes))
    invalid(
      'groupTypes',
      groupTypes.every((type) => ['Unified', 'DynamicMembership'].includes(type)),
    );
  if (typeof visibility === 'string')
    invalid('visibility', ['Private', 'Public', 'HiddenMembership'].includes(visibility));
  if (typeof mailNickname === 'string')
    invalid('mailNickname', /^[\x21-\x7e]+$/.test(mailNickname) && !/[@()\\[\]";:<>,]/.test(mailNickname));
  if (typeof state === 'string') invalid('membershipRuleProcessingState', ['On', 'Paused'].includes(state));
}
