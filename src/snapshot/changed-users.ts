/** Which users a snapshot met: whoever is new or changed, or everybody where users were read in full. What only per-user calls give is asked of these. */
import type { Id } from '../directory/record.ts';
import type { Bucket } from '../storage/bucket.ts';
import { readSlotText, splitLines } from '../storage/slotted-blob.ts';
import { slotCount } from './hash-space.ts';
import type { SnapshotJob } from './layout.ts';
import { idOfPatch } from './patches.ts';
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

/** Ranges of slots, each the work of one activity; none when no user changed. */
export function userRanges(blobs: readonly StagedBlob[]): SlotRange[] {
  const weights = Array.from({ length: slotCount }, (_, slot) =>
    blobs.reduce((sum, { sizes }) => sum + (sizes[slot] ?? 0), 0),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return slotRanges(weights, Math.max(bytesPerActivity, (total * 1.1) / maxActivities));
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
