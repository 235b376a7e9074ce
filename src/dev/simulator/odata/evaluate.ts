/** What a filter means for one object, and which filters Graph refuses or wants `ConsistencyLevel: eventual` for. */
import { unsupportedFilter } from '../errors.ts';
import { graphType, hasGraphType, type PropertyType } from '../schema/schema.ts';
import type { Filter, Literal } from './filter.ts';

export interface FilterRules {
  /** Short name of the filtered type. */
  readonly type: string;
  /** Properties that cannot be filtered at all. */
  readonly refused: ReadonlySet<string>;
  /** Properties that can be filtered only with advanced query capabilities. */
  readonly advanced: ReadonlySet<string>;
}

/**
 * Checks names and operators against a type. Returns whether the filter is an advanced query (`ne`, `not`, `endsWith`, ...).
 * Throws 400 `Request_UnsupportedQuery` naming the property (graph-facts 3.1).
 */
export function checkFilter(filter: Filter, rules: FilterRules): boolean {
  switch (filter.kind) {
    case 'and':
    case 'or':
      return [checkFilter(filter.left, rules), checkFilter(filter.right, rules)].includes(true);
    case 'not':
      checkFilter(filter.of, rules);
      return true;
    case 'isof':
      return false;
    case 'any': {
      const type = typeAt(filter.path, rules);
      if (!type.collection) throw unsupportedFilter(filter.path, rules.type);
      const inner = filter.of === null ? false : checkInner(filter.of);
      return inner || filter.of === null || rules.advanced.has(filter.path);
    }
    case 'compare': {
      const type = typeAt(filter.path, rules);
      if (type.collection) throw unsupportedFilter(filter.path, rules.type);
      checkLiteral(filter.path, filter.value, type, rules);
      return filter.operator === 'ne' || (filter.value === null && !type.nullable) || rules.advanced.has(filter.path);
    }
    case 'in': {
      const type = typeAt(filter.path, rules);
      if (type.collection) throw unsupportedFilter(filter.path, rules.type);
      for (const value of filter.values) checkLiteral(filter.path, value, type, rules);
      return rules.advanced.has(filter.path);
    }
    case 'call': {
      const type = typeAt(filter.path, rules);
      if (type.collection || type.type !== 'Edm.String' || filter.name === 'contains') {
        throw unsupportedFilter(filter.path, rules.type);
      }
      return filter.name === 'endswith' || rules.advanced.has(filter.path);
    }
  }
}

function checkInner(filter: Filter): boolean {
  if (filter.kind === 'and' || filter.kind === 'or')
    return [checkInner(filter.left), checkInner(filter.right)].includes(true);
  if (filter.kind === 'not') return checkInner(filter.of) || true;
  if (filter.kind === 'compare') return filter.operator === 'ne';
  return filter.kind === 'call' && filter.name !== 'startswith';
}

function typeAt(path: string, { type, refused }: FilterRules): PropertyType {
  const [head = '', ...rest] = path.split('/');
  if (refused.has(head)) throw unsupportedFilter(path, type);
  let found = graphType(type).properties.get(head);
  for (const name of rest) {
    const inner = found?.type.replace('microsoft.graph.', '') ?? '';
    if (name === '$count' && found?.collection === true)
      return { type: 'Edm.Int32', collection: false, nullable: false };
    found = hasGraphType(inner) ? graphType(inner).properties.get(name) : undefined;
  }
  if (found === undefined) throw unsupportedFilter(path, type);
  return found;
}

function checkLiteral(path: string, value: Literal, type: PropertyType, rules: FilterRules): void {
  const expected: Readonly<Record<string, string>> = {
    'Edm.Boolean': 'boolean',
    'Edm.Int32': 'number',
    'Edm.Int64': 'number',
  };
  const wanted = expected[type.type] ?? 'string';
  if (value !== null && typeof value !== wanted) throw unsupportedFilter(path, rules.type);
}

/** Reads a property of the thing being filtered. */
export type ReadValue = (name: string) => unknown;

/** Whether an object passes. `isOfType`: for `isof`. Strings compare without case, as the directory does. */
export function passes(filter: Filter, read: ReadValue, isOfType: (type: string) => boolean = () => false): boolean {
  switch (filter.kind) {
    case 'and':
      return passes(filter.left, read, isOfType) && passes(filter.right, read, isOfType);
    case 'or':
      return passes(filter.left, read, isOfType) || passes(filter.right, read, isOfType);
    case 'not':
      return !passes(filter.of, read, isOfType);
    case 'isof':
      return isOfType(filter.type);
    case 'any': {
      const list = valueAt(filter.path, read);
      const { of, variable } = filter;
      if (!Array.isArray(list)) return false;
      return of === null
        ? list.length > 0
        : list.some((element) => passes(of, (name) => ofElement(element, variable, name)));
    }
    case 'compare':
      return compares(filter.operator, valueAt(filter.path, read), filter.value);
    case 'in': {
      const value = valueAt(filter.path, read);
      return filter.values.some((candidate) => compares('eq', value, candidate));
    }
    case 'call': {
      const value = valueAt(filter.path, read);
      if (typeof value !== 'string') return false;
      const [text, wanted] = [value.toLowerCase(), filter.value.toLowerCase()];
      if (filter.name === 'contains') return text.includes(wanted);
      return filter.name === 'startswith' ? text.startsWith(wanted) : text.endsWith(wanted);
    }
  }
}

function valueAt(path: string, read: ReadValue): unknown {
  const direct = read(path);
  if (direct !== undefined) return direct;
  const [head = '', ...rest] = path.split('/');
  let value = read(head);
  for (const name of rest) {
    if (name === '$count') return Array.isArray(value) ? value.length : 0;
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
  }
  return value ?? null;
}

function ofElement(element: unknown, variable: string, name: string): unknown {
  if (name === variable) return element;
  if (!name.startsWith(`${variable}/`)) return undefined;
  const inner = name.slice(variable.length + 1);
  return typeof element === 'object' && element !== null ? ((element as Record<string, unknown>)[inner] ?? null) : null;
}

function compares(operator: string, value: unknown, literal: Literal): boolean {
  const order = orderOf(value ?? null, literal);
  if (operator === 'eq') return order === 0;
  if (operator === 'ne') return order !== 0;
  if (order === null) return false;
  if (operator === 'ge') return order >= 0;
  if (operator === 'le') return order <= 0;
  return operator === 'gt' ? order > 0 : order < 0;
}

const dateTime = /^\d{4}-\d\d-\d\dT/;

function orderOf(value: unknown, literal: Literal): number | null {
  if (value === null || literal === null) return value === literal ? 0 : null;
  if (typeof value === 'string' && typeof literal === 'string') {
    if (dateTime.test(value) && dateTime.test(literal)) return Math.sign(Date.parse(value) - Date.parse(literal));
    const [left, right] = [value.toLowerCase(), literal.toLowerCase()];
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (typeof value === 'number' && typeof literal === 'number') return Math.sign(value - literal);
  return value === literal ? 0 : null;
}
