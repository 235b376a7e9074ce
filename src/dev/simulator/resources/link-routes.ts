/** The routes of relations: members and owners of groups, manager, sponsors and everything seen from the other end (graph-facts 3.3, 4.4). */

import { badRequest, GraphError, linksExist, notFound, onPremisesMastered, quotaExceeded } from '../errors.ts';
import { allowOptions, readSelect } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import type { Entity, Relation } from '../tenant/entity.ts';
import { moveToBin } from './bin.ts';
import { followRules } from './dynamic-groups.ts';
import { addGroupMembers, addGroupOwners, findMember, removeGroupMember, removeGroupOwner } from './group-links.ts';
import { linkedObjects, reachable, readReference } from './links.ts';
import { type Listing, listPage } from './listing.ts';
import { findLinkSource, findReadable } from './lookup.ts';
import { requireRightToAdd } from './member-rights.ts';
import { rolesOf } from './own-app.ts';
import { requireAuthorityOver } from './privilege.ts';
import { renderTyped } from './render.ts';
import { requireUnrestricted } from './restricted-units.ts';

const mostSponsors = 5;

const targets = (relation: Relation) => (call: Call, id: string) => call.tenant.targets(relation, id).keys();
const sources = (relation: Relation) => (call: Call, id: string) => call.tenant.sources(relation, id);
const above = (call: Call, id: string) => reachable(call, id, (from) => [...call.tenant.sources('members', from)]);
const beneath = (call: Call, id: string) =>
  reachable(call, id, (from) =>
    call.tenant.get(from)?.type === 'group' ? call.tenant.targets('members', from).keys() : [],
  );

export const linkRoutes: readonly Route[] = [
  ...linkedObjects('/groups', 'group', 'members', targets('members')),
  ...linkedObjects('/groups', 'group', 'owners', targets('owners')),
  ...linkedObjects('/groups', 'group', 'memberOf', sources('members')),
  ...linkedObjects('/groups', 'group', 'transitiveMemberOf', above),
  ...linkedObjects('/groups', 'group', 'transitiveMembers', beneath),
  ...linkedObjects('/users', 'user', 'memberOf', sources('members')),
  ...linkedObjects('/users', 'user', 'transitiveMemberOf', above),
  ...linkedObjects('/users', 'user', 'ownedObjects', sources('owners')),
  ...linkedObjects('/users', 'user', 'directReports', sources('manager')),
  ...linkedObjects('/users', 'user', 'sponsors', targets('sponsors')),
  ...linkedObjects('/users', 'user', 'sponsorOf', sources('sponsors')),
  ...linkedObjects('/users', 'user', 'ownedDevices', sources('registeredOwners')),
  ...linkedObjects('/users', 'user', 'registeredDevices', sources('registeredUsers')),
  ...linkedObjects('/devices', 'device', 'memberOf', sources('members')),
  ...linkedObjects('/devices', 'device', 'registeredOwners', targets('registeredOwners')),
  ...linkedObjects('/devices', 'device', 'registeredUsers', targets('registeredUsers')),
  ...linkedObjects('/servicePrincipals', 'servicePrincipal', 'owners', targets('owners')),
  ...linkedObjects('/servicePrincipals', 'servicePrincipal', 'memberOf', sources('members')),
  ...linkedObjects('/servicePrincipals', 'servicePrincipal', 'ownedObjects', sources('owners')),
  {
    method: 'GET',
    template: '/servicePrincipals/{id}/transitiveMemberOf',
    handle: (call) => listPage(call, membershipsOf(call, findReadable(call, 'servicePrincipal', param(call, 0)))),
  },
  ...linkedObjects('/applications', 'application', 'owners', targets('owners')),
  {
    method: 'POST',
    template: '/groups/{id}/members/$ref',
    handle: (call) =>
      writeGroup(call, (group) => {
        const member = readReference(call);
        requireRightToAdd(call, [member]);
        addGroupMembers(call, group, [member]);
      }),
  },
  {
    method: 'DELETE',
    template: '/groups/{id}/members/{id}/$ref',
    handle: (call) => writeGroup(call, (group) => removeGroupMember(call, group, param(call, 1).toLowerCase())),
  },
  {
    method: 'POST',
    template: '/groups/{id}/owners/$ref',
    handle: (call) => writeGroup(call, (group) => addGroupOwners(call, group, [readReference(call)])),
  },
  {
    method: 'DELETE',
    template: '/groups/{id}/owners/{id}/$ref',
    handle: (call) => writeGroup(call, (group) => removeGroupOwner(call, group, param(call, 1).toLowerCase())),
  },
  { method: 'DELETE', template: '/groups/{id}/members/{id}', handle: deleteMember },
  ...['members', 'owners'].map((relation) => ({
    method: 'POST',
    template: `/groups/{id}/${relation}`,
    handle: () => {
      throw new GraphError(400, 'BadRequest', 'Write requests are only supported on contained entities');
    },
  })),
  { method: 'GET', template: '/users/{id}/manager', handle: readManager },
  { method: 'GET', template: '/users/{id}/manager/$ref', handle: readManagerReference },
  { method: 'PUT', template: '/users/{id}/manager/$ref', handle: setManager },
  { method: 'DELETE', template: '/users/{id}/manager/$ref', handle: removeManager },
  { method: 'POST', template: '/users/{id}/sponsors/$ref', handle: addSponsor },
  { method: 'DELETE', template: '/users/{id}/sponsors/{id}/$ref', handle: removeSponsor },
];

