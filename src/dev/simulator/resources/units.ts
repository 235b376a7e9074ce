/** Administrative units, under `/directory/administrativeUnits` and its alias (graph-facts 3.2, 4.4, 5). */

import { deltaPage } from '../delta/delta.ts';
import {
  badRequest,
  conflictingObject,
  denied,
  invalidValue,
  notFound,
  quotaExceeded,
  unknownProperty,
} from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, type GraphResponse, noContent, param, type Route } from '../request.ts';
import type { Entity } from '../tenant/entity.ts';
import { moveToBin } from './bin.ts';
import { answerCreated, answerOne, newId, onlyChanged } from './bodies.ts';
import { followRule, isDynamic } from './dynamic-groups.ts';
import { unitExpanders } from './expanding.ts';
import { extensionsOf } from './extension-types.ts';
import { readBinding } from './group-links.ts';
import { makeGroup } from './groups.ts';
import { kindOf } from './kinds.ts';
import { linkedObjects, readReference } from './links.ts';
import { countOf, listPage } from './listing.ts';
import { findLinkSource, findLive, findReadable, type View } from './lookup.ts';
import { parseRule } from './membership-rule.ts';
import { requireRoom } from './object-quota.ts';
import { checkProperties } from './validation.ts';

const kind = kindOf('administrativeUnit');
const mostUnits = 30;
const mostRestricted = 100;

const list = (call: Call) => ({
  entities: call.tenant.ofType('administrativeUnit'),
  type: 'administrativeUnit' as const,
  context: 'administrativeUnits',
  expand: unitExpanders,
});

const below = (prefix: string): readonly Route[] => [
  { method: 'GET', template: prefix, handle: (call) => listPage(call, list(call)) },
  { method: 'GET', template: `${prefix}/$count`, handle: (call) => countOf(call, list(call)) },
  {
    method: 'GET',
    template: `${prefix}/delta`,
    handle: (call) =>
      deltaPage(call, {
        types: ['administrativeUnit'],
        context: 'administrativeUnits',
        relations: ['members'],
        usualRelations: ['members'],
      }),
  },
  { method: 'POST', template: prefix, handle: createUnit },
  {
    method: 'GET',
    template: `${prefix}/{id}`,
    handle: (call) => answerOne(call, findReadable(call, 'administrativeUnit', param(call, 0)), unitExpanders),
  },
  { method: 'PATCH', template: `${prefix}/{id}`, handle: updateUnit },
  {
    method: 'DELETE',
    template: `${prefix}/{id}`,
    handle: (call) => {
      moveToBin(call, findLive(call, 'administrativeUnit', param(call, 0)));
      return noContent();
    },
  },
  { method: 'POST', template: `${prefix}/{id}/members/$ref`, handle: addMember },
  { method: 'POST', template: `${prefix}/{id}/members`, handle: createMember },
  { method: 'DELETE', template: `${prefix}/{id}/members/{id}/$ref`, handle: removeMember },
  ...linkedObjects(prefix, 'administrativeUnit', 'members', (call, id) => call.tenant.targets('members', id).keys()),
];

export const unitRoutes: readonly Route[] = [
  ...below('/directory/administrativeUnits'),
  ...below('/administrativeUnits'),
];

function createUnit(call: Call): GraphResponse {
  const checked = checkProperties(kind, readBody(call), null, { added: extensionsOf(call, 'administrativeUnit') });
  checkUnitValues(checked);
  requireRoom(call);
  const { tenant } = call;
  if (checked.isMemberManagementRestricted === true) requireRoomForRestricted(call);
  return tenant.transact(() => {
    const unit = tenant.create('administrativeUnit', newId(), checked);
    followRule(call, unit.id);
    return answerCreated(call, unit);
  });
}

function updateUnit(call: Call): GraphResponse {
  const unit = findLive(call, 'administrativeUnit', param(call, 0));
  const { 'members@odata.bind': references, ...body } = readBody(call);
  if (references !== undefined && !call.settings.administrativeUnitMembersBindOnUpdate) {
    throw unknownProperty('members@odata.bind', 'administrativeUnit');
  }
  const checked = checkProperties(kind, body, unit, { added: extensionsOf(call, 'administrativeUnit') });
  checkUnitValues(checked);
  const changed = onlyChanged(unit, checked);
  const members = readBinding(call, references, 'members');
  const { tenant } = call;
  tenant.transact(() => {
    if (Object.keys(changed).length > 0) tenant.update(unit.id, changed);
    for (const member of members) addUnitMember(call, unit, member);
    if (Object.keys(changed).some((name) => name.startsWith('membership'))) followRule(call, unit.id);
  });
  return noContent();
}

