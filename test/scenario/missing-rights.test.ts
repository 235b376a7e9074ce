/** What the app is not allowed to do: each 403 is told apart, and nothing else is lost for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { graphPermissions } from '../../src/graph/permissions.ts';
import { expectUnchangedAgain } from '../support/again.ts';
import { picture, roles, skuSettings, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const names = graphPermissions.map(({ name }) => name);

let ada: string;
let ben: string;
let choir: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('POST', '/settings', skuSettings());
  ada = await directory.user('Ada', { department: 'Music', mobilePhone: '+49 30 1' });
  ben = await directory.user('Ben', { department: 'Music' });
  choir = await directory.securityGroup('Choir');
  for (const user of [ada, ben]) await directory.link(`/groups/${choir}`, 'members', user);
});

const attributesOf = (object: Json): Json =>
  Object.fromEntries(object.attributes.map(({ name, result, reason }: Json) => [name, reason ?? result]));
const linkOf = (object: Json, relation: string): Json => object.links.find((link: Json) => link.relation === relation);

describe('a unit with restricted management', () => {
  let vault: string;
  beforeEach(async () => {
    const unit = { displayName: 'Vault', isMemberManagementRestricted: true };
    vault = (await system.graph('POST', '/directory/administrativeUnits', unit)).id;
    await directory.link(`/directory/administrativeUnits/${vault}`, 'members', ada);
  });

  it('R10 is named with its users before the first write, and shuts all but their usage location', async () => {
    await system.graph('PATCH', `/users/${ada}`, { usageLocation: 'DE' });
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${ada}`, { usageLocation: 'NO', department: 'Noise', mobilePhone: null });
    await directory.manager(ada, ben);
    const { job, report } = await system.restore({ users: [ada], links: 'rollback' });
    expect(job.preflight).toMatchObject([
      { code: 'restricted-admin-unit', message: expect.stringContaining(vault), objectIds: [ada] },
    ]);
    expect(job.status).toBe('incomplete');
    const [object] = report.objects;
    expect(attributesOf(object)).toEqual({
      department: 'restricted-admin-unit',
      mobilePhone: 'restricted-admin-unit',
      usageLocation: 'done',
    });
    expect(object.attributes[0].note).toContain(vault);
    expect(linkOf(object, 'manager')).toMatchObject({
      result: 'skipped',
      reason: 'restricted-admin-unit',
      note: expect.stringContaining(vault),
    });

    // With a role scoped to the unit the app may do all of it.
    const { id: app } = await system.control('POST', '/objects', {
      '@odata.type': '#microsoft.graph.servicePrincipal',
      displayName: 'The app',
      appId: '8f0c2b7e-41d9-4c65-a2f3-6e9d0b5a7c31',
    });
    await directory.assignRole(app, roles.helpdesk, `/administrativeUnits/${vault}`);
    const { job: allowed } = await system.restore({ users: [ada], links: 'rollback' });
    expect(allowed).toMatchObject({ status: 'completed', preflight: [] });
    await expectUnchangedAgain(system, { users: [ada], links: 'rollback' });
  });

  it('keeps a binned user in the bin, and says so beforehand', async () => {
    await system.snapshot('full');
    await directory.bin(`/users/${ada}`);
    await system.control('POST', '/faults', [
      {
        match: { method: 'POST', path: '/directory/deletedItems/*/restore' },
        effect: 'status',
        status: 403,
        code: 'Authorization_RequestDenied',
      },
    ]);
    const { job, report } = await system.restore({ users: [ada] });
    expect(job.preflight).toMatchObject([{ code: 'restricted-admin-unit', objectIds: [ada] }]);
    expect(report.objects).toMatchObject([
      { result: 'failed', reason: 'restricted-admin-unit', note: expect.stringContaining(vault) },
    ]);
  });

  it('takes a recreated user in again only when everything else of the user is written', async () => {
    await directory.manager(ada, ben);
    await directory.link(`/users/${ada}`, 'sponsors', ben);
    await system.snapshot('full');
    await directory.purge(`/users/${ada}`);
    await system.control('POST', '/faults', [
      { match: { method: 'PUT', path: '/users/*/manager/$ref' }, effect: 'delay', ms: 1_500 },
    ]);
    const { job, report } = await system.restore({ users: [ada] });
    expect(job.status, JSON.stringify(report.objects[0].links)).toBe('completed');
    await expectUnchangedAgain(system, { users: [ada] });
  });

  it('R10 shuts the members of a group in it, which is named before the first write', async () => {
    await directory.link(`/directory/administrativeUnits/${vault}`, 'members', choir);
    await system.snapshot('full');
    await directory.unlink(`/groups/${choir}`, 'members', ben);
    const { job, report } = await system.restore({ users: [ben] });
    expect(job.status).toBe('incomplete');
    expect(job.preflight).toEqual([
      { code: 'restricted-admin-unit', message: expect.stringContaining(vault), objectIds: [choir] },
    ]);
    expect(linkOf(report.objects[0], 'memberOf')).toMatchObject({ result: 'skipped', reason: 'restricted-admin-unit' });
  });
});

