/** Whether two restores would touch the same objects (R57); what each may touch, the sub-objects of its groups included. */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import type { JobStore } from '../job/job-store.ts';
import { newestIds } from '../job/lineage.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import type { Bucket } from '../storage/bucket.ts';
import { getJson } from '../storage/json-blob.ts';
import type { Chunk, Selection } from './job-context.ts';
import { type JobInput, layout } from './layout.ts';
import { type RestoreRequest, selectedKinds } from './request.ts';
import { membersOf } from './sub-objects.ts';

/** Of each kind everything, or these ids in small letters. */
export type Reach = ReadonlyMap<KindName, 'all' | ReadonlySet<Id>>;

/** True when some kind is reached by both, and one takes all of it or both reach one same object. Pure. */
export function overlaps(left: Reach, right: Reach): boolean {
  return [...left].some(([kind, mine]) => {
    const theirs = right.get(kind);
    if (theirs === undefined) return false;
    if (mine === 'all' || theirs === 'all') return true;
    const [fewer, more] = mine.size < theirs.size ? [mine, theirs] : [theirs, mine];
    return [...fewer].some((id) => more.has(id));
  });
}

/**
 * Two reaches by the ids that their objects have now: what two snapshots call by other ids may be one object (R29). Costs a look into the ledger
 * for each id of a kind that both reach.
 */
export async function asOfNow(jobs: JobStore, connectorId: string, left: Reach, right: Reach): Promise<[Reach, Reach]> {
  const idsOf = (reach: Reach, other: Reach) =>
    [...reach].flatMap(([kind, ids]) => (ids === 'all' || !other.has(kind) ? [] : [...ids]));
  const newest = await newestIds(jobs, connectorId, [...idsOf(left, right), ...idsOf(right, left)]);
  const now = (reach: Reach): Reach =>
    new Map([...reach].map(([kind, ids]) => [kind, ids === 'all' ? ids : new Set([...ids].map(newest))]));
  return [now(left), now(right)];
}

/**
 * What a job reaches. Which sub-objects are missing shows only when the job looks, so until it has chosen (or for a job still to begin) all
 * the members that its groups have in the snapshot count.
 */
export async function reachOf(
  bucket: Bucket,
  { connectorId, jobId }: JobInput,
  request: RestoreRequest & { readonly snapshotId: string },
): Promise<Reach> {
  const reach = new Map<KindName, 'all' | Set<Id>>();
  const take = (kind: KindName, ids: 'all' | Iterable<Id>) => {
    const soFar = reach.get(kind) ?? new Set<Id>();
    reach.set(kind, soFar === 'all' || ids === 'all' ? 'all' : addTo(soFar, ids));
  };
  for (const { kind, selected } of selectedKinds(request)) take(kind, selected);
  if (request.subObjects === 'none' || request.groups === undefined) return reach;
  const chooser = { connectorId, jobId: request.planId ?? request.undoes ?? jobId };
  const selection = await getJson<Selection>(bucket, layout.selection(chooser));
  if (selection !== undefined) {
    for (const { kind, firstChunk, chunks } of selection.kinds)
      for (let chunk = firstChunk; chunk < firstChunk + chunks; chunk += 1)
        take(kind, (await getJson<Chunk>(bucket, layout.selected(chooser, chunk)))?.ids ?? []);
    return reach;
  }
  if (request.groups === 'all') return reach.set('users', 'all');
  const store = createSnapshotStore(bucket, connectorId);
  const members = await membersOf(store.open(await store.resolve(request.snapshotId)), request.groups);
  for (const kind of ['users', 'groups'] as const) take(kind, members[kind]);
  return reach;
}

function addTo(set: Set<Id>, ids: Iterable<Id>): Set<Id> {
  for (const id of ids) set.add(id.toLowerCase());
  return set;
}
