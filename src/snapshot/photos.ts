/**
 * Photos of users that are new or changed, and of those whose turn has come (see rolling): no list and no delta carries them, so they are
 * asked for user by user, and kept once each under the hash of their bytes.
 */

import type { Photo } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { slices } from '../durable/orchestration.ts';
import type { Services } from '../services.ts';
import { askedUsers, stagedUsers } from './changed-users.ts';
import { slotOf } from './hash-space.ts';
import { layout, type SnapshotJob } from './layout.ts';
import { mapLimited } from './limiter.ts';
import type { Meter } from './meter.ts';
import { setLine } from './patches.ts';
import { photoRecordOf, type SnapshotReader } from './reader.ts';
import type { SlotRange } from './slot-ranges.ts';
import { createStager, recordStage, stageAt, startOf } from './staging.ts';

/** Photos asked for in one call: ten batches, at most some MB of pictures in memory. */
const photosAtOnce = 200;
const writesAtOnce = 8;

export async function stagePhotoRange(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  parent: SnapshotReader | undefined,
  seq: number,
  range: SlotRange,
): Promise<void> {
  const { bucket } = services;
  if ((await stageAt(bucket, job, 'photos', seq)) !== undefined) return;
  const gateway = await services.gatewayOf(job.connectorId);
  const users = await stagedUsers(bucket, job);
  const { due } = await startOf(bucket, job);
  const { ask, gone } = await askedUsers(bucket, users, range, parent, due.photos);
  const stager = createStager();
  let bytesWritten = 0;
  const none = (id: Id) => stager.stage('photos', { slot: slotOf(id), line: `-\t${id}` });
  gone.forEach(none);
  for (const ids of slices(ask, photosAtOnce)) {
    const photos = await gateway.readPhotos(ids);
    await mapLimited([...ids.entries()], writesAtOnce, async ([index, id]) => {
      const photo = photos[index];
      if (photo === undefined) return none(id);
      const record = photoRecordOf(photo);
      bytesWritten += await store(services, job, record.sha256, photo);
      stager.stage('photos', { slot: slotOf(id), line: setLine({ id, body: { ...record } }) });
    });
  }
  await recordStage(bucket, job, 'photos', seq, {
    blobs: await stager.store(bucket, job, 'photos', seq),
    objects: 0,
    inFull: users.inFull,
    restarts: 0,
    bytesWritten,
    ...meter.take(gateway),
  });
}

/** Bytes this added to storage. */
async function store({ bucket }: Services, job: SnapshotJob, sha256: string, { bytes }: Photo): Promise<number> {
  return (await bucket.putIfAbsent(layout.photo(job.connectorId, sha256), bytes)) ? bytes.length : 0;
}
