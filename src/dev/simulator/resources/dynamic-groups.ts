/** Dynamic groups and units: members follow simple rules over user properties (`user.department -eq "Sales"`, `-and`, `-or`, `-not`). */
import { badRequest, notImplemented } from '../errors.ts';
import type { Entity } from '../tenant/entity.ts';
import { inheritLicenses } from './licensing.ts';
import type { View } from './lookup.ts';
import { propertyValue } from './render.ts';

type Rule = (read: (name: string) => unknown) => boolean;

const operators: Readonly<Record<string, (value: string, wanted: string) => boolean>> = {
  '-eq': (value, wanted) => value === wanted,
  '-ne': (value, wanted) => value !== wanted,
  '-startswith': (value, wanted) => value.startsWith(wanted),
  '-notstartswith': (value, wanted) => !value.startsWith(wanted),
  '-contains': (value, wanted) => value.includes(wanted),
  '-notcontains': (value, wanted) => !value.includes(wanted),
  '-match': (value, wanted) => new RegExp(wanted).test(value),
};

/** Operators of the rule language that this simulator does not evaluate. */
const unsimulated: ReadonlySet<string> = new Set(['-in', '-notin', '-any', '-all', '-ge', '-le']);

/** Parses a membership rule. Throws 400 for what is no rule, 501 for one that is not simulated. */
export function parseRule(text: string): Rule {
  const tokens = [...text.matchAll(/\s*("(?:[^"`]|`.)*"|\(|\)|[A-Za-z_.-]+)/g)].map((match) => match[1] ?? '');
  let at = 0;
  const invalid = (): Error => badRequest(`The membership rule could not be parsed: ${text}`);
  const next = (): string => tokens[at++] ?? '';
  const is = (word: string): boolean => (tokens[at] ?? '').toLowerCase() === word;
  const or = (): Rule => {
    let left = and();
    while (is('-or')) {
      at += 1;
      const [before, after] = [left, and()];
      left = (read) => before(read) || after(read);
    }
    return left;
  };
  const and = (): Rule => {
    let left = unary();
    while (is('-and')) {
      at += 1;
      const [before, after] = [left, unary()];
      left = (read) => before(read) && after(read);
    }
    return left;
  };
  const unary = (): Rule => {
    if (is('-not')) {
      at += 1;
      const inner = unary();
      return (read) => !inner(read);
    }
    if (is('(')) {
      at += 1;
      const inner = or();
      if (next() !== ')') throw invalid();
      return inner;
    }
    const [subject = '', verb = ''] = [tokens[at], tokens[at + 1]?.toLowerCase()];
    if (unsimulated.has(verb) || /^(device\.|direct|memberof)/i.test(subject)) {
      throw notImplemented(`the membership rule ${text}`);
    }
    const property = /^user\.([A-Za-z0-9]+)$/.exec(next())?.[1];
    const operator = operators[next().toLowerCase()];
    const literal = next();
    if (property === undefined || operator === undefined || literal === '') throw invalid();
    const wanted = literal
      .replace(/^"(.*)"$/, '$1')
      .replaceAll('`', '')
      .toLowerCase();
    return (read) => operator(String(read(property) ?? 'null').toLowerCase(), wanted);
  };
  const rule = or();
  if (at < tokens.length) throw invalid();
  return rule;
}

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

/** Puts a user into, or out of, every dynamic group and unit, as its properties now say. Inside a transaction. */
export function followRules(view: View, user: Entity): void {
  for (const group of [...view.tenant.dynamicGroups()]) follow(view, group, user.id);
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
  const belongs = rule((name) => propertyValue(view, user, name));
  if (belongs === tenant.targets('members', group.id).has(userId)) return;
  if (belongs) tenant.link('members', group.id, userId);
  else tenant.unlink('members', group.id, userId);
  inheritLicenses(view, group.id, userId);
}
