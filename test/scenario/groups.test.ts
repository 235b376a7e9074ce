/** Groups, units and roles as objects of a restore of their own. */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { foundCompany, skuSettings, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let ada: string;
let ben: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada');
  ben = await directory.user('Ben');
});

it('R22 brings binned groups and units back under their ids, with their members', async () => {
  const team = await directory.microsoft365Group('Team');
  const choir = await directory.securityGroup('Choir', { description: 'sings' });
  const unit = await directory.unit('Berlin');
  for (const source of [`/groups/${team}`, `/groups/${choir}`, `/directory/administrativeUnits/${unit}`])
    await directory.link(source, 'members', ada);
  await system.snapshot('full');
  await directory.bin(`/groups/${team}`);
  await directory.bin(`/groups/${choir}`);
  await directory.bin(`/directory/administrativeUnits/${unit}`);

  const request = { groups: [team, choir], administrativeUnits: [unit] };
  const { job, report } = await system.restore(request);
  expect(job.status).toBe('completed');
  expect(report.objects).toMatchObject([
    { kind: 'administrativeUnits', id: unit, newId: unit, result: 'undeleted' },
    { kind: 'groups', id: team, newId: team, result: 'undeleted' },
    { kind: 'groups', id: choir, newId: choir, result: 'undeleted' },
  ]);
  for (const group of [team, choir]) expect(await directory.ids(`/groups/${group}/members?$select=id`)).toEqual([ada]);
  expect(await directory.get(`/groups/${choir}?$select=description,securityEnabled`)).toMatchObject({
    description: 'sings',
    securityEnabled: true,
  });
  await expectUnchangedAgain(system, request);
});

it('R34 never makes a second group of a live one, and finds one that was made again by its unique name alone', async () => {
  const choir = await directory.securityGroup('Choir', { description: 'sings' });
  await directory.link(`/groups/${choir}`, 'members', ada);
  await system.snapshot('full');
  await system.graph('PATCH', `/groups/${choir}`, { description: 'hums' });
  await system.restore({ groups: [choir] });
  expect(await directory.all(`/groups?$select=id,description`)).toMatchObject([{ id: choir, description: 'sings' }]);

  await directory.purge(`/groups/${choir}`);
  const again = await directory.securityGroup('Choir');
  const { report } = await system.restore({ groups: [choir] });
  expect(report.objects).toMatchObject([{ id: choir, newId: again }]);
  expect(await directory.ids(`/groups/${again}/members?$select=id`)).toEqual([ada]);
  await expectUnchangedAgain(system, { groups: [choir] });
});

it('R34 knows a synced group again that synchronization has made anew; R40 names members that only Active Directory can take out', async () => {
  const account = (name: string) =>
    system.control('POST', '/on-premises/users', { userPrincipalName: `${name}@contoso.com`, displayName: name });
  const members = [(await account('cem')).anchor, (await account('dina')).anchor];
  const made = await system.control('POST', '/on-premises/groups', {
    displayName: 'Works',
    members: members.slice(0, 1),
  });
  await system.control('POST', '/on-premises/sync');
  const named = async () => (await directory.all(`/groups?$filter=displayName eq 'Works'&$select=id`))[0].id;
  const [cem, dina] = await Promise.all(
    ['cem', 'dina'].map(async (name) => (await directory.usersNamed(`${name}@contoso.com`))[0].id),
  );
  const works = await named();
  await system.snapshot('full');
  await directory.bin(`/groups/${works}`);
  await system.control('POST', '/on-premises/groups', { ...made, displayName: 'Works', members });
  await system.control('POST', '/on-premises/sync');
  const again = await named();
  expect(again).not.toBe(works);

  const request = { groups: [works], users: [cem, dina], links: 'rollback' };
  const { job, report } = await system.restore(request);
  expect(job.status).toBe('incomplete');
  const lacking = { result: 'skipped', reason: 'group-on-premises' };
  expect(report.objects).toMatchObject([
    { id: works, newId: again, links: [] },
    { id: cem, links: [] },
    { id: dina, links: [{ relation: 'memberOf', targetId: again, ...lacking }] },
  ]);
  await expectNothingLeftToDo(system, request);
});

