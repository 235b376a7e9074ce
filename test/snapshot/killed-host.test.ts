/** The host dies in the middle of an incremental snapshot: it goes on, and has what a full one has. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { storedBlobs } from '../support/stored-blobs.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const snapshots = '/connectors/default/snapshots';
const one = async (id: string): Promise<Json> => (await system.api('GET', `${snapshots}/${id}`)).body;

it('goes on after SIGKILL in the middle of an incremental snapshot; until its end there is none, then it is whole', async () => {
  await system.control('POST', '/seed', { users: 300, groups: 30, linksPerUser: 3, seed: 5 });
  const sound = await system.snapshot('full');
  const users = await system.directory.all('/users?$select=id&$top=999');
  for (const { id } of users.slice(0, 60)) await system.graph('PATCH', `/users/${id}`, { city: 'Longyearbyen' });
  // Small pages and slow answers: each kill falls into the reading, whatever machine this is.
  await system.control('POST', '/settings', { latencyMs: 200, pageSize: { delta: 3 } });
  const id = (await system.api('POST', snapshots, { mode: 'incremental' })).body.jobId;
  for (let kills = 0; kills < 2; kills += 1) {
    await sleep(1_500);
    expect((await system.api('GET', `/jobs/${id}`)).body.status).toBe('running');
    process.kill(system.system.pids.host, 'SIGKILL');
    await sleep(200);
    await system.system.restartHost();
    expect((await system.api('GET', `${snapshots}/${id}`)).status).toBe(404);
    expect((await one('latest')).id).toBe(sound.id);
  }
  await system.control('POST', '/settings', { latencyMs: 0, pageSize: { delta: 200 } });
  expect(await system.waitForJob(id, 120_000)).toMatchObject({ status: 'completed', snapshotId: id });

  expect(await one(id)).toMatchObject({ mode: 'incremental', status: 'complete', parentId: sound.id, missing: [] });
  expect((await one(id)).kinds.users).toMatchObject({
    count: 300,
    added: 0,
    changed: 60,
    removed: 0,
    readInFull: false,
  });
  expect(await storedBlobs(system).names('default/staging/')).toEqual([]);
  const full = await system.snapshot('full');
  const changes = Object.values((await one(full.id)).kinds).map(
    ({ added, changed, removed }: Json) => added + changed + removed,
  );
  expect(changes).toEqual(changes.map(() => 0));
}, 240_000);
