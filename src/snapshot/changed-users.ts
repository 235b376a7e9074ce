/** Which users a snapshot met: whoever is new or changed, or everybody where users were read in full. What only per-user calls give is asked of these. */
import type { Id } from '../directory/record.ts';
import type { Bucket } from '../storage/bucket.ts';
import { readSlotText, splitLines } from '../storage/slotted-blob.ts';
import { overlappingShards, slotCount, slotOf } from './hash-space.ts';
import type { SnapshotJob } from './layout.ts';
import type { StreamManifest } from './manifest.ts';
import { streamOfNames } from './names.ts';
import { idOfPatch } from './patches.ts';
import type { SnapshotReader } from './reader.ts';
import { idOfLine } from './record-line.ts';
import { type Due, isDue } from './rolling.ts';
import { type SlotRange, slotRanges } from './slot-ranges.ts';
import { type StagedBlob, stagesOf } from './staging.ts';

/** Users one activity looks after: some three thousand, about a minute at Graph's pace. */
const bytesPerActivity = 2 * 1024 * 1024;
const maxActivities = 200;

/** The staged lines of users, and whether they are all there are. */
export async function stagedUsers(bucket: Bucket, job: SnapshotJob) {
  const { valid } = await stagesOf(bucket, job, 'users');
  const blobs = valid.flatMap(({ blobs }) => blobs.filter(({ stream }) => stream === 'users'));
  return { blobs, inFull: valid[0]?.inFull ?? true };
}

/** Ranges of slots, each the work of one activity; none when no user changed and no one's turn has come. @param turns further bytes a slot. */
export function userRanges(blobs: readonly StagedBlob[], turns: readonly number[]): SlotRange[] {
  const weights = turns.map((own, slot) => blobs.reduce((sum, { sizes }) => sum + (sizes[slot] ?? 0), own));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return slotRanges(weights, Math.max(bytesPerActivity, (total * 1.1) / maxActivities));
}

/** What each slot weighs for the users it asks about besides those that were met. */
export function turnsOf(due: Due, inFull: boolean, known: StreamManifest | undefined): number[] {
  const bytes = (known?.shards ?? []).reduce((sum, shard) => sum + (shard?.bytes ?? 0), 0);
  const ranges = Object.values(due);
  return Array.from({ length: slotCount }, (_, slot) => {
    // Read in full, whoever was there and is not has to be found out in every slot.
    if (inFull) return ranges.length > 0 && bytes > 0 ? 1 : 0;
    return ranges.some((some) => isDue(some, slot)) ? bytes / slotCount : 0;
  });
}

export interface AskedUsers {
  readonly ask: readonly Id[];
  /** Known to the parent and not met when all were read: what is kept of them goes. */
  readonly gone: readonly Id[];
}

/**
 * Whom to ask about in a range: everybody met, or, where a stream is patched slot by slot, of those read in full only who is new, and whoever's
 * turn has come.
 * @param due the slots whose turn it is; undefined: the stream is not patched.
 */
export async function askedUsers(
  bucket: Bucket,
  { blobs, inFull }: Awaited<ReturnType<typeof stagedUsers>>,
  range: SlotRange,
  parent: SnapshotReader | undefined,
  due: readonly SlotRange[] | undefined,
): Promise<AskedUsers> {
  const met = [...(await changedUsers(bucket, blobs, range)).keys()];
  if (due === undefined || parent === undefined) return { ask: met, gone: [] };
  const isTurn = (id: Id) => isDue(due, slotOf(id));
  const known = new Set(await knownUsers(parent, inFull ? [range] : within(due, range)));
  if (!inFull) return { ask: [...new Set([...met, ...known])], gone: [] };
  const there = new Set(met);
  return {
    ask: met.filter((id) => !known.has(id) || isTurn(id)),
    gone: [...known].filter((id) => !there.has(id)),
  };
}

const within = (ranges: readonly SlotRange[], { from, to }: SlotRange): SlotRange[] =>
  ranges
    .map((range) => ({ from: Math.max(range.from, from), to: Math.min(range.to, to) }))
    .filter((range) => range.from < range.to);

/** The users of some slots that a snapshot holds. */
async function knownUsers(reader: SnapshotReader, ranges: readonly SlotRange[]): Promise<Id[]> {
  const stream = streamOfNames(reader);
  const count = reader.manifest.streams[stream]?.shardCount ?? 1;
  const found: Id[] = [];
  for (const { from, to } of ranges) {
    const first = overlappingShards(from, slotCount, count).from;
    const last = overlappingShards(to - 1, slotCount, count).to;
    for (let shard = first; shard < last; shard += 1) {
      const ids = (await reader.lines(stream, shard)).map(idOfLine);
      found.push(...ids.filter((id) => isDue([{ from, to }], slotOf(id))));
    }
  }
  return found;
}

/** Users of a range whose last word was that they are there, with what was said of each. */
export async function changedUsers(
  bucket: Bucket,
  blobs: readonly StagedBlob[],
  { from, to }: SlotRange,
): Promise<ReadonlyMap<Id, readonly string[]>> {
  const users = new Map<Id, string[]>();
  for (const { name, sizes } of blobs) {
    for (const line of splitLines(await readSlotText(bucket, name, from, to, sizes))) {
      const id = idOfPatch(line);
      if (line.startsWith('-\t')) users.delete(id);
      else users.set(id, [...(users.get(id) ?? []), line]);
    }
  }
  return users;
}
