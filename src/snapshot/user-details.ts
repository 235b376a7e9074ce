/** Stages what is asked for user by user: authentication methods, app roles. */
import type { DirectoryGateway } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import type { DetailItem, UserDetail } from '../directory/user-details.ts';
import { slices } from '../durable/orchestration.ts';
import type { Services } from '../services.ts';
import { askedUsers, stagedUsers } from './changed-users.ts';
import { slotOf } from './hash-space.ts';
import type { SnapshotJob } from './layout.ts';
import type { Meter } from './meter.ts';
import { detailLine } from './patches.ts';
import type { SnapshotReader } from './reader.ts';
import { isRolled } from './rolling.ts';
import type { SlotRange } from './slot-ranges.ts';
import { createStager, recordStage, stageAt, startOf } from './staging.ts';

/** Users asked for in one call: ten batches. */
const usersAtOnce = 200;

export async function stageDetailRange(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  detail: UserDetail,
  parent: SnapshotReader | undefined,
  seq: number,
  range: SlotRange,
): Promise<void> {
  const { bucket } = services;
  if ((await stageAt(bucket, job, detail, seq)) !== undefined) return;
  const gateway = await services.gatewayOf(job.connectorId);
  const users = await stagedUsers(bucket, job);
  const { due } = await startOf(bucket, job);
  const { ask, gone } = await askedUsers(bucket, users, range, parent, isRolled(detail) ? due[detail] : undefined);
  const stager = createStager();
  for (const id of gone) stager.stage(detail, { slot: slotOf(id), line: detailLine(id, []) });
  for (const ids of slices(ask, usersAtOnce)) {
    for (const [id, items] of await itemsOf(gateway, detail, ids)) {
      stager.stage(detail, { slot: slotOf(id), line: detailLine(id, items) });
    }
  }
  await recordStage(bucket, job, detail, seq, {
    blobs: await stager.store(bucket, job, detail, seq),
    objects: 0,
    inFull: users.inFull,
    restarts: 0,
    ...meter.take(gateway),
  });
}

/** Of users that are gone by now, the next delta tells. */
async function itemsOf(
  gateway: DirectoryGateway,
  detail: UserDetail,
  ids: readonly Id[],
): Promise<ReadonlyMap<Id, readonly DetailItem[]>> {
  if (detail === 'appRoleAssignments') {
    const listed = await gateway.readListed(detail, ids);
    return new Map(
      [...listed].map(([id, all]) => [id, all.flatMap((one) => (one.change === 'detail' ? one.items : []))]),
    );
  }
  const found = await gateway.readUserDetails(detail, ids);
  return new Map(ids.map((id, index) => [id, found[index] ?? []]));
}
