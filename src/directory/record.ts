/**
 * Records, links and their canonical form. Two equal things are equal bytes here, so that hashes can stand for contents.
 * Pure: no I/O, no clock.
 */
export type Id = string;
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: Json;
}

/** One Entra object as Graph gives it, cleaned of annotations: `id` apart, every other captured property in `body`. */
export interface DirectoryRecord {
  readonly id: Id;
  readonly body: JsonObject;
}

/** What a link points to: the short Graph type and the object id, as in `group/6f1c…`; sorts and stores well. */
export type Ref = `${string}/${Id}`;

export const ref = (type: string, id: Id): Ref => `${type}/${id}`;
export const refId = (target: Ref): Id => target.slice(target.indexOf('/') + 1);
export const refType = (target: Ref): string => target.slice(0, target.indexOf('/'));

/** JSON with keys sorted at every depth and no white space: the bytes that hashes and shards are made of. */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key] ?? null)}`);
  return `{${members.join(',')}}`;
}

/** Its annotation says nothing that its name does not say, and stays when every member is cleared. */
const isSchemaExtension = (value: Json): value is JsonObject =>
  typeof value === 'object' &&
  value !== null &&
  '@odata.type' in value &&
  value['@odata.type'] === '#microsoft.graph.ComplexExtensionValue';

/** Drops `@odata.*` annotations and `id` from what Graph sent; nulls stay, since in a delta they say "cleared". */
export function cleanBody(entity: JsonObject): JsonObject {
  const body: Record<string, Json> = {};
  for (const [name, value] of Object.entries(entity)) {
    if (name === 'id' || name.includes('@')) continue;
    body[name] = isSchemaExtension(value) ? cleanBody(value) : value;
  }
  return body;
}

/** "No value": absent, null, an empty text, list or object all mean the same when a snapshot is compared with live. */
export function isEmpty(value: Json | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (isArray(value)) return value.length === 0;
  return typeof value === 'object' && Object.values(value).every((member) => isEmpty(member));
}

/** Equality of two property values: structural, the order of lists aside (Graph promises none), no value equal to no value. */
export function sameValue(left: Json | undefined, right: Json | undefined): boolean {
  if (isEmpty(left) && isEmpty(right)) return true;
  return comparable(left ?? null) === comparable(right ?? null);
}

function comparable(value: Json): string {
  if (isArray(value)) return `[${value.map(comparable).sort().join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = Object.keys(value)
    .filter((key) => !isEmpty(value[key]))
    .sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${comparable(value[key] ?? null)}`).join(',')}}`;
}

const isArray = (value: Json): value is readonly Json[] => Array.isArray(value);
