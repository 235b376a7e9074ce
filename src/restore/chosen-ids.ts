/** The ids that a selection comes to in a snapshot, a chunk at a time. */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { idsByPrincipalName } from '../snapshot/names.ts';
import type { SnapshotReader } from '../snapshot/store.ts';
import { chunkSize } from './layout.ts';
import type { Selected } from './request.ts';

export async function* chunksOf(
  reader: SnapshotReader,
  kind: KindName,
  selected: Selected,
  more: readonly Id[],
): AsyncGenerator<Id[]> {
  let chunk: Id[] = [];
  for await (const id of selected === 'all' ? allIds(reader, kind) : namedIds(reader, kind, [...selected, ...more])) {
    chunk.push(id);
    if (chunk.length === chunkSize) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

async function* allIds(reader: SnapshotReader, kind: KindName): AsyncGenerator<Id> {
  for await (const record of reader.scan(kind)) {
    if (kind === 'roleDefinitions' && record.body.isBuiltIn === true) continue;
    yield record.id;
  }
}

export const objectId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Each object once, in the order named; a user may be named by user principal name. Unknown names stay as they are. */
async function* namedIds(reader: SnapshotReader, kind: KindName, names: readonly string[]): AsyncGenerator<Id> {
  const principalNames = kind === 'users' ? names.filter((name) => !objectId.test(name)) : [];
  const byName = await idsByPrincipalName(reader, principalNames);
  const seen = new Set<Id>();
  for (const name of names) {
    const id = objectId.test(name) ? name.toLowerCase() : (byName.get(name.toLowerCase()) ?? name);
    if (seen.has(id.toLowerCase())) continue;
    seen.add(id.toLowerCase());
    yield id;
  }
}
