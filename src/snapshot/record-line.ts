/**
 * The text of one stored record, a line of a shard: `{"id":"…","body":{…}}`, the body canonical and without nulls, so that equal
 * records are equal lines and a line that is final is never parsed again. Pure.
 */
import { canonicalJson, type DirectoryRecord, type Id, type Json, type JsonObject } from '../directory/record.ts';
import { AppError } from '../errors.ts';

const idStart = '{"id":"'.length;

/** Graph's ids need no escape in JSON; lines rely on it. Throws `internal` for one that does. */
export function checkId(id: Id): Id {
  if (!/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(id))
    throw new AppError('internal', 'Graph sent an object id of unknown form.');
  return id;
}

export const recordLine = (id: Id, body: JsonObject): string => `{"id":"${id}","body":${canonicalJson(body)}}`;

export const idOfLine = (line: string): Id => line.slice(idStart, line.indexOf('"', idStart));

export const parseLine = (line: string): DirectoryRecord => JSON.parse(line) as DirectoryRecord;

/** Drops nulls from objects at every depth: stored, "no value" is absence. A property that held nothing but nulls goes, too. */
export function withoutNulls(body: JsonObject): JsonObject {
  const kept: Record<string, Json> = {};
  for (const [name, value] of Object.entries(body)) {
    if (value === null) continue;
    const bare = bareValue(value);
    if (isObject(bare) && Object.keys(bare).length === 0 && isObject(value) && Object.keys(value).length > 0) continue;
    kept[name] = bare;
  }
  return kept;
}

function bareValue(value: Json): Json {
  if (Array.isArray(value)) return value.map(bareValue);
  return isObject(value) ? withoutNulls(value) : value;
}

const isObject = (value: Json): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
