/** The kinds of groups, and who may write their members (graph-facts 3.2, 4.3, 4.4). */
import { badRequest, denied, exchangeOwned, onPremisesMastered } from '../errors.ts';
import type { Entity } from '../tenant/entity.ts';
import { isDynamic } from './dynamic-groups.ts';
import type { View } from './lookup.ts';

export function isUnified(group: Entity): boolean {
  const { groupTypes } = group.properties;
  return Array.isArray(groupTypes) && groupTypes.includes('Unified');
}

/** Distribution lists and mail-enabled security groups: managed in Exchange, read-only in Graph. */
export const isExchangeOwned = (group: Entity): boolean => group.properties.mailEnabled === true && !isUnified(group);

export const isRoleAssignable = (group: Entity): boolean => group.properties.isAssignableToRole === true;

/** Throws when nobody may write this group's members or owners through Graph. */
export function requireWritableLinks({ settings }: View, group: Entity, relation: 'members' | 'owners'): void {
  if (group.properties.onPremisesSyncEnabled === true) throw onPremisesMastered();
  if (isExchangeOwned(group)) throw settings.mailGroupMembersForbidden ? denied() : exchangeOwned();
  if (relation === 'members' && isDynamic(group)) {
    throw settings.dynamicGroupMembersBadRequest
      ? badRequest('Insufficient privileges to complete the operation: the group has a dynamic membership rule.')
      : denied();
  }
}

/** Throws when a group cannot have this member. */
export function requireFittingMember(group: Entity, member: Entity): void {
  const refused = badRequest(
    `The member type '${member.type}' is not supported for this group, or the member is not valid.`,
  );
  if (member.id === group.id) throw refused;
  if (isUnified(group)) {
    if (member.type !== 'user') throw refused;
    return;
  }
  if (member.type === 'group') {
    const fits =
      member.properties.securityEnabled === true &&
      !isUnified(member) &&
      !isRoleAssignable(member) &&
      !isRoleAssignable(group);
    if (!fits) throw refused;
    return;
  }
  if (!['user', 'device', 'servicePrincipal', 'orgContact'].includes(member.type)) throw refused;
}
