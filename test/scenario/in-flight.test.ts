/** What can be asked of a restore while it runs: its end, another one beside it, patience with Graph. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const names = Array.from({ length: 24 }, (_, index) => `Person ${String.fromCharCode(65 + index)}`);

let users: string[];
let group: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  group = await directory.securityGroup('Choir');
  users = [];
  for (const name of names) users.push(await directory.user(name, { department: 'Music' }));
  for (const user of users) await directory.link(`/groups/${group}`, 'members', user);
  await system.snapshot('full');
  for (const user of users) await directory.purge(`/users/${user}`);
});

async function untilPhase(id: string, phase: string): Promise<Json> {
  for (;;) {
    const job = (await system.api('GET', `/jobs/${id}`)).body;
    if (job.phase === phase || !['queued', 'running'].includes(job.status)) return job;
    await sleep(15);
  }
}

it('R56 begins nothing new once cancelled, keeps what was done, and lists the rest as not tried', async () => {
  await system.control('POST', '/settings', { latencyMs: 250 });
  const id = await system.startRestore({ users });
  await untilPhase(id, 'objects');
  expect(await system.api('POST', `/jobs/${id}/cancel`)).toMatchObject({ status: 202, body: { jobId: id } });
  const job = await system.waitForJob(id);
  await system.control('POST', '/settings', { latencyMs: 0 });

  expect(job.status).toBe('cancelled');
  const { objects } = await system.report(id);
  expect(objects).toHaveLength(users.length);
  const untried = objects.filter((object: Json) => object.reason === 'not-tried');
  const tried = objects.filter((object: Json) => object.newId !== undefined);
  expect(untried.length).toBeGreaterThan(0);
  expect(untried.length + tried.length).toBe(users.length);
  const links = tried.flatMap((object: Json) => object.links);
  expect(links.map((link: Json) => link.reason)).toEqual(links.map(() => 'not-tried'));
  // A person gives back what is left, by restoring again; no synchronization is waited for.
  expect(job.followUps.map((followUp: Json) => followUp.id)).toEqual(['passwords']);
  const there = await directory.all('/users?$select=id&$top=999');
  expect(there.map((user: Json) => user.id).sort()).toEqual(tried.map((object: Json) => object.newId).sort());
  expect(await system.api('POST', `/jobs/${id}/cancel`)).toMatchObject({ status: 409, body: { code: 'conflict' } });

  expect((await system.restore({ users })).job.status).toBe('completed');
  await expectUnchangedAgain(system, { users });
});

it('R57 refuses a second restore of the same objects while the first runs, and lets a disjoint one run beside it', async () => {
  await system.control('POST', '/settings', { latencyMs: 150 });
  const [first, second, third] = users as [string, string, string];
  const id = await system.startRestore({ users: [first, second] });
  const again = await system.api('POST', '/connectors/default/restores', { users: [second, third] });
  expect(again).toMatchObject({ status: 409, body: { code: 'job-running', jobId: id } });
  const byName = await system.api('POST', '/connectors/default/restores', { users: 'all', dryRun: false });
  expect(byName).toMatchObject({ status: 409, body: { code: 'job-running', jobId: id } });
  const beside = await system.startRestore({ users: [third] });
  await system.control('POST', '/settings', { latencyMs: 0 });
  expect((await system.waitForJob(id)).status).toBe('completed');
  expect((await system.waitForJob(beside)).status).toBe('completed');
  await expectUnchangedAgain(system, { users: [first, second, third] });
});

it('R57 counts the sub-objects of a group as objects of its restore, whichever came first', async () => {
  const [first, second] = users as [string, string];
  const [outsider, inner] = [await directory.user('Olga'), await directory.securityGroup('Altos')];
  await directory.link(`/groups/${group}`, 'members', inner);
  await directory.link(`/groups/${inner}`, 'members', outsider);
  const restores = '/connectors/default/restores';
  await system.control('POST', '/settings', { latencyMs: 150 });
  const whole = { groups: [group], subObjects: 'create-missing-and-update' };

  const one = await system.startRestore({ users: [second] });
  expect(await system.api('POST', restores, whole)).toMatchObject({ status: 409, body: { jobId: one } });
  expect((await system.waitForJob(one)).status).toBe('completed');

  const all = await system.startRestore({ ...whole, subObjects: 'create-missing' });
  expect(await system.api('POST', restores, { users: [first] })).toMatchObject({ status: 409, body: { jobId: all } });
  await untilPhase(all, 'objects');
  expect(await system.api('POST', restores, { users: [first] })).toMatchObject({ status: 409, body: { jobId: all } });
  // Live already, so that the running job has not chosen it.
  const beside = await system.startRestore({ users: [second] });
  await system.control('POST', '/settings', { latencyMs: 0 });
  expect((await system.waitForJob(all)).status).toBe('completed');
  expect((await system.waitForJob(beside)).status).toBe('completed');
  await expectUnchangedAgain(system, { users });
});

it('R58 waits as long as Graph says, tells until when, and does not fail for it', async () => {
  const wait = 3;
  await system.control('POST', '/faults', [
    {
      match: { method: 'POST', path: '/users' },
      effect: 'status',
      status: 429,
      code: 'TooManyRequests',
      retryAfter: wait,
    },
  ]);
  const began = performance.now();
  const id = await system.startRestore({ users: [users[0]] });
  const told: string[] = [];
  let job: Json;
  do {
    job = (await system.api('GET', `/jobs/${id}`)).body;
    if (job.throttledUntilDateTime !== undefined) told.push(job.throttledUntilDateTime);
    await sleep(50);
  } while (job.status === 'queued' || job.status === 'running');
  expect(job.status).toBe('completed');
  expect(told.length).toBeGreaterThan(0);
  expect(job).not.toHaveProperty('throttledUntilDateTime');
  expect(performance.now() - began).toBeGreaterThan(wait * 1_000);
  const stats = await system.control('GET', '/stats');
  expect(stats.byRoute.find((row: Json) => row.method === 'POST' && row.route === '/users')).toMatchObject({
    writes: 1,
  });
  await expectUnchangedAgain(system, { users: [users[0]] });
});

it('R53 tells, while it writes, when it will be done, and no more once it is', async () => {
  await system.control('POST', '/settings', { latencyMs: 300 });
  // The last one takes longer, so that it is known for a while how long the others took.
  const slow = { match: { method: 'POST', path: '/users' }, nth: users.length, effect: 'delay', ms: 1_500 };
  await system.control('POST', '/faults', [slow]);
  const id = await system.startRestore({ users });
  const told: { readonly phase: string; readonly leftMs: number }[] = [];
  const linking: Json[] = [];
  let job: Json;
  do {
    job = (await system.api('GET', `/jobs/${id}`)).body;
    if (job.phase === 'linking' && job.status === 'running') linking.push(job.progress);
    if (job.estimatedCompletionDateTime !== undefined)
      told.push({ phase: job.phase, leftMs: Date.parse(job.estimatedCompletionDateTime) - Date.now() });
    await sleep(50);
  } while (job.status === 'queued' || job.status === 'running');
  expect(job.status).toBe('completed');
  expect(job.estimatedCompletionDateTime).toBeUndefined();
  expect(job.steps).toEqual({ objects: users.length, linking: users.length, verifying: users.length });
  // While links are written, they are what progress tells of.
  expect(linking).toContainEqual({ done: 0, total: users.length });
  const wroteMs = Date.parse(job.completedDateTime) - Date.parse(job.writingSinceDateTime);
  expect(told.map(({ phase }) => phase)).toContain('objects');
  // Phases differ in speed, and two of these are short: the right order of magnitude is what can be asked for here.
  for (const { leftMs } of told) expect(leftMs).toBeLessThan(10 * wroteMs);
  expect(Math.min(...told.map(({ leftMs }) => leftMs))).toBeLessThan(wroteMs);
});
