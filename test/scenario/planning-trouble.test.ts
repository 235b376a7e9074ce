/** Reads that Graph refuses, fails or holds back while a restore is planned: what they were for is named, all else goes on (R52, R58). */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { graphPermissions } from '../../src/graph/permissions.ts';
import { expectUnchangedAgain } from '../support/again.ts';
import { picture, roles, skuSettings, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem({ env: { THROTTLE_PATIENCE_SECONDS: '2' } });
const { directory } = system;
const names = graphPermissions.map(({ name }) => name);

let ada: string;
let ben: string;
let choir: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('POST', '/settings', skuSettings());
  await system.control('DELETE', '/faults');
  const voice = { department: 'Music', usageLocation: 'DE' };
  ada = await directory.user('Ada', voice);
  ben = await directory.user('Ben', voice);
  choir = await directory.securityGroup('Choir');
  for (const user of [ada, ben]) {
    await directory.link(`/groups/${choir}`, 'members', user);
    await directory.assignRole(user, roles.reportsReader);
    await directory.assignLicences(`/users/${user}`, [skus.suite]);
  }
  await directory.photo(ada, picture());
  await system.snapshot('full');
  for (const user of [ada, ben]) {
    await system.graph('PATCH', `/users/${user}`, { department: 'Noise' });
    await directory.unlink(`/groups/${choir}`, 'members', user);
  }
});

const answerAlways = (path: string, status: number, retryAfter?: number) =>
  system.control('POST', '/faults', [
    { match: { method: 'GET', path }, times: 10_000, effect: 'status', status, ...(retryAfter ? { retryAfter } : {}) },
  ]);
const objectOf = (report: Json, id: string): Json => report.objects.find((object: Json) => object.id === id);
const linksOf = (object: Json): Json =>
  Object.fromEntries(object.links.map(({ relation, result, reason }: Json) => [relation, reason ?? result]));
const planOf = async (id: string): Promise<Json[]> => (await system.api('GET', `/jobs/${id}/plan`)).body.value;
const dryRun = async (request: Json): Promise<{ job: Json; plan: Json[] }> => {
  const id = await system.startRestore({ ...request, dryRun: true });
  const job = await system.waitForJob(id, 120_000);
  return { job, plan: await planOf(id) };
};

async function expectMended(): Promise<void> {
  await system.control('DELETE', '/faults');
  await system.control('POST', '/settings', { permissions: 'all' });
  expect((await system.restore({ users: [ada, ben] })).job.status).toBe('completed');
  await expectUnchangedAgain(system, { users: [ada, ben] });
}

describe.each([
  ['refused', 403, 'graph-error'],
  ['held back for too long', 429, 'throttled-gave-up'],
] as const)('R52 what is %s', (_how, status, reason) => {
  const retryAfter = status === 429 ? 1 : undefined;

  it('of one object costs that object alone', async () => {
    await answerAlways(`/users/${ada}`, status, retryAfter);
    const { plan } = await dryRun({ users: [ada, ben] });
    expect(plan.filter(({ objectId }) => objectId === ada)).toMatchObject([{ action: 'skip', reason }]);
    expect(plan).toContainEqual(
      expect.objectContaining({ objectId: ben, action: 'update', attributes: ['department'] }),
    );
    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.status).toBe('incomplete');
    expect(objectOf(report, ada)).toMatchObject({ result: 'failed', reason });
    expect(objectOf(report, ben)).toMatchObject({ result: 'updated', verification: { matched: true } });
    await expectMended();
  }, 240_000);

  it('of the links of one object costs those links alone', async () => {
    await answerAlways(`/users/${ada}/memberOf`, status, retryAfter);
    const { plan } = await dryRun({ users: [ada, ben] });
    expect(plan.filter(({ relation }) => relation === 'memberOf')).toMatchObject([
      { objectId: ada, action: 'skip', reason },
      { objectId: ben, action: 'link', targetId: choir },
    ]);
    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.status).toBe('incomplete');
    expect(objectOf(report, ada)).toMatchObject({
      result: 'partial',
      attributes: [{ name: 'department', result: 'done' }],
    });
    expect(linksOf(objectOf(report, ada))).toMatchObject({ memberOf: reason });
    expect(objectOf(report, ben)).toMatchObject({
      result: 'updated',
      links: [{ relation: 'memberOf', result: 'done' }],
    });
    await expectMended();
  }, 240_000);

  it('of a group costs the memberships of that group alone', async () => {
    await answerAlways(`/groups/${choir}`, status, retryAfter);
    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.status).toBe('incomplete');
    for (const object of report.objects) {
      expect(object.attributes).toMatchObject([{ name: 'department', result: 'done' }]);
      expect(object.links).toMatchObject([{ relation: 'memberOf', targetId: choir, result: 'failed', reason }]);
    }
    await expectMended();
  }, 240_000);
});

