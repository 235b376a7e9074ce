/** The query options of a request, checked: what a route does not take is refused by name, never ignored. */
import { badRequest, GraphError, notImplemented } from '../errors.ts';
import type { Call } from '../request.ts';

export const mostTop = 999;

/** Refuses every option but these. Throws 501 naming the first other one. */
export function allowOptions(call: Call, names: readonly string[]): void {
  for (const name of call.query.keys()) {
    if (!names.includes(name)) throw notImplemented(`the query option ${name} on ${call.method} ${call.route}`);
  }
}

/** `$select` as names; null when absent. Throws 400 for an empty name. */
export function readSelect(call: Call): readonly string[] | null {
  const text = call.query.get('$select');
  if (text === null || text.trim() === '') return null;
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('*')) throw notImplemented('$select=*');
  if (names.some((name) => name === '')) throw badRequest('Parsing OData Select and Expand failed: Term is missing.');
  return [...new Set(names)];
}

/** `$top`, or null. Throws 400 outside 1..999 (graph-facts 3.1). */
export function readTop(call: Call, most = mostTop): number | null {
  const text = call.query.get('$top');
  if (text === null) return null;
  const top = Number(text);
  if (!/^\d+$/.test(text) || top < 1 || top > most) {
    throw new GraphError(
      400,
      'Request_UnsupportedQuery',
      `Invalid page size specified: '${text}'. Must be between 1 and ${most} inclusive.`,
    );
  }
  return top;
}

/** Whether the caller accepts an eventually consistent index. */
export const isEventual = (call: Call): boolean => call.headers.get('consistencylevel')?.toLowerCase() === 'eventual';

export const wantsCount = (call: Call): boolean => call.query.get('$count') === 'true';

/** The body as an object. Throws the documented 400 when it is missing or none. */
export function readBody(call: Call): Readonly<Record<string, unknown>> {
  const { body } = call;
  if (body === undefined || body === null || body === '') {
    throw badRequest(
      "An unexpected 'EndOfInput' node was found when reading from the JSON reader. A 'StartObject' node was expected.",
    );
  }
  if (typeof body !== 'object' || Array.isArray(body) || body instanceof Uint8Array) {
    throw badRequest(
      'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
    );
  }
  return body as Readonly<Record<string, unknown>>;
}

export interface Expansion {
  readonly relation: string;
  readonly select: readonly string[] | null;
  /** How far the relation is followed: 1, unless `$levels` says more. */
  readonly levels: number;
}

/** Every level there is: more than any chain has. */
const mostLevels = 1_000;

/**
 * `$expand` of one relation, with `$select` inside, and `$levels` of a manager where one user is asked for. Throws for anything wider
 * (graph-facts 3.1, L:api/user-list-manager).
 */
export function readExpand(call: Call, relations: readonly string[]): Expansion | null {
  const text = call.query.get('$expand');
  if (text === null) return null;
  const parsed = /^([A-Za-z]+)(?:\((.*)\))?$/.exec(text.trim());
  const relation = parsed?.[1];
  if (relation === undefined)
    throw badRequest(`Parsing OData Select and Expand failed: only one relation can be expanded in '${text}'.`);
  if (!relations.includes(relation)) throw notImplemented(`$expand=${relation} on ${call.route}`);
  let select: readonly string[] | null = null;
  let levels = 1;
  for (const option of (parsed?.[2] ?? '').split(';').filter((part) => part.trim() !== '')) {
    const [name = '', value = ''] = option.split('=').map((part) => part.trim());
    if (name === '$levels' && relation === 'manager') {
      levels = readLevels(call, value);
      continue;
    }
    if (name !== '$select' && name !== 'select') throw notImplemented(`${name} inside $expand`);
    select = value.split(',').map((part) => part.trim());
  }
  return { relation, select, levels };
}

function readLevels(call: Call, text: string): number {
  const levels = text === 'max' ? mostLevels : Number(text);
  const isOne = /^\/users\/\{id\}$/.test(call.route);
  if (!Number.isInteger(levels) || levels < 1 || levels > mostLevels || !isOne || !isEventual(call)) {
    throw new GraphError(
      400,
      'Request_UnsupportedQuery',
      "$levels takes 'max' or a number from 1 to 1000, for a single user, with the header 'ConsistencyLevel: eventual'.",
    );
  }
  return levels;
}
