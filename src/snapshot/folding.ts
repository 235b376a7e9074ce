/** Folding one part of a stream: its staged changes over the parent's shards, shard by shard, into new ones. */
import { AppError, isAppError } from '../errors.ts';
import type { Bucket } from '../storage/bucket.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { readSlotText, splitLines } from '../storage/slotted-blob.ts';
import { countChanges, foldLinks, foldObjects, keysIn, type LineCounts } from './fold.ts';
import { type FoldPlan, losesKeys, parentShards } from './fold-plan.ts';
import { overlappingShards, shardOf, slotCount } from './hash-space.ts';
import { layout, type SnapshotJob } from './layout.ts';
import { mapLimited } from './limiter.ts';
import type { Manifest, ShardEntry, StreamManifest, StreamName } from './manifest.ts';
import { idOfPatch } from './patches.ts';
import { idOfLine } from './record-line.ts';
import { decodeShard, encodeShard } from './shard.ts';

/** What a part came to: the shards it visited. */
export interface Folded extends LineCounts {
  readonly shards: readonly { readonly index: number; readonly entry: ShardEntry | null }[];
  readonly bytesWritten: number;
}

const readsAtOnce = 8;

export async function foldPart(
  bucket: Bucket,
  job: SnapshotJob,
  stream: StreamName,
  part: number,
  parent: Manifest | undefined,
): Promise<void> {
  if (await bucket.exists(layout.folded(job, stream, part))) return;
  const plan = await getJson<FoldPlan>(bucket, layout.foldPlan(job, stream));
  const range = plan?.parts[part];
  if (plan === undefined || range === undefined) {
    throw new AppError('internal', `The fold of ${stream} has no plan for part ${part}. Start the snapshot again.`);
  }
  const patches = await patchesByShard(bucket, plan, range.from, range.to);
  const before = parent?.streams[stream];
  const own = {
    from: overlappingShards(range.from, slotCount, plan.shardCount).from,
    to: overlappingShards(range.to - 1, slotCount, plan.shardCount).to,
  };
  const counts = { added: 0, changed: 0, removed: 0, bytesWritten: 0 };
  const shards: { index: number; entry: ShardEntry | null }[] = [];
  for (let index = own.from; index < own.to; index += 1) {
    const changes = patches.get(index) ?? [];
    const loses = parentShards(before, index, plan.shardCount).some((entry) => losesKeys(entry, plan.dropped));
    if (!plan.all && changes.length === 0 && !loses) continue;
    const folded = await foldShard(bucket, job, plan, index, changes, before);
    shards.push({ index, entry: folded.entry });
    counts.added += folded.added;
    counts.changed += folded.changed;
    counts.removed += folded.removed;
    counts.bytesWritten += folded.bytesWritten;
    patches.delete(index);
  }
  const result: Folded = { shards, ...counts };
  await putJson(bucket, layout.folded(job, stream, part), result);
}

async function patchesByShard(
  bucket: Bucket,
  plan: FoldPlan,
  from: number,
  to: number,
): Promise<Map<number, string[]>> {
  const texts = await mapLimited(plan.blobs, readsAtOnce, ({ name, sizes }) =>
    readSlotText(bucket, name, from, to, sizes),
  );
  const byShard = new Map<number, string[]>();
  for (const text of texts) {
    for (const line of splitLines(text)) {
      const shard = shardOf(idOfPatch(line), plan.shardCount);
      const known = byShard.get(shard);
      if (known === undefined) byShard.set(shard, [line]);
      else known.push(line);
    }
  }
  return byShard;
}

async function foldShard(
  bucket: Bucket,
  { connectorId }: SnapshotJob,
  plan: FoldPlan,
  index: number,
  changes: readonly string[],
  before: StreamManifest | undefined,
): Promise<LineCounts & { readonly entry: ShardEntry | null; readonly bytesWritten: number }> {
  const base = plan.merge ? await parentLines(bucket, connectorId, before, index, plan.shardCount) : [];
  const lines = plan.stream === 'links' ? foldLinks(base, changes, plan.dropped) : foldObjects(base, changes);
  const encoded = encodeShard(lines);
  const same = before?.shardCount === plan.shardCount ? before.shards[index] : undefined;
  const isSame = lines.length > 0 ? same?.name === encoded.name : same === null;
  // What was read from the beginning needs no parent: a damaged shard of it is written anew, not named again.
  const old = plan.merge ? base : await soundLines(parentLines(bucket, connectorId, before, index, plan.shardCount));
  if (isSame && old !== undefined) {
    return { entry: same ?? null, added: 0, changed: 0, removed: 0, bytesWritten: 0 };
  }
  const counts = countChanges(old ?? (isSame ? lines : []), lines);
  if (lines.length === 0) return { ...counts, entry: null, bytesWritten: 0 };
  const bytes = await encoded.bytes();
  const name = layout.shard(connectorId, encoded.name);
  if (old === undefined) await bucket.put(name, bytes);
  const isNew = old === undefined || (await bucket.putIfAbsent(name, bytes));
  const entry = {
    name: encoded.name,
    records: encoded.records,
    bytes: encoded.rawBytes,
    ...(plan.stream === 'links' ? { keys: keysIn(lines) } : {}),
  };
  return { ...counts, entry, bytesWritten: isNew ? bytes.length : 0 };
}

/** Undefined for lines that cannot be trusted. */
const soundLines = (reading: Promise<string[]>): Promise<string[] | undefined> =>
  reading.catch((error: unknown) => {
    if (isAppError(error, 'corrupt-snapshot')) return undefined;
    throw error;
  });

/** The parent's lines of the ids that fall into a shard of the new cut, whatever the parent's cut was; sorted as stored. */
async function parentLines(
  bucket: Bucket,
  connectorId: string,
  before: StreamManifest | undefined,
  index: number,
  shardCount: number,
): Promise<string[]> {
  const found: string[] = [];
  for (const entry of parentShards(before, index, shardCount)) {
    if (entry === null) continue;
    const lines = await decodeShard(entry.name, await bucket.get(layout.shard(connectorId, entry.name)));
    const coarser = (before?.shardCount ?? 1) < shardCount;
    found.push(...(coarser ? lines.filter((line) => shardOf(idOfLine(line), shardCount) === index) : lines));
  }
  return found;
}
