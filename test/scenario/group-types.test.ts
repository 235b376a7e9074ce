/** What a group is: assigned or dynamic, a security group or not, how it is classified. */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const ruled = {
  groupTypes: ['DynamicMembership'],
  membershipRule: 'user.city -eq "Bern"',
  membershipRuleProcessingState: 'On',
};
const groupSelect = '$select=groupTypes,membershipRule,membershipRuleProcessingState,securityEnabled,classification';

let ada: string;
let ben: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada', { city: 'Bern' });
  ben = await directory.user('Ben', { city: 'Rome' });
});

const shown = async (group: string): Promise<Json> => {
  const { '@odata.context': _, ...body } = await directory.get(`/groups/${group}?${groupSelect}`);
  return body;
};
const membersOf = (group: string): Promise<string[]> => directory.ids(`/groups/${group}/members?$select=id`);
async function planned(request: Json): Promise<Json[]> {
  const id = await system.startRestore({ ...request, dryRun: true });
  await system.waitForJob(id);
  return (await system.api('GET', `/jobs/${id}/plan`)).body.value;
}
it('R11 R30 turns a group that became an assigned one back into a dynamic one, by one write', async () => {
  const group = await directory.securityGroup('Bernese', ruled);
  await system.snapshot('full');
  const before = await shown(group);
  await system.graph('PATCH', `/groups/${group}`, { groupTypes: [], membershipRuleProcessingState: 'Paused' });
  await directory.link(`/groups/${group}`, 'members', ben);

  const [step] = await planned({ groups: [group] });
  expect(step).toMatchObject({ action: 'update' });
  expect(step.attributes.toSorted()).toEqual(['groupTypes', 'membershipRuleProcessingState']);
  await system.forgetStats();
  const { job, report } = await system.restore({ groups: [group], links: 'rollback' });
  expect(await system.writes()).toBe(1);
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  expect(await shown(group)).toEqual(before);
  expect(await membersOf(group)).toEqual([ada]);
  await expectUnchangedAgain(system, { groups: [group] });

  const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
  expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed' });
  expect(await shown(group)).toMatchObject({ groupTypes: [], membershipRuleProcessingState: 'Paused' });
});

it('R09 R11 turns a group that became a dynamic one back into an assigned one, then links its members', async () => {
  const group = await directory.securityGroup('Choir', { description: 'sings' });
  await directory.link(`/groups/${group}`, 'members', ben);
  await system.snapshot('full');
  const before = await shown(group);
  await system.graph('PATCH', `/groups/${group}`, ruled);
  expect(await membersOf(group)).toEqual([ada]);

  const update = { action: 'update', objectId: group };
  const member = { action: 'link', relation: 'members', objectId: group, targetId: ben };
  expect(await planned({ groups: [group] })).toMatchObject([update, member]);
  const membership = { action: 'link', relation: 'memberOf', objectId: ben, targetId: group };
  const request = { groups: [group], users: [ben], links: 'rollback' };
  const gone = { action: 'unlink', relation: 'members', objectId: group, targetId: ada };
  const steps = await planned(request);
  expect(steps.filter(({ action }) => action === 'skip')).toEqual([]);
  for (const step of [update, membership, gone]) expect(steps).toContainEqual(expect.objectContaining(step));
  const { job, report } = await system.restore(request);
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  expect(await shown(group)).toEqual(before);
  expect(await membersOf(group)).toEqual([ben]);
  await expectUnchangedAgain(system, request);
});

it('R11 writes classification and the kind of a live group back, and never whether it has a mailbox', async () => {
  const team = await directory.microsoft365Group('Team', { classification: 'Low' });
  await system.snapshot('full');
  await system.graph('PATCH', `/groups/${team}`, { classification: 'High', securityEnabled: true });
  const { job } = await system.restore({ groups: [team] });
  expect(job.status).toBe('completed');
  expect(await shown(team)).toMatchObject({ classification: 'Low', securityEnabled: false });
  await expectUnchangedAgain(system, { groups: [team] });
});

it('R22 R24 brings all of it back with a group in the bin, and with one that is gone for good', async () => {
  const team = await directory.microsoft365Group('Team', { classification: 'Low' });
  const bernese = await directory.securityGroup('Bernese', ruled);
  // Was dynamic once: its rule is still there, and rules nobody.
  const choir = await directory.securityGroup('Choir', ruled);
  await system.graph('PATCH', `/groups/${choir}`, { groupTypes: [], membershipRuleProcessingState: 'Paused' });
  const groups = [team, bernese, choir];
  await system.snapshot('full');
  const before = await Promise.all(groups.map(shown));

  await system.graph('PATCH', `/groups/${bernese}`, { groupTypes: [], membershipRuleProcessingState: 'Paused' });
  for (const group of groups) await directory.bin(`/groups/${group}`);
  expect((await system.restore({ groups })).job.status).toBe('completed');
  expect(await Promise.all(groups.map(shown))).toEqual(before);

  for (const group of groups) await directory.purge(`/groups/${group}`);
  const { job, report } = await system.restore({ groups });
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  expect(await Promise.all(report.objects.map(({ newId }: Json) => shown(newId)))).toEqual(before);
  await expectUnchangedAgain(system, { groups });
});

it('R11 gives a live group the unique name that it has lost, and leaves one that it has', async () => {
  const named = await directory.securityGroup('Named', { uniqueName: 'first' });
  const unnamed = await directory.securityGroup('Unnamed', { uniqueName: 'second' });
  await system.snapshot('full');
  await system.control('PATCH', `/objects/${named}`, { uniqueName: 'other' });
  await system.control('PATCH', `/objects/${unnamed}`, { uniqueName: null });
  const { report } = await system.restore({ groups: [named, unnamed] });
  const attributes = Object.fromEntries(report.objects.map((one: Json) => [one.id, one.attributes]));
  expect(attributes).toEqual({
    [named]: [{ name: 'uniqueName', result: 'skipped', reason: 'attribute-read-only' }],
    [unnamed]: [{ name: 'uniqueName', result: 'done' }],
  });
  await expectNothingLeftToDo(system, { groups: [named, unnamed] });
});
