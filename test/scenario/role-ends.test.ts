/** Until when a role, or a place in a group that may hold roles, is held: judged by the tenant's clock. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { foundCompany, roles } from '../support/company.ts';
import { planned, reported } from '../support/plan-lines.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const ofRoles = '/roleManagement/directory';
const ofGroups = '/identityGovernance/privilegedAccess/group';

let emil = '';
let admins = '';
beforeEach(async () => {
  ({ emil } = await foundCompany(system));
  admins = await directory.securityGroup('Admins', { isAssignableToRole: true });
}, 60_000);

type Family = 'roleEligibility' | 'roleAssignment' | 'eligibility' | 'assignment';
const isOfGroups = (family: Family): boolean => !family.startsWith('role');
const doorOf = (family: Family): string => `${isOfGroups(family) ? ofGroups : ofRoles}/${family}Schedule`;
const placeOf = (family: Family) =>
  isOfGroups(family)
    ? { groupId: admins, accessId: 'member' }
    : { roleDefinitionId: roles.reportsReader, directoryScopeId: '/' };

/** Asks for what one family of schedules gives, until so many days from now by the tenant's clock; for good without. */
const ask = (family: Family, action: string, days?: number, principalId = emil) =>
  inDays(days).then((endDateTime) =>
    system.graph('POST', `${doorOf(family)}Requests`, {
      action,
      principalId,
      ...placeOf(family),
      justification: 'test',
      scheduleInfo: {
        expiration: endDateTime === undefined ? { type: 'noExpiration' } : { type: 'afterDateTime', endDateTime },
      },
    }),
  );
const inDays = async (days: number | undefined): Promise<string | undefined> => {
  if (days === undefined) return undefined;
  const { now } = await system.control('GET', '/clock');
  return `${new Date(Date.parse(now) + days * 86_400_000).toISOString().slice(0, 19)}Z`;
};
const advance = (days: number) => system.control('POST', '/clock', { advance: `P${days}D` });
const nameOf: Readonly<Record<Family, string>> = {
  roleEligibility: 'eligibleRoleAssignments',
  roleAssignment: 'roleAssignments',
  eligibility: 'eligibleGroups',
  assignment: 'memberOf',
};
const families: readonly Family[] = ['roleEligibility', 'roleAssignment', 'eligibility', 'assignment'];

async function planOf(request: Json): Promise<Json[]> {
  const id = await system.startRestore({ ...request, dryRun: true });
  expect(await system.waitForJob(id, 120_000)).toMatchObject({ status: 'completed' });
  return (await system.api('GET', `/jobs/${id}/plan?top=1000`)).body.value;
}

describe('R45 R09 R13 an end that has passed by the clock of the tenant, not of the host', { timeout: 120_000 }, () => {
  it.each(families)('is foreseen, and asks Graph for nothing: %s', async (family) => {
    await ask(family, 'adminAssign', 10);
    await system.snapshot('full');
    await directory.purge(`/users/${emil}`);
    await advance(20);
    const request = { users: [emil] };
    const steps = await planOf(request);
    const lines = planned(steps).filter((one) => one.includes(nameOf[family]));
    expect(lines).toContainEqual(expect.stringContaining('role-expired'));
    await system.forgetStats();
    const { job, report } = await system.restore(request);
    expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
    expect(reported(report.objects).sort()).toEqual(planned(steps).sort());
    const { byRoute } = await system.control('GET', '/stats');
    const asked = byRoute.filter(({ route }: Json) => route.includes('ScheduleRequests'));
    expect(asked).toEqual([]);
    const again = await expectNothingLeftToDo(system, request);
    expect(again.job).toMatchObject({ status: 'completed' });
  });
});

/** The ends of what Emil holds of a family, to the second; null: for good. */
async function endsOf(family: Family): Promise<(string | null)[]> {
  const found = await directory.all(`${doorOf(family)}s?$filter=principalId eq '${emil}'`);
  return found.map(({ scheduleInfo }: Json) => scheduleInfo.expiration.endDateTime?.slice(0, 19) ?? null);
}
const shown = async (days: number | undefined) => [(await inDays(days))?.slice(0, 19) ?? null];
const comparison = async (path: string) =>
  (await system.api('GET', `/connectors/default/snapshots/latest/${path}/compare?with=live`)).body.relationships;
const ofFamily = (objects: Json[], family: Family): Json[] =>
  objects.flatMap(({ links }: Json) => links).filter(({ relation }: Json) => relation === nameOf[family]);

