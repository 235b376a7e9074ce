/** Storage goes away in the middle of a snapshot and comes back: the activities are tried again, and the snapshot is whole. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, it } from 'vitest';
import { type RunningProcess, startStorage } from '../../src/dev/processes.ts';
import { type Json, useSystem } from '../support/system.ts';

let storage: RunningProcess | undefined;
afterAll(() => storage?.stop());
const system = useSystem();
const snapshots = '/connectors/default/snapshots';

it('completes although storage was gone for seconds while the pages were read', async () => {
  await system.control('POST', '/seed', { users: 120, groups: 10, linksPerUser: 2, seed: 9 });
  await system.control('POST', '/settings', { latencyMs: 100, pageSize: { delta: 3 } });
  const id = (await system.api('POST', snapshots, { mode: 'full' })).body.jobId;
  await sleep(1_000);
  expect((await system.api('GET', `/jobs/${id}`)).body.status).toBe('running');
  const { pid, port } = { pid: system.system.pids.storage, port: Number(new URL(system.system.storage.blob).port) };
  process.kill(pid, 'SIGTERM');
  await expect.poll(() => system.said().some((line) => line.startsWith('storage was lost'))).toBe(true);
  const answer = await system.api('GET', snapshots);
  expect({ status: answer.status, code: answer.body?.code }).toEqual({ status: 503, code: 'storage-unreachable' });
  await sleep(3_000);
  storage = await startStorage(port, join(system.folder(), 'storage'), { onLine: () => undefined });
  await system.control('POST', '/settings', { latencyMs: 0, pageSize: { delta: 200 } });

  expect(await system.waitForJob(id, 120_000)).toMatchObject({ status: 'completed', snapshotId: id });
  const { body } = await system.api('POST', `${snapshots}/${id}/verify`, {});
  expect(await system.waitForJob(body.jobId)).toMatchObject({
    status: 'completed',
    counts: { users: 120, groups: 10 },
  });
  const listed: Json[] = (await system.api('GET', snapshots)).body.value;
  expect(listed.map((one) => one.id)).toEqual([id]);
}, 180_000);
