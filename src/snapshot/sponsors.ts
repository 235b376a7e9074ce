/**
 * Sponsors of new and changed users. No delta carries them; listing everybody's is one request a thousand users, too much for a night on which
 * nothing changed. A full reading of users lists them all.
 */
import { kindOf } from '../directory/kinds.ts';
import { type Ref, ref } from '../directory/record.ts';
import { slices } from '../durable/orchestration.ts';
import type { Services } from '../services.ts';
import { changedUsers, stagedUsers } from './changed-users.ts';
import type { SnapshotJob } from './layout.ts';
import type { Meter } from './meter.ts';
import { stageLink } from './patches.ts';
import type { SnapshotReader } from './reader.ts';
import type { SlotRange } from './slot-ranges.ts';
import { createStager, recordStage, stageAt } from './staging.ts';

/** Users asked for in one call: ten batches. */
const usersAtOnce = 200;

/** @param parent whose sponsors are patched. */
export async function stageSponsorRange(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  parent: SnapshotReader | undefined,
  seq: number,
  range: SlotRange,
): Promise<void> {
  const { bucket } = services;
  if ((await stageAt(bucket, job, 'sponsors', seq)) !== undefined) return;
  const gateway = await services.gatewayOf(job.connectorId);
  const { blobs } = await stagedUsers(bucket, job);
  const name = 'sponsors';
  const stager = createStager();
  for (const ids of slices([...(await changedUsers(bucket, blobs, range)).keys()], usersAtOnce)) {
    const live = await gateway.readListed(name, ids);
    const known = await parent?.storedLinks(ids);
    for (const [id, changes] of live) {
      const source = ref(kindOf('users').type, id);
      const before = new Set(known?.get(id)?.[name] ?? []);
      const after = new Set<Ref>(changes.flatMap((change) => (change.change === 'link' ? [change.target] : [])));
      for (const gone of before) if (!after.has(gone)) stageLink('-', name, source, gone, stager.stage);
      for (const one of after) if (!before.has(one)) stageLink('+', name, source, one, stager.stage);
    }
  }
  await recordStage(bucket, job, 'sponsors', seq, {
    blobs: await stager.store(bucket, job, 'sponsors', seq),
    objects: 0,
    inFull: false,
    restarts: 0,
    ...meter.take(gateway),
  });
}
