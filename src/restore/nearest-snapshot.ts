/** Which snapshot to try when the chosen one does not hold an object (R03). */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import type { JobStore } from '../job/job-store.ts';
import { linesOf } from '../job/lineage.ts';
import { idsByPrincipalNameBeside } from '../snapshot/names.ts';
import type { SnapshotStore } from '../snapshot/store.ts';
import { objectId } from './chosen-ids.ts';

/**
 * For each of these objects the id of the snapshot nearest in time to `snapshotId` that holds it, by whichever of its ids; those that none
 * holds are left out.
 * A user may stand there by a user principal name, which is looked for as such.
 */
export async function nearestSnapshotsWith(
  jobs: JobStore,
  connectorId: string,
  store: SnapshotStore,
  snapshotId: string,
  kind: KindName,
  ids: readonly Id[],
): Promise<ReadonlyMap<Id, string>> {
  const nearest = new Map<Id, string>();
  if (ids.length === 0) return nearest;
  const lines = await linesOf(
    jobs,
    connectorId,
    ids.filter((id) => objectId.test(id)),
  );
  const lineOf = (id: Id) => lines.get(id) ?? [id];
  const snapshots: { id: string; at: number }[] = [];
  for await (const manifest of store.list())
    snapshots.push({ id: manifest.id, at: Date.parse(manifest.createdDateTime) });
  const from = snapshots.find((snapshot) => snapshot.id === snapshotId)?.at ?? 0;
  const others = snapshots.filter((snapshot) => snapshot.id !== snapshotId);
  others.sort((left, right) => Math.abs(left.at - from) - Math.abs(right.at - from));
  const searched = new Set<string>();
  for (const other of others) {
    const open = ids.filter((id) => !nearest.has(id));
    if (open.length === 0) break;
    const reader = store.open(await store.resolve(other.id));
    if (!reader.has(kind)) continue;
    const held = await reader.held(kind, open.flatMap(lineOf));
    for (const id of open) if (lineOf(id).some((one) => held.has(one))) nearest.set(id, other.id);
    const names = kind === 'users' ? open.filter((id) => !objectId.test(id)) : [];
    const byName = await idsByPrincipalNameBeside(searched, reader, names);
    for (const name of names) if (byName.has(name.toLowerCase())) nearest.set(name, other.id);
  }
  return nearest;
}

/** The same in words for the admin. */
export const nearestNote = (nearest: string | undefined): string =>
  nearest === undefined ? 'No snapshot holds this object.' : `The nearest snapshot that holds it is ${nearest}.`;
