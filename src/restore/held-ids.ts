/** Which of an object's ids a snapshot knows it by: a recreated object has several, and is one (R29), whichever of them somebody names. */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import type { JobStore } from '../job/job-store.ts';
import { linesOf } from '../job/lineage.ts';
import type { SnapshotReader } from '../snapshot/store.ts';
import { objectId } from './chosen-ids.ts';

/**
 * Each name as the snapshot's own id where it is an id of an object that the snapshot holds, under that id or another; every other name as it
 * is. Only ids that the snapshot does not hold are looked up in the ledger.
 */
export async function heldIds(
  jobs: JobStore,
  connectorId: string,
  reader: SnapshotReader,
  kind: KindName,
  names: readonly string[],
): Promise<(name: string) => Id> {
  const ids = reader.has(kind) ? names.filter((name) => objectId.test(name)).map((id) => id.toLowerCase()) : [];
  const held = await reader.held(kind, ids);
  const lines = await linesOf(
    jobs,
    connectorId,
    ids.filter((id) => !held.has(id)),
  );
  const known = await reader.held(kind, [...lines.values()].flat());
  return (name) => lines.get(name.toLowerCase())?.findLast((id) => known.has(id)) ?? name;
}
