/** The audit log: a line for each write that Graph saw, for whoever asks later who changed what; nobody's data in it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { type Company, foundCompany, roles, skus } from '../support/company.ts';
import { storedBlobs } from '../support/stored-blobs.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
});

async function lines(query = 'top=1000'): Promise<Json[]> {
  const { status, body } = await system.api('GET', `/connectors/default/audit?${query}`);
  expect(status, JSON.stringify(body)).toBe(200);
  return body.value;
}
/** Every request of the product that changes the tenant, whatever it costs of the quota. */
async function seen(): Promise<number> {
  const { byRoute } = await system.control('GET', '/stats');
  const isWrite = ({ method, route }: Json) => method !== 'GET' && !/\/\$batch$|getByIds$/.test(route);
  return byRoute.filter(isWrite).reduce((sum: number, { requests }: Json) => sum + requests, 0);
}

const ofJob = async (id: string) => (await lines()).filter(({ jobId }) => jobId === id);

it('R59 holds a line for each write of a restore and of its undo: who, when, what, and where the values are', async () => {
  const { bob, carla, dora, project } = company;
  await system.snapshot('full');
  await directory.purge(`/users/${bob}`);
  await directory.bin(`/users/${carla}`);
  await system.graph('PATCH', `/users/${dora}`, { department: 'Purchase', mobilePhone: '+41 79 000 00 00' });
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [bob, carla, dora] });
  const written = await ofJob(job.id);
  expect(written).toHaveLength(await seen());
  const made = report.objects.find(({ id }: Json) => id === bob).newId;
  const who = { connectorId: 'default', jobKind: 'restore', requestedBy: 'function-key', time: expect.any(String) };
  expect(written).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        ...who,
        what: 'create',
        kind: 'users',
        standsFor: bob,
        objectId: made,
        outcome: 'done',
      }),
      expect.objectContaining({ what: 'undelete', objectId: carla, after: `snapshot ${job.snapshotId}` }),
      expect.objectContaining({
        what: 'update',
        objectId: dora,
        attributes: expect.arrayContaining(['department', 'mobilePhone']),
        before: `default/jobs/${job.id}/before/${dora}.json`,
        after: `snapshot ${job.snapshotId}`,
      }),
      expect.objectContaining({
        what: 'link',
        kind: 'groups',
        objectId: project,
        relation: 'members',
        targetIds: [made],
      }),
    ]),
  );
  expect(new Set(written.map(({ writeId }) => writeId)).size).toBe(written.length);

  await system.forgetStats();
  const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
  await system.waitForJob(jobId);
  const undone = await ofJob(jobId);
  expect(undone).toHaveLength(await seen());
  expect(undone.map(({ what, objectId }) => [what, objectId]).sort()).toEqual(
    [
      ['delete', made],
      ['delete', carla],
      ['update', dora],
    ].sort(),
  );
  expect(undone.find(({ what }) => what === 'update')).toMatchObject({
    jobKind: 'undo',
    before: `snapshot ${job.snapshotId}`,
    after: `default/jobs/${job.id}/before/${dora}.json`,
  });

  const text = JSON.stringify(await lines());
  for (const secret of ['Purchase', 'Sales', '+41 79', '+49 30', 'Bob', 'Carla', 'Dora', 'contoso.com', 'password'])
    expect(text).not.toContain(secret);
}, 120_000);

it('R59 refers, for each link, licence and role, to the step that holds what was there and what took its place', async () => {
  const { anna, bob, carla, emil, project } = company;
  await system.snapshot('full');
  await directory.manager(bob, emil);
  await system.graph('POST', `/users/${bob}/assignLicense`, {
    addLicenses: [{ skuId: skus.suite }],
    removeLicenses: [],
  });
  await directory.unlink(`/groups/${project}`, 'members', carla);
  await directory.assignRole(emil, roles.reportsReader);
  const request = { users: [bob, emil], groups: [project], links: 'rollback', allowPrivilegedRemoval: true };
  const { job, report } = await system.restore(request);
  expect(job.status, JSON.stringify(report)).toBe('completed');
  const steps = await stepsOf(await ofJob(job.id));
  expect(steps).toMatchObject({
    [`${bob} manager`]: { act: 'link', replaces: emil, target: anna },
    [`${bob} licenses`]: { act: 'license', replacesPlans: [], disabledPlans: [skus.suitePlan] },
    [`${project} members`]: { act: 'link', target: carla },
    [`${emil} roleAssignments`]: { act: 'unassign-role', target: roles.reportsReader },
  });

  const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
  expect((await system.waitForJob(jobId)).status).toBe('completed');
  expect(await stepsOf(await ofJob(jobId))).toMatchObject({
    [`${bob} manager`]: { act: 'link', replaces: anna, target: emil },
    [`${bob} licenses`]: { act: 'license', replacesPlans: [skus.suitePlan], disabledPlans: [] },
    [`${project} members`]: { act: 'unlink', target: carla },
    [`${emil} roleAssignments`]: { act: 'assign-role', target: roles.reportsReader },
  });
}, 120_000);

/** The steps that lines of the log refer to, by source and relation. */
async function stepsOf(told: readonly Json[]): Promise<Record<string, Json>> {
  const blobs = storedBlobs(system);
  const found: Record<string, Json> = {};
  for (const { before, after, objectId, relation } of told) {
    expect(after).toBe(before);
    const lines = (await blobs.get(before)).toString('utf8').split('\n');
    const steps: Json[] = lines
      .filter((line) => line.includes('{'))
      .map((line) => JSON.parse(line.slice(line.indexOf('{'))));
    found[`${objectId} ${relation}`] = steps.find(
      (step) => step.source === objectId && (step.relation ?? step.name) === relation,
    );
  }
  return found;
}

it('is paged, oldest first, from one time to another; a cursor that is not its own is refused', async () => {
  const { dora, emil } = company;
  await system.snapshot('full');
  for (const one of [dora, emil]) await system.graph('PATCH', `/users/${one}`, { department: 'Purchase' });
  const from = new Date().toISOString();
  await system.restore({ users: [dora] });
  await sleep(5);
  const then = new Date().toISOString();
  await system.restore({ users: [emil] });
  expect((await lines(`from=${from}`)).map(({ objectId }) => objectId)).toEqual([dora, emil]);
  expect((await lines(`from=${from}&to=${then}`)).map(({ objectId }) => objectId)).toEqual([dora]);
  const all = await lines();
  const paged: Json[] = [];
  for (let path: string | undefined = '/connectors/default/audit?top=3'; path !== undefined; ) {
    const { body } = await system.api('GET', path);
    expect(body.value.length).toBeLessThanOrEqual(3);
    paged.push(...body.value);
    path = body.nextLink?.split('/api')[1];
  }
  expect(paged).toEqual(all);
  for (const query of ['cursor=3', 'from=yesterday', 'until=now'])
    expect((await system.api('GET', `/connectors/default/audit?${query}`)).status).toBe(400);
  expect((await system.api('GET', '/connectors/nobody/audit')).status).toBe(404);
}, 120_000);