function checkUnitValues(checked: Readonly<Record<string, unknown>>): void {
  const { visibility, membershipType, membershipRule, membershipRuleProcessingState: state } = checked;
  const among = (name: string, value: unknown, allowed: readonly string[]): void => {
    if (typeof value === 'string' && !allowed.includes(value)) throw invalidValue(name, 'AdministrativeUnit');
  };
  among('visibility', visibility, ['HiddenMembership', 'Public']);
  among('membershipType', membershipType, ['Assigned', 'Dynamic', 'assigned', 'dynamic']);
  among('membershipRuleProcessingState', state, ['On', 'Paused']);
  if (typeof membershipRule === 'string') parseRule(membershipRule);
}

/** Units with restricted management are few (E:role-based-access-control/admin-units-restricted-management). Throws 403. */
function requireRoomForRestricted({ tenant }: View): void {
  const held = tenant
    .ofType('administrativeUnit')
    .filter((unit) => unit.deletedDateTime === null && unit.properties.isMemberManagementRestricted === true).length;
  if (held >= mostRestricted) throw quotaExceeded(held + 1, mostRestricted, 'isMemberManagementRestricted');
}

/** Adds a member. Inside a transaction. Throws the documented refusals. */
export function addUnitMember({ tenant }: View, unit: Entity, member: Entity): void {
  if (isDynamic(unit)) throw denied();
  if (!['user', 'group', 'device'].includes(member.type)) {
    throw badRequest(`An administrative unit cannot have a member of type '${member.type}'.`);
  }
  if (unit.properties.isMemberManagementRestricted === true && !mayBeRestricted(member)) {
    throw badRequest('Only cloud security groups can be members of a restricted management administrative unit.');
  }
  if (tenant.targets('members', unit.id).has(member.id)) throw conflictingObject();
  const units = [...tenant.sources('members', member.id)].filter((id) => tenant.get(id)?.type === 'administrativeUnit');
  if (units.length >= mostUnits) throw quotaExceeded(units.length + 1, mostUnits, 'administrativeUnits');
  tenant.link('members', unit.id, member.id);
}

/** Of groups only those for security, not mailed to and not synced (L:api/administrativeunit-post-members). */
function mayBeRestricted({ type, properties }: Entity): boolean {
  const { securityEnabled, mailEnabled, onPremisesSyncEnabled } = properties;
  return type !== 'group' || (securityEnabled === true && mailEnabled !== true && onPremisesSyncEnabled !== true);
}

/** A new group inside the unit; nothing else can be made there (L:api/administrativeunit-post-members). */
function createMember(call: Call): GraphResponse {
  const unit = findLinkSource(call, 'administrativeUnit', param(call, 0));
  const body = readBody(call);
  if (body['@odata.type'] !== '#microsoft.graph.group')
    throw badRequest("A new member needs '@odata.type' to be '#microsoft.graph.group'.");
  return call.tenant.transact(() => {
    const group = makeGroup(call, body);
    addUnitMember(call, unit, group);
    return answerCreated(call, group);
  });
}

function addMember(call: Call): GraphResponse {
  const unit = findLinkSource(call, 'administrativeUnit', param(call, 0));
  const member = readReference(call);
  call.tenant.transact(() => addUnitMember(call, unit, member));
  return noContent();
}

function removeMember(call: Call): GraphResponse {
  const unit = findLinkSource(call, 'administrativeUnit', param(call, 0));
  const memberId = param(call, 1).toLowerCase();
  const { tenant } = call;
  if (isDynamic(unit)) throw denied();
  if (!tenant.targets('members', unit.id).has(memberId) || tenant.live(memberId) === undefined)
    throw notFound(memberId);
  tenant.transact(() => tenant.unlink('members', unit.id, memberId));
  return noContent();
}
