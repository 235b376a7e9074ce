/** What the admin is told: statuses, counts and the report in both its forms. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const objectResults = ['created', 'undeleted', 'updated', 'unchanged', 'skipped', 'partial', 'failed'];
const statuses = ['queued', 'running', 'completed', 'incomplete', 'failed', 'cancelled'];
const phases = ['planning', 'objects', 'linking', 'verifying'];

let users: string[];
let group: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  group = await directory.securityGroup('Choir, "the loud one"');
  users = [];
  for (const name of ['Ada', 'Ben', 'Cem', 'Dina']) users.push(await directory.user(name, { department: 'Music' }));
  for (const user of users) await directory.link(`/groups/${group}`, 'members', user);
});

const missing = '00000000-0000-4000-8000-000000000000';
const [ADA, BEN, CEM, DINA] = [0, 1, 2, 3];

it('R53 R54 goes from queued or running through its phases to completed, in no other words', async () => {
  await system.snapshot('full');
  for (const user of users) await directory.purge(`/users/${user}`);
  await system.control('POST', '/settings', { latencyMs: 120 });
  const id = await system.startRestore({ users, reason: 'R53' });
  const seen = new Set<string>();
  let job: Json;
  do {
    job = (await system.api('GET', `/jobs/${id}`)).body;
    seen.add(job.phase === undefined ? job.status : `${job.status} ${job.phase}`);
    expect(statuses).toContain(job.status);
    if (job.phase !== undefined && job.status === 'running') expect(phases).toContain(job.phase);
    await sleep(25);
  } while (job.status === 'queued' || job.status === 'running');
  await system.control('POST', '/settings', { latencyMs: 0 });
  expect(job).toMatchObject({ status: 'completed', reason: 'R53', kind: 'restore', progress: { done: 4, total: 4 } });
  expect([...seen].filter((word) => word.startsWith('running '))).toEqual(
    expect.arrayContaining(['running objects', 'running linking', 'running verifying']),
  );
  for (const time of [job.createdDateTime, job.startedDateTime, job.completedDateTime]) {
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  }
  await expectUnchangedAgain(system, { users });
});

it('R53 R54 R55 is incomplete when one of several is lacking, with counts that equal the rows of JSON and CSV', async () => {
  await system.snapshot('full');
  await directory.bin(`/users/${users[ADA]}`);
  await directory.purge(`/users/${users[BEN]}`);
  await system.graph('PATCH', `/users/${users[CEM]}`, { department: 'Noise' });

  const { job, report } = await system.restore({ users: [...users, missing] });

  expect(job.status).toBe('incomplete');
  const result = new Map(report.objects.map((object: Json) => [object.id, object.result]));
  expect(Object.fromEntries(result)).toEqual({
    [users[ADA] ?? '']: 'undeleted',
    [users[BEN] ?? '']: 'created',
    [users[CEM] ?? '']: 'updated',
    [users[DINA] ?? '']: 'unchanged',
    [missing]: 'failed',
  });
  const tally = Object.fromEntries(objectResults.map((name) => [name, 0]));
  for (const object of report.objects) tally[object.result] = (tally[object.result] ?? 0) + 1;
  expect(job.counts).toMatchObject(Object.fromEntries(Object.entries(tally).filter(([, count]) => count > 0)));
  expect(report.counts).toEqual(job.counts);
  expect(report.job).toMatchObject({ id: job.id, status: job.status, snapshotId: job.snapshotId });

  const csv = await system.api('GET', `/jobs/${job.id}/report?format=csv`);
  expect(csv.headers.get('content-type')).toContain('text/csv');
  const [header, ...rows] = parseCsv(csv.text);
  expect(header).toEqual(['kind', 'id', 'newId', 'displayName', 'what', 'name', 'target', 'result', 'reason']);
  const things = report.objects.flatMap((object: Json) =>
    [...object.attributes, ...object.links].filter((thing: Json) => thing.result !== 'done'),
  );
  expect(rows).toHaveLength(report.objects.length + things.length);
  for (const object of report.objects) {
    const own = rows.filter((row) => row[1] === object.id && row[7] === object.result);
    expect(own).toHaveLength(1);
    expect(own[0]?.[2]).toBe(object.newId ?? '');
  }
});

it('R54 is failed only when nothing at all could be written', async () => {
  await system.snapshot('full');
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [missing] });
  expect(job).toMatchObject({ status: 'failed', counts: { failed: 1 } });
  expect(report.objects).toEqual([
    expect.objectContaining({ id: missing, result: 'failed', reason: 'not-in-snapshot' }),
  ]);
  expect(await system.writes()).toBe(0);
});

/** RFC 4180: quoted fields, doubled quotes, line ends inside quotes. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain ?? '');
    if (end !== ',') rows.push([]);
  }
  return rows.filter((row) => row.length > 1);
}
