/** Memberships that nobody can write through Graph: said so, and no reason to fail the user. */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let paul: string;
let cloud: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  paul = await directory.user('Paul', { department: 'Press', usageLocation: 'DE' });
  cloud = await directory.securityGroup('Newsroom');
  await directory.link(`/groups/${cloud}`, 'members', paul);
});

it.each([
  ['a distribution list', { securityEnabled: false }],
  ['a mail-enabled security group', { securityEnabled: true }],
])(
  'R41 skips the membership in %s as mail-enabled-group-not-writable and is incomplete, not failed',
  async (_, more) => {
    const { id: list } = await system.control('POST', '/objects', {
      '@odata.type': '#microsoft.graph.group',
      displayName: 'Press list',
      mailNickname: 'press.list',
      mail: 'press.list@contoso.com',
      mailEnabled: true,
      groupTypes: [],
      members: [paul],
      ...more,
    });
    await system.snapshot('full');
    await directory.purge(`/users/${paul}`);

    const { job, report } = await system.restore({ users: [paul] });

    expect(job).toMatchObject({ status: 'incomplete', counts: { partial: 1 } });
    const [row] = report.objects;
    expect(row.result).toBe('partial');
    expect(row.links.find((link: Json) => link.targetId === list)).toMatchObject({
      relation: 'memberOf',
      targetName: 'Press list',
      result: 'skipped',
      reason: 'mail-enabled-group-not-writable',
    });
    expect(await directory.ids(`/groups/${cloud}/members?$select=id`)).toEqual([row.newId]);
    expect(await directory.ids(`/groups/${list}/members?$select=id`)).toEqual([]);
    const { job: again } = await expectNothingLeftToDo(system, { users: [paul] });
    expect(again.status).toBe('incomplete');
  },
);

it('R42 tries no membership of a dynamic group and is complete all the same', async () => {
  await directory.securityGroup('All of press', {
    groupTypes: ['DynamicMembership'],
    membershipRule: 'user.department -eq "Press"',
    membershipRuleProcessingState: 'On',
  });
  await system.snapshot('full');
  await directory.purge(`/users/${paul}`);
  const { job } = await system.restore({ users: [paul] });
  expect(job.status).toBe('completed');
  await expectUnchangedAgain(system, { users: [paul] });
});
