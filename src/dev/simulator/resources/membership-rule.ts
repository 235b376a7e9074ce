/**
 * The rule language of dynamic groups (E:identity/users/groups-dynamic-membership, 2026-08-13): comparisons of user
 * properties, `-and`, `-or`, `-not`, `-any` and `-all` over collections, and direct reports. Rules about devices, about
 * other groups (preview) and about the time of day are named and refused.
 */
import { badRequest, type GraphError, notImplemented } from '../errors.ts';
import { findRuleProperty, planProperties, type RuleProperty } from './rule-properties.ts';

/** Reads a property of the user, or of an item of a collection, as Graph shows it. */
export type Read = (name: string) => unknown;
export type Test = (read: Read) => boolean;
export type Rule =
  | { readonly kind: 'users'; readonly holds: Test }
  /** The manager belongs too, as the page says. */
  | { readonly kind: 'directReports'; readonly managerId: string };

const longest = 3072;
const negated: Readonly<Record<string, string>> = {
  ne: 'eq',
  notstartswith: 'startswith',
  notendswith: 'endswith',
  notcontains: 'contains',
  notmatch: 'match',
  notin: 'in',
};
const comparisons: Readonly<Record<string, (actual: string, wanted: string) => boolean>> = {
  eq: (actual, wanted) => actual === wanted,
  startswith: (actual, wanted) => actual.startsWith(wanted),
  endswith: (actual, wanted) => actual.endsWith(wanted),
  contains: (actual, wanted) => actual.includes(wanted),
  match: (actual, wanted) => new RegExp(wanted, 'i').test(actual),
};

/** Parses a membership rule. Throws 400 for what is no rule, 501 for one that is not simulated. */
export function parseRule(text: string): Rule {
  const invalid = (): GraphError => badRequest(`The membership rule could not be parsed: ${text}`);
  if (text.length > longest) throw badRequest(`A membership rule must not exceed ${longest} characters.`);
  const managerId = /^\s*Direct Reports for "([0-9a-f-]{36})"\s*$/i.exec(text)?.[1];
  if (managerId !== undefined) return { kind: 'directReports', managerId: managerId.toLowerCase() };
  const parser = new Parser(tokenize(text, invalid), text, invalid);
  const holds = parser.or(null);
  parser.end();
  return { kind: 'users', holds };
}

function tokenize(text: string, invalid: () => GraphError): readonly string[] {
  const form = /\s*("(?:[^"`]|`[\s\S])*"|'(?:[^']|'')*'|[()[\],]|[^\s()[\],"']+)/y;
  const tokens: string[] = [];
  while (text.slice(form.lastIndex).trim() !== '') {
    const token = form.exec(text)?.[1];
    if (token === undefined) throw invalid();
    tokens.push(token);
  }
  return tokens;
}

/** An operator or connective: with a hyphen, a dash as the page prints some, or without; case does not count. */
const word = (token: string | undefined): string => (token ?? '').replace(/^[-–]/, '').toLowerCase();

class Parser {
  readonly #tokens: readonly string[];
  readonly #text: string;
  readonly #invalid: () => GraphError;
  #at = 0;

  constructor(tokens: readonly string[], text: string, invalid: () => GraphError) {
    this.#tokens = tokens;
    this.#text = text;
    this.#invalid = invalid;
  }

