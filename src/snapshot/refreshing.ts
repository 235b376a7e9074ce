/**
 * Asks again for what a delta does not report: of users whose licences changed, how each licence is assigned now. Without it an
 * incremental snapshot would take a licence through a group for a direct one, and a restore would assign it (R46).
 */
import { kindOf } from '../directory/kinds.ts';
import { slices } from '../durable/orchestration.ts';
import type { Services } from '../services.ts';
import { changedUsers, stagedUsers } from './changed-users.ts';
import { slotOf } from './hash-space.ts';
import type { SnapshotJob } from './layout.ts';
import type { Meter } from './meter.ts';
import { changesProperty, setLine } from './patches.ts';
import type { SlotRange } from './slot-ranges.ts';
import { createStager, recordStage, stageAt } from './staging.ts';

/** Users asked for in one call: ten batches. */
const usersAtOnce = 200;

export async function stageRefreshedRange(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  seq: number,
  range: SlotRange,
): Promise<void> {
  const { bucket } = services;
  if ((await stageAt(bucket, job, 'refreshed', seq)) !== undefined) return;
  const gateway = await services.gatewayOf(job.connectorId);
  const { blobs } = await stagedUsers(bucket, job);
  const untracked = kindOf('users').untracked ?? [];
  const users = await changedUsers(bucket, blobs, range);
  const stale = [...users].flatMap(([id, lines]) =>
    untracked.some(({ changesWith }) => lines.some((line) => changesProperty(line, changesWith))) ? [id] : [],
  );
  const stager = createStager();
  for (const ids of slices(stale, usersAtOnce)) {
    const found = await gateway.find(ids.map((id) => ({ by: 'id', kind: 'users', id })));
    for (const [index, id] of ids.entries()) {
      const live = found[index]?.[0]?.body;
      // Gone since its page was read: the next delta tells.
      if (live === undefined) continue;
      const names = untracked.flatMap(({ property, changesWith }) => [property, changesWith]);
      const body = Object.fromEntries(names.map((name) => [name, live[name] ?? null]));
      stager.stage('users', { slot: slotOf(id), line: setLine({ id, body }) });
    }
  }
  await recordStage(bucket, job, 'refreshed', seq, {
    blobs: await stager.store(bucket, job, 'refreshed', seq),
    objects: 0,
    inFull: false,
    restarts: 0,
    ...meter.take(gateway),
  });
}