/** What a service principal is in, nested ones included, and its directory roles. */
function membershipsOf(call: Call, principal: Entity): Listing {
  const known = above(call, principal.id).flatMap((id) => call.tenant.live(id) ?? []);
  const roles = rolesOf(principal, call.settings, call.tenant).filter(({ id }) => !known.some((has) => has.id === id));
  return { entities: [...known, ...roles], type: null, context: 'directoryObjects', keyed: true };
}

function writeGroup(call: Call, write: (group: Entity) => void): GraphResponse {
  const group = findLinkSource(call, 'group', param(call, 0));
  requireUnrestricted(call, group.id);
  call.tenant.transact(() => write(group));
  return noContent();
}

function deleteMember(call: Call): GraphResponse {
  const group = findLinkSource(call, 'group', param(call, 0));
  const member = findMember(call, group, param(call, 1).toLowerCase());
  requireUnrestricted(call, member.id);
  if (member.type === 'user') requireAuthorityOver(call, member);
  moveToBin(call, member);
  return noContent();
}

function managerOf(call: Call, user: Entity): Entity {
  const [id] = call.tenant.targets('manager', user.id).keys();
  const manager = id === undefined ? undefined : call.tenant.live(id);
  if (manager === undefined) throw notFound('manager');
  return manager;
}

function readManager(call: Call): GraphResponse {
  allowOptions(call, ['$select']);
  const manager = managerOf(call, findReadable(call, 'user', param(call, 0)));
  return json({
    '@odata.context': contextUrl('directoryObjects/$entity'),
    ...renderTyped(call, manager, readSelect(call)),
  });
}

function readManagerReference(call: Call): GraphResponse {
  const manager = managerOf(call, findReadable(call, 'user', param(call, 0)));
  const id = `https://graph.microsoft.com/v1.0/directoryObjects/${manager.id}`;
  return json({ '@odata.context': contextUrl('$ref'), '@odata.id': id });
}

/** The manager of a synced user is mastered on-premises like its attributes (graph-facts 4.3). */
function requireCloudUser(user: Entity): void {
  if (user.properties.onPremisesSyncEnabled === true) throw onPremisesMastered();
}

function setManager(call: Call): GraphResponse {
  const user = findLinkSource(call, 'user', param(call, 0));
  requireCloudUser(user);
  requireUnrestricted(call, user.id);
  const manager = readReference(call);
  if (manager.type !== 'user' && manager.type !== 'orgContact')
    throw badRequest('Only users and contacts can be a manager.');
  const { tenant } = call;
  tenant.transact(() => {
    for (const before of [...tenant.targets('manager', user.id).keys()]) {
      if (before !== manager.id) tenant.unlink('manager', user.id, before);
    }
    if (!tenant.targets('manager', user.id).has(manager.id)) tenant.link('manager', user.id, manager.id);
    followRules(call, user);
  });
  return noContent();
}

function removeManager(call: Call): GraphResponse {
  const user = findLinkSource(call, 'user', param(call, 0));
  requireCloudUser(user);
  requireUnrestricted(call, user.id);
  const manager = managerOf(call, user);
  call.tenant.transact(() => {
    call.tenant.unlink('manager', user.id, manager.id);
    followRules(call, user);
  });
  return noContent();
}

function addSponsor(call: Call): GraphResponse {
  const user = findLinkSource(call, 'user', param(call, 0));
  requireUnrestricted(call, user.id);
  const sponsor = readReference(call);
  if (sponsor.type !== 'user' && sponsor.type !== 'group') throw badRequest('Only users and groups can be a sponsor.');
  const { tenant } = call;
  const sponsors = tenant.targets('sponsors', user.id);
  if (sponsors.has(sponsor.id)) throw linksExist('sponsors');
  if (sponsors.size >= mostSponsors) throw quotaExceeded(sponsors.size + 1, mostSponsors, 'sponsors');
  tenant.transact(() => tenant.link('sponsors', user.id, sponsor.id));
  return noContent();
}

function removeSponsor(call: Call): GraphResponse {
  const user = findLinkSource(call, 'user', param(call, 0));
  requireUnrestricted(call, user.id);
  const id = param(call, 1).toLowerCase();
  if (!call.tenant.targets('sponsors', user.id).has(id)) throw notFound(id);
  call.tenant.transact(() => call.tenant.unlink('sponsors', user.id, id));
  return noContent();
}