  end(): void {
    if (this.#at < this.#tokens.length) throw this.#invalid();
  }

  /** `item`: the collection whose items are spoken of; null: the user. */
  or(item: RuleProperty | null): Test {
    let left = this.#and(item);
    while (this.#take('or')) {
      const [before, after] = [left, this.#and(item)];
      left = (read) => before(read) || after(read);
    }
    return left;
  }

  #and(item: RuleProperty | null): Test {
    let left = this.#unary(item);
    while (this.#take('and')) {
      const [before, after] = [left, this.#unary(item)];
      left = (read) => before(read) && after(read);
    }
    return left;
  }

  #unary(item: RuleProperty | null): Test {
    if (this.#take('not')) {
      const inner = this.#unary(item);
      return (read) => !inner(read);
    }
    if (this.#tokens[this.#at] !== '(') return this.#comparison(item);
    this.#at += 1;
    const inner = this.or(item);
    this.#expect(')');
    return inner;
  }

  #comparison(item: RuleProperty | null): Test {
    const subject = this.#next();
    if (/^(device\.|user\.memberOf$)/i.test(subject)) throw this.#unsimulated();
    const property = item === null ? findRuleProperty(/^user\.(.+)$/.exec(subject)?.[1] ?? '') : itemOf(item, subject);
    if (property === null) throw this.#invalid();
    const operator = word(this.#next());
    if (property.kind === 'texts' || property.kind === 'plans') return this.#quantified(property, operator);
    const plain = negated[operator] ?? operator;
    const test = plain === 'in' ? this.#oneOf() : this.#compared(property, plain);
    const positive: Test = (read) => test(propertyOf(property, read));
    return negated[operator] === undefined ? positive : (read) => !positive(read);
  }

  #quantified(property: RuleProperty, operator: string): Test {
    // Whether -contains looks into a collection is told in older texts only.
    if (comparisons[negated[operator] ?? operator] !== undefined) throw this.#unsimulated();
    if (operator !== 'any' && operator !== 'all') throw this.#invalid();
    const holds = this.#unary(property);
    return (read) => {
      const items = read(property.name);
      const readers = (Array.isArray(items) ? items : []).map(
        (item): Read =>
          (name) =>
            name === '_' ? item : item[name],
      );
      return operator === 'any' ? readers.some(holds) : readers.every(holds);
    };
  }

  #oneOf(): (actual: unknown) => boolean {
    this.#expect('[');
    const values = new Set<string | null>();
    do values.add(folded(this.#value()));
    while (this.#take(','));
    this.#expect(']');
    return (actual) => values.has(folded(actual));
  }

  #compared(property: RuleProperty, operator: string): (actual: unknown) => boolean {
    if (property.kind === 'time') return this.#time(operator);
    const compare = comparisons[operator];
    const literal = this.#value();
    const wanted = operator === 'match' ? literal : folded(literal);
    if (compare === undefined || ((wanted === null || property.kind === 'boolean') && operator !== 'eq')) {
      throw this.#invalid();
    }
    if (property.kind === 'boolean' && wanted !== null && wanted !== 'true' && wanted !== 'false')
      throw this.#invalid();
    if (operator === 'match') this.#requirePattern(wanted ?? '');
    return (actual) => {
      const value = folded(actual);
      return value === null || wanted === null ? value === wanted : compare(value, wanted);
    };
  }

  #time(operator: string): (actual: unknown) => boolean {
    if (this.#tokens[this.#at]?.toLowerCase() === 'system.now') throw this.#unsimulated();
    const wanted = this.#value();
    const ms = wanted === null ? null : Date.parse(wanted.toUpperCase());
    if (!['eq', 'le', 'ge'].includes(operator) || Number.isNaN(ms) || (ms === null && operator !== 'eq')) {
      throw this.#invalid();
    }
    return (actual) => {
      if (typeof actual !== 'string' || ms === null) return (actual ?? null) === ms;
      const difference = Date.parse(actual) - ms;
      return operator === 'eq' ? difference === 0 : operator === 'le' ? difference <= 0 : difference >= 0;
    };
  }

  #requirePattern(pattern: string): void {
    try {
      new RegExp(pattern, 'i');
    } catch {
      throw this.#invalid();
    }
  }

  /** A literal; null for `null`. Quotes within a text are escaped by a backtick, single ones doubled. */
  #value(): string | null {
    const token = this.#next();
    if (/^\$?null$/i.test(token)) return null;
    const quoted = /^(["'])([\s\S]*)\1$/.exec(token)?.[2];
    if (quoted !== undefined) return quoted.replace(/`([\s\S])/g, '$1').replaceAll("''", "'");
    if (!/^(true|false|[\d.:+TZ-]+)$/i.test(token)) throw this.#invalid();
    return token;
  }

  #next(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw this.#invalid();
    return token;
  }

  #take(wanted: string): boolean {
    if (word(this.#tokens[this.#at]) !== wanted) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    if (this.#next() !== token) throw this.#invalid();
  }

  #unsimulated(): GraphError {
    return notImplemented(`the membership rule ${this.#text}`);
  }
}

/** `_` means an item of a text collection, `assignedPlan.service` a part of an assigned plan. */
function itemOf(item: RuleProperty, subject: string): RuleProperty | null {
  if (item.kind === 'texts') return subject === '_' ? { kind: 'text', name: '_', within: null } : null;
  const name = planProperties.find((known) => subject === `assignedPlan.${known}`);
  return name === undefined ? null : { kind: 'text', name, within: null };
}

function propertyOf(property: RuleProperty, read: Read): unknown {
  const value = read(property.name);
  if (property.kind === 'text' && property.within !== null) {
    return typeof value === 'object' && value !== null ? Reflect.get(value, property.within) : null;
  }
  return Array.isArray(value) ? value[0] : value;
}

/** A value for comparing, which takes no account of letter case; nothing at all and the empty text are null. */
function folded(value: unknown): string | null {
  return value === undefined || value === null || value === '' ? null : String(value).toLowerCase();
}
