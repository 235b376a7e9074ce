/** Users whom an Active Directory masters: live, binned, or switched to the cloud; and groups of that kind. */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { roles, skuSettings, skus } from '../support/company.ts';
import { onPremisesOf } from '../support/on-premises.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const onPremises = onPremisesOf(system);

beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('POST', '/settings', skuSettings());
});

it('H01 H02 writes no on-premises attribute or manager of a live synced user, and all of its cloud links', async () => {
  const { anchor: chief } = await onPremises.synced('Chief');
  const { id: ines, anchor } = await onPremises.synced('Ines', { department: 'Music', managerAnchor: chief });
  await system.graph('PATCH', `/users/${ines}`, { usageLocation: 'DE' });
  const choir = await directory.securityGroup('Choir');
  const unit = await directory.unit('Berlin');
  await directory.link(`/groups/${choir}`, 'members', ines);
  await directory.link(`/directory/administrativeUnits/${unit}`, 'members', ines);
  const assignment = await directory.assignRole(ines, roles.helpdesk);
  await directory.assignLicences(`/users/${ines}`, [skus.suite]);
  await system.snapshot('full');
  const before = await directory.portrait(ines);

  await system.control('PATCH', `/on-premises/users/${encodeURIComponent(anchor)}`, {
    department: 'Noise',
    managerAnchor: null,
  });
  await onPremises.sync();
  await system.graph('PATCH', `/users/${ines}`, { usageLocation: 'FR' });
  await directory.unlink(`/groups/${choir}`, 'members', ines);
  await directory.unlink(`/directory/administrativeUnits/${unit}`, 'members', ines);
  await system.graph('DELETE', `/roleManagement/directory/roleAssignments/${assignment}`);
  await system.graph('POST', `/users/${ines}/assignLicense`, { addLicenses: [], removeLicenses: [skus.suite] });

  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('incomplete');
  const [object] = report.objects;
  expect(object).toMatchObject({ id: ines, newId: ines, result: 'partial', hybrid: 'synced' });
  const reason = 'user-on-premises-attribute';
  expect(object.attributes).toContainEqual({ name: 'department', result: 'skipped', reason });
  expect(object.links).toContainEqual(expect.objectContaining({ relation: 'manager', result: 'skipped', reason }));
  const after = await directory.portrait(ines);
  expect(after).toEqual({
    ...before,
    manager: undefined,
    attributes: { ...before.attributes, department: 'Noise' },
  });
  await expectNothingLeftToDo(system, { users: [ines] });
});

it('H06 undeletes a binned synced user and says that a synchronization would do the same', async () => {
  const { id: ines } = await onPremises.synced('Ines', { department: 'Music' });
  const choir = await directory.securityGroup('Choir');
  await directory.link(`/groups/${choir}`, 'members', ines);
  await system.snapshot('full');
  await directory.bin(`/users/${ines}`);

  const { plan, steps } = await planned({ users: [ines] });
  expect(plan.warnings).toMatchObject([{ code: 'hybrid-undeleted', objectIds: [ines] }]);
  expect(steps).toMatchObject([{ action: 'undelete', note: expect.stringContaining('would do the same') }]);
  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('completed');
  expect(report.objects).toMatchObject([
    {
      id: ines,
      newId: ines,
      result: 'undeleted',
      hybrid: 'undeleted',
      note: expect.stringContaining('synchronization'),
    },
  ]);
  expect(await directory.ids(`/groups/${choir}/members?$select=id`)).toEqual([ines]);
  await expectUnchangedAgain(system, { users: [ines] });
  expect(await onPremises.sync()).toMatchObject({ created: 0, restored: 0, errors: [] });
});