it('R52 what fails to the last try is the links it was for, and no more', async () => {
  await answerAlways(`/users/${ada}/memberOf`, 500);
  const { job, report } = await system.restore({ users: [ada, ben] });
  expect(job.status).toBe('incomplete');
  expect(linksOf(objectOf(report, ada))).toMatchObject({ memberOf: 'graph-error' });
  expect(objectOf(report, ada).attributes).toMatchObject([{ name: 'department', result: 'done' }]);
  expect(objectOf(report, ben)).toMatchObject({ result: 'updated', links: [{ relation: 'memberOf', result: 'done' }] });
  await expectMended();
}, 240_000);

describe('a permission to read that the app was never granted', () => {
  it('R10 is named before the first write, and costs what it was for', async () => {
    const lost = ['RoleManagement.Read.Directory', 'RoleManagement.ReadWrite.Directory', 'Directory.Read.All'];
    await system.control('POST', '/settings', {
      permissions: [...names.filter((held) => !lost.includes(held)), 'Application.Read.All'],
    });
    // Sensitive, and of somebody with a role: which roles she has now is not to be seen either.
    await system.graph('PATCH', `/users/${ada}`, { mobilePhone: '+49 30 2' });
    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.status).toBe('incomplete');
    const notice = job.preflight.find(({ message }: Json) => message.includes(' RoleManagement.Read.Directory,'));
    expect(notice).toMatchObject({ code: 'permission-missing', objectIds: [ada, ben] });
    for (const object of report.objects) {
      expect(linksOf(object)).toMatchObject({ roleAssignments: 'graph-error', memberOf: 'done' });
      expect(object.attributes[0]).toMatchObject({ name: 'department', result: 'done' });
    }
    await expectMended();
  }, 120_000);

  it('R46 costs no licence check but the licences', async () => {
    await system.graph('POST', `/users/${ada}/assignLicense`, { addLicenses: [], removeLicenses: [skus.suite] });
    await answerAlways('/subscribedSkus', 403);
    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.status).toBe('incomplete');
    for (const object of report.objects)
      expect(linksOf(object)).toMatchObject({ licenses: 'graph-error', memberOf: 'done' });
    await expectMended();
  }, 120_000);

  it('R52 ends a job as failed with a clear code where nothing at all can be read, in a dry run too', async () => {
    await system.control('POST', '/settings', { permissions: ['Organization.Read.All'] });
    for (const dryRun of [true, false]) {
      const job = await system.waitForJob(await system.startRestore({ users: [ada, ben], dryRun }));
      expect(job).toMatchObject({
        status: 'failed',
        error: { code: 'forbidden', message: expect.stringContaining('preflight') },
        preflight: expect.arrayContaining([expect.objectContaining({ code: 'permission-missing' })]),
      });
    }
    await expectMended();
  }, 120_000);
});

it('R58 a 429 while planning is waited for, the job says until when, and nothing is lost', async () => {
  await system.control('POST', '/faults', [
    { match: { method: 'GET', path: `/users/${ada}/memberOf` }, effect: 'status', status: 429, retryAfter: 2 },
  ]);
  const id = await system.startRestore({ users: [ada, ben] });
  let waited: Json;
  while (waited === undefined) {
    const { body: job } = await system.api('GET', `/jobs/${id}`);
    if (job.throttledUntilDateTime !== undefined) waited = job;
    expect(job.status).not.toBe('completed');
    await sleep(50);
  }
  expect(waited.phase).toBe('planning');
  expect((await system.waitForJob(id)).status).toBe('completed');
});
