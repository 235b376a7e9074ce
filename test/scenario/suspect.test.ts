/** Half the people are gone from one night to the next: the snapshot says so, and waits for an administrator's word. */
import { expect, it } from 'vitest';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const snapshots = '/connectors/default/snapshots';
const one = async (id: string): Promise<Json> => (await system.api('GET', `${snapshots}/${id}`)).body;

it('a snapshot that lost half the users is suspect until it is accepted; a restore that names it is warned', async () => {
  await system.control('POST', '/seed', { users: 60, groups: 2, linksPerUser: 1, seed: 3 });
  const users: Json[] = await system.directory.all('/users?$select=id&$top=999');
  const sound = await system.snapshot('full');
  expect((await system.api('POST', `${snapshots}/${sound.id}/accept`)).body).toMatchObject({ code: 'conflict' });
  for (const { id } of users.slice(0, 40)) await system.control('DELETE', `/objects/${id}`);

  const { jobId } = (await system.api('POST', snapshots, { mode: 'incremental' })).body;
  const job = await system.waitForJob(jobId);
  expect(job).toMatchObject({ status: 'incomplete', counts: { users: 20 } });
  expect(job.warnings).toContainEqual({ code: 'suspiciously-small', message: expect.stringContaining('users: 20') });
  expect(await one(jobId)).toMatchObject({ status: 'complete', accepted: null });
  expect((await one(jobId)).suspect).toContainEqual({ kind: 'users', before: 60, now: 20 });
  expect((await one('latest')).id).toBe(sound.id);
  await expect.poll(() => system.said().filter((line) => line.includes('snapshot.suspect {')).length).toBe(1);

  const left = users[50].id;
  const named = await system.restore({ snapshotId: jobId, users: [left] });
  expect(named.job).toMatchObject({ status: 'completed', warnings: [{ code: 'suspect-snapshot' }] });
  expect((await system.restore({ users: [left] })).job).toMatchObject({ snapshotId: sound.id, warnings: [] });

  const accept = () => system.api('POST', `${snapshots}/${jobId}/accept`, {});
  const accepted = await accept();
  expect(accepted).toMatchObject({ status: 200, body: { snapshotId: jobId, requestedBy: expect.any(String) } });
  expect((await accept()).body).toEqual(accepted.body);
  expect((await system.api('POST', `${snapshots}/no-such/accept`)).status).toBe(404);
  expect((await one('latest')).id).toBe(jobId);
  expect((await one(jobId)).accepted).toEqual(accepted.body);
  expect(
    system.said().filter((line) => line.includes(`audit: the suspect snapshot ${jobId} was accepted`)),
  ).toHaveLength(1);
  expect((await system.restore({ snapshotId: jobId, users: [left] })).job.warnings).toEqual([]);
  const next = await system.snapshot('incremental');
  expect((await one(next.id)).parentId).toBe(jobId);
}, 120_000);