it('R34 writes nothing where the name fits two groups', async () => {
  const choir = await directory.securityGroup('Choir');
  await system.snapshot('full');
  await directory.purge(`/groups/${choir}`);
  const twins = [await directory.securityGroup('Choir'), await directory.securityGroup('Choir')];
  await system.forgetStats();
  const { report } = await system.restore({ groups: [choir] });
  expect(report.objects).toMatchObject([{ result: 'failed', reason: 'ambiguous-match' }]);
  for (const twin of twins) expect(report.objects[0].note).toContain(twin);
  expect(await system.writes()).toBe(0);
});

it('R31 creates a deleted custom role again, and only assigns built-in ones', async () => {
  const { id: role, templateId } = await system.graph('POST', '/roleManagement/directory/roleDefinitions', {
    displayName: 'Choir master',
    isEnabled: true,
    rolePermissions: [{ allowedResourceActions: ['microsoft.directory/groups/standard/read'] }],
  });
  await directory.assignRole(ada, role);
  await system.snapshot('full');
  for (const { id } of await directory.all('/roleManagement/directory/roleAssignments')) {
    await system.graph('DELETE', `/roleManagement/directory/roleAssignments/${id}`);
  }
  await system.graph('DELETE', `/roleManagement/directory/roleDefinitions/${role}`);

  const request = { roleDefinitions: [role], users: [ada] };
  const { job, report } = await system.restore(request);
  expect(job.status).toBe('completed');
  const [{ newId }] = report.objects;
  expect(await directory.get(`/roleManagement/directory/roleDefinitions/${newId}`)).toMatchObject({
    displayName: 'Choir master',
    templateId,
  });
  expect((await directory.portrait(ada)).roles).toEqual([`${newId} /`]);
  await expectUnchangedAgain(system, request);
});

it('R44 gives a role held through a group back through the membership, never directly', async () => {
  const admins = await directory.securityGroup('Admins', { isAssignableToRole: true });
  await directory.link(`/groups/${admins}`, 'members', ada);
  const role = '4a5d8f65-41da-4de4-8968-e035b65339cf';
  await directory.assignRole(admins, role);
  await system.snapshot('full');
  const shown = (await system.api('GET', `/connectors/default/snapshots/latest/users/${ada}`)).body;
  expect(shown.relationships.roleAssignments).toMatchObject([{ inheritedFrom: { id: admins } }]);
  await directory.purge(`/users/${ada}`);
  const { job, report } = await system.restore({ users: [ada] });
  expect(job.status).toBe('completed');
  const [{ newId }] = report.objects;
  expect(await directory.ids(`/groups/${admins}/members?$select=id`)).toEqual([newId]);
  expect((await directory.portrait(newId)).roles).toEqual([]);
  await expectUnchangedAgain(system, { users: [ada] });
});

it('R44 names the roles that are lost with a membership that cannot be made', async () => {
  const admins = await directory.securityGroup('Admins', { isAssignableToRole: true });
  await directory.link(`/groups/${admins}`, 'members', ada);
  await directory.assignRole(admins, '4a5d8f65-41da-4de4-8968-e035b65339cf');
  await system.snapshot('full');
  await directory.purge(`/users/${ada}`);
  await directory.purge(`/groups/${admins}`);
  const { job, report } = await system.restore({ users: [ada] });
  expect(job.status).toBe('incomplete');
  const [{ newId, links }] = report.objects;
  expect(links).toMatchObject([
    {
      relation: 'memberOf',
      targetId: admins,
      reason: 'linked-object-missing',
      note: expect.stringContaining('Reports Reader'),
    },
  ]);
  expect((await directory.portrait(newId)).roles).toEqual([]);
});

it('nests groups and owners again after everything was lost, each link written once', async () => {
  const inner = await directory.securityGroup('Inner');
  const outer = await directory.securityGroup('Outer');
  await directory.link(`/groups/${outer}`, 'members', inner);
  await directory.link(`/groups/${inner}`, 'members', ada);
  await directory.link(`/groups/${inner}`, 'owners', ben);
  await system.snapshot('full');
  for (const path of [`/groups/${inner}`, `/groups/${outer}`, `/users/${ada}`, `/users/${ben}`])
    await directory.purge(path);
  const request = { users: 'all', groups: 'all', dryRun: false };
  const { job, report } = await system.restore(request);
  expect(job.status).toBe('completed');
  const now = new Map(report.objects.map((object: { id: string; newId: string }) => [object.id, object.newId]));
  expect(await directory.ids(`/groups/${now.get(outer)}/members?$select=id`)).toEqual([now.get(inner)]);
  expect(await directory.ids(`/groups/${now.get(inner)}/members?$select=id`)).toEqual([now.get(ada)]);
  expect(await directory.ids(`/groups/${now.get(inner)}/owners?$select=id`)).toEqual([now.get(ben)]);
  await expectUnchangedAgain(system, request);
});

