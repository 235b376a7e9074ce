/** Privileged Identity Management for groups in the simulator (L:api/resources/privilegedidentitymanagement-for-groups-api-overview). */
import { describe, expect, it } from 'vitest';
import { type Answer, aGroup, aUser, created, idsOf, metadata, readList, refusal, useSimulated } from './simulated.ts';

const graph = useSimulated();
const root = '/identityGovernance/privilegedAccess/group';

const ask = (family: 'eligibility' | 'assignment', more: object): Promise<Answer> =>
  graph.graph('POST', `${root}/${family}ScheduleRequests`, { action: 'adminAssign', accessId: 'member', ...more });
const forGood = { expiration: { type: 'noExpiration' } };
const until = (endDateTime: string) => ({ expiration: { type: 'afterDateTime', endDateTime } });
const schedulesOf = (family: string, groupId: string) =>
  readList(graph, `${root}/${family}Schedules?$filter=groupId eq '${groupId}'`);
const guarded = () => created(graph, '/groups', aGroup({ isAssignableToRole: true }));
const aPerson = () => created(graph, '/users', aUser());

describe('eligibility', () => {
  it('is given, shown for the group and for the principal, and taken back', async () => {
    const [group, user] = [await guarded(), await aPerson()];
    const { status, body } = await ask('eligibility', { groupId: group, principalId: user, scheduleInfo: forGood });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.context': `${metadata}identityGovernance/privilegedAccess/group/eligibilityScheduleRequests/$entity`,
      status: 'Provisioned',
      groupId: group,
      principalId: user,
      accessId: 'member',
    });
    const shown = [{ groupId: group, principalId: user, accessId: 'member', memberType: 'direct' }];
    expect(await schedulesOf('eligibility', group)).toMatchObject(shown);
    const byPrincipal = `${root}/eligibilitySchedules?$filter=principalId eq '${user}'&$select=id,groupId`;
    expect(await readList(graph, byPrincipal)).toMatchObject([{ groupId: group }]);
    const instances = `${root}/eligibilityScheduleInstances?$filter=groupId eq '${group}'`;
    expect(await readList(graph, instances)).toMatchObject(shown);
    expect(await idsOf(graph, `/groups/${group}/members`)).toEqual([]);
    const again = await ask('eligibility', { groupId: group, principalId: user, scheduleInfo: forGood });
    expect(refusal(again).slice(0, 2)).toEqual([400, 'RoleAssignmentExists']);
    const back = { action: 'adminRemove', groupId: group, principalId: user };
    expect((await ask('eligibility', back)).status).toBe(201);
    expect(await schedulesOf('eligibility', group)).toEqual([]);
    expect(refusal(await ask('eligibility', back)).slice(0, 2)).toEqual([400, 'RoleAssignmentDoesNotExist']);
  });

  it('ends with its time, and with the group or the principal', async () => {
    const [group, user, other] = [await guarded(), await aPerson(), await aPerson()];
    await graph.door('POST', '/clock', { now: '2026-03-01T10:00:00Z' });
    const ending = until('2026-03-02T10:00:00Z');
    await ask('eligibility', { groupId: group, principalId: user, scheduleInfo: ending });
    await ask('eligibility', { groupId: group, principalId: other, accessId: 'owner', scheduleInfo: forGood });
    await graph.door('POST', '/clock', { advance: 'P2D' });
    expect(await schedulesOf('eligibility', group)).toMatchObject([{ principalId: other, accessId: 'owner' }]);
    await graph.graph('DELETE', `/users/${other}`);
    expect(await schedulesOf('eligibility', group)).toEqual([]);
    await graph.graph('POST', `/directory/deletedItems/${other}/restore`);
    expect(await schedulesOf('eligibility', group)).toHaveLength(1);
    await graph.graph('DELETE', `/groups/${group}`);
    await graph.graph('DELETE', `/directory/deletedItems/${group}`);
    expect((await graph.door('GET', '/dump')).groupEligibility).toBeUndefined();
  });
});

describe('an assignment by schedule', () => {
  it('is a membership from its beginning to its end', async () => {
    const [group, user] = [await guarded(), await aPerson()];
    await graph.door('POST', '/clock', { now: '2026-03-01T10:00:00Z' });
    const scheduleInfo = { startDateTime: '2026-03-02T10:00:00Z', ...until('2026-03-04T10:00:00Z') };
    expect((await ask('assignment', { groupId: group, principalId: user, scheduleInfo })).status).toBe(201);
    const members = () => idsOf(graph, `/groups/${group}/members`);
    const seen: unknown[] = [];
    for (let day = 1; day <= 4; day += 1) {
      seen.push([(await members()).length, (await schedulesOf('assignment', group)).length]);
      await graph.door('POST', '/clock', { advance: 'P1D' });
    }
    expect(seen).toEqual([
      [0, 1],
      [1, 1],
      [1, 1],
      [0, 0],
    ]);
  });

  it('is given another end by adminUpdate, and is a membership until that', async () => {
    const [group, user] = [await guarded(), await aPerson()];
    await graph.door('POST', '/clock', { now: '2026-03-01T10:00:00Z' });
    const ends = { groupId: group, principalId: user };
    const update = (scheduleInfo: object) => ask('assignment', { ...ends, action: 'adminUpdate', scheduleInfo });
    expect(refusal(await update(forGood)).slice(0, 2)).toEqual([400, 'RoleAssignmentDoesNotExist']);
    await ask('assignment', { ...ends, scheduleInfo: until('2026-03-02T10:00:00Z') });
    const told = async () => [
      (await schedulesOf('assignment', group)).map(({ scheduleInfo }) => scheduleInfo.expiration.endDateTime),
      await idsOf(graph, `/groups/${group}/members`),
    ];
    expect((await update(forGood)).status).toBe(201);
    expect(await told()).toEqual([[null], [user]]);
    expect((await update(until('2026-03-04T10:00:00Z'))).status).toBe(201);
    await graph.door('POST', '/clock', { advance: 'P2D' });
    expect(await told()).toEqual([['2026-03-04T10:00:00Z'], [user]]);
    await graph.door('POST', '/clock', { advance: 'P2D' });
    expect(await told()).toEqual([[], []]);
  });

  it('is over when somebody takes the member out', async () => {
    const [group, user] = [await guarded(), await aPerson()];
    await ask('assignment', { groupId: group, principalId: user, scheduleInfo: forGood });
    expect(await schedulesOf('assignment', group)).toMatchObject([{ assignmentType: 'assigned' }]);
    await graph.graph('DELETE', `/groups/${group}/members/${user}/$ref`);
    expect(await schedulesOf('assignment', group)).toEqual([]);
  });
});

it('asks for one group or one principal, for ends that are there, and for a group whose members can be written', async () => {
  const [group, user] = [await guarded(), await aPerson()];
  expect((await graph.graph('GET', `${root}/eligibilitySchedules`)).status).toBe(400);
  const nobody = '11111111-2222-4333-8444-555555555555';
  const missing = { groupId: group, principalId: nobody, scheduleInfo: forGood };
  expect((await ask('eligibility', missing)).status).toBe(404);
  const dynamic = aGroup({
    groupTypes: ['DynamicMembership'],
    membershipRule: 'user.department -eq "x"',
    membershipRuleProcessingState: 'On',
  });
  const ruled = await created(graph, '/groups', dynamic);
  expect((await ask('eligibility', { groupId: ruled, principalId: user, scheduleInfo: forGood })).status).toBe(403);
});