it('H12 writes every attribute of a user whose source of authority is the cloud now, and leaves the switch', async () => {
  const { id: ines } = await onPremises.synced('Ines', { department: 'Music' });
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${ines}/onPremisesSyncBehavior`, { isCloudManaged: true });
  await system.graph('PATCH', `/users/${ines}`, { department: 'Noise', displayName: 'Another' });
  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('completed');
  expect(report.objects).toMatchObject([{ id: ines, result: 'updated', hybrid: 'cloud-managed' }]);
  expect(await directory.get(`/users/${ines}?$select=department,displayName,onPremisesSyncEnabled`)).toMatchObject({
    department: 'Music',
    displayName: 'Ines',
    onPremisesSyncEnabled: null,
  });
  expect(await directory.get(`/users/${ines}/onPremisesSyncBehavior`)).toMatchObject({ isCloudManaged: true });
  await expectUnchangedAgain(system, { users: [ines] });
});

it('H12 H01 writes no attribute of a user that was in the cloud and is synced now', async () => {
  const ines = await directory.user('Ines', { department: 'Music' });
  await system.snapshot('full');
  await onPremises.synced('Ines', { department: 'Noise' });
  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('incomplete');
  expect(report.objects).toMatchObject([{ id: ines, newId: ines, hybrid: 'synced' }]);
  expect(await directory.get(`/users/${ines}?$select=department`)).toMatchObject({ department: 'Noise' });
  await expectNothingLeftToDo(system, { users: [ines] });
});

it('H13 writes neither members nor attributes of a synced group, but its roles and licences', async () => {
  const { anchor } = await onPremises.synced('Ines');
  const groupAnchor = (await system.control('POST', '/on-premises/groups', { displayName: 'Choir', members: [anchor] }))
    .anchor;
  await onPremises.sync();
  const [{ id: choir }] = await directory.all(`/groups?$select=id`);
  await directory.assignLicences(`/groups/${choir}`, [skus.team]);
  const { id: admins } = await system.control('POST', '/objects', {
    '@odata.type': '#microsoft.graph.group',
    displayName: 'Admins',
    description: 'old',
    mailNickname: 'admins',
    mailEnabled: false,
    securityEnabled: true,
    groupTypes: [],
    isAssignableToRole: true,
    onPremisesSyncEnabled: true,
  });
  const assignment = await directory.assignRole(admins, roles.helpdesk);
  await system.snapshot('full');

  await system.control('POST', '/on-premises/groups', { anchor: groupAnchor, displayName: 'Choir', members: [] });
  await onPremises.sync();
  await system.graph('POST', `/groups/${choir}/assignLicense`, { addLicenses: [], removeLicenses: [skus.team] });
  await system.graph('DELETE', `/roleManagement/directory/roleAssignments/${assignment}`);
  await system.control('PATCH', `/objects/${admins}`, { description: 'new' });

  const request = { groups: [choir, admins] };
  const { job, report } = await system.restore(request);
  expect(job.status).toBe('incomplete');
  const by = new Map<string, Json>(report.objects.map((object: Json) => [object.id, object]));
  const reason = 'group-on-premises';
  expect(by.get(choir).links).toContainEqual(
    expect.objectContaining({ relation: 'members', result: 'skipped', reason }),
  );
  expect(by.get(admins).attributes).toContainEqual({ name: 'description', result: 'skipped', reason });
  expect((await directory.get(`/groups/${choir}?$select=assignedLicenses`)).assignedLicenses).toMatchObject([
    { skuId: skus.team },
  ]);
  expect((await directory.portrait(await onPremises.userNamed('Ines'))).memberOf).toEqual([]);
  const held = await directory.all(
    `/roleManagement/directory/roleAssignments?$filter=${encodeURIComponent(`principalId eq '${admins}'`)}`,
  );
  expect(held).toMatchObject([{ roleDefinitionId: roles.helpdesk }]);
  await expectNothingLeftToDo(system, request);
});

/** The dry run's job and steps. */
async function planned(request: Json): Promise<{ plan: Json; steps: Json[] }> {
  const plan = await system.waitForJob(await system.startRestore({ ...request, dryRun: true }));
  return { plan, steps: (await system.api('GET', `/jobs/${plan.id}/plan`)).body.value };
}
