/** Stages what is asked for user by user: authentication methods, app roles. */

import type { UserDetail } from '../directory/user-details.ts';
import { slices } from '../durable/orchestration.ts';
import type { Services } from '../services.ts';
import { changedUsers, stagedUsers } from './changed-users.ts';
import { slotOf } from './hash-space.ts';
import type { SnapshotJob } from './layout.ts';
import type { Meter } from './meter.ts';
import { detailLine } from './patches.ts';
import type { SlotRange } from './slot-ranges.ts';
import { createStager, recordStage, stageAt } from './staging.ts';

/** Users asked for in one call: ten batches. */
const usersAtOnce = 200;

export async function stageDetailRange(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  detail: UserDetail,
  seq: number,
  { from, to }: SlotRange,
): Promise<void> {
  const { bucket } = services;
  if ((await stageAt(bucket, job, detail, seq)) !== undefined) return;
  const gateway = await services.gatewayOf(job.connectorId);
  const { blobs, inFull } = await stagedUsers(bucket, job);
  const stager = createStager();
  for (const ids of slices([...(await changedUsers(bucket, blobs, { from, to })).keys()], usersAtOnce)) {
    const found = await gateway.readUserDetails(detail, ids);
    for (const [index, id] of ids.entries()) {
      stager.stage(detail, { slot: slotOf(id), line: detailLine(id, found[index] ?? []) });
    }
  }
  await recordStage(bucket, job, detail, seq, {
    blobs: await stager.store(bucket, job, detail, seq),
    objects: 0,
    inFull,
    restarts: 0,
    ...meter.take(gateway),
  });
}
