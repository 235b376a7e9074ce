/** Sealing that is switched on when there are snapshots already: the old ones stay of use, what comes from then on is sealed. */
import { expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { foundCompany } from '../support/company.ts';
import { keyFile } from '../support/key-file.ts';
import { storedBlobs } from '../support/stored-blobs.ts';
import { useSystem } from '../support/system.ts';

const system = useSystem();
const snapshots = '/connectors/default/snapshots';

const restartedWith = async (env: NodeJS.ProcessEnv): Promise<void> => {
  process.kill(system.system.pids.host, 'SIGKILL');
  await system.system.restartHost(env);
};

it('goes on from open snapshots, restores from both kinds, and without the key names what it lacks', async () => {
  const { bob, carla } = await foundCompany(system);
  const before = await system.directory.portrait(carla);
  const open = await system.snapshot('full');

  await restartedWith({ ENCRYPTION_KEY_FILE: keyFile() });
  await system.graph('PATCH', `/users/${bob}`, { city: 'Longyearbyen' });
  const sealed = await system.snapshot('incremental');
  const blobs = storedBlobs(system);
  const isSealed = async (id: string) =>
    (await blobs.get(`default/snapshots/${id}.json`)).toString('latin1', 0, 4) === 'ERS1';
  expect([await isSealed(open.id), await isSealed(sealed.id)]).toEqual([false, true]);
  const compared = (await system.api('GET', `${snapshots}/${open.id}/compare?with=${sealed.id}`)).body.value;
  expect(compared).toMatchObject([{ kind: 'users', id: bob, change: 'modified' }]);
  for (const { id } of [open, sealed]) {
    const proof = (await system.api('POST', `${snapshots}/${id}/verify`)).body.jobId;
    expect((await system.waitForJob(proof)).status).toBe('completed');
  }

  for (const { id: snapshotId } of [open, sealed]) {
    const request = { users: ['carla@contoso.com'], snapshotId };
    const { id } = await system.graph('GET', '/users/carla@contoso.com?$select=id');
    await system.directory.purge(`/users/${id}`);
    const { job, report } = await system.restore(request);
    expect(job.status).toBe('completed');
    expect(await system.directory.portrait(report.objects[0].newId)).toEqual(before);
    await expectUnchangedAgain(system, request);
  }

  await restartedWith({ ENCRYPTION_KEY_FILE: '' });
  const refused = await system.api('GET', `${snapshots}/${sealed.id}`);
  expect(refused.body).toMatchObject({
    status: 503,
    code: 'key-unavailable',
    detail: expect.stringContaining('ENCRYPTION_KEY_URL'),
  });
}, 120_000);
