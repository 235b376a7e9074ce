/** What the app is not allowed to do: each 403 is told apart, and nothing else is lost for it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { graphPermissions } from '../../src/graph/permissions.ts';
import { expectUnchangedAgain } from '../support/again.ts';
import { roles, skuSettings } from '../support/company.ts';
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
    expect((await system.restore({ users: [ada], links: 'rollback' })).job.status).toBe('completed');
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

  it('shuts the members of a group in it', async () => {
    await directory.link(`/directory/administrativeUnits/${vault}`, 'members', choir);
    await system.snapshot('full');
    await directory.unlink(`/groups/${choir}`, 'members', ben);
    const { job, report } = await system.restore({ users: [ben] });
    expect(job.status).toBe('incomplete');
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
    const { report } = await system.restore({ users: [ada, ben] });
    expect(report.objects).toMatchObject([
      { id: ada, result: 'failed', reason: 'privileged-needs-app-role' },
      { id: ben, result: 'unchanged' },
    ]);
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
        note: 'The app lacks the permission Group.ReadWrite.All.',
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
      message: '2 time(s): The app lacks the permission Group.ReadWrite.All.',
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