async function undo(jobId: string): Promise<Json> {
  const { jobId: id } = (await system.api('POST', `/jobs/${jobId}/undo`)).body;
  return system.waitForJob(id, 120_000);
}

describe.each(families)('R45 the end of what is held by then and by now: %s', { timeout: 120_000 }, (family) => {
  const request = () => ({ users: [emil] });

  it('R06 R07 R09 R13 in a merge comes back where live would end sooner, and an undo takes it back', async () => {
    const [then, now] = family.endsWith('ligibility') ? [100, 20] : [undefined, 1];
    await ask(family, 'adminAssign', then);
    await system.snapshot('full');
    const before = await endsOf(family);
    await ask(family, 'adminUpdate', now);
    const sooner = await endsOf(family);
    expect(sooner).not.toEqual(before);
    const end = (time: string | null | undefined) => (time ? { endDateTime: expect.stringContaining(time) } : {});
    const different = { relation: nameOf[family], added: [end(sooner[0])], removed: [end(before[0])] };
    expect(await comparison(`users/${emil}`)).toMatchObject([different]);

    const steps = await planOf(request());
    expect(steps).toMatchObject([{ action: 'link', relation: nameOf[family], note: expect.stringContaining('Held') }]);
    const { job, report } = await system.restore(request());
    expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
    expect(reported(report.objects)).toEqual(planned(steps));
    expect(report.objects).toMatchObject([{ verification: { matched: true } }]);
    expect(await endsOf(family)).toEqual(before);
    expect(await comparison(`users/${emil}`)).toEqual([]);
    await expectUnchangedAgain(system, request());

    expect(await undo(job.id)).toMatchObject({ status: 'completed' });
    expect(await endsOf(family)).toEqual(sooner);
  });

  it('R40 keeps the later end of live in a merge, and is set back by a rollback that may', async () => {
    await ask(family, 'adminAssign', 20);
    await system.snapshot('full');
    const [before, later] = [await endsOf(family), await shown(100)];
    await ask(family, 'adminUpdate', 100);
    expect(await endsOf(family)).toEqual(later);
    await expectUnchangedAgain(system, request());
    const rollback = { ...request(), links: 'rollback' };
    if (isOfGroups(family)) {
      await expectUnchangedAgain(system, rollback);
      expect(await endsOf(family)).toEqual(later);
    }
    const allowed = { ...rollback, ...(isOfGroups(family) ? { allowPrivilegedRemoval: true } : {}) };
    const steps = await planOf(allowed);
    const { job, report } = await system.restore(allowed);
    expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
    expect(reported(report.objects)).toEqual(planned(steps));
    expect(ofFamily(report.objects, family)).toMatchObject([{ result: 'done', action: 'link' }]);
    expect(await endsOf(family)).toEqual(before);
    await expectUnchangedAgain(system, allowed);
    expect(await undo(job.id)).toMatchObject({ status: 'completed' });
    expect(await endsOf(family)).toEqual(later);
  });

  it('R09 is named where it has passed and a rollback would set it', async () => {
    await ask(family, 'adminAssign', 2);
    await system.snapshot('full');
    await ask(family, 'adminUpdate');
    await advance(5);
    const rollback = { ...request(), links: 'rollback', allowPrivilegedRemoval: true };
    const steps = await planOf(rollback);
    const { job, report } = await expectNothingLeftToDo(system, rollback);
    expect(job).toMatchObject({ status: 'completed' });
    expect(reported(report.objects)).toEqual(planned(steps));
    expect(ofFamily(report.objects, family)).toMatchObject([{ result: 'skipped', reason: 'role-expired' }]);
    expect(await endsOf(family)).toEqual([null]);
  });
});

it('R40 R45 the end of a privileged role is set back only where the request says so', async () => {
  const give = (action: string, endDateTime: string) =>
    system.graph('POST', `${ofRoles}/roleAssignmentScheduleRequests`, {
      action,
      principalId: emil,
      roleDefinitionId: roles.helpdesk,
      directoryScopeId: '/',
      scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime } },
    });
  await give('adminAssign', '2998-01-01T00:00:00Z');
  await system.snapshot('full');
  await give('adminUpdate', '2999-01-01T00:00:00Z');
  const rollback = { users: [emil], links: 'rollback' };
  await expectUnchangedAgain(system, rollback);
  expect(await endsOf('roleAssignment')).toEqual(['2999-01-01T00:00:00']);
  await system.restore({ ...rollback, allowPrivilegedRemoval: true });
  expect(await endsOf('roleAssignment')).toEqual(['2998-01-01T00:00:00']);
});

