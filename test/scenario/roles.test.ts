/** Roles come back as they were held: active or eligible, for the tenant or a unit, for good or until a day. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo } from '../support/again.ts';
import { type Company, foundCompany, roles } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const schedules = '/roleManagement/directory';
const ahead = '2999-01-01T00:00:00Z';
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
}, 60_000);

const ask = (
  holding: 'Assignment' | 'Eligibility',
  principalId: string,
  roleDefinitionId: string,
  scope = '/',
  end?: string,
) =>
  system.graph('POST', `${schedules}/role${holding}ScheduleRequests`, {
    action: 'adminAssign',
    principalId,
    roleDefinitionId,
    directoryScopeId: scope,
    justification: 'test',
    scheduleInfo: {
      startDateTime: '2026-01-01T00:00:00Z',
      expiration: end === undefined ? { type: 'noExpiration' } : { type: 'afterDateTime', endDateTime: end },
    },
  });
const held = async (holding: 'Assignment' | 'Eligibility', principalId: string): Promise<Json[]> =>
  (await directory.all(`${schedules}/role${holding}Schedules?$filter=principalId eq '${principalId}'`))
    .map(({ roleDefinitionId, directoryScopeId, scheduleInfo }: Json) => [
      roleDefinitionId,
      directoryScopeId,
      scheduleInfo.expiration.endDateTime ?? null,
    ])
    .sort();
const same = (time: string) => expect.stringMatching(new RegExp(`^${time.slice(0, 19)}`));

describe('R45 roles of a person who was deleted for good', () => {
  it('come back as the same kind, scope and end, and are shown and compared by name', async () => {
    const { emil, berlin } = company;
    await ask('Eligibility', emil, roles.reportsReader);
    await ask('Eligibility', emil, roles.helpdesk, `/administrativeUnits/${berlin}`, ahead);
    await ask('Assignment', emil, roles.reportsReader, '/', ahead);
    const snapshot = await system.snapshot('full');
    const { relationships } = (await system.api('GET', `/connectors/default/snapshots/latest/users/${emil}`)).body;
    expect(relationships.eligibleRoleAssignments.map(({ displayName }: Json) => displayName).sort()).toEqual([
      'Helpdesk Administrator',
      'Reports Reader',
    ]);
    expect(relationships.roleAssignments).toMatchObject([{ displayName: 'Reports Reader', endDateTime: same(ahead) }]);

    await directory.purge(`/users/${emil}`);
    const { job, report } = await system.restore({ users: [emil] });
    expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
    const { newId, links } = report.objects[0];
    expect(await held('Eligibility', newId)).toEqual(
      [
        [roles.reportsReader, '/', null],
        [roles.helpdesk, `/administrativeUnits/${berlin}`, same(ahead)],
      ].sort(),
    );
    expect(await held('Assignment', newId)).toEqual([[roles.reportsReader, '/', same(ahead)]]);
    const told = links.filter(({ relation }: Json) => relation === 'eligibleRoleAssignments');
    expect(told.map(({ targetName, result }: Json) => [targetName, result]).sort()).toEqual([
      ['Helpdesk Administrator', 'done'],
      ['Reports Reader', 'done'],
    ]);
    await expectNothingLeftToDo(system, { users: [emil] });
    const compared = (
      await system.api('GET', `/connectors/default/snapshots/${snapshot.id}/users/${emil}/compare?with=live`)
    ).body;
    expect(compared.relationships).toEqual([]);
  });

  it('whose time is over are named and leave the job complete', async () => {
    const { emil } = company;
    const ends = Date.now() + 3_000;
    const soon = new Date(ends).toISOString();
    await ask('Assignment', emil, roles.helpdesk, '/', soon);
    await ask('Eligibility', emil, roles.reportsReader, '/', soon);
    await system.snapshot('full');
    await directory.purge(`/users/${emil}`);
    await sleep(Math.max(0, ends + 50 - Date.now()));
    const { job, report } = await system.restore({ users: [emil] });
    const roleLinks = report.objects[0].links.filter(({ relation }: Json) => relation.endsWith('oleAssignments'));
    expect(roleLinks.map(({ result, reason }: Json) => [result, reason])).toEqual([
      ['skipped', 'role-expired'],
      ['skipped', 'role-expired'],
    ]);
    expect(job.status).toBe('completed');
  });

  it('are left out where the request names other kinds of links', async () => {
    const { emil } = company;
    await ask('Eligibility', emil, roles.helpdesk);
    await system.snapshot('full');
    await directory.purge(`/users/${emil}`);
    const { report } = await system.restore({ users: [emil], linkKinds: ['manager', 'roleAssignments'] });
    expect(await held('Eligibility', report.objects[0].newId)).toEqual([]);
  });
});

it('R44 an eligible role held through a group is shown with the group, and comes back with the membership alone', async () => {
  const { emil } = company;
  const group = await system.graph('POST', '/groups', {
    displayName: 'Privileged',
    mailEnabled: false,
    mailNickname: 'privileged',
    securityEnabled: true,
    isAssignableToRole: true,
  });
  await directory.link(`/groups/${group.id}`, 'members', emil);
  await ask('Eligibility', group.id, roles.helpdesk);
  await system.snapshot('full');
  const { relationships } = (await system.api('GET', `/connectors/default/snapshots/latest/users/${emil}`)).body;
  expect(relationships.eligibleRoleAssignments).toMatchObject([{ inheritedFrom: { id: group.id } }]);
  await directory.purge(`/users/${emil}`);
  const { job, report } = await system.restore({ users: [emil] });
  expect(job.status).toBe('completed');
  expect(await held('Eligibility', report.objects[0].newId)).toEqual([]);
  expect((await directory.all(`/groups/${group.id}/members`)).map(({ id }: Json) => id)).toEqual([
    report.objects[0].newId,
  ]);
});

describe('R40 roles that the snapshot lacks', () => {
  const groupsAdministrator = 'fdd7a751-b60b-444a-984c-02652fe8fa1c';

  it('go in a rollback, active and eligible, and stay in a merge', async () => {
    const { emil } = company;
    await system.snapshot('full');
    await directory.assignRole(emil, roles.reportsReader);
    await ask('Eligibility', emil, groupsAdministrator);
    expect((await system.restore({ users: [emil] })).job.counts).toMatchObject({ unchanged: 1 });
    expect(await held('Assignment', emil)).toHaveLength(1);
    const { job, report } = await system.restore({ users: [emil], links: 'rollback' });
    expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
    expect(await held('Assignment', emil)).toEqual([]);
    expect(await held('Eligibility', emil)).toEqual([]);
    await expectNothingLeftToDo(system, { users: [emil], links: 'rollback' });
  });

  it('stay when they are privileged, unless the request says so in so many words', async () => {
    const { emil } = company;
    await system.snapshot('full');
    await directory.assignRole(emil, roles.helpdesk);
    const request = { users: [emil], links: 'rollback' };
    expect((await system.restore(request)).job).toMatchObject({
      status: 'completed',
      warnings: [
        { code: 'privileged-kept', message: expect.stringContaining('Helpdesk Administrator'), objectIds: [emil] },
      ],
    });
    expect(await held('Assignment', emil)).toHaveLength(1);
    expect((await system.restore({ ...request, allowPrivilegedRemoval: true })).job.status).toBe('completed');
    expect(await held('Assignment', emil)).toEqual([]);
  });
});

it('R45 roles that a restore gave a living person are taken away by its undo: eligible ones, and those with an end', async () => {
  const { emil, berlin } = company;
  await ask('Eligibility', emil, roles.helpdesk, `/administrativeUnits/${berlin}`, ahead);
  await ask('Assignment', emil, roles.reportsReader, '/', ahead);
  await system.snapshot('full');
  await system.graph('POST', `${schedules}/roleEligibilityScheduleRequests`, {
    action: 'adminRemove',
    principalId: emil,
    roleDefinitionId: roles.helpdesk,
    directoryScopeId: `/administrativeUnits/${berlin}`,
    justification: 'test',
  });
  await system.graph('POST', `${schedules}/roleAssignmentScheduleRequests`, {
    action: 'adminRemove',
    principalId: emil,
    roleDefinitionId: roles.reportsReader,
    directoryScopeId: '/',
    justification: 'test',
  });
  const all = async () => [...(await held('Eligibility', emil)), ...(await held('Assignment', emil))];
  expect(await all()).toEqual([]);
  const { job, report } = await system.restore({ users: [emil] });
  expect(job.status, JSON.stringify(report)).toBe('completed');
  expect(await all()).toHaveLength(2);
  const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
  const undone = await system.waitForJob(jobId, 120_000);
  expect(undone.status, JSON.stringify((await system.report(jobId)).objects)).toBe('completed');
  expect(await all()).toEqual([]);
}, 120_000);
