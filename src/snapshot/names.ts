/**
 * The names users are found by, kept apart from their records so that a search reads a tenth of the bytes. Of a snapshot without them
 * (an older one) the records themselves are read.
 */
import type { Change } from '../directory/gateway.ts';
import type { Id, Json } from '../directory/record.ts';
import type { SnapshotReader } from './reader.ts';
import { parseLine } from './record-line.ts';

export const nameProperties: readonly string[] = ['displayName', 'userPrincipalName', 'mail'];

/** What a change says of names. */
export function namesIn({
  id,
  body,
}: Extract<Change, { change: 'set' }>): Pick<Extract<Change, { change: 'set' }>, 'id' | 'body'> {
  const names = nameProperties.flatMap((name): [string, Json][] =>
    body[name] === undefined ? [] : [[name, body[name]]],
  );
  return { id, body: Object.fromEntries(names) };
}

/** Where the names of users are read. */
export const streamOfNames = (reader: Pick<SnapshotReader, 'has'>): 'names' | 'users' =>
  reader.has('names') ? 'names' : 'users';

/** Users by principal name, whatever its case; the answer is by the name in lower case. Names of nobody are left out. */
export const idsByPrincipalName = (
  reader: SnapshotReader,
  names: readonly string[],
): Promise<ReadonlyMap<string, Id>> => idsByPrincipalNameIn(reader.shards(streamOfNames(reader)), names);

/** The same in the shards of a snapshot that are not yet in `searched`, which takes them in: snapshots share what did not change. */
export async function idsByPrincipalNameBeside(
  searched: Set<string>,
  reader: SnapshotReader,
  names: readonly string[],
): Promise<ReadonlyMap<string, Id>> {
  async function* others(): AsyncGenerator<readonly string[]> {
    const stream = streamOfNames(reader);
    for (const [shard, entry] of (reader.manifest.streams[stream]?.shards ?? []).entries()) {
      if (entry === null || searched.has(entry.name)) continue;
      yield await reader.lines(stream, shard);
      searched.add(entry.name);
    }
  }
  return idsByPrincipalNameIn(others(), names);
}

async function idsByPrincipalNameIn(
  shards: AsyncIterable<readonly string[]>,
  names: readonly string[],
): Promise<ReadonlyMap<string, Id>> {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const found = new Map<string, Id>();
  if (wanted.size === 0) return found;
  for await (const lines of shards) {
    for (const line of lines) {
      const { id, body } = parseLine(line);
      const name = String(body.userPrincipalName ?? '').toLowerCase();
      if (wanted.has(name)) found.set(name, id);
    }
    if (found.size === wanted.size) break;
  }
  return found;
}
