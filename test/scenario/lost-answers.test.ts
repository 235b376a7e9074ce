/** Graph does the work and its answer is lost, or it refuses in the middle: nothing twice, nothing lost without a word. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Company, foundCompany, roles, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
  await system.snapshot('full');
});

const fault = (method: string, path: string, effect: object): Promise<Json> =>
  system.control('POST', '/faults', [{ match: { method, path }, ...effect }]);
const met = async (): Promise<number[]> => {
  const faults = await system.control('GET', '/faults');
  await system.control('DELETE', '/faults');
  return (faults.value ?? faults).map((one: Json) => one.met);
};
const nameOf = async (user: string): Promise<string> =>
  (await directory.get(`/users/${user}?$select=userPrincipalName`)).userPrincipalName;

describe('an answer lost after the work was done', () => {
  it.each([
    ['R36 of the create', 'POST', '/users'],
    ['of a group’s members', 'PATCH', '/groups/*'],
    ['of an owner', 'POST', '/groups/*/owners/$ref'],
    ['of a unit’s member', 'POST', '/directory/administrativeUnits/*/members/$ref'],
    ['of the manager', 'PUT', '/users/*/manager/$ref'],
    ['of a role', 'POST', '/roleManagement/directory/roleAssignments'],
    ['of the licences', 'POST', '/users/*/assignLicense'],
    ['of the photo', 'PUT', '/users/*/photo/$value'],
    ['of a sponsor', 'POST', '/users/*/sponsors/$ref'],
  ])('%s makes no second one, and nothing is lacking', async (_, method, path) => {
    const { carla } = company;
    const name = await nameOf(carla);
    const before = await directory.portrait(carla);
    await directory.purge(`/users/${carla}`);
    await fault(method, path, { effect: 'drop-response' });
    const { job, report } = await system.restore({ users: [carla] });
    expect(await met()).toEqual([1]);
    expect(job.status).toBe('completed');
    expect(report.objects).toMatchObject([{ id: carla, result: 'created' }]);
    expect(await directory.usersNamed(name)).toHaveLength(1);
    const after = await directory.portrait(report.objects[0].newId);
    expect({ ...after, attributes: undefined }).toEqual({ ...before, attributes: undefined });
    await expectUnchangedAgain(system, { users: [carla] });
  });

  it('of the attributes of a live user finds them written', async () => {
    const { carla } = company;
    await system.graph('PATCH', `/users/${carla}`, { department: 'Noise', city: null });
    await fault('PATCH', `/users/${carla}`, { effect: 'drop-response' });
    const { job, report } = await system.restore({ users: [carla] });
    expect(await met()).toEqual([1]);
    expect(job.status).toBe('completed');
    expect(report.objects).toMatchObject([
      {
        id: carla,
        result: 'updated',
        attributes: [
          { name: 'city', result: 'done' },
          { name: 'department', result: 'done' },
        ],
      },
    ]);
    await expectUnchangedAgain(system, { users: [carla] });
  });

  it('R45 of an eligible role makes no second one', async () => {
    const { emil } = company;
    const eligible = `/roleManagement/directory/roleEligibilitySchedules?$filter=principalId eq '${emil}'`;
    const asked = (action: string) =>
      system.graph('POST', '/roleManagement/directory/roleEligibilityScheduleRequests', {
        action,
        principalId: emil,
        roleDefinitionId: roles.reportsReader,
        directoryScopeId: '/',
        justification: 'test',
        scheduleInfo: { startDateTime: new Date().toISOString(), expiration: { type: 'noExpiration' } },
      });
    await asked('adminAssign');
    await system.snapshot('full');
    await asked('adminRemove');
    await fault('POST', '/roleManagement/directory/roleEligibilityScheduleRequests', { effect: 'drop-response' });
    const { job } = await system.restore({ users: [emil] });
    expect(await met()).toEqual([1]);
    expect(job.status).toBe('completed');
    expect((await system.graph('GET', eligible)).value).toHaveLength(1);
    await expectUnchangedAgain(system, { users: [emil] });
  });

  it('R16 of the undelete leaves the user back under the old id, and the report says undeleted', async () => {
    const { carla } = company;
    await directory.bin(`/users/${carla}`);
    await fault('POST', '/directory/deletedItems/*/restore', { effect: 'drop-response' });
    const { job, report } = await system.restore({ users: [carla] });
    expect(await met()).toEqual([1]);
    expect(job.status).toBe('completed');
    expect(report.objects).toMatchObject([{ id: carla, newId: carla, result: 'undeleted' }]);
    await expectUnchangedAgain(system, { users: [carla] });
  });
});

describe('an answer lost while a restore is undone', () => {
  it.each([
    ['of the deletion of whom it made', 'DELETE', '/users/*'],
    ['of a membership', 'DELETE', '/groups/*/members/*/$ref'],
    ['of the manager', 'PUT', '/users/*/manager/$ref'],
    ['of a role', 'DELETE', '/roleManagement/directory/roleAssignments/*'],
    ['of the licences', 'POST', '/users/*/assignLicense'],
    ['of the photo', 'DELETE', '/users/*/photo/$value'],
  ])('%s leaves all of it as it was before the restore', async (_, method, path) => {
    const { anna, bob, carla, dora, project } = company;
    await directory.purge(`/users/${carla}`);
    await directory.unlink(`/groups/${project}`, 'members', bob);
    await directory.manager(bob, dora);
    for (const { id } of await directory.all(
      `/roleManagement/directory/roleAssignments?$filter=principalId eq '${bob}' and directoryScopeId eq '/'`,
    ))
      await system.graph('DELETE', `/roleManagement/directory/roleAssignments/${id}`);
    await system.graph('POST', `/users/${bob}/assignLicense`, { addLicenses: [], removeLicenses: [skus.suite] });
    await system.graph('DELETE', `/users/${bob}/photo/$value`);
    const before = await directory.portrait(bob);
    const { job, report } = await system.restore({ users: [bob, carla], links: 'rollback' });
    expect(job.status, JSON.stringify(report)).toBe('completed');
    expect((await directory.get(`/users/${bob}/manager?$select=id`)).id).toBe(anna);

    await fault(method, path, { effect: 'drop-response' });
    const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
    const undone = await system.waitForJob(jobId, 120_000);
    expect(await met()).toEqual([1]);
    expect(undone.status, JSON.stringify((await system.report(jobId)).objects)).toBe('completed');
    expect(undone.counts).toMatchObject({ deleted: 1, updated: 1 });
    expect(await directory.portrait(bob)).toEqual(before);
  });
});

