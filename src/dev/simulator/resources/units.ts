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
import { unitExpanders } from './expanding.ts';
import { readBinding } from './group-links.ts';
import { kindOf } from './kinds.ts';
import { linkedObjects, readReference } from './links.ts';
import { countOf, listPage } from './listing.ts';
import { findLinkSource, findLive, findReadable, type View } from './lookup.ts';
import { requireRoom } from './object-quota.ts';
import { checkProperties } from './validation.ts';

const kind = kindOf('administrativeUnit');
const mostUnits = 30;

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
  { method: 'DELETE', template: `${prefix}/{id}/members/{id}/$ref`, handle: removeMember },
  ...linkedObjects(prefix, 'administrativeUnit', 'members', (call, id) => call.tenant.targets('members', id).keys()),
];

export const unitRoutes: readonly Route[] = [
  ...below('/directory/administrativeUnits'),
  ...below('/administrativeUnits'),
];

function createUnit(call: Call): GraphResponse {
  const checked = checkProperties(kind, readBody(call), null);
  checkUnitValues(checked);
  requireRoom(call);
  const { tenant } = call;
  return tenant.transact(() => answerCreated(call, tenant.create('administrativeUnit', newId(), checked)));
}

function updateUnit(call: Call): GraphResponse {
  const unit = findLive(call, 'administrativeUnit', param(call, 0));
  const { 'members@odata.bind': references, ...body } = readBody(call);
  if (references !== undefined && !call.settings.administrativeUnitMembersBindOnUpdate) {
    throw unknownProperty('members@odata.bind', 'administrativeUnit');
  }
  const checked = checkProperties(kind, body, unit);
  checkUnitValues(checked);
  const changed = onlyChanged(unit, checked);
  const members = readBinding(call, references, 'members');
  const { tenant } = call;
  tenant.transact(() => {
    if (Object.keys(changed).length > 0) tenant.update(unit.id, changed);
    for (const member of members) addUnitMember(call, unit, member);
  });
  return noContent();
}

function checkUnitValues(checked: Readonly<Record<string, unknown>>): void {
  const { visibility, membershipType, membershipRuleProcessingState: state } = checked;
  const among = (name: string, value: unknown, allowed: readonly string[]): void => {
    if (typeof value === 'string' && !allowed.includes(value)) throw invalidValue(name, 'AdministrativeUnit');
  };
  among('visibility', visibility, ['HiddenMembership', 'Public']);
  among('membershipType', membershipType, ['Assigned', 'Dynamic', 'assigned', 'dynamic']);
  among('membershipRuleProcessingState', state, ['On', 'Paused']);
}

/** Adds a member. Inside a transaction. Throws the documented refusals. */
export function addUnitMember({ tenant }: View, unit: Entity, member: Entity): void {
  if (String(unit.properties.membershipType).toLowerCase() === 'dynamic') throw denied();
  if (!['user', 'group', 'device'].includes(member.type)) {
    throw badRequest(`An administrative unit cannot have a member of type '${member.type}'.`);
  }
  if (tenant.targets('members', unit.id).has(member.id)) throw conflictingObject();
  const units = [...tenant.sources('members', member.id)].filter((id) => tenant.get(id)?.type === 'administrativeUnit');
  if (units.length >= mostUnits) throw quotaExceeded(units.length + 1, mostUnits, 'administrativeUnits');
  tenant.link('members', unit.id, member.id);
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
  if (!tenant.targets('members', unit.id).has(memberId) || tenant.live(memberId) === undefined)
    throw notFound(memberId);
  tenant.transact(() => tenant.unlink('members', unit.id, memberId));
  return noContent();
}
