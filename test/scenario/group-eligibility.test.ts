/** Privileged Identity Management for groups: who may become a member or an owner, and whose membership ends, comes back as it was (R44, R45). */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const root = '/identityGovernance/privilegedAccess/group';
const snapshots = '/connectors/default/snapshots';
const ahead = '2999-01-01T00:00:00Z';
const same = (time: string) => expect.stringMatching(new RegExp(`^${time.slice(0, 19)}`));

let [admins, ann, ben, cleo] = ['', '', '', ''];

const give = (family: 'eligibility' | 'assignment', principalId: string, accessId: string, end?: string) =>
  system.graph('POST', `${root}/${family}ScheduleRequests`, {
    action: 'adminAssign',
    groupId: admins,
    principalId,
    accessId,
    scheduleInfo: {
      expiration: end === undefined ? { type: 'noExpiration' } : { type: 'afterDateTime', endDateTime: end },
    },
  });
const take = (principalId: string, accessId: string) =>
  system.graph('POST', `${root}/eligibilityScheduleRequests`, {
    action: 'adminRemove',
    groupId: admins,
    principalId,
    accessId,
  });
const held = async (family: 'eligibility' | 'assignment', groupId: string): Promise<Json[]> =>
  (await directory.all(`${root}/${family}Schedules?$filter=groupId eq '${groupId}'`))
    .map(({ principalId, accessId, scheduleInfo }: Json) => [
      principalId,
      accessId,
      scheduleInfo.expiration.endDateTime?.slice(0, 19) ?? null,
    ])
    .sort();
const linkOf = (object: Json, relation: string) => object.links.filter((link: Json) => link.relation === relation);

beforeEach(async () => {
  await system.control('POST', '/reset');
  const alerts = { shrinkShare: 1 };
  const { tenantId } = (await system.api('GET', '/connectors/default')).body;
  await system.api('PUT', '/connectors/default', { tenantId, alerts });
  admins = await directory.securityGroup('Admins', { isAssignableToRole: true });
  [ann, ben, cleo] = [await directory.user('Ann'), await directory.user('Ben'), await directory.user('Cleo')];
  await give('eligibility', ann, 'member');
  await give('eligibility', ben, 'owner', ahead);
  await give('assignment', cleo, 'member', ahead);
  await system.snapshot('full');
}, 60_000);

it('is shown from both ends, and compared with live', async () => {
  const group = (await system.api('GET', `${snapshots}/latest/groups/${admins}`)).body.relationships;
  expect(group.eligiblePrincipals.sort((a: Json, b: Json) => a.displayName.localeCompare(b.displayName))).toMatchObject(
    [
      { id: ann, displayName: 'Ann', accessId: 'member' },
      { id: ben, displayName: 'Ben', accessId: 'owner', endDateTime: same(ahead) },
    ],
  );
  expect(group.members).toMatchObject([{ id: cleo, endDateTime: same(ahead) }]);
  const user = (await system.api('GET', `${snapshots}/latest/users/${ann}`)).body.relationships;
  expect(user.eligibleGroups).toMatchObject([{ id: admins, displayName: 'Admins', accessId: 'member' }]);
  await take(ann, 'member');
  const compared = async (path: string) =>
    (await system.api('GET', `${snapshots}/latest/${path}/compare?with=live`)).body.relationships;
  expect(await compared(`users/${ann}`)).toMatchObject([{ relation: 'eligibleGroups', removed: [{ id: admins }] }]);
  expect(await compared(`groups/${admins}`)).toMatchObject([
    { relation: 'eligiblePrincipals', removed: [{ id: ann }] },
  ]);
  expect(await compared(`users/${ben}`)).toEqual([]);
});

