/** Pages of one kind, with search; one object by id or name. Works on lines: only what is shown is parsed. */
import { type KindName, kindNames, kindOf } from '../directory/kinds.ts';
import type { DirectoryRecord, Id, JsonObject } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import { shardOf } from './hash-space.ts';
import { keptOfUsers, type Manifest, type StreamName } from './manifest.ts';
import { idsByPrincipalName, nameProperties, streamOfNames } from './names.ts';
import { notCaptured, type SnapshotReader } from './reader.ts';
import { idOfLine, parseLine } from './record-line.ts';

export interface BrowseRow {
  readonly id: Id;
  readonly displayName: string | null;
  readonly userPrincipalName?: string;
  readonly mail?: string;
  readonly attributes: JsonObject;
}

export interface BrowseQuery {
  /** Part of a display name, user principal name, mail or id; case does not matter. */
  readonly search?: string;
  readonly top: number;
  /** From the page before. */
  readonly cursor?: string;
}

export interface BrowsePage {
  readonly value: readonly BrowseRow[];
  /** Opaque; absent with the last page. */
  readonly cursor?: string;
}

/** @throws AppError `not-captured`; `invalid-input` for a cursor that is none. */
export async function browseKind(reader: SnapshotReader, kind: KindName, query: BrowseQuery): Promise<BrowsePage> {
  if (!reader.has(kind)) throw notCaptured(reader.manifest.id, kind);
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor);
  const { search = '', top } = query;
  const stream = kind === 'users' && search !== '' ? streamOfNames(reader) : kind;
  const ids: Id[] = [];
  for await (const id of matches(reader, stream, searchOf(kind, search), after)) {
    ids.push(id);
    if (ids.length > top) break;
  }
  const shown = ids.slice(0, top);
  const records = await reader.records(kind, shown);
  const value = shown.flatMap((id) => {
    const record = records.get(id);
    return record === undefined ? [] : [rowOf(kind, record)];
  });
  const last = shown.at(-1);
  return { value, ...(ids.length > top && last !== undefined ? { cursor: writeCursor(last) } : {}) };
}

/** Ids of matching lines after one, in the order of their shards. */
async function* matches(
  reader: SnapshotReader,
  stream: StreamName,
  isMatch: (line: string) => boolean,
  after: Id | undefined,
): AsyncGenerator<Id> {
  const { shardCount = 1 } = reader.manifest.streams[stream] ?? {};
  let past = after;
  for await (const lines of reader.shards(stream, after === undefined ? 0 : shardOf(after, shardCount))) {
    for (const line of lines) {
      const id = idOfLine(line);
      if ((past === undefined || id > past) && isMatch(line)) yield id;
    }
    past = undefined;
  }
}

/** A quick look at the line's text first, so that a hundred thousand lines need no parsing. */
function searchOf(kind: KindName, search: string): (line: string) => boolean {
  if (search === '') return () => true;
  const text = search.toLowerCase();
  const inJson = JSON.stringify(text).slice(1, -1);
  const properties = [...nameProperties, kindOf(kind).nameProperty];
  return (line) => {
    if (!line.toLowerCase().includes(inJson)) return false;
    const { id, body } = parseLine(line);
    const values = [id, ...properties.map((name) => body[name])];
    return values.some((value) => typeof value === 'string' && value.toLowerCase().includes(text));
  };
}

const rowOf = (kind: KindName, { id, body }: DirectoryRecord): BrowseRow => ({
  id,
  displayName: nameOf(kind, { id, body }),
  ...(typeof body.userPrincipalName === 'string' ? { userPrincipalName: body.userPrincipalName } : {}),
  ...(typeof body.mail === 'string' ? { mail: body.mail } : {}),
  attributes: body,
});

/** The human name of a record, where it has one. */
export function nameOf(kind: KindName, { body }: DirectoryRecord): string | null {
  const name = body[kindOf(kind).nameProperty] ?? body.displayName;
  return typeof name === 'string' ? name : null;
}

const writeCursor = (id: Id): string => Buffer.from(`after:${id}`).toString('base64url');

function readCursor(cursor: string): Id {
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (!text.startsWith('after:')) {
    throw new AppError('invalid-input', 'The cursor is not one of this list. Leave it out to begin at the first page.');
  }
  return text.slice('after:'.length);
}

/**
 * One object by id, of users also by user principal name.
 * @throws AppError `not-found`, `not-captured`.
 */
export async function findObject(reader: SnapshotReader, kind: KindName, idOrName: string): Promise<DirectoryRecord> {
  if (!reader.has(kind)) throw notCaptured(reader.manifest.id, kind);
  const found =
    (await reader.record(kind, idOrName)) ??
    (await reader.record(kind, idOrName.toLowerCase())) ??
    (kind === 'users' && idOrName.includes('@') ? await userByName(reader, idOrName) : undefined);
  if (found !== undefined) return found;
  throw new AppError('not-found', `Snapshot ${reader.manifest.id} holds no such object among its ${kind}.`);
}

async function userByName(reader: SnapshotReader, name: string): Promise<DirectoryRecord | undefined> {
  const id = (await idsByPrincipalName(reader, [name])).get(name.toLowerCase());
  return id === undefined ? undefined : reader.record('users', id);
}

/** A snapshot as lists show it (contract section 2). */
export const summarize = (manifest: Manifest) => ({
  id: manifest.id,
  createdDateTime: manifest.createdDateTime,
  completedDateTime: manifest.completedDateTime,
  status: manifest.status,
  mode: manifest.mode,
  ...(manifest.parent === undefined ? {} : { parentId: manifest.parent.id }),
  kinds: countsOfStreams(manifest, kindNames),
  related: countsOfStreams(manifest, ['links', ...keptOfUsers]),
  missing: manifest.missing,
  ...(manifest.suspect === undefined ? {} : { suspect: manifest.suspect }),
  bytesWritten: manifest.bytesWritten,
  requests: manifest.requests,
  resourceUnits: manifest.resourceUnits,
});

const countsOfStreams = (manifest: Manifest, names: readonly StreamName[]) =>
  Object.fromEntries(
    names.flatMap((name) => {
      const stream = manifest.streams[name];
      if (stream === undefined) return [];
      const { shardCount: _, shards: __, captured: ___, ...told } = stream;
      return [[name, told]];
    }),
  );

export type SnapshotSummary = ReturnType<typeof summarize>;
