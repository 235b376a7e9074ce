/** Reasons an admin meets rarely: what no other scenario is about (restore-semantics 9). */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Company, foundCompany, givePasskey, roles, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
});

const refuse = (path: string, status: number, times = 100) =>
  system.control('POST', '/faults', [
    { match: { method: 'GET', path }, times, effect: 'status', status, code: 'Authorization_RequestDenied' },
  ]);
const planOf = async (request: Json): Promise<{ plan: Json; steps: Json[] }> => {
  const plan = await system.waitForJob(await system.startRestore({ ...request, dryRun: true }));
  return { plan, steps: (await system.api('GET', `/jobs/${plan.id}/plan`)).body.value };
};
const reasonsOf = (things: Json[], name: string): string[] =>
  things.filter((thing) => (thing.relation ?? thing.name) === name).map(({ reason, result }) => reason ?? result);

it('secret-not-restorable: a recreated person has another password and no passkey, and the job is complete all the same', async () => {
  const { emil } = company;
  await givePasskey(system, emil);
  await system.snapshot('full');
  await directory.purge(`/users/${emil}`);
  const { plan, steps } = await planOf({ users: [emil] });
  expect(plan.preflight).toEqual([]);
  expect(steps).toContainEqual(
    expect.objectContaining({ action: 'skip', attributes: ['passwordProfile'], reason: 'secret-not-restorable' }),
  );
  const { job, report } = await system.restore({ users: [emil] });
  expect(job).toMatchObject({ status: 'completed', counts: { created: 1 } });
  const [{ attributes, links }] = report.objects;
  expect(reasonsOf(attributes, 'passwordProfile')).toEqual(['secret-not-restorable']);
  expect(reasonsOf(links, 'authenticationMethods')).toEqual(['secret-not-restorable']);
});

describe('R48 not-captured-by-snapshot', () => {
  it('is said in plan, job and report of every object, and does not make the job incomplete', async () => {
    const { carla, project } = company;
    await refuse('/directory/administrativeUnits/delta', 403);
    const { body } = await system.api('POST', '/connectors/default/snapshots', { mode: 'full' });
    expect((await system.waitForJob(body.jobId)).status).toBe('incomplete');
    await system.control('DELETE', '/faults');
    const unit = await directory.unit('Paris');
    await directory.link(`/directory/administrativeUnits/${unit}`, 'members', carla);
    await directory.unlink(`/groups/${project}`, 'members', carla);

    const request = { users: [carla], snapshotId: body.jobId, links: 'rollback' };
    const { plan, steps } = await planOf(request);
    expect(plan.warnings).toMatchObject([{ code: 'not-captured-by-snapshot', objectIds: [carla] }]);
    expect(steps).toContainEqual({
      id: expect.any(String),
      kind: 'users',
      objectId: carla,
      action: 'skip',
      relation: 'administrativeUnits',
      reason: 'not-captured-by-snapshot',
    });
    const { job, report } = await system.restore(request);
    expect(job.status).toBe('completed');
    expect(reasonsOf(report.objects[0].links, 'administrativeUnits')).toEqual(['not-captured-by-snapshot']);
    expect(reasonsOf(report.objects[0].links, 'memberOf')).toEqual(['done']);
    expect(await directory.ids(`/directory/administrativeUnits/${unit}/members?$select=id`)).toEqual([carla]);
    await expectUnchangedAgain(system, request);
  });

  it('is said of a binned user, too, and of nothing beyond what was asked for', async () => {
    const { carla } = company;
    await refuse('/directory/administrativeUnits/delta', 403);
    const { body } = await system.api('POST', '/connectors/default/snapshots', { mode: 'full' });
    await system.waitForJob(body.jobId);
    await system.control('DELETE', '/faults');
    await directory.bin(`/users/${carla}`);
    const all = await planOf({ users: [carla], snapshotId: body.jobId });
    expect(reasonsOf(all.steps, 'administrativeUnits')).toEqual(['not-captured-by-snapshot']);
    const some = await planOf({ users: [carla], snapshotId: body.jobId, linkKinds: ['memberOf'] });
    expect(reasonsOf(some.steps, 'administrativeUnits')).toEqual([]);
  });
});

