/** R09: what a dry run plans is, step by step, what a real run over the unchanged tenant then reports. */
import { beforeEach, expect, it } from 'vitest';
import { type Company, foundCompany, givePasskey, picture, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
});

/** A line for each thing that is done or skipped, in words that a plan and a report have in common. */
const line = (id: string, what: string, name: string, reason = 'done'): string => `${id} ${what} ${name}: ${reason}`;

const planned = (steps: readonly Json[]): string[] =>
  steps.flatMap(({ objectId, action, attributes, relation, targetId = '', reason = 'done' }: Json): string[] => {
    const how = action === 'skip' ? reason : 'done';
    if (action === 'photo') return [line(objectId, 'attribute', 'photo')];
    if (attributes !== undefined) return attributes.map((name: string) => line(objectId, 'attribute', name, how));
    if (relation !== undefined) return [line(objectId, relation, targetId, how)];
    return [line(objectId, 'object', action === 'skip' ? '' : action, how)];
  });

const reported = (objects: readonly Json[]): string[] =>
  objects.flatMap(({ id, result, reason, actions, attributes, links }: Json): string[] => [
    ...actions
      .filter((action: string) => action === 'create' || action === 'undelete')
      .map((action: string) => line(id, 'object', action)),
    ...(result === 'skipped' || result === 'failed' ? [line(id, 'object', '', reason)] : []),
    ...attributes.map((one: Json) => line(id, 'attribute', one.name, one.reason)),
    ...links.map((one: Json) => line(id, one.relation, one.targetId, one.reason)),
  ]);

/** @param apply whether the real run is given the plan, or is asked for the same. */
async function expectSame(request: Json, apply: 'plan' | 'request'): Promise<string[]> {
  await system.forgetStats();
  const id = await system.startRestore({ ...request, dryRun: true });
  expect(await system.waitForJob(id)).toMatchObject({ status: 'completed' });
  expect(await system.writes()).toBe(0);
  const { value: steps } = (await system.api('GET', `/jobs/${id}/plan?top=1000`)).body;
  const { report } = await system.restore(apply === 'plan' ? { planId: id } : { ...request, dryRun: false });
  expect(reported(report.objects).sort()).toEqual(planned(steps).sort());
  return planned(steps);
}

it.each(['plan', 'request'] as const)(
  'R09 of users (by the %s) that are gone, binned, changed, unchanged and unknown, with all that they had',
  async (apply) => {
    const { anna, bob, carla, dora, emil, project } = company;
    await givePasskey(system, carla);
    await directory.link(`/groups/${project}`, 'members', dora);
    await system.snapshot('full');
    await directory.purge(`/users/${carla}`);
    await directory.bin(`/users/${bob}`);
    await system.graph('PATCH', `/users/${dora}`, { department: 'Noise', city: null });
    await directory.unlink(`/groups/${project}`, 'members', dora);
    await directory.photo(dora, picture(3));
    const nobody = '00000000-0000-4000-8000-000000000000';
    const lines = await expectSame({ users: [anna, bob, carla, dora, emil, nobody] }, apply);
    expect(lines).toEqual(
      expect.arrayContaining([
        line(dora, 'memberOf', project),
        line(carla, 'directReports', dora),
        line(bob, 'object', 'undelete'),
      ]),
    );
  },
);

it.each(['plan', 'request'] as const)(
  'R09 R50 of a user (by the %s) who is to have a pass, and phones registered again',
  async (apply) => {
    const { carla } = company;
    await givePasskey(system, carla);
    const mobile = { phoneNumber: '+49 3012345678', phoneType: 'mobile' };
    await system.graph('POST', `/users/${carla}/authentication/phoneMethods`, mobile);
    await system.snapshot('full');
    await directory.purge(`/users/${carla}`);
    const newUsers = { temporaryAccessPass: true, authenticationMethods: true };
    const lines = await expectSame({ users: [carla], newUsers }, apply);
    expect(lines).toContain(line(carla, 'authenticationMethods', 'temporaryAccessPass'));
  },
);

it.each(['plan', 'request'] as const)('R09 of everything (by the %s), when all is lost', async (apply) => {
  await system.snapshot('full');
  for (const { id } of await directory.all('/users?$select=id')) await directory.purge(`/users/${id}`);
  for (const { id } of await directory.all('/groups?$select=id')) await directory.purge(`/groups/${id}`);
  await directory.bin(`/directory/administrativeUnits/${company.berlin}`);
  await system.control('POST', '/clock', { advance: 'P31D' });
  await expectSame({ users: 'all', groups: 'all', administrativeUnits: 'all' }, apply);
});

it.each(['plan', 'request'] as const)('R09 R40 of a rollback (by the %s), with what it takes away', async (apply) => {
  const { anna, bob, dora, emil, project } = company;
  await system.snapshot('full');
  await directory.link(`/groups/${project}`, 'members', emil);
  await directory.manager(dora, anna);
  await directory.manager(anna, emil);
  await directory.assignLicences(`/users/${dora}`, [skus.suite]);
  await directory.bin(`/users/${bob}`);
  await directory.bin(`/groups/${company.team}`);
  const lines = await expectSame({ users: 'all', groups: 'all', links: 'rollback' }, apply);
  expect(lines).toEqual(expect.arrayContaining([line(emil, 'memberOf', project), line(anna, 'manager', emil)]));
  expect(lines).toContain(line(bob, 'object', 'undelete'));
});