describe('R44 R45 comes back', () => {
  it('with a person who was deleted for good', async () => {
    for (const id of [ann, ben, cleo]) await directory.purge(`/users/${id}`);
    const request = { users: [ann, ben, cleo] };
    const { job, report } = await system.restore(request);
    expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
    const [newAnn, newBen, newCleo] = report.objects.map(({ newId }: Json) => newId);
    const end = ahead.slice(0, 19);
    expect(await held('eligibility', admins)).toEqual(
      [
        [newAnn, 'member', null],
        [newBen, 'owner', end],
      ].sort(),
    );
    expect(await held('assignment', admins)).toEqual([[newCleo, 'member', end]]);
    expect(await directory.ids(`/groups/${admins}/members`)).toEqual([newCleo]);
    expect(linkOf(report.objects[0], 'eligibleGroups')).toMatchObject([{ targetName: 'Admins', result: 'done' }]);
    await expectUnchangedAgain(system, request);
  });

  it('with a group that was deleted for good, alone and with its people', async () => {
    for (const request of [{ groups: [admins] }, { groups: [admins], users: [ann, ben, cleo] }]) {
      await directory.purge(`/groups/${(await directory.ids("/groups?$filter=displayName eq 'Admins'"))[0]}`);
      const { job, report } = await system.restore(request);
      expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
      const { newId } = report.objects.find(({ kind }: Json) => kind === 'groups');
      const end = ahead.slice(0, 19);
      expect(await held('eligibility', newId)).toEqual(
        [
          [ann, 'member', null],
          [ben, 'owner', end],
        ].sort(),
      );
      expect(await held('assignment', newId)).toEqual([[cleo, 'member', end]]);
      await expectUnchangedAgain(system, request);
    }
  });

  it('where it alone was taken, and an undo takes it back', async () => {
    await take(ann, 'member');
    const { job, report } = await system.restore({ users: [ann] });
    expect(job.status).toBe('completed');
    expect(linkOf(report.objects[0], 'eligibleGroups')).toHaveLength(1);
    expect(await held('eligibility', admins)).toHaveLength(2);
    const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
    expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed' });
    expect(await held('eligibility', admins)).toMatchObject([[ben, 'owner', expect.anything()]]);
  });

  it('no more when its time is over, which is named', async () => {
    for (const id of [ben, cleo]) await directory.purge(`/users/${id}`);
    const soon = new Date(Date.now() + 2_000).toISOString();
    await give('eligibility', ann, 'owner', soon);
    await give('assignment', ann, 'member', soon);
    await system.snapshot('full');
    await new Promise((passed) => setTimeout(passed, 2_500));
    await directory.purge(`/users/${ann}`);
    const { job, report } = await system.restore({ users: [ann] });
    expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
    const { newId, links } = report.objects[0];
    expect(await held('eligibility', admins)).toEqual([[newId, 'member', null]]);
    expect(await directory.ids(`/groups/${admins}/members`)).toEqual([]);
    const expired = links.filter(({ reason }: Json) => reason === 'role-expired');
    expect(expired.map(({ relation }: Json) => relation).sort()).toEqual(['eligibleGroups', 'memberOf']);
    await expectNothingLeftToDo(system, { users: [ann] });
  });
});

it('R40 is taken from nobody unless the request says so', async () => {
  await give('eligibility', cleo, 'member');
  const rollback = { users: [cleo], groups: [admins], links: 'rollback' };
  const { warnings } = (await system.restore(rollback)).job;
  expect(warnings).toMatchObject([{ code: 'privileged-kept', objectIds: expect.arrayContaining([cleo, admins]) }]);
  expect(await held('eligibility', admins)).toHaveLength(3);
  const { job } = await system.restore({ ...rollback, allowPrivilegedRemoval: true });
  expect(job.status).toBe('completed');
  expect((await held('eligibility', admins)).map(([id]) => id)).not.toContain(cleo);
  await expectNothingLeftToDo(system, { ...rollback, allowPrivilegedRemoval: true });
});

it('R60 without the permission the kind is missing, not empty, and nothing is taken for its sake', async () => {
  await system.control('POST', '/faults', [
    { match: { pathPattern: '^/identityGovernance' }, times: 1_000, effect: 'status', status: 403 },
  ]);
  const { jobId } = (await system.api('POST', snapshots, { mode: 'full' })).body;
  expect(await system.waitForJob(jobId)).toMatchObject({ status: 'incomplete' });
  await system.control('DELETE', '/faults');
  const { missing } = (await system.api('GET', `${snapshots}/${jobId}`)).body;
  expect(missing.map(({ kind }: Json) => kind).sort()).toEqual([
    'groupAssignmentSchedules',
    'groupEligibilitySchedules',
  ]);
  const { notCaptured } = (await system.api('GET', `${snapshots}/${jobId}/groups/${admins}`)).body;
  expect(notCaptured).toContain('eligiblePrincipals');
});

it('costs an incremental snapshot of the same day no request, and a full one reads it again', async () => {
  const asked = async () => {
    await system.control('DELETE', '/stats');
    const { id } = await system.snapshot('incremental');
    const { byRoute } = await system.control('GET', '/stats');
    const routes = byRoute.filter(({ route }: Json) => route.startsWith('/identityGovernance'));
    const { kinds } = (await system.api('GET', `${snapshots}/${id}`)).body;
    return [routes.length, kinds.groupEligibilitySchedules.count];
  };
  await give('eligibility', cleo, 'owner');
  expect(await asked()).toEqual([0, 2]);
  await system.snapshot('full');
  expect(await asked()).toEqual([0, 3]);
  const versions = (await system.api('GET', `${snapshots}/latest/users/${cleo}/versions`)).body.value;
  expect(versions).toMatchObject([{ change: 'modified', relationships: ['eligibleGroups'] }, { change: 'added' }]);
});
