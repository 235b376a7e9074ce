/**
 * What has to be folded, per stream: which staged blobs, which shards of the parent they touch, cut into parts of bounded memory.
 * Everything not named in a part is taken over from the parent unread.
 */

import type { SourceName } from '../directory/gateway.ts';
import { guardedProperties } from '../directory/guarded-properties.ts';
import { kindNames, kindOf } from '../directory/kinds.ts';
import { type Relation, relations } from '../directory/relations.ts';
import { userDetails } from '../directory/user-details.ts';
import type { Bucket } from '../storage/bucket.ts';
import { maxShardCount, overlappingShards, slotCount } from './hash-space.ts';
import type { SnapshotJob, StagerName } from './layout.ts';
import { keysOf } from './link-keys.ts';
import { type KeptOfUsers, keptOfUsers, type Manifest, type StreamManifest, type StreamName } from './manifest.ts';
import { nameProperties } from './names.ts';
import { type Due, isRolled } from './rolling.ts';
import { type SlotRange, slotRanges } from './slot-ranges.ts';
import { type StagedBlob, type StageRecord, sources, stagesOf } from './staging.ts';

export interface FoldPlan {
  readonly stream: StreamName;
  readonly captured: readonly string[];
  /** Of those, the extensions that synchronization brought. */
  readonly synced?: readonly string[];
  readonly shardCount: number;
  /** The parent's records are patched; otherwise they only count as what was there before. */
  readonly merge: boolean;
  readonly inFull: boolean;
  /** Keys that the parent's link records lose before they are patched. */
  readonly dropped: readonly string[];
  /** Every shard is folded; otherwise only those with staged changes or dropped keys. */
  readonly all: boolean;
  readonly blobs: readonly Pick<StagedBlob, 'name' | 'sizes'>[];
  /** Ranges of slots, one activity each. */
  readonly parts: readonly SlotRange[];
}

/** A shard of so much: one changed record rewrites little, and a million users are a few thousand blobs. */
const shardBytes = (stream: StreamName): number => (stream === 'names' ? 512 : 256) * 1024;
/** So many times as large may a shard grow before its stream is cut anew. */
const maxGrowth = 4;
/** What one activity folds; in memory it is some ten times as much, and two run at once. */
const partBytes = 2 * 1024 * 1024;
/** Most parts of one stream: the activities of one sub-orchestration. */
export const maxParts = 190;

/** What a plan is made from: the valid stages of every source that was read, and of our own stagers. */
export type Staged = ReadonlyMap<StagerName, readonly StageRecord[]>;

export async function readStaged(bucket: Bucket, job: SnapshotJob, failed: ReadonlySet<string>): Promise<Staged> {
  const stagers: readonly StagerName[] = [...sources, 'refreshed', 'photos', ...userDetails, 'managers'];
  const read = stagers.filter((name) => !failed.has(name));
  const found = await Promise.all(read.map(async (name) => [name, (await stagesOf(bucket, job, name)).valid] as const));
  return new Map(found);
}

/**
 * Plans of all streams that can be made from what was read. Pure.
 * @param notListed what was asked of changed users alone, or not asked at all.
 * @param due what is patched although users were read in full.
 */
export function planFolds(
  staged: Staged,
  parent: Manifest | undefined,
  notListed: readonly StagerName[] = [],
  due: Due = {},
): FoldPlan[] {
  // Nobody changed, nobody was asked: that is not "nobody has a sponsor".
  const inFull = (source: StagerName) => !notListed.includes(source) && (staged.get(source)?.[0]?.inFull ?? true);
  const blobsOf = (stream: StreamName, stagers: Iterable<StagerName>) =>
    [...stagers].flatMap((name) =>
      (staged.get(name) ?? []).flatMap(({ blobs }) => blobs.filter((blob) => blob.stream === stream)),
    );

  const plans: FoldPlan[] = [];
  const add = (plan: Omit<FoldPlan, 'shardCount' | 'all' | 'parts'>) =>
    plans.push(withParts(plan, parent?.streams[plan.stream]));

  for (const kind of kindNames.filter((name) => staged.has(name))) {
    const merge = !inFull(kind) && parent?.streams[kind] !== undefined;
    add({
      stream: kind,
      captured: kindOf(kind).captured,
      merge,
      inFull: !merge,
      dropped: [],
      blobs: blobsOf(kind, [kind, 'refreshed', ...guardedProperties]),
    });
  }
  for (const kept of keptOfUsers) {
    if (!staged.has('users') || !(kept === 'names' || staged.has(kept))) continue;
    const patched = !inFull('users') || (isRolled(kept) && due[kept] !== undefined);
    const merge = patched && parent?.streams[kept] !== undefined;
    const blobs = blobsOf(kept, kept === 'names' ? ['users'] : ['users', kept]);
    add({ stream: kept, captured: capturedOf(kept), merge, inFull: !merge, dropped: [], blobs });
  }
  const captured = relations.filter((relation) => staged.has(sourceOf(relation)));
  if (captured.length > 0) {
    const replaced = relations.filter((relation) => !captured.includes(relation) || inFull(sourceOf(relation)));
    const merge = parent?.streams.links !== undefined && replaced.length < relations.length;
    add({
      stream: 'links',
      captured: captured.map(({ name }) => name),
      merge,
      inFull: replaced.length === relations.length,
      dropped: merge ? replaced.flatMap(keysOf) : [],
      blobs: blobsOf('links', staged.keys()),
    });
  }
  return plans;
}

