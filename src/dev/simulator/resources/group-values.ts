/** Rules on the values of a group, new or changed: kinds, names, visibility (graph-facts 3.2; L:api/group-post-groups, group-update). */

import { badRequest, invalidValue, quotaExceeded, readOnlyProperty } from '../errors.ts';
import type { Entity } from '../tenant/entity.ts';
import { isRoleAssignable, isUnified } from './group-kinds.ts';
import type { View } from './lookup.ts';
import { parseRule } from './membership-rule.ts';

type Values = Readonly<Record<string, unknown>>;

const mostRoleAssignable = 500;

/** What Exchange keeps of a Microsoft 365 group: absent from a creation, and changed in an update of its own. */
export const mailSettings: ReadonlySet<string> = new Set([
  'accessType',
  'allowExternalSenders',
  'autoSubscribeNewMembers',
  'hideFromAddressLists',
  'hideFromOutlookClients',
  'isFavorite',
  'isSubscribedByMail',
]);

const invalid = (name: string, holds: boolean): void => {
  if (!holds) throw invalidValue(name, 'Group');
};
const typesOf = ({ groupTypes }: Values): readonly string[] => (groupTypes as readonly string[] | undefined) ?? [];

/** Throws 400 for a value that breaks a documented form. `checked`: types are right already. */
export function checkGroupValues(checked: Values): void {
  const { visibility, mailNickname, membershipRule, membershipRuleProcessingState: state, theme } = checked;
  const among = (name: string, value: unknown, known: readonly string[]): void => {
    if (typeof value === 'string') invalid(name, known.includes(value));
  };
  for (const type of typesOf(checked)) among('groupTypes', type, ['Unified', 'DynamicMembership']);
  among('visibility', visibility, ['Private', 'Public', 'HiddenMembership', '']);
  among('membershipRuleProcessingState', state, ['On', 'Paused']);
  among('theme', theme, ['Teal', 'Purple', 'Green', 'Blue', 'Pink', 'Orange', 'Red']);
  if (typeof mailNickname === 'string')
    invalid('mailNickname', /^[\x21-\x7e]+$/.test(mailNickname) && !/[@()\\[\]";:<>,]/.test(mailNickname));
  if (typeof membershipRule === 'string') parseRule(membershipRule);
}

/** Distribution and mail-enabled security groups are made in Exchange, role-assignable ones with care (L:api/resources/group). */
export function requireSupportedKind(checked: Values): void {
  const unified = typesOf(checked).includes('Unified');
  const [setting] = Object.keys(checked).filter((name) => mailSettings.has(name));
  if (setting !== undefined) throw badRequest(`Property '${setting}' cannot be set when a group is created.`);
  if (checked.mailEnabled === true && !unified)
    throw badRequest(
      'The service does not currently support creation of mail-enabled security groups or distribution lists. Please ensure that groupTypes contains "Unified".',
    );
  if (checked.mailEnabled === false && unified) throw invalidValue('mailEnabled', 'Group');
  const dynamic = typesOf(checked).includes('DynamicMembership');
  invalid('membershipRule', dynamic === (typeof checked.membershipRule === 'string'));
  requireConsistent(checked);
}

/** What has to hold of every group that a caller may write. */
function requireConsistent(group: Values): void {
  if (group.mailEnabled !== true && group.securityEnabled !== true) {
    throw badRequest('A group must be mail-enabled, security-enabled, or both.');
  }
  const dynamic = typesOf(group).includes('DynamicMembership');
  invalid('membershipRule', !dynamic || typeof group.membershipRule === 'string');
  if (group.isAssignableToRole !== true) return;
  invalid('isAssignableToRole', !dynamic && group.securityEnabled === true);
  invalid('visibility', [undefined, null, 'Private'].includes(group.visibility as string | null | undefined));
}

/** Throws 400 when a group of its kind cannot become what `changed` makes of it. */
export function requireAllowedChange(view: View, group: Entity, changed: Values): void {
  if ('mailEnabled' in changed) throw readOnlyProperty('mailEnabled');
  if ('groupTypes' in changed) invalid('groupTypes', typesOf(changed).includes('Unified') === isUnified(group));
  if ('visibility' in changed) {
    const [before, after] = [group.properties.visibility, changed.visibility];
    invalid('visibility', (before === 'HiddenMembership') === (after === 'HiddenMembership'));
  }
  // The page on updates forbids the dot, the one on creation does not.
  const dotted = typeof changed.mailNickname === 'string' && changed.mailNickname.includes('.');
  invalid('mailNickname', !dotted || view.settings.mailNicknameDotOnUpdate);
  requireConsistent({ ...group.properties, ...changed });
}

/** Refuses one more role-assignable group than a tenant may have (graph-facts 1.2). Throws 403. */
export function requireRoomForRoleGroup({ tenant }: View, checked: Values): void {
  if (checked.isAssignableToRole !== true) return;
  const held = tenant.ofType('group').filter((group) => group.deletedDateTime === null && isRoleAssignable(group));
  if (held.length >= mostRoleAssignable) {
    throw quotaExceeded(held.length + 1, mostRoleAssignable, 'isAssignableToRole');
  }
}