describe('a refusal in the middle', () => {
  it('R30 of unknown cause costs no object: the bare user is made and the rest follows', async () => {
    const { carla } = company;
    const { attributes } = await directory.portrait(carla);
    await directory.purge(`/users/${carla}`);
    await fault('POST', '/users', { effect: 'status', status: 400, code: 'Request_BadRequest' });
    const { job, report } = await system.restore({ users: [carla] });
    expect(job.status).toBe('completed');
    const after = await directory.portrait(report.objects[0].newId);
    expect({ ...after.attributes, createdDateTime: '' }).toEqual({ ...attributes, createdDateTime: '' });
    await expectUnchangedAgain(system, { users: [carla] });
  });

  it('R30 of one attribute for good is named, and all others are written', async () => {
    const { carla } = company;
    await system.graph('PATCH', `/users/${carla}`, { department: 'Noise', jobTitle: 'Nobody' });
    // The whole, then the first of the two alone.
    await fault('PATCH', `/users/${carla}`, { times: 2, effect: 'status', status: 400, code: 'Request_BadRequest' });
    const { job, report } = await system.restore({ users: [carla] });
    await met();
    expect(job.status).toBe('incomplete');
    const outcomes = report.objects[0].attributes.map((one: Json) =>
      `${one.name} ${one.result} ${one.reason ?? ''}`.trim(),
    );
    expect(outcomes.filter((one: string) => one.includes('rejected'))).toHaveLength(1);
    expect(outcomes.filter((one: string) => one.endsWith('done'))).toHaveLength(1);
    expect((await system.restore({ users: [carla] })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users: [carla] });
  });

  it('R23 of a privileged user names the missing role of the app', async () => {
    const { carla } = company;
    await directory.bin(`/users/${carla}`);
    await system.control('POST', '/settings', { directoryRoles: [] });
    await fault('POST', '/directory/deletedItems/*/restore', {
      times: 9,
      effect: 'status',
      status: 403,
      code: 'Authorization_RequestDenied',
    });
    const { job, report } = await system.restore({ users: [carla] });
    await met();
    expect(job.status).toBe('failed');
    expect(report.objects).toMatchObject([{ result: 'failed', reason: 'privileged-needs-app-role' }]);
    await system.control('POST', '/settings', { directoryRoles: ['Global Administrator'] });
    expect((await system.restore({ users: [carla] })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users: [carla] });
  });
});

describe('what deletion does to a user', () => {
  it('R17 R18 R21 is undone: licences stripped before, the mangled name, and never the password', async () => {
    const { carla, licensed } = company;
    const before = await directory.portrait(carla);
    const { userPrincipalName } = await directory.get(`/users/${carla}?$select=userPrincipalName`);
    await system.graph('PATCH', `/users/${carla}`, {
      passwordProfile: { password: 'Known-only-to-her-9', forceChangePasswordNextSignIn: false },
    });
    const direct = (await directory.get(`/users/${carla}?$select=licenseAssignmentStates`)).licenseAssignmentStates
      .filter((state: Json) => state.assignedByGroup !== licensed)
      .map((state: Json) => state.skuId);
    await system.graph('POST', `/users/${carla}/assignLicense`, { addLicenses: [], removeLicenses: direct });
    await directory.bin(`/users/${carla}`);
    const { job } = await system.restore({ users: [carla], newUsers: { password: { supplied: 'Something-else-88' } } });
    expect(job.status).toBe('completed');
    expect(await directory.portrait(carla)).toEqual(before);
    const signedIn = await system.control('POST', '/sign-in', { userPrincipalName, password: 'Known-only-to-her-9' });
    expect(signedIn).toMatchObject({ accepted: true });
    await expectUnchangedAgain(system, { users: [carla] });
  });

  it('R43 leaves a synced group to the on-premises directory, and the job incomplete', async () => {
    const { anchor } = await system.control('POST', '/on-premises/users', {
      userPrincipalName: 'ines@contoso.com',
      displayName: 'Ines',
    });
    await system.control('POST', '/on-premises/groups', { displayName: 'Plant', members: [anchor] });
    await system.control('POST', '/on-premises/sync');
    const [{ id: ines }] = await directory.usersNamed('ines@contoso.com');
    await system.snapshot('full');
    await directory.purge(`/users/${ines}`);
    const { job, report } = await system.restore({ users: [ines] });
    expect(job.status).toBe('incomplete');
    expect(report.objects[0].links).toContainEqual(
      expect.objectContaining({ targetName: 'Plant', result: 'skipped', reason: 'group-on-premises' }),
    );
    await expectNothingLeftToDo(system, { users: [ines] });
  });
});