it('R45 an end that a plan means to change, and that somebody has changed since, is left as it is', async () => {
  await ask('roleEligibility', 'adminAssign');
  await system.snapshot('full');
  await ask('roleEligibility', 'adminUpdate', 10);
  const planId = await system.startRestore({ users: [emil], dryRun: true });
  await system.waitForJob(planId);
  await ask('roleEligibility', 'adminUpdate', 5);
  const since = await endsOf('roleEligibility');
  const { report } = await system.restore({ planId });
  expect(ofFamily(report.objects, 'roleEligibility')).toMatchObject([{ result: 'skipped', reason: 'plan-drift' }]);
  expect(await endsOf('roleEligibility')).toEqual(since);
});

it('R45 R06 places in a group come back from the side of the group, too, and plain ones get the end that they had', async () => {
  await ask('assignment', 'adminAssign', 100);
  await ask('eligibility', 'adminAssign', 100);
  const first = await system.snapshot('full');
  const before = [await endsOf('assignment'), await endsOf('eligibility')];
  await ask('assignment', 'adminUpdate', 3);
  await ask('eligibility', 'adminUpdate', 3);
  expect((await comparison(`groups/${admins}`)).map(({ relation }: Json) => relation)).toEqual([
    'eligiblePrincipals',
    'members',
  ]);
  const { job, report } = await system.restore({ groups: [admins], users: [emil] });
  expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
  const places = report.objects.flatMap(({ links }: Json) => links).map(({ relation }: Json) => relation);
  expect(places.filter((relation: string) => relation.toLowerCase().includes('member'))).toEqual(['memberOf']);
  expect([await endsOf('assignment'), await endsOf('eligibility')]).toEqual(before);
  await expectUnchangedAgain(system, { groups: [admins], users: [emil] });

  await system.graph('POST', `${ofGroups}/assignmentScheduleRequests`, {
    action: 'adminRemove',
    principalId: emil,
    ...placeOf('assignment'),
  });
  await directory.link(`/groups/${admins}`, 'members', emil);
  const rollback = { groups: [admins], snapshotId: first.id, links: 'rollback', allowPrivilegedRemoval: true };
  const back = await system.restore(rollback);
  expect(back.job, JSON.stringify(back.report.objects)).toMatchObject({ status: 'completed' });
  expect(await endsOf('assignment')).toEqual(before[0]);
  await expectUnchangedAgain(system, rollback);
  expect(await undo(back.job.id)).toMatchObject({ status: 'completed' });
  expect(await endsOf('assignment')).toEqual([null]);
  expect(await directory.ids(`/groups/${admins}/members`)).toEqual([emil]);
}, 120_000);

it('R06 R29 another end shows in the comparison of all objects and in the versions of one', async () => {
  for (const family of families) await ask(family, 'adminAssign', 100);
  const left = await system.snapshot('full');
  for (const family of families) {
    await ask(family, 'adminUpdate', 50);
    const right = await system.snapshot('full');
    const { value } = (await system.api('GET', `/connectors/default/snapshots/${left.id}/compare?with=${right.id}`))
      .body;
    const changed = value.map(({ id, change }: Json) => [id, change]);
    expect(changed, family).toContainEqual([emil, 'modified']);
    if (isOfGroups(family)) expect(changed).toContainEqual([admins, 'modified']);
    const [newest] = (await system.api('GET', `/connectors/default/snapshots/latest/users/${emil}/versions`)).body
      .value;
    expect(newest).toMatchObject({ snapshotId: right.id, change: 'modified', relationships: [nameOf[family]] });
  }
}, 120_000);

it('R48 no end is compared, nor set, where the snapshot did not capture any', async () => {
  await ask('roleAssignment', 'adminAssign', 5);
  await system.control('POST', '/faults', [
    { match: { pathPattern: 'oleAssignmentSchedules' }, times: 1_000, effect: 'status', status: 403 },
  ]);
  const { jobId } = (await system.api('POST', '/connectors/default/snapshots', { mode: 'full' })).body;
  await system.waitForJob(jobId);
  await system.control('DELETE', '/faults');
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [emil], snapshotId: jobId, links: 'rollback' });
  expect(report.objects, JSON.stringify(job)).toMatchObject([{ result: 'unchanged' }]);
  expect(await system.writes()).toBe(0);
  const compared = (await system.api('GET', `/connectors/default/snapshots/${jobId}/users/${emil}/compare?with=live`))
    .body.relationships;
  expect(compared).toEqual([]);
});
