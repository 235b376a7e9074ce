/** How far a restore goes: what it empties, what it leaves, what it takes away, and only when told so. */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { roles } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let ada: string;
let boss: string;
let choir: string;
let orchestra: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada', { department: 'Music' });
  boss = await directory.user('Boss');
  choir = await directory.securityGroup('Choir');
  orchestra = await directory.securityGroup('Orchestra');
  await directory.link(`/groups/${choir}`, 'members', ada);
});

const groupsOf = (user: string): Promise<string[]> =>
  directory.ids(`/users/${user}/memberOf/microsoft.graph.group?$select=id`);

it('R12 empties what the snapshot has empty, and leaves read-only attributes alone', async () => {
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${ada}`, {
    jobTitle: 'Tenor',
    businessPhones: ['+49 30 1'],
    department: 'Noise',
  });
  const { job, report } = await system.restore({ users: [ada] });
  expect(job.status).toBe('completed');
  expect(report.objects).toMatchObject([{ id: ada, result: 'updated' }]);
  const live = await directory.get(`/users/${ada}?$select=jobTitle,businessPhones,department,createdDateTime`);
  expect(live).toMatchObject({ jobTitle: null, businessPhones: [], department: 'Music' });
  await expectUnchangedAgain(system, { users: [ada] });
});

it('R14 writes nothing for a live user in mode skip, and says so', async () => {
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${ada}`, { department: 'Noise' });
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [ada], onExisting: 'skip' });
  expect(job.status).toBe('incomplete');
  expect(report.objects).toMatchObject([{ id: ada, result: 'skipped', reason: 'exists-skip-mode' }]);
  expect(await system.writes()).toBe(0);
  await expectNothingLeftToDo(system, { users: [ada], onExisting: 'skip' });
});

it('R40 R47 keeps extra links in merge and takes them away in rollback, the manager too', async () => {
  await system.snapshot('full');
  await directory.link(`/groups/${orchestra}`, 'members', ada);
  await directory.manager(ada, boss);
  await directory.unlink(`/groups/${choir}`, 'members', ada);

  await system.restore({ users: [ada] });
  expect(await groupsOf(ada)).toEqual([choir, orchestra].sort());
  expect(await directory.find(`/users/${ada}/manager?$select=id`)).toMatchObject({ id: boss });
  await expectUnchangedAgain(system, { users: [ada] });

  const { report } = await system.restore({ users: [ada], links: 'rollback' });
  expect(await groupsOf(ada)).toEqual([choir]);
  expect(await directory.find(`/users/${ada}/manager?$select=id`)).toBeUndefined();
  expect(report.objects[0].links.map((link: Json) => `${link.action} ${link.relation} ${link.result}`).sort()).toEqual([
    'unlink manager done',
    'unlink memberOf done',
  ]);
  await expectUnchangedAgain(system, { users: [ada], links: 'rollback' });
});

it('R40 touches no link in mode skip, and takes nobody out of a role-assignable group unless told so', async () => {
  const admins = await directory.securityGroup('Admins', { isAssignableToRole: true });
  await system.snapshot('full');
  await directory.unlink(`/groups/${choir}`, 'members', ada);
  await directory.link(`/groups/${admins}`, 'members', ada);

  await system.restore({ users: [ada], links: 'skip' });
  expect(await groupsOf(ada)).toEqual([admins]);
  const { job } = await system.restore({ users: [ada], links: 'rollback' });
  expect(await groupsOf(ada)).toEqual([admins, choir].sort());
  const message = expect.stringMatching(/kept: Admins\. .*"allowPrivilegedRemoval": true/);
  const kept = [{ code: 'privileged-kept', message, objectIds: [ada] }];
  expect(job).toMatchObject({ status: 'completed', warnings: kept });
  const dry = await system.startRestore({ users: [ada], links: 'rollback', dryRun: true });
  expect(await system.waitForJob(dry)).toMatchObject({ status: 'completed', warnings: kept });
  const allowed = await system.restore({ users: [ada], links: 'rollback', allowPrivilegedRemoval: true });
  expect(allowed.job.warnings).toEqual([]);
  expect(await groupsOf(ada)).toEqual([choir]);
  await expectUnchangedAgain(system, { users: [ada], links: 'rollback', allowPrivilegedRemoval: true });
});

