/** Which snapshot to try when the chosen one does not hold an object (R03). */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import type { SnapshotStore } from '../snapshot/store.ts';

/** The id of the snapshot nearest in time to `snapshotId` that holds the object; undefined when none does. */
export async function nearestSnapshotWith(
  store: SnapshotStore,
  snapshotId: string,
  kind: KindName,
  id: Id,
): Promise<string | undefined> {
  const snapshots: { id: string; at: number }[] = [];
  for await (const manifest of store.list())
    snapshots.push({ id: manifest.id, at: Date.parse(manifest.createdDateTime) });
  const from = snapshots.find((snapshot) => snapshot.id === snapshotId)?.at ?? 0;
  const others = snapshots.filter((snapshot) => snapshot.id !== snapshotId);
  others.sort((left, right) => Math.abs(left.at - from) - Math.abs(right.at - from));
  for (const other of others) {
    const reader = store.open(await store.resolve(other.id));
    if (reader.has(kind) && (await reader.records(kind, [id])).has(id)) return other.id;
  }
  return undefined;
}
