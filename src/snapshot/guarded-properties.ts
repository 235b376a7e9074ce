/** Guarded properties of new and changed users, where a full reading lists everybody's: no delta carries them. */
import type { GuardedProperty } from '../directory/guarded-properties.ts';
import { slices } from '../durable/orchestration.ts';
import type { Services } from '../services.ts';
import { changedUsers, stagedUsers } from './changed-users.ts';
import type { SnapshotJob } from './layout.ts';
import type { Meter } from './meter.ts';
import { stageChange } from './patches.ts';
import type { SlotRange } from './slot-ranges.ts';
import { createStager, recordStage, stageAt } from './staging.ts';

/** Users asked for in one call. */
const usersAtOnce = 200;

export async function stageGuardedRange(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  name: GuardedProperty,
  seq: number,
  range: SlotRange,
): Promise<void> {
  const { bucket } = services;
  if ((await stageAt(bucket, job, name, seq)) !== undefined) return;
  const gateway = await services.gatewayOf(job.connectorId);
  const { blobs } = await stagedUsers(bucket, job);
  const stager = createStager();
  for (const ids of slices([...(await changedUsers(bucket, blobs, range)).keys()], usersAtOnce))
    for (const changes of (await gateway.readListed(name, ids)).values())
      for (const change of changes) stageChange(change, stager.stage);
  await recordStage(bucket, job, name, seq, {
    blobs: await stager.store(bucket, job, name, seq),
    objects: 0,
    inFull: false,
    restarts: 0,
    ...meter.take(gateway),
  });
}
