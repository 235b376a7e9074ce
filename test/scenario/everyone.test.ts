/** The whole directory at once. */
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Company, foundCompany } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
});

/** Who is linked to whom, by name: the same before and after, although every id is new. */
async function linksByName(): Promise<Record<string, unknown>> {
  const names = async (path: string): Promise<string[]> =>
    (await directory.all(`${path}?$select=id,displayName`)).map((one: Json) => String(one.displayName)).sort();
  const links: Record<string, unknown> = {};
  for (const { id, displayName } of await directory.all('/groups?$select=id,displayName')) {
    links[displayName] = [await names(`/groups/${id}/members`), await names(`/groups/${id}/owners`)];
  }
  for (const { id, displayName } of await directory.all('/directory/administrativeUnits')) {
    links[displayName] = await names(`/directory/administrativeUnits/${id}/members`);
  }
  for (const { id, displayName } of await directory.all('/users?$select=id,displayName')) {
    const manager = await directory.find(`/users/${id}/manager?$select=displayName`);
    links[displayName] = [manager?.displayName, await names(`/users/${id}/sponsors`)];
  }
  return links;
}

it('R05 of "all" first says what would be done, and writes nothing before the request says so in so many words', async () => {
  await system.snapshot('full');
  await directory.purge(`/users/${company.carla}`);
  await system.forgetStats();
  const id = await system.startRestore({ users: 'all' });
  expect(await system.waitForJob(id)).toMatchObject({ kind: 'plan', status: 'completed' });
  const plan = (await system.api('GET', `/jobs/${id}/plan`)).body;
  expect(plan.counts).toMatchObject({ create: 1 });
  expect(await system.writes()).toBe(0);

  const { job } = await system.restore({ users: 'all', dryRun: false });
  expect(job).toMatchObject({ status: 'completed', counts: { created: 1 } });
  expect(await directory.all('/users?$select=id')).toHaveLength(5);
});

it('R51 brings every user and group back from nothing, with every link among them', async () => {
  await system.snapshot('full');
  const before = await linksByName();
  for (const { id } of await directory.all('/users?$select=id')) await directory.purge(`/users/${id}`);
  for (const { id } of await directory.all('/groups?$select=id')) await directory.purge(`/groups/${id}`);

  const request = { users: 'all', groups: 'all', dryRun: false };
  const { job } = await system.restore(request);

  expect(job.counts).toMatchObject({ created: 8, failed: 0 });
  expect(await linksByName()).toEqual(before);
  await system.forgetStats();
  await system.restore(request);
  expect(await system.writes()).toBe(0);
});

it('R52 lets one user that fails on every retry stop nobody else, and links the rest', async () => {
  const { bob, carla, project } = company;
  await system.snapshot('full');
  await directory.purge(`/users/${carla}`);
  await directory.bin(`/users/${bob}`);
  await system.control('POST', '/faults', [
    {
      match: { method: 'POST', path: `/directory/deletedItems/${bob}/restore` },
      times: 100_000,
      effect: 'status',
      status: 400,
      code: 'Request_BadRequest',
    },
  ]);
  const { job, report } = await system.restore({ users: [bob, carla] });
  expect(job.status).toBe('incomplete');
  const row = (id: string): Json => report.objects.find((object: Json) => object.id === id);
  expect(row(bob)).toMatchObject({ result: 'failed', reason: 'graph-error' });
  expect(row(carla)).toMatchObject({ result: 'created', verification: { matched: true } });
  expect(await directory.ids(`/groups/${project}/members?$select=id`)).toEqual([row(carla).newId]);

  await system.control('DELETE', '/faults');
  expect((await system.restore({ users: [bob, carla] })).job.status).toBe('completed');
  await expectUnchangedAgain(system, { users: [bob, carla] });
});
