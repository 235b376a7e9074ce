/**
 * Photos of users that are new or changed (all users, when those were read in full): no list and no delta carries them, so they are
 * asked for user by user, and kept once each under the hash of their bytes.
 */
import { createHash } from 'node:crypto';
import type { Photo } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { slices } from '../durable/orchestration.ts';
import type { Services } from '../services.ts';
import { readSlotText, splitLines } from '../storage/slotted-blob.ts';
import { slotCount, slotOf } from './hash-space.ts';
import { layout, type SnapshotJob } from './layout.ts';
import { mapLimited } from './limiter.ts';
import type { Meter } from './meter.ts';
import { idOfPatch, setLine } from './patches.ts';
import { type SlotRange, slotRanges } from './slot-ranges.ts';
import { createStager, recordStage, type StagedBlob, stageAt, stagesOf } from './staging.ts';

/** Photos asked for in one call: ten batches, at most some MB of pictures in memory. */
const photosAtOnce = 200;
/** Users one activity looks at, about a minute of them at Graph's pace. */
const bytesPerActivity = 2 * 1024 * 1024;
const maxActivities = 200;
const writesAtOnce = 8;

/** The staged lines of users, and whether they are all there are. */
export async function stagedUsers(services: Services, job: SnapshotJob) {
  const { valid } = await stagesOf(services.bucket, job, 'users');
  const blobs = valid.flatMap(({ blobs }) => blobs.filter(({ stream }) => stream === 'users'));
  return { blobs, inFull: valid[0]?.inFull ?? true };
}

/** Ranges of slots, each the work of one activity; none when no user changed. */
export async function planPhotos(services: Services, job: SnapshotJob): Promise<SlotRange[]> {
  const { blobs } = await stagedUsers(services, job);
  const weights = Array.from({ length: slotCount }, (_, slot) =>
    blobs.reduce((sum, { sizes }) => sum + (sizes[slot] ?? 0), 0),
  );
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return slotRanges(weights, Math.max(bytesPerActivity, (total * 1.1) / maxActivities));
}

export async function stagePhotoRange(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  seq: number,
  { from, to }: SlotRange,
): Promise<void> {
  const { bucket } = services;
  if ((await stageAt(bucket, job, 'photos', seq)) !== undefined) return;
  const gateway = services.gatewayOf(job.connectorId);
  const { blobs, inFull } = await stagedUsers(services, job);
  const stager = createStager();
  let bytesWritten = 0;
  for (const ids of slices(await liveUsers(services, blobs, from, to), photosAtOnce)) {
    const photos = await gateway.readPhotos(ids);
    await mapLimited([...ids.entries()], writesAtOnce, async ([index, id]) => {
      const photo = photos[index];
      if (photo === undefined) return stager.stage('photos', { slot: slotOf(id), line: `-\t${id}` });
      const sha256 = createHash('sha256').update(photo.bytes).digest('hex');
      bytesWritten += await store(services, job, sha256, photo);
      const body = { sha256, contentType: photo.contentType, bytes: photo.bytes.length };
      stager.stage('photos', { slot: slotOf(id), line: setLine({ id, body }) });
    });
  }
  await recordStage(bucket, job, 'photos', seq, {
    blobs: await stager.store(bucket, job, 'photos', seq),
    objects: 0,
    inFull,
    restarts: 0,
    bytesWritten,
    ...meter.take(gateway),
  });
}

/** Bytes this added to storage. */
async function store({ bucket }: Services, job: SnapshotJob, sha256: string, { bytes }: Photo): Promise<number> {
  return (await bucket.putIfAbsent(layout.photo(job.connectorId, sha256), bytes)) ? bytes.length : 0;
}

/** Users of a range whose last word was that they are there. */
async function liveUsers({ bucket }: Services, blobs: readonly StagedBlob[], from: number, to: number): Promise<Id[]> {
  const users = new Map<Id, boolean>();
  for (const { name, sizes } of blobs) {
    for (const line of splitLines(await readSlotText(bucket, name, from, to, sizes)))
      users.set(idOfPatch(line), !line.startsWith('-\t'));
  }
  return [...users].flatMap(([id, there]) => (there ? [id] : []));
}