describe('a user whom only a higher role may touch', () => {
  beforeEach(async () => {
    await directory.assignRole(ada, globalAdministrator);
    await system.control('POST', '/settings', { directoryRoles: ['User Administrator'] });
  });

  it('keeps what is sensitive; all else is given back', async () => {
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${ada}`, { department: 'Noise', mobilePhone: null });
    const { job, report } = await system.restore({ users: [ada] });
    expect(job.status).toBe('incomplete');
    expect(attributesOf(report.objects[0])).toEqual({ department: 'done', mobilePhone: 'privileged-needs-app-role' });
    await system.control('POST', '/settings', { directoryRoles: ['Global Administrator'] });
    expect((await system.restore({ users: [ada] })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users: [ada] });
  });

  it('R23 stays in the bin for an app without that role', async () => {
    await system.snapshot('full');
    await directory.bin(`/users/${ada}`);
    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.preflight).toEqual([
      {
        code: 'privileged-needs-app-role',
        message: expect.stringContaining('directory role Privileged Authentication Administrator,'),
        objectIds: [ada],
      },
    ]);
    expect(report.objects).toMatchObject([
      {
        id: ada,
        result: 'failed',
        reason: 'privileged-needs-app-role',
        note: expect.stringContaining('directory role Privileged Authentication Administrator,'),
      },
      { id: ben, result: 'unchanged' },
    ]);
  });

  it('R10 R23 stays in the bin for want of a permission alone where the role of the app is high enough, and the report says so', async () => {
    await system.snapshot('full');
    await directory.bin(`/users/${ada}`);
    await system.control('POST', '/settings', {
      directoryRoles: ['Global Administrator'],
      permissions: names.filter((name) => !['User.DeleteRestore.All', 'User.ReadWrite.All'].includes(name)),
    });
    const { job, report } = await system.restore({ users: [ada] });
    const named = expect.stringContaining('User.DeleteRestore.All');
    expect(job.preflight).toEqual([{ code: 'permission-missing', message: named, objectIds: [ada] }]);
    expect(report.objects).toMatchObject([{ id: ada, result: 'failed', reason: 'graph-error', note: named }]);
  });
});

describe('R10 the pre-flight of a dry run', () => {
  const preflightOf = async (request: Json): Promise<Json> => {
    const id = await system.startRestore({ ...request, dryRun: true });
    return (await system.waitForJob(id)).preflight;
  };
  const holding = (
    permissions: 'all' | readonly string[],
    directoryRoles: readonly string[] = ['Global Administrator'],
  ) => system.control('POST', '/settings', { permissions, directoryRoles });
  const without = (...lost: string[]) => holding(names.filter((name) => !lost.includes(name)));

  it('names each permission that a planned step takes and the app lacks, with the objects; no others, and none that a wider one includes', async () => {
    const chiefs = await directory.securityGroup('Chiefs', { isAssignableToRole: true });
    await directory.link(`/groups/${chiefs}`, 'members', ben);
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${ada}`, { department: 'Noise' });
    await directory.unlink(`/groups/${chiefs}`, 'members', ben);
    const request = { users: [ada, ben] };

    await without('LicenseAssignment.ReadWrite.All', 'AdministrativeUnit.ReadWrite.All', 'User.DeleteRestore.All');
    expect(await preflightOf(request)).toEqual([]);
    await without('User.ReadWrite.All', 'RoleManagement.ReadWrite.Directory');
    expect(await preflightOf(request)).toEqual([
      { code: 'permission-missing', message: expect.stringContaining('User.ReadWrite.All'), objectIds: [ada] },
      {
        code: 'permission-missing',
        message: expect.stringContaining('RoleManagement.ReadWrite.Directory'),
        objectIds: [ben],
      },
    ]);
    await holding([...names.filter((name) => name !== 'User.ReadWrite.All'), 'Directory.ReadWrite.All']);
    expect(await preflightOf(request)).toEqual([]);
    await holding('all');
    expect(await preflightOf(request)).toEqual([]);
  });

  it('names what the undelete of a user, a photo, a role and a licence take', async () => {
    await system.graph('PATCH', `/users/${ben}`, { usageLocation: 'DE' });
    await directory.assignLicences(`/users/${ben}`, [skus.suite]);
    await directory.assignRole(ben, roles.helpdesk);
    await directory.photo(ben, picture());
    await system.snapshot('full');
    await directory.bin(`/users/${ada}`);
    await directory.purge(`/users/${ben}`);
    const lost = [
      'User.DeleteRestore.All',
      'User.ReadWrite.All',
      'ProfilePhoto.ReadWrite.All',
      'RoleManagement.ReadWrite.Directory',
      'LicenseAssignment.ReadWrite.All',
    ];
    await without(...lost);
    const preflight: Json[] = await preflightOf({ users: [ada, ben] });
    const named = lost.map((name) => preflight.find(({ message }) => message.includes(` ${name},`))?.objectIds);
    expect(named).toEqual([[ada], [ben], [ben], [ben], [ben]]);
  });

  it('says so where the app may not even look at its own permissions', async () => {
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${ada}`, { department: 'Noise' });
    await without('Directory.Read.All');
    expect(await preflightOf({ users: [ada] })).toEqual([
      { code: 'permission-missing', message: expect.stringContaining('Directory.Read.All') },
    ]);
  });

  it('R23 names the least directory role that may touch a protected user, where something sensitive is to be done', async () => {
    await directory.assignRole(ada, roles.helpdesk);
    await directory.assignRole(ben, globalAdministrator);
    await system.snapshot('full');
    for (const user of [ada, ben]) await system.graph('PATCH', `/users/${user}`, { mobilePhone: '+49 30 2' });
    const named = async (...held: string[]) => {
      await holding('all', held);
      return (await preflightOf({ users: [ada, ben] })).map(({ message, objectIds }: Json) => [
        /directory role (.*?),/.exec(message)?.[1],
        objectIds,
      ]);
    };
    expect(await named()).toEqual([
      ['User Administrator', [ada]],
      ['Privileged Authentication Administrator', [ben]],
    ]);
    expect(await named('User Administrator')).toEqual([['Privileged Authentication Administrator', [ben]]]);
    expect(await named('Privileged Authentication Administrator')).toEqual([]);
  });
});

describe('a permission that the app loses half-way', () => {
  const without = (...lost: string[]) =>
    system.control('POST', '/settings', { permissions: names.filter((name) => !lost.includes(name)), latencyMs: 0 });
  const untilPhase = async (id: string, phase: string): Promise<void> => {
    while ((await system.api('GET', `/jobs/${id}`)).body.phase !== phase) await sleep(10);
  };
  const half = async (phase: string, ...lost: string[]): Promise<{ job: Json; report: Json }> => {
    await system.snapshot('full');
    for (const user of [ada, ben]) await directory.purge(`/users/${user}`);
    await system.control('POST', '/settings', { permissions: names, latencyMs: 150 });
    const id = await system.startRestore({ users: [ada, ben] });
    await untilPhase(id, phase);
    await without(...lost);
    const job = await system.waitForJob(id, 120_000);
    return { job, report: await system.report(id) };
  };

  it('R52 is named at each thing it was for, and the job goes on with the rest', async () => {
    await directory.manager(ada, ben);
    const { job, report } = await half('objects', 'Group.ReadWrite.All');
    expect(job.status).toBe('incomplete');
    for (const object of report.objects) {
      expect(object).toMatchObject({ result: 'partial', newId: expect.any(String) });
      expect(linkOf(object, 'memberOf')).toMatchObject({
        result: 'failed',
        reason: 'graph-error',
        note: 'The app lacks the permission GroupMember.ReadWrite.All.',
      });
    }
    expect(
      linkOf(
        report.objects.find(({ id }: Json) => id === ada),
        'manager',
      ),
    ).toMatchObject({ result: 'done' });
    expect(job.warnings).toContainEqual({
      code: 'graph-error',
      message: '2 time(s): The app lacks the permission GroupMember.ReadWrite.All.',
    });
    await without();
    expect((await system.restore({ users: [ada, ben] })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users: [ada, ben] });
  });

  it.each([
    ['of users', ['User.Read.All', 'User.ReadWrite.All', 'User.DeleteRestore.All', 'Directory.Read.All']],
    ['at all', names],
  ])('R52 R54 leaves a job incomplete that can read nothing more %s, and hangs nowhere', async (_what, lost) => {
    const { job, report } = await half('linking', ...lost);
    expect(job.status).toBe('incomplete');
    for (const object of report.objects)
      expect(object).toMatchObject({
        result: 'partial',
        reason: 'graph-error',
        note: expect.stringMatching(/^GET .* was answered 403 .*a permission or directory role is missing/),
        verification: { matched: false, mismatches: ['unreadable'] },
      });
    await without();
    expect((await system.restore({ users: [ada, ben] })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users: [ada, ben] });
  });
});
