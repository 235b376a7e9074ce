/** What a filter means for one object, and which filters Graph refuses or wants `ConsistencyLevel: eventual` for. */
import { unsupportedFilter } from '../errors.ts';
import { endsWithProperties, type FilterSupport } from '../resources/filterable.ts';
import { graphType, hasGraphType, type PropertyType } from '../schema/schema.ts';
import type { Filter, Literal } from './filter.ts';

export interface FilterRules {
  /** Short name of the filtered type. */
  readonly type: string;
  /** How a property (its first segment) can be filtered. */
  readonly support: (property: string) => FilterSupport;
}

/** What a filter asks for: advanced query capabilities, or that there be none. */
export interface FilterNeeds {
  readonly advanced: boolean;
  readonly plain: boolean;
}

/**
 * Checks names and operators against a type. Returns whether the filter is an advanced query (`ne`, `not`, `endsWith`, ...).
 * Throws 400 `Request_UnsupportedQuery` naming the property (graph-facts 3.1).
 */
export function checkFilter(filter: Filter, rules: FilterRules): FilterNeeds {
  const needs = { advanced: false, plain: false };
  check(filter, rules, needs, null);
  return needs;
}

type Needs = { advanced: boolean; plain: boolean };

/** `collection`: the property whose elements an `any` looks at, under whose name its conditions are judged. */
function check(filter: Filter, rules: FilterRules, needs: Needs, collection: string | null): void {
  const judge = (path: string, how: keyof FilterSupport): void => {
    const support = rules.support(collection ?? path.split('/')[0] ?? '')[how];
    if (support === '-') throw unsupportedFilter(collection ?? path, rules.type);
    if (support === 'A') needs.advanced = true;
    if (support === 'O') needs.plain = true;
  };
  const single = (path: string): PropertyType | null => {
    if (collection !== null) return null;
    const type = typeAt(path, rules);
    if (type.collection) throw unsupportedFilter(path, rules.type);
    if (path.endsWith('/$count')) needs.advanced = true;
    return type;
  };
  switch (filter.kind) {
    case 'and':
    case 'or':
      check(filter.left, rules, needs, collection);
      check(filter.right, rules, needs, collection);
      break;
    case 'not':
      needs.advanced = true;
      check(filter.of, rules, needs, collection);
      break;
    case 'isof':
      break;
    case 'any':
      if (collection !== null || !typeAt(filter.path, rules).collection)
        throw unsupportedFilter(filter.path, rules.type);
      if (filter.of === null) needs.advanced = true;
      else check(filter.of, rules, needs, filter.path);
      break;
    case 'compare': {
      const type = single(filter.path);
      if (type !== null) checkLiteral(filter.path, filter.value, type, rules);
      if (filter.operator === 'ne') needs.advanced = true;
      if (filter.operator === 'gt' || filter.operator === 'lt') throw unsupportedFilter(filter.path, rules.type);
      const equality = filter.operator === 'eq' || filter.operator === 'ne';
      judge(filter.path, filter.value === null ? 'isNull' : equality ? 'eq' : 'range');
      break;
    }
    case 'in': {
      const type = single(filter.path);
      if (type !== null) for (const value of filter.values) checkLiteral(filter.path, value, type, rules);
      judge(filter.path, 'eq');
      break;
    }
    case 'call': {
      const type = single(filter.path);
      const fitting = (type === null || type.type === 'Edm.String') && filter.name !== 'contains';
      if (!fitting) throw unsupportedFilter(filter.path, rules.type);
      if (filter.name === 'startswith') judge(filter.path, 'startsWith');
      else if (endsWithProperties.has(collection ?? filter.path)) needs.advanced = true;
      else throw unsupportedFilter(filter.path, rules.type);
    }
  }
}

function typeAt(path: string, { type }: FilterRules): PropertyType {
  const [head = '', ...rest] = path.split('/');
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
