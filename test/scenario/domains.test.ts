/** Users whose user principal names lie in a domain that the tenant has not any more, or has federated since. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const own = { id: 'contoso.com', federated: false };
const domains = (...more: Json[]) => system.control('POST', '/settings', { domains: [own, ...more] });
const fabrikam = (federated: boolean) => ({ id: 'fabrikam.com', federated });

let fay: string;
let gil: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await domains(fabrikam(false));
  fay = await directory.user('Fay', { userPrincipalName: 'fay@fabrikam.com', department: 'Music' });
  gil = await directory.user('Gil', { userPrincipalName: 'gil@fabrikam.com', department: 'Music' });
  await system.snapshot('full');
});

const planOf = async (request: Json): Promise<{ job: Json; steps: Json[] }> => {
  const id = await system.startRestore({ ...request, dryRun: true });
  const job = await system.waitForJob(id);
  return { job, steps: (await system.api('GET', `/jobs/${id}/plan`)).body.value };
};

describe.each([
  ['was taken out of the tenant', () => domains(), 'not a verified domain'],
  ['was federated', () => domains(fabrikam(true)), 'federated by now'],
] as const)('a user whose domain %s', (_, happen, words) => {
  it('R09 R10 is named before the first write, is not created, and comes back once the domain is as it was', async () => {
    await directory.purge(`/users/${fay}`);
    await happen();
    const { job: planJob, steps } = await planOf({ users: [fay] });
    const note = expect.stringMatching(new RegExp(`fabrikam.com.*${words}`));
    const notice = { code: 'attribute-rejected', message: note, objectIds: [fay] };
    expect(planJob.preflight).toEqual([notice]);
    expect(steps).toMatchObject([{ objectId: fay, action: 'skip', reason: 'attribute-rejected', note }]);
    await system.forgetStats();
    const { job, report } = await system.restore({ users: [fay] });
    expect(job).toMatchObject({ status: 'failed', preflight: [notice] });
    expect(report.objects).toMatchObject([{ id: fay, result: 'failed', reason: 'attribute-rejected', note }]);
    expect(await system.writes()).toBe(0);

    await domains(fabrikam(false));
    expect((await system.restore({ users: [fay] })).job).toMatchObject({ status: 'completed', counts: { created: 1 } });
    await expectUnchangedAgain(system, { users: [fay] });
  });
});

it('R09 R13 R30 a live user keeps another name where the old domain is gone, gets back all else, and nothing is sent twice', async () => {
  await system.graph('PATCH', `/users/${gil}`, { userPrincipalName: 'gil@contoso.com', department: 'Noise' });
  await directory.purge(`/users/${fay}`);
  await domains();
  const { steps } = await planOf({ users: [gil] });
  const refused = { reason: 'attribute-rejected', note: expect.stringContaining('fabrikam.com') };
  expect(steps).toMatchObject([
    { action: 'update', attributes: ['department'] },
    { action: 'skip', attributes: ['userPrincipalName'], ...refused },
  ]);
  const { job, report } = await system.restore({ users: [gil] });
  expect(job.status).toBe('incomplete');
  expect(report.objects[0].attributes).toMatchObject([
    { name: 'department', result: 'done' },
    { name: 'userPrincipalName', result: 'failed', ...refused },
  ]);
  await system.forgetStats();
  await system.restore({ users: [gil] });
  expect(await system.writes()).toBe(0);
});

it('R30 names the property for which Graph refused to create an object', async () => {
  await directory.purge(`/users/${fay}`);
  await system.control('POST', '/faults', [
    { match: { method: 'GET', path: '/domains/*' }, times: 100, effect: 'status', status: 403 },
  ]);
  await domains();
  const { report } = await system.restore({ users: [fay] });
  await system.control('DELETE', '/faults');
  const note = expect.stringContaining('userPrincipalName');
  expect(report.objects).toMatchObject([{ id: fay, result: 'failed', reason: 'attribute-rejected', note }]);
});
