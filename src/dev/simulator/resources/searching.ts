/** `$search`: quoted clauses `"property:text"`, joined by AND and OR (L:search-query-parameter). */
import { unsupportedQuery } from '../errors.ts';
import type { Call } from '../request.ts';
import type { Entity } from '../tenant/entity.ts';
import { propertyValue } from './render.ts';

/** Whether an object is found. */
export type Search = (call: Call, entity: Entity) => boolean;

const searchable: ReadonlySet<string> = new Set([
  'displayName',
  'description',
  'mail',
  'mailNickname',
  'userPrincipalName',
  'givenName',
  'surname',
  'proxyAddresses',
]);

/** Reads `$search`; null when there is none. AND binds tighter than OR. Throws 400 for what is no search. */
export function readSearch(call: Call): Search | null {
  const text = call.query.get('$search')?.trim();
  if (text === undefined) return null;
  const clause = /"([A-Za-z]+):((?:[^"\\]|\\.)*)"/y;
  const joint = /\s+(AND|OR)\s+/y;
  const alternatives: Search[][] = [[]];
  for (let at = 0; at < text.length; ) {
    clause.lastIndex = at;
    const match = clause.exec(text);
    if (match === null) throw unsupportedQuery(`Syntax error: character at position ${at} is not valid in '${text}'.`);
    alternatives.at(-1)?.push(finds(match[1] ?? '', (match[2] ?? '').toLowerCase()));
    at = clause.lastIndex;
    if (at === text.length) break;
    joint.lastIndex = at;
    const joined = joint.exec(text);
    if (joined === null) throw unsupportedQuery(`Syntax error: character at position ${at} is not valid in '${text}'.`);
    if (joined[1] === 'OR') alternatives.push([]);
    at = joint.lastIndex;
  }
  return (view, entity) => alternatives.some((clauses) => clauses.every((one) => one(view, entity)));
}

/** A value is found when it, or a word in it, begins with the text. */
function finds(name: string, wanted: string): Search {
  if (!searchable.has(name)) throw unsupportedQuery(`Property '${name}' is not searchable.`);
  return (view, entity) => {
    const value = propertyValue(view, entity, name);
    const texts = (Array.isArray(value) ? value : [value]).map((one) => String(one ?? '').toLowerCase());
    return texts.some(
      (one) => one.startsWith(wanted) || one.split(/[\s@._-]+/).some((word) => word.startsWith(wanted)),
    );
  };
}
