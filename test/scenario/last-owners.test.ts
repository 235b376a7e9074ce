/** A rollback that takes owners away: Graph leaves a Microsoft 365 group its last one. */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let [ada, ben, cem, team]: string[] = [];
beforeEach(async () => {
  await system.control('POST', '/reset');
  [ada, ben, cem] = [await directory.user('Ada'), await directory.user('Ben'), await directory.user('Cem')];
  team = await directory.microsoft365Group('Team');
});

const own = (user: string | undefined) => directory.link(`/groups/${team}`, 'owners', user ?? '');
const owners = () => directory.ids(`/groups/${team}/owners?$select=id`);

it('R40 gives a group its owner back before it takes the one of now away', async () => {
  await own(ada);
  await system.snapshot('full');
  await own(ben);
  await directory.unlink(`/groups/${team}`, 'owners', ada ?? '');
  const request = { groups: [team], links: 'rollback' };
  const { job, report } = await system.restore(request);
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  expect(await owners()).toEqual([ada]);
  await expectUnchangedAgain(system, request);
});

it.each([
  ['group', () => ({ groups: [team] }), 'owners'],
  ['users', () => ({ users: [ben, cem] }), 'ownedObjects'],
])(
  'R09 R40 leaves a group without any owner in the snapshot the last one of now, and plans it so, asked for the %s',
  async (_, of, relation) => {
    await system.snapshot('full');
    await own(ben);
    await own(cem);
    const [stays, goes] = [ben ?? '', cem ?? ''].sort();
    const request = { ...of(), links: 'rollback' };
    const dry = await system.startRestore({ ...request, dryRun: true });
    await system.waitForJob(dry);
    const { value: steps } = (await system.api('GET', `/jobs/${dry}/plan`)).body;
    const kept = {
      action: 'skip',
      relation,
      reason: 'graph-error',
      note: expect.stringContaining('last owner'),
    };
    expect(steps.filter((step: Json) => step.relation === relation)).toEqual(
      expect.arrayContaining([expect.objectContaining(kept), expect.objectContaining({ action: 'unlink', relation })]),
    );
    await system.forgetStats();
    const { job, report } = await system.restore(request);
    expect(job.status).toBe('incomplete');
    expect(await system.writes()).toBe(1);
    expect(await owners()).toEqual([stays]);
    const links = report.objects.flatMap((object: Json) => object.links);
    expect(links.filter((link: Json) => link.relation === relation)).toHaveLength(2);
    expect(goes).not.toBe(stays);
    await expectNothingLeftToDo(system, request);
  },
);

it('says of an owner whom Graph keeps that it does, where that could not be known before', async () => {
  const group = await directory.securityGroup('Choir');
  await system.snapshot('full');
  await directory.link(`/groups/${group}`, 'owners', ben ?? '');
  await system.control('POST', '/settings', { securityGroupKeepsLastOwner: true });
  const { report } = await system.restore({ groups: [group], links: 'rollback' });
  expect(report.objects[0].links).toMatchObject([
    { relation: 'owners', targetId: ben, result: 'failed', reason: 'graph-error' },
  ]);
});