it('R48 removes no link of a kind that the snapshot could not read', async () => {
  await system.control('POST', '/faults', [
    {
      match: { method: 'GET', path: '/groups/delta' },
      times: 20,
      effect: 'status',
      status: 403,
      code: 'Authorization_RequestDenied',
    },
  ]);
  const { body } = await system.api('POST', '/connectors/default/snapshots', { mode: 'full' });
  expect((await system.waitForJob(body.jobId)).status).toBe('incomplete');
  await system.control('DELETE', '/faults');
  await directory.link(`/groups/${orchestra}`, 'members', ada);
  const { job } = await system.restore({ users: [ada], links: 'rollback', snapshotId: body.jobId });
  expect(job.status).toBe('completed');
  expect(await groupsOf(ada)).toEqual([choir, orchestra].sort());
  await expectUnchangedAgain(system, { users: [ada], links: 'rollback', snapshotId: body.jobId });
});

it('restores only the attributes and the kinds of links it is asked for', async () => {
  await directory.manager(ada, boss);
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${ada}`, { department: 'Noise', jobTitle: 'Tenor' });
  await directory.unlink(`/groups/${choir}`, 'members', ada);
  await system.graph('DELETE', `/users/${ada}/manager/$ref`);
  const request = { users: [ada], attributes: ['department'], linkKinds: ['manager'] };
  await system.restore(request);
  expect(await directory.get(`/users/${ada}?$select=department,jobTitle`)).toMatchObject({
    department: 'Music',
    jobTitle: 'Tenor',
  });
  expect(await directory.find(`/users/${ada}/manager?$select=id`)).toMatchObject({ id: boss });
  expect(await groupsOf(ada)).toEqual([]);
  await expectUnchangedAgain(system, request);
});

it('R45 gives roles back as they were: tenant-wide and scoped to a unit, a duplicate counting as done', async () => {
  const unit = await directory.unit('Berlin');
  await directory.assignRole(ada, roles.reportsReader);
  await directory.assignRole(ada, roles.helpdesk, `/administrativeUnits/${unit}`);
  await system.snapshot('full');
  await directory.purge(`/users/${ada}`);
  const { job, report } = await system.restore({ users: [ada] });
  expect(job.status).toBe('completed');
  const { roles: held } = await directory.portrait(report.objects[0].newId);
  expect(held).toEqual([`${roles.helpdesk} /administrativeUnits/${unit}`, `${roles.reportsReader} /`].sort());
  await expectUnchangedAgain(system, { users: [ada] });
});

it('R59 keeps reason, caller and snapshot in the job record and in the audit line', async () => {
  const snapshot = await system.snapshot('full');
  await system.graph('PATCH', `/users/${ada}`, { department: 'Noise' });
  const { job } = await system.restore({ users: [ada], reason: 'ticket 4711' });
  expect(job).toMatchObject({ reason: 'ticket 4711', requestedBy: 'function-key', snapshotId: snapshot.id });
  expect((await system.api('GET', '/connectors/default/jobs?kind=restore')).body.value[0]).toMatchObject({
    reason: 'ticket 4711',
  });
  const audited = system.said().filter((line) => line.includes('audit: ') && line.includes(job.id));
  expect(audited).toHaveLength(1);
  for (const said of ['ticket 4711', 'function-key', snapshot.id]) expect(audited[0]).toContain(said);
  const { value: lines } = (await system.api('GET', '/connectors/default/audit')).body;
  expect(lines.filter(({ jobId }: Json) => jobId === job.id)).toEqual([
    expect.objectContaining({ reason: 'ticket 4711', requestedBy: 'function-key', snapshotId: snapshot.id }),
  ]);
});