function capturedOf(kept: KeptOfUsers): readonly string[] {
  if (kept === 'names') return nameProperties;
  return kept === 'photos' ? ['sha256', 'contentType', 'bytes'] : ['items'];
}

/** Whose pages bring the links of a relation. */
export const sourceOf = ({ name, read, source }: Relation): SourceName =>
  read === 'list' ? (name as SourceName) : source;

function withParts(plan: Omit<FoldPlan, 'shardCount' | 'all' | 'parts'>, parent: StreamManifest | undefined): FoldPlan {
  const weights = Array.from({ length: slotCount }, (_, slot) =>
    plan.blobs.reduce((sum, { sizes }) => sum + (sizes[slot] ?? 0), 0),
  );
  const shardCount = chooseShardCount(plan, parent, weights);
  const all = !plan.merge || parent?.shardCount !== shardCount;
  const visited = touchedWeights(plan, parent, shardCount, weights, all);
  const total = visited.reduce((sum, weight) => sum + weight, 0);
  const unit = Math.max(1, slotCount / shardCount);
  const parts = slotRanges(visited, Math.max(partBytes, (total * 1.1) / maxParts), unit);
  return { ...plan, shardCount, all, parts };
}

/** The parent's, as long as its shards are of a reasonable size: then unchanged ones keep their names. */
function chooseShardCount(
  { stream, merge }: Pick<FoldPlan, 'stream' | 'merge'>,
  parent: StreamManifest | undefined,
  weights: readonly number[],
): number {
  const known = (parent?.shards ?? []).reduce((sum, shard) => sum + (shard?.bytes ?? 0), 0);
  // A staged link is twice as long as a stored one.
  const staged = weights.reduce((sum, weight) => sum + weight, 0) / (stream === 'links' ? 2 : 1);
  const bytes = merge ? Math.max(known, staged) : staged;
  const size = shardBytes(stream);
  const wanted = Math.min(maxShardCount, 2 ** Math.max(0, Math.round(Math.log2(bytes / size))));
  if (parent === undefined) return wanted;
  const keeps = bytes / parent.shardCount <= maxGrowth * size && (merge || parent.shardCount <= wanted * 4);
  return keeps ? parent.shardCount : wanted;
}

/** Bytes to read for each slot, where a shard of that slot has to be visited. */
function touchedWeights(
  plan: Pick<FoldPlan, 'dropped'>,
  parent: StreamManifest | undefined,
  shardCount: number,
  staged: readonly number[],
  all: boolean,
): number[] {
  const perSlot = Math.max(1, shardCount / slotCount);
  return staged.map((bytes, slot) => {
    const own = overlappingShards(slot, slotCount, shardCount);
    let weight = bytes;
    for (let shard = own.from; shard < own.to; shard += 1) {
      const before = parentShards(parent, shard, shardCount);
      const loses = before.some((entry) => losesKeys(entry, plan.dropped));
      if (!all && bytes === 0 && !loses) continue;
      const stored = before.reduce((sum, entry) => sum + (entry?.bytes ?? 0), 0);
      // A shard that spans slots is paid for by each of them in part; what has to be visited weighs at least something.
      weight += Math.max(1, stored / Math.max(1, slotCount / shardCount));
    }
    return all ? Math.max(weight, perSlot) : weight;
  });
}

/** The parent's shards that hold ids of a shard of the new cut. */
export function parentShards(parent: StreamManifest | undefined, shard: number, shardCount: number) {
  if (parent === undefined) return [];
  const { from, to } = overlappingShards(shard, shardCount, parent.shardCount);
  return parent.shards.slice(from, to);
}

/** Whether a shard of links holds any of the keys; one that does not say which it holds might. */
export const losesKeys = (entry: StreamManifest['shards'][number] | undefined, dropped: readonly string[]): boolean =>
  entry !== null &&
  entry !== undefined &&
  dropped.length > 0 &&
  (entry.keys?.some((key) => dropped.includes(key)) ?? true);
