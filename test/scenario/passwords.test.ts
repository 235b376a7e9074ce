/** The way in for recreated users: a password that nobody sees but the one who collects it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let ada: string;
let ben: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada');
  ben = await directory.user('Ben');
  await system.snapshot('full');
  await directory.purge(`/users/${ada}`);
  await directory.bin(`/users/${ben}`);
});

const signIn = (userPrincipalName: string, password: string): Promise<Json> =>
  system.control('POST', '/sign-in', { userPrincipalName, password });

it('R27 hands the one-time password out once; it works, must be changed, and stands in no file', async () => {
  const { job, report } = await system.restore({ users: [ada] });
  const [{ newId }] = report.objects;
  const { userPrincipalName } = await directory.get(`/users/${newId}?$select=userPrincipalName`);
  const collected = await system.api('POST', `/jobs/${job.id}/credentials/${newId}`);
  expect(collected).toMatchObject({ status: 200, body: { userId: newId } });
  const { password } = collected.body;
  expect(await signIn(userPrincipalName, password)).toEqual({ accepted: true, mustChangePassword: true });
  expect(await system.api('POST', `/jobs/${job.id}/credentials/${newId}`)).toMatchObject({
    status: 410,
    body: { code: 'gone' },
  });
  expect(await system.api('POST', `/jobs/${job.id}/credentials/${ben}`)).toMatchObject({ status: 404 });
  for (const path of filesBelow(join(system.folder(), 'host')))
    expect(readFileSync(path, 'latin1'), path).not.toContain(password);
  for (const path of filesBelow(join(system.folder(), 'storage')))
    expect(readFileSync(path, 'latin1'), path).not.toContain(password);
  expect(JSON.stringify([job, report])).not.toContain(password);
  await expectUnchangedAgain(system, { users: [ada] });
});

it('R28 uses a supplied password for new users only, and stores it nowhere in clear', async () => {
  const password = 'Once-and-for-all-17!';
  const request = { users: [ada, ben], newUsers: { password: { supplied: password } } };
  const { job, report } = await system.restore(request);
  // There is nothing to collect.
  expect(job.followUps).toMatchObject([{ id: 'passwords', what: expect.stringContaining('was supplied') }]);
  expect(job.followUps[0].what).not.toMatch(/collect|one-time/);
  expect(report.objects.map((object: Json) => object.result)).toEqual(['created', 'undeleted']);
  const names = await Promise.all(
    report.objects.map(({ newId }: Json) => directory.get(`/users/${newId}?$select=userPrincipalName`)),
  );
  const [first, second] = names.map((user: Json) => user.userPrincipalName);
  expect(await signIn(first, password)).toMatchObject({ accepted: true });
  expect(await signIn(second, password)).toMatchObject({ accepted: false });
  for (const path of filesBelow(system.folder())) {
    if (!path.includes('simulator')) expect(readFileSync(path, 'latin1'), path).not.toContain(password);
  }
});

it.each(['aaaaaaaa', 'a'])(
  'R28 fails a new user whose supplied password the tenant rejects (%s), and touches nobody else',
  async (supplied) => {
    const { job, report } = await system.restore({
      users: [ada, ben],
      newUsers: { password: { supplied } },
      reason: null,
    });
    expect(job.status).toBe('incomplete');
    expect(report.objects).toMatchObject([
      { id: ada, result: 'failed', reason: 'attribute-rejected', note: expect.stringContaining('password') },
      { id: ben, result: 'undeleted' },
    ]);
    expect(await directory.all('/users?$select=id')).toEqual([expect.objectContaining({ id: ben })]);
  },
);

const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
