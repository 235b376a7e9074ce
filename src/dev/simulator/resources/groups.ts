/** Groups of all kinds: create, read, update, delete (graph-facts 3.2, 4.4, 5). */
import { deltaPage } from '../delta/delta.ts';
import { badRequest, denied, exchangeOwned, unknownProperty } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, type GraphResponse, noContent, param, type Route } from '../request.ts';
import type { Entity } from '../tenant/entity.ts';
import { moveToBin } from './bin.ts';
import { answerCreated, answerOne, newId, onlyChanged } from './bodies.ts';
import { followRule } from './dynamic-groups.ts';
import { groupExpanders } from './expanding.ts';
import { extensionsOf, isCloudExtension } from './extension-types.ts';
import { isExchangeOwned, isUnified } from './group-kinds.ts';
import { addGroupMembers, addGroupOwners, readBinding } from './group-links.ts';
import {
  checkGroupValues,
  mailSettings,
  requireAllowedChange,
  requireRoomForRoleGroup,
  requireSupportedKind,
} from './group-values.ts';
import { kindOf } from './kinds.ts';
import { countOf, listPage } from './listing.ts';
import { findLinkSource, findLive, findReadable } from './lookup.ts';
import { requireRightToAdd, requireRightToCreateWith } from './member-rights.ts';
import { requireRoom } from './object-quota.ts';
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
  return call.tenant.transact(() => answerCreated(call, makeGroup(call, readBody(call))));
}

/** Makes a group with its owners and members, all or nothing. Inside a transaction. Throws the documented refusals. */
export function makeGroup(call: Call, given: Readonly<Record<string, unknown>>): Entity {
  const { tenant } = call;
  const { 'members@odata.bind': memberRefs, 'owners@odata.bind': ownerRefs, ...body } = given;
  const checked = checkProperties(kind, body, null, { added: extensionsOf(call, 'group') });
  checkGroupValues(checked);
  requireSupportedKind(checked);
  const members = readBinding(call, memberRefs, 'members');
  const owners = readBinding(call, ownerRefs, 'owners');
  if (members.length + owners.length > mostBound) {
    throw badRequest(`Can't specify more than ${mostBound} relationships as part of group creation.`);
  }
  requireRightToCreateWith(call, [...members, ...owners]);
  const unified = Array.isArray(checked.groupTypes) && checked.groupTypes.includes('Unified');
  const mail = unified ? `${checked.mailNickname}@${call.settings.domains[0]?.id ?? ''}` : null;
  const visibility = checked.isAssignableToRole === true ? 'Private' : unified ? 'Public' : undefined;
  const properties = {
    groupTypes: [],
    ...(visibility === undefined ? {} : { visibility }),
    ...checked,
    ...(checked.membershipRule === undefined
      ? {}
      : { membershipRuleProcessingState: checked.membershipRuleProcessingState ?? 'On' }),
    ...(mail === null ? {} : { mail, proxyAddresses: [`SMTP:${mail}`] }),
  };
  requireUnique(call, null, properties);
  requireRoom(call);
  requireRoomForRoleGroup(call, checked);
  const now = tenant.clock.now();
  const group = tenant.create('group', newId(), { ...properties, createdDateTime: now, renewedDateTime: now });
  if (owners.length > 0) addGroupOwners(call, group, owners);
  if (members.length > 0) addGroupMembers(call, group, members);
  followRule(call, group.id);
  return tenant.get(group.id) ?? group;
}

/** An update; by `uniqueName` with `Prefer: create-if-missing`, a creation when there is no such group (L:api/group-upsert). */
function updateGroup(call: Call): GraphResponse {
  const key = param(call, 0);
  const uniqueName = /^uniqueName=(.*)$/.exec(key)?.[1];
  const creates = /(^|[\s,])create-if-missing\b/i.test(call.headers.get('prefer') ?? '');
  if (uniqueName !== undefined && creates && call.tenant.holders('uniqueName', uniqueName).size === 0) {
    const body = { ...readBody(call), uniqueName };
    return call.tenant.transact(() => answerCreated(call, makeGroup(call, body)));
  }
  const group = findLive(call, 'group', key);
  requireUnrestricted(call, group.id);
  const { 'members@odata.bind': memberRefs, 'owners@odata.bind': ownerRefs, ...body } = readBody(call);
  if (ownerRefs !== undefined && !call.settings.ownersBindOnUpdate) throw unknownProperty('owners@odata.bind', 'group');
  const bound = memberRefs !== undefined || ownerRefs !== undefined;
  if (bound) findLinkSource(call, 'group', group.id);
  const names = Object.keys(body);
  if (names.length === 0 && !bound) throw badRequest('Specified HTTP request has no properties to update.');
  if (names.length > 0) {
    requireCloudMastered(
      group,
      names.filter((name) => !isCloudExtension(call, name)),
    );
    if (isExchangeOwned(group)) throw exchangeOwned();
  }
  const ofExchange = requireOwnUpdate(call, group, names, bound);
  const checked = checkProperties(kind, body, group, { added: extensionsOf(call, 'group') });
  checkGroupValues(checked);
  const changed = onlyChanged(group, checked);
  requireAllowedChange(call, group, changed);
  requireUnique(call, group.id, { mailEnabled: group.properties.mailEnabled, ...changed });
  const members = readBinding(call, memberRefs, 'members');
  const owners = readBinding(call, ownerRefs, 'owners');
  requireRightToAdd(call, members);
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
  return ofExchange ? { status: 200, headers: {}, body: undefined } : noContent();
}

/** Whether an update is one of mail settings, which stand alone, belong to Microsoft 365 groups and answer 200. Throws 400, 403. */
function requireOwnUpdate(call: Call, group: Entity, names: readonly string[], bound: boolean): boolean {
  const [setting] = names.filter((name) => mailSettings.has(name));
  if (setting === undefined) return false;
  if (call.caller === 'app' && !call.settings.groupMailSettingsByApps) throw denied();
  if (bound || !names.every((name) => mailSettings.has(name)) || !isUnified(group)) {
    throw badRequest(`Property '${setting}' has to be set in an update of its own, of a Microsoft 365 group.`);
  }
  return true;
}
