/** A job that breaks off after it began to write: what it did stands in its report, what it left is named, and it can be gone on with or undone. */
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { picture } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const refusedToken = { effect: 'status', status: 401, code: 'InvalidAuthenticationToken', times: 10_000 };
const refuseToken = (match: object) => system.control('POST', '/faults', [{ match, ...refusedToken }]);
const names = ['Ada', 'Ben', 'Cem', 'Dina', 'Emil'];

let users: string[];
let choir: string;
let head: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('DELETE', '/faults');
  users = [];
  for (const name of names) users.push(await directory.user(name, { usageLocation: 'DE' }));
  head = await directory.user('Head', { usageLocation: 'DE' });
  choir = await directory.securityGroup('Choir');
  for (const user of users) {
    await directory.link(`/groups/${choir}`, 'members', user);
    await directory.manager(user, head);
  }
  await system.snapshot('full');
});

async function expectCountsOfRows(job: Json, report: Json): Promise<void> {
  const counted = Object.fromEntries(Object.keys(job.counts).map((result) => [result, 0]));
  for (const { result } of report.objects) counted[result] = (counted[result] ?? 0) + 1;
  expect(job.counts).toEqual(counted);
  const { text } = await system.api('GET', `/jobs/${job.id}/report?format=csv`);
  expect(text.split('\n').filter((line) => line.includes(',object,'))).toHaveLength(report.objects.length);
}

async function expectMended(): Promise<void> {
  await system.control('DELETE', '/faults');
  const { job } = await system.restore({ users });
  expect(job.status, JSON.stringify(job)).toBe('completed');
  expect(await directory.ids(`/groups/${choir}/members?$select=id`)).toHaveLength(users.length);
  await expectUnchangedAgain(system, { users });
}

it('R54 R55 is incomplete where links were not written any more, names each of them and each user it made', async () => {
  for (const user of users) await directory.purge(`/users/${user}`);
  await refuseToken({ method: 'PATCH', path: `/groups/${choir}` });
  const { job, report } = await system.restore({ users });

  expect(job).toMatchObject({ status: 'incomplete', error: { code: 'unauthorized' } });
  await expectCountsOfRows(job, report);
  expect(report.objects).toHaveLength(users.length);
  for (const object of report.objects) {
    expect(object).toMatchObject({ result: 'partial', reason: 'not-tried', newId: expect.any(String) });
    expect(object.actions).toContain('create');
    expect(object.links).toContainEqual(
      expect.objectContaining({ relation: 'memberOf', targetId: choir, result: 'skipped', reason: 'not-tried' }),
    );
    expect((await system.api('POST', `/jobs/${job.id}/credentials/${object.id}`)).status).toBe(200);
  }
  await expectMended();
});

it('R54 R56 tells which objects it came to, of a user it made although no outcome was noted, too', async () => {
  const [ada, ben] = users as [string, string];
  await directory.photo(ada, picture());
  await system.snapshot('full');
  for (const user of users) await directory.purge(`/users/${user}`);
  // The very photo of the first user finds the token refused.
  await refuseToken({ method: 'PUT', path: '/users/*/photo/$value' });
  const { job, report } = await system.restore({ users });

  expect(job).toMatchObject({ status: 'incomplete', error: { code: 'unauthorized' } });
  await expectCountsOfRows(job, report);
  const rows = new Map(report.objects.map((row: Json) => [row.id, row]));
  expect(rows.get(ada)).toMatchObject({ displayName: 'Ada', result: 'partial', actions: ['create'] });
  expect(rows.get(ben)).toMatchObject({ result: 'partial', actions: ['create'] });
  const named = ({ links }: Json) => links.map(({ relation }: Json) => relation).sort();
  for (const row of report.objects) expect(named(row)).toEqual(['manager', 'memberOf']);
  const made = await directory.usersNamed('ada@contoso.com');
  expect(made.map(({ id }: Json) => id)).toEqual([(rows.get(ada) as Json).newId]);
  await expectMended();
});

it('R54 can be undone: what it made goes, links that may have been written among them', async () => {
  const [ada, ...others] = users as [string, ...string[]];
  await directory.purge(`/users/${ada}`);
  for (const user of others) await system.graph('DELETE', `/users/${user}/manager/$ref`);
  await refuseToken({ method: 'PATCH', path: `/groups/${choir}` });
  const { job, report } = await system.restore({ users });
  expect(job).toMatchObject({ status: 'incomplete', error: { code: 'unauthorized' } });
  expect(report.objects).toHaveLength(users.length);

  await system.control('DELETE', '/faults');
  const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
  const undone = await system.waitForJob(jobId);
  expect(undone.status, JSON.stringify((await system.report(jobId)).objects)).toBe('completed');
  expect(await directory.usersNamed('ada@contoso.com')).toEqual([]);
  for (const user of others) expect((await system.graphAnswer('GET', `/users/${user}/manager`)).status).toBe(404);
});

it('R54 is failed where it wrote nothing, with a row for each object', async () => {
  for (const user of users) await directory.purge(`/users/${user}`);
  await refuseToken({ method: 'POST', path: '/users' });
  const { job, report } = await system.restore({ users });
  expect(job).toMatchObject({ status: 'failed', error: { code: 'unauthorized' }, counts: { failed: users.length } });
  expect(report.objects.map(({ reason }: Json) => reason)).toEqual(users.map(() => 'not-tried'));
  await expectCountsOfRows(job, report);
  await expectMended();
});

it('R54 names an object that was being written, of which nobody knows how much', async () => {
  const [ada, ben] = users as [string, string];
  await directory.bin(`/users/${ada}`);
  await system.graph('PATCH', `/users/${ben}`, { department: 'Noise' });
  await system.control('POST', '/faults', [
    { match: { method: 'GET', path: `/users/${ada}` }, nth: 3, ...refusedToken, times: 1 },
  ]);
  const { job, report } = await system.restore({ users: [ada, ben] });
  expect(job).toMatchObject({ status: 'incomplete', error: { code: 'unauthorized' } });
  expect(report.objects[0]).toMatchObject({ id: ada, result: 'failed', note: expect.stringContaining('broke off') });
  expect(report.objects[1]).toMatchObject({ id: ben, result: 'partial', actions: ['update'] });
  await expectMended();
});
