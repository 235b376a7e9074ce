/** Members and owners of groups: the rules of a write, one link or up to twenty (graph-facts 4.4). */
import { badRequest, denied, linksExist, notFound, quotaExceeded } from '../errors.ts';
import { permitsBinned } from '../permissions.ts';
import type { Call } from '../request.ts';
import type { Entity } from '../tenant/entity.ts';
import { isUnified, requireFittingMember, requireWritableLinks } from './group-kinds.ts';
import { inheritLicenses } from './licensing.ts';
import { findReferenced, type View } from './lookup.ts';

const mostOwners = 100;

/** The objects that an `@odata.bind` names. Throws 400 for what is no list, 404 for an object that is not there. */
export function readBinding(call: Call, references: unknown, relation: string): readonly Entity[] {
  if (references === undefined) return [];
  if (!Array.isArray(references)) throw badRequest(`Invalid value for '${relation}@odata.bind'.`);
  return references.map((reference) => findReferenced(call, reference));
}

/** Adds members, all or none. Inside a transaction. */
export function addGroupMembers(view: View, group: Entity, members: readonly Entity[]): void {
  requireWritableLinks(view, group, 'members');
  for (const member of members) {
    requireFittingMember(group, member);
    addLink(view, 'members', group, member);
    inheritLicenses(view, group.id, member.id);
    if (view.settings.linkChangeTouchesMember) view.tenant.update(member.id, {});
  }
}

/** Adds owners, all or none. Inside a transaction. */
export function addGroupOwners(view: View, group: Entity, owners: readonly Entity[]): void {
  requireWritableLinks(view, group, 'owners');
  for (const owner of owners) {
    if (owner.type !== 'user' && owner.type !== 'servicePrincipal') {
      throw badRequest('Only users and service principals can own a group.');
    }
    const count = view.tenant.targets('owners', group.id).size + 1;
    if (count > mostOwners) throw quotaExceeded(count, mostOwners, 'owners');
    addLink(view, 'owners', group, owner);
  }
}

function addLink(view: View, relation: 'members' | 'owners', group: Entity, target: Entity): void {
  if (view.tenant.targets(relation, group.id).has(target.id)) throw linksExist(relation);
  view.tenant.link(relation, group.id, target.id);
}

/** Removes one member. Inside a transaction. Throws 404 when it is none. */
export function removeGroupMember(view: View, group: Entity, memberId: string): void {
  requireWritableLinks(view, group, 'members');
  requireLink(view, 'members', group, memberId);
  view.tenant.unlink('members', group.id, memberId);
  inheritLicenses(view, group.id, memberId);
  if (view.settings.linkChangeTouchesMember && view.tenant.live(memberId)) view.tenant.update(memberId, {});
}

/**
 * Removes one owner; a Microsoft 365 group keeps the last user among them, and by a switch every group does
 * (L:api/group-delete-owners). Inside a transaction.
 */
export function removeGroupOwner(view: View, group: Entity, ownerId: string): void {
  requireWritableLinks(view, group, 'owners');
  requireLink(view, 'owners', group, ownerId);
  const owners = [...view.tenant.targets('owners', group.id).keys()];
  const people = owners.filter((id) => view.tenant.live(id)?.type === 'user');
  const keepsLast = isUnified(group) || view.settings.securityGroupKeepsLastOwner;
  if (keepsLast && people.length === 1 && people[0] === ownerId) {
    throw badRequest('The group must have at least one owner, hence this owner cannot be removed.');
  }
  view.tenant.unlink('owners', group.id, ownerId);
}

/** The member that `DELETE .../members/{id}` means: without `$ref` the object itself is deleted (L:api/group-delete-members). */
export function findMember(call: Call, group: Entity, memberId: string): Entity {
  requireLink(call, 'members', group, memberId);
  const member = call.tenant.live(memberId);
  if (member === undefined) throw notFound(memberId);
  if (call.caller === 'app' && !permitsBinned(call.settings.permissions, 'DELETE', member.type)) throw denied();
  return member;
}

function requireLink(view: View, relation: 'members' | 'owners', group: Entity, targetId: string): void {
  const linked = view.tenant.targets(relation, group.id).has(targetId) && view.tenant.live(targetId) !== undefined;
  if (!linked) throw notFound(targetId);
}
