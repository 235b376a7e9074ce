/** People who have each other's names: nobody can begin, until one of them takes another name for a moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('DELETE', '/faults');
});

const own = (who: string) => `${who.toLowerCase()}@contoso.com`;
const nameOf = async (id: string): Promise<string> =>
  (await directory.get(`/users/${id}?$select=userPrincipalName`)).userPrincipalName;
const namesOf = (ids: readonly string[]) => Promise.all(ids.map(nameOf));
const called = (id: string, name: string) => system.graph('PATCH', `/users/${id}`, { userPrincipalName: name });

/** Everybody gets the name of the next one; the last one that of the first. */
async function passOn(ids: readonly string[]): Promise<string[]> {
  const names = await namesOf(ids);
  await called(ids[0] ?? '', 'aside@contoso.com');
  for (const [at, id] of [...ids.entries()].reverse())
    if (at > 0) await called(id, names[(at + 1) % ids.length] ?? own('x'));
  await called(ids[0] ?? '', names[1] ?? '');
  return namesOf(ids);
}

const people = (...who: readonly string[]): Promise<string[]> =>
  who.reduce<Promise<string[]>>(
    async (before, name) => [...(await before), await directory.user(name)],
    Promise.resolve([]),
  );

it.each([[['Ada', 'Ben']], [['Ada', 'Ben', 'Cem']]])(
  'R09 R20 gives %j their own names back, who have each other’s: one write each, and one that the plan names',
  async (who) => {
    const ids = await people(...who);
    await system.snapshot('full');
    const passed = await passOn(ids);
    expect(passed).toEqual([...who.slice(1), who[0] ?? ''].map(own));

    const dry = await system.startRestore({ users: ids, dryRun: true });
    await system.waitForJob(dry);
    const { value: steps, counts } = (await system.api('GET', `/jobs/${dry}/plan`)).body;
    expect(steps.filter(({ action }: Json) => action !== 'skip')).toHaveLength(ids.length + 1);
    expect(counts).toMatchObject({ update: ids.length + 1 });
    expect(steps.filter(({ note }: Json) => note?.includes('for a moment'))).toMatchObject([
      { action: 'update', attributes: ['userPrincipalName'] },
    ]);

    await system.forgetStats();
    const { job, report } = await system.restore({ planId: dry });
    expect(job.status, JSON.stringify(report.objects)).toBe('completed');
    expect(report.objects.map(({ result }: Json) => result)).toEqual(ids.map(() => 'updated'));
    expect(await system.writes()).toBe(ids.length + 1);
    expect(await namesOf(ids)).toEqual(who.map(own));
    const { value: lines } = (await system.api('GET', '/connectors/default/audit?top=1000')).body;
    const written = lines.filter(({ jobId }: Json) => jobId === job.id);
    expect(new Set(written.map(({ writeId }: Json) => writeId)).size).toBe(ids.length + 1);
    const rings = `default/jobs/${job.id}/plan/name-rings.json`;
    expect(written.filter(({ after }: Json) => after === rings)).toHaveLength(1);
    await expectUnchangedAgain(system, { users: ids });

    await system.forgetStats();
    const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
    const undone = await system.waitForJob(jobId);
    expect(undone.status, JSON.stringify(await system.report(jobId))).toBe('completed');
    expect(await system.writes()).toBe(ids.length + 1);
    expect(await namesOf(ids)).toEqual(passed);
  },
  120_000,
);

it('R20 gives the other values back as well, and the name to whoever lies in the bin', async () => {
  const [ada = '', ben = ''] = await people('Ada', 'Ben');
  await system.snapshot('full');
  await passOn([ada, ben]);
  await system.graph('PATCH', `/users/${ben}`, { department: 'Noise' });
  await directory.bin(`/users/${ada}`);
  const { job, report } = await system.restore({ users: [ada, ben] });
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  expect(report.objects).toMatchObject([
    { id: ada, result: 'undeleted', actions: ['undelete', 'update'] },
    { id: ben, result: 'updated' },
  ]);
  expect(await namesOf([ada, ben])).toEqual([own('Ada'), own('Ben')]);
  await expectUnchangedAgain(system, { users: [ada, ben] });
}, 120_000);

it.each([1, 2, 3, 4])(
  'R36 killed while write %i of three who passed their names on is under way, it ends the same',
  async (nth) => {
    const ids = await people('Ada', 'Ben', 'Cem');
    await system.snapshot('full');
    await passOn(ids);
    const match = { method: 'PATCH', path: '/users/*' };
    await system.control('POST', '/faults', [{ match, nth, effect: 'delay', ms: 1_500 }]);
    const id = await system.startRestore({ users: ids });
    for (let met = 0; met === 0; [{ met }] = await system.control('GET', '/faults')) await sleep(20);
    process.kill(system.system.pids.host, 'SIGKILL');
    await sleep(1_800);
    await system.system.restartHost();
    const job = await system.waitForJob(id, 120_000);
    expect(job.status, JSON.stringify((await system.report(id)).objects)).toBe('completed');
    expect(await namesOf(ids)).toEqual(['Ada', 'Ben', 'Cem'].map(own));
    await expectUnchangedAgain(system, { users: ids });
  },
  180_000,
);

it('leaves all of a ring as they were, and says so, where one of them cannot be renamed', async () => {
  const ids = await people('Ada', 'Ben', 'Cem');
  await system.snapshot('full');
  const passed = await passOn(ids);
  const last = [...ids].sort()[2] ?? '';
  await system.control('POST', '/faults', [
    {
      match: { method: 'PATCH', path: `/users/${last}` },
      effect: 'status',
      status: 403,
      code: 'Authorization_RequestDenied',
    },
  ]);
  const { job, report } = await system.restore({ users: ids });
  expect(job.status).toBe('incomplete');
  for (const object of report.objects)
    expect(object).toMatchObject({
      attributes: expect.arrayContaining([expect.objectContaining({ name: 'userPrincipalName', result: 'failed' })]),
      verification: { matched: true },
    });
  expect(await namesOf(ids)).toEqual(passed);
}, 120_000);

// Last, since a snapshot of a small tenant after a large one counts as suspect.
it('R20 gives two their names back who stand far apart in a large job', async () => {
  const [ada = '', ben = ''] = await people('Ada', 'Ben');
  const others = await Promise.all(Array.from({ length: 199 }, (_, at) => directory.user(`Other${at}`)));
  await system.snapshot('full');
  await passOn([ada, ben]);
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [ada, ...others, ben] });
  expect(job).toMatchObject({ status: 'completed', counts: { updated: 2, unchanged: 199 } });
  expect(report.objects).toHaveLength(201);
  expect(await system.writes()).toBe(3);
  expect(await namesOf([ada, ben])).toEqual([own('Ada'), own('Ben')]);
}, 180_000);