it('usage-location-missing: a licence waits for a usage location that neither the snapshot nor the user has', async () => {
  const { carla } = company;
  await system.control('PATCH', `/objects/${carla}`, { usageLocation: null });
  await system.snapshot('full');
  await system.graph('POST', `/users/${carla}/assignLicense`, { addLicenses: [], removeLicenses: [skus.suite] });
  const { job, report } = await system.restore({ users: [carla] });
  expect(job.preflight).toMatchObject([{ code: 'usage-location-missing', objectIds: [carla] }]);
  expect(job.status).toBe('incomplete');
  expect(reasonsOf(report.objects[0].links, 'licenses')).toEqual(['usage-location-missing']);
  await expectNothingLeftToDo(system, { users: [carla] });
});

it('licence-inherited: a licence that a group gave is left to the group', async () => {
  const { carla } = company;
  await system.snapshot('full');
  await directory.purge(`/users/${carla}`);
  const { job, report } = await system.restore({ users: [carla] });
  expect(job.status).toBe('completed');
  expect(reasonsOf(report.objects[0].links, 'licenses').sort()).toEqual(['done', 'licence-inherited']);
});

it('group-dynamic: a membership that a rule makes is left to the rule', async () => {
  const { carla } = company;
  const group = await directory.securityGroup('All of sales', {
    groupTypes: ['DynamicMembership'],
    membershipRule: 'user.department -eq "Sales"',
    membershipRuleProcessingState: 'On',
  });
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${carla}`, { department: 'Noise' });
  const { steps } = await planOf({ users: [carla] });
  expect(steps.filter(({ targetId }: Json) => targetId === group)).toMatchObject([
    { action: 'skip', relation: 'memberOf', reason: 'group-dynamic' },
  ]);
  expect((await system.restore({ users: [carla] })).job.status).toBe('completed');
});

it('role-builtin-not-creatable: a built-in role that Graph does not show is never created', async () => {
  await system.snapshot('full');
  await refuse('/roleManagement/directory/roleDefinitions/*', 404);
  await system.forgetStats();
  const { job, report } = await system.restore({ roleDefinitions: [roles.reportsReader] });
  expect(report.objects).toMatchObject([{ result: 'skipped', reason: 'role-builtin-not-creatable' }]);
  expect(job.status).toBe('completed');
  expect(await system.writes()).toBe(0);
});

it('R30 attribute-rejected: a day of hiring that the tenant takes from no app costs no new user, and one more write at most', async () => {
  const hired = { employeeHireDate: '2024-03-01T00:00:00Z', department: 'Music' };
  const users = [await system.directory.user('Hira', hired), await system.directory.user('Hiro', hired)];
  await system.snapshot('full');
  for (const user of users) await system.directory.purge(`/users/${user}`);
  await system.forgetStats();
  const { job, report } = await system.restore({ users });
  expect(job.status).toBe('incomplete');
  for (const { newId, attributes } of report.objects) {
    expect(reasonsOf(attributes, 'employeeHireDate')).toEqual(['attribute-rejected']);
    expect(await system.directory.get(`/users/${newId}?$select=department`)).toMatchObject({ department: 'Music' });
  }
  expect(await system.writes()).toBeLessThanOrEqual(2 * users.length);
});

it('R30 attribute-rejected: a value that the tenant does not take any more is named, all others are written', async () => {
  const { carla } = company;
  await system.control('POST', '/settings', {
    domains: [
      { id: 'contoso.com', federated: false },
      { id: 'old.example', federated: false },
    ],
  });
  await system.graph('PATCH', `/users/${carla}`, { userPrincipalName: 'carla@old.example' });
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${carla}`, { userPrincipalName: 'carla@contoso.com', department: 'Noise' });
  await system.control('POST', '/settings', { domains: [{ id: 'contoso.com', federated: false }] });
  const { job, report } = await system.restore({ users: [carla] });
  expect(job.status).toBe('incomplete');
  expect(reasonsOf(report.objects[0].attributes, 'userPrincipalName')).toEqual(['attribute-rejected']);
  expect(reasonsOf(report.objects[0].attributes, 'department')).toEqual(['done']);
});

it('attribute-unsupported: a comparison says that there is nothing on the left to write', async () => {
  await system.snapshot('full');
  const late = await directory.user('Late');
  const { id } = await system.snapshot('full');
  const [, before] = (await system.api('GET', '/connectors/default/snapshots')).body.value;
  const { body } = await system.api(
    'GET',
    `/connectors/default/snapshots/${before.id}/users/${late}/compare?with=${id}`,
  );
  expect(body.attributes.find(({ name }: Json) => name === 'displayName')).toMatchObject({
    left: null,
    right: 'Late',
    restorable: false,
    reason: 'attribute-unsupported',
  });
});
