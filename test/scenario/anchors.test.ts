/** The anchor of cloud users, which an app may write as long as nobody else has it (graph-facts 4.2, 6). */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const anchorProperty = 'onPremisesImmutableId';
const [first, second] = ['Rmlyc3Q=', 'U2Vjb25k'];

let ada: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada', { [anchorProperty]: first });
});

const give = (user: string, anchor: string | null) =>
  system.graph('PATCH', `/users/${user}`, { [anchorProperty]: anchor });
const anchorOf = async (user: string): Promise<string | null> =>
  (await directory.get(`/users/${user}?$select=${anchorProperty}`))[anchorProperty];
async function planned(request: Json): Promise<Json[]> {
  const id = await system.startRestore({ ...request, dryRun: true });
  await system.waitForJob(id);
  return (await system.api('GET', `/jobs/${id}/plan`)).body.value;
}

it.each([
  ['cleared', null],
  ['replaced', second],
])('R11 R30 writes the anchor of a cloud user back that was %s, and an undo takes it back', async (_, changed) => {
  await system.snapshot('full');
  await give(ada, changed);
  expect(await planned({ users: [ada] })).toMatchObject([{ action: 'update', attributes: [anchorProperty] }]);
  const { job, report } = await system.restore({ users: [ada] });
  expect(job.status).toBe('completed');
  expect(report.objects).toMatchObject([
    { result: 'updated', attributes: [{ name: anchorProperty, result: 'done' }], verification: { matched: true } },
  ]);
  expect(await anchorOf(ada)).toBe(first);
  await expectUnchangedAgain(system, { users: [ada] });

  const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
  expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed' });
  expect(await anchorOf(ada)).toBe(changed);
});

it('R12 empties an anchor that the snapshot lacks', async () => {
  const ben = await directory.user('Ben');
  await system.snapshot('full');
  await give(ben, second);
  expect((await system.restore({ users: [ben] })).job.status).toBe('completed');
  expect(await anchorOf(ben)).toBeNull();
  await expectUnchangedAgain(system, { users: [ben] });
});

it('R16 lays the anchor over a user who comes back from the bin', async () => {
  await system.snapshot('full');
  await give(ada, null);
  await directory.bin(`/users/${ada}`);
  const { job, report } = await system.restore({ users: [ada] });
  expect(job.status).toBe('completed');
  expect(report.objects[0].attributes).toContainEqual({ name: anchorProperty, result: 'done' });
  expect(await anchorOf(ada)).toBe(first);
  await expectUnchangedAgain(system, { users: [ada] });
});

it.each(['live', 'binned'])(
  'R30 H09 names the %s holder of an anchor, before and after; all else is written',
  async (where) => {
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${ada}`, { [anchorProperty]: null, department: 'Changed' });
    const thief = await directory.user('Thief', { [anchorProperty]: first });
    if (where === 'binned') await directory.bin(`/users/${thief}`);
    const told = { reason: 'anchor-conflict', note: `In the way: ${thief}.` };
    expect(await planned({ users: [ada] })).toMatchObject([
      { action: 'update', attributes: ['department'] },
      { action: 'skip', attributes: [anchorProperty], ...told },
    ]);
    const { job, report } = await system.restore({ users: [ada] });
    expect(job.status).toBe('incomplete');
    const { attributes } = report.objects[0];
    expect(attributes).toContainEqual({ name: anchorProperty, result: 'failed', ...told });
    expect(attributes).toContainEqual({ name: 'department', result: 'done' });
    expect(await anchorOf(thief).catch(() => first)).toBe(first);
  },
);

it('R11 R20 gives everybody the own anchor back, whoever of them has it now, in whatever order they come', async () => {
  const ben = await directory.user('Ben', { [anchorProperty]: second });
  const cem = await directory.user('Cem');
  await system.snapshot('full');
  await directory.purge(`/users/${ben}`);
  await give(ada, null);
  await give(cem, first);
  await give(ada, second);
  const users = [ada, ben, cem];
  const skips = (await planned({ users })).filter(({ action }) => action === 'skip');
  expect(skips).toMatchObject([{ objectId: ben, attributes: ['passwordProfile'] }]);
  const { job, report } = await system.restore({ users });
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  const [, { newId }] = report.objects;
  expect(await Promise.all([ada, newId, cem].map(anchorOf))).toEqual([first, second, null]);
  await expectUnchangedAgain(system, { users });
}, 90_000);

it('H01 leaves the anchor of a synced user to synchronization', async () => {
  await system.snapshot('full');
  await system.control('PATCH', `/objects/${ada}`, { onPremisesSyncEnabled: true, [anchorProperty]: second });
  const { report } = await expectNothingLeftToDo(system, { users: [ada] });
  expect(report.objects[0].attributes).toContainEqual(
    expect.objectContaining({ name: anchorProperty, reason: 'user-on-premises-attribute' }),
  );
});

it('H05 gives no anchor by which synchronization may not match a user that was synced, however often it is restored', async () => {
  const { anchor } = await system.control('POST', '/on-premises/users', {
    userPrincipalName: 'ines@contoso.com',
    displayName: 'Ines',
  });
  await system.control('POST', '/on-premises/sync');
  const [{ id: ines }] = await directory.usersNamed('ines@contoso.com');
  await system.snapshot('full');
  await directory.purge(`/users/${ines}`);
  await system.control('POST', '/settings', { blockHardMatch: true });
  const { report } = await system.restore({ users: [ines] });
  const [{ newId }] = report.objects;
  await expectNothingLeftToDo(system, { users: [ines] });
  expect(await anchorOf(newId)).toBeNull();
  expect(await system.control('POST', '/on-premises/sync')).toMatchObject({
    matched: [{ anchor, id: newId, how: 'soft' }],
  });
});