it('R39 brings lost groups within groups back with "sub-objects", however deep, and their members; a group that holds itself is no trouble', async () => {
  const names = ['Outer', 'Middle', 'Inner'];
  const [outer = '', middle = '', inner = ''] = await Promise.all(names.map((name) => directory.securityGroup(name)));
  await directory.link(`/groups/${outer}`, 'members', middle);
  await directory.link(`/groups/${middle}`, 'members', inner);
  await directory.link(`/groups/${inner}`, 'members', outer);
  await directory.link(`/groups/${inner}`, 'members', ada);
  await directory.link(`/groups/${middle}`, 'members', ben);
  await system.snapshot('full');
  for (const path of [`/groups/${outer}`, `/groups/${inner}`, `/users/${ada}`]) await directory.purge(path);
  await system.graph('PATCH', `/groups/${middle}`, { description: 'hums' });

  const request = { groups: [outer], subObjects: 'create-missing' };
  const { job, report } = await system.restore(request);
  expect(job, JSON.stringify(report)).toMatchObject({ status: 'completed', counts: { created: 3, updated: 0 } });
  const now = new Map<string, string>(report.objects.map(({ id, newId }: Json) => [id, newId]));
  expect([...now.keys()].sort()).toEqual([outer, inner, ada].sort());
  const members = (group = '') => directory.ids(`/groups/${group}/members?$select=id`);
  expect(await members(now.get(outer))).toEqual([middle]);
  expect(await members(middle)).toEqual([now.get(inner), ben].sort());
  expect(await members(now.get(inner))).toEqual([now.get(outer), now.get(ada)].sort());
  await expectUnchangedAgain(system, { groups: [outer, inner], users: [ada] });

  const whole = await system.restore({ groups: [outer], subObjects: 'create-missing-and-update' });
  expect(whole.job).toMatchObject({ status: 'completed', counts: { updated: 1, unchanged: 4 } });
  expect(await directory.get(`/groups/${middle}?$select=description`)).toMatchObject({ description: null });
});

it('makes a group again with its behaviours, which are given at creation alone', async () => {
  const quiet = { resourceBehaviorOptions: ['WelcomeEmailDisabled'], description: 'quiet' };
  const id = await directory.microsoft365Group('Quiet', quiet);
  await system.snapshot('full');
  await directory.purge(`/groups/${id}`);
  const { job, report } = await system.restore({ groups: [id] });
  expect(job).toMatchObject({ status: 'completed', warnings: [] });
  expect(await directory.get(`/groups/${report.objects[0].newId}`)).toMatchObject(quiet);
  await expectUnchangedAgain(system, { groups: [id] });
});

it('gives a recreated group its licences back, and its members theirs through it', async () => {
  const { carla, licensed } = await foundCompany(system);
  await system.snapshot('full');
  for (const path of [`/groups/${licensed}`, `/users/${carla}`]) await directory.purge(path);
  const request = { groups: [licensed], users: [carla] };
  const { job, report } = await system.restore(request);
  expect(job.status).toBe('completed');
  const [{ newId: newGroup }, { newId: newCarla }] = report.objects;
  const group = await directory.get(`/groups/${newGroup}?$select=assignedLicenses`);
  expect(group.assignedLicenses).toMatchObject([{ skuId: skus.team }]);
  const { licences } = await directory.portrait(newCarla);
  expect(licences).toContain(`${skus.team} ${newGroup} `);
  await expectUnchangedAgain(system, request);
});

it('R10 says before the first write what will be lacking', async () => {
  const { carla, bob, project, anna } = await foundCompany(system);
  await system.snapshot('full');
  for (const path of [`/users/${carla}`, `/users/${bob}`, `/groups/${project}`]) await directory.purge(path);
  await system.control('POST', '/settings', skuSettings(2));
  await directory.assignLicences(`/users/${anna}`, [skus.suite]);
  await system.forgetStats();
  const planId = await system.startRestore({ users: [carla, bob], dryRun: true });
  const plan = await system.waitForJob(planId);
  expect(plan.preflight.map((notice: { code: string }) => notice.code).sort()).toEqual([
    'licence-no-seats',
    'linked-object-missing',
  ]);
  expect(await system.writes()).toBe(0);
});
