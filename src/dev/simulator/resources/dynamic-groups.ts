/** Dynamic groups and units: who belongs follows a rule over the properties of users, or over their manager. */
import type { Entity } from '../tenant/entity.ts';
import { inheritLicenses } from './licensing.ts';
import type { View } from './lookup.ts';
import { parseRule, type Rule } from './membership-rule.ts';
import { propertyValue } from './render.ts';

const parsed = new Map<string, Rule>();

function ruleOf(group: Entity): Rule | null {
  const text = group.properties.membershipRule;
  if (!isDynamic(group) || typeof text !== 'string' || group.properties.membershipRuleProcessingState === 'Paused')
    return null;
  let rule = parsed.get(text);
  if (rule === undefined) {
    rule = parseRule(text);
    parsed.set(text, rule);
  }
  return rule;
}

/** Whether the members of a group or an administrative unit follow a rule. */
export function isDynamic({ type, properties }: Entity): boolean {
  const { groupTypes, membershipType } = properties;
  if (type === 'administrativeUnit') return String(membershipType).toLowerCase() === 'dynamic';
  return Array.isArray(groupTypes) && groupTypes.includes('DynamicMembership');
}

/** A rule may ask for a licence that another dynamic group hands out; rules that chase each other end here. */
const mostPasses = 3;

/** Puts a user into, or out of, every dynamic group and unit, as its properties and manager now say. Inside a transaction. */
export function followRules(view: View, user: Entity): void {
  const { tenant } = view;
  const licenses = () => JSON.stringify(tenant.live(user.id)?.properties.licenseAssignmentStates);
  for (let pass = 0; pass < mostPasses; pass += 1) {
    const before = licenses();
    for (const group of [...tenant.dynamicGroups()]) follow(view, group, user.id);
    if (licenses() === before) return;
  }
}

/** Settles who is in a dynamic group or unit after its rule changed. Inside a transaction. */
export function followRule(view: View, groupId: string): void {
  const group = view.tenant.live(groupId);
  if (group === undefined || ruleOf(group) === null) return;
  for (const user of view.tenant.ofType('user')) if (user.deletedDateTime === null) follow(view, group, user.id);
}

function follow(view: View, group: Entity, userId: string): void {
  const { tenant } = view;
  const rule = ruleOf(group);
  const user = tenant.live(userId);
  if (rule === null || user === undefined) return;
  const belongs =
    rule.kind === 'users'
      ? rule.holds((name) => propertyValue(view, user, name))
      : userId === rule.managerId || tenant.targets('manager', userId).has(rule.managerId);
  if (belongs === tenant.targets('members', group.id).has(userId)) return;
  if (belongs) tenant.link('members', group.id, userId);
  else tenant.unlink('members', group.id, userId);
  inheritLicenses(view, group.id, userId);
}
