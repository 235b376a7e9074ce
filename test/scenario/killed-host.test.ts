/** The host may die at any moment of a restore: the next one goes on where it was. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

it('R36 completes a restore of 200 users although the host is killed three times in the middle, with no user twice', async () => {
  await system.control('POST', '/seed', { users: 200, groups: 20, linksPerUser: 3, seed: 7 });
  const before = await directory.all('/users?$select=id,userPrincipalName,department&$top=999');
  const memberships = await memberNames();
  await system.snapshot('full');
  await removeForGood(before.map((user: Json) => user.id));
  expect(await directory.all('/users?$select=id')).toEqual([]);

  const users = before.map((user: Json) => user.id);
  // Slow enough that a kill falls into the middle, whatever machine this is.
  await system.control('POST', '/settings', { latencyMs: 150 });
  const id = await system.startRestore({ users });
  for (const share of [0.05, 0.3, 0.6]) {
    await reached(id, share * users.length);
    process.kill(system.system.pids.host, 'SIGKILL');
    await sleep(200);
    await system.system.restartHost();
  }
  await system.control('POST', '/settings', { latencyMs: 0 });
  const job = await system.waitForJob(id, 120_000);

  expect(job).toMatchObject({ status: 'completed', counts: { created: 200 } });
  const report = await system.report(id);
  expect(report.objects).toHaveLength(200);
  expect(new Set(report.objects.map((object: Json) => object.newId)).size).toBe(200);
  const after = await directory.all('/users?$select=id,userPrincipalName,department&$top=999');
  const people = (list: Json[]): string[] => list.map((one) => `${one.userPrincipalName} ${one.department}`).sort();
  expect(people(after)).toEqual(people(before));
  expect(await directory.all('/directory/deletedItems/microsoft.graph.user?$select=id')).toEqual([]);
  expect(await memberNames()).toEqual(memberships);
  await expectUnchangedAgain(system, { users });
}, 180_000);

async function reached(id: string, done: number): Promise<void> {
  for (;;) {
    const job = (await system.api('GET', `/jobs/${id}`)).body;
    if (job.progress.done >= done || !['queued', 'running'].includes(job.status)) return;
    await sleep(20);
  }
}

async function memberNames(): Promise<Record<string, string[]>> {
  const groups = await directory.all('/groups?$select=id,displayName&$top=999');
  const members = groups.map(async ({ id, displayName }: Json): Promise<[string, string[]]> => {
    const users = await directory.all(`/groups/${id}/members?$select=id,userPrincipalName&$top=999`);
    return [displayName, users.map((user: Json) => String(user.userPrincipalName)).sort()];
  });
  return Object.fromEntries(await Promise.all(members));
}

async function removeForGood(ids: readonly string[]): Promise<void> {
  for (const path of ['/users', '/directory/deletedItems']) {
    for (let from = 0; from < ids.length; from += 20) {
      const requests = ids
        .slice(from, from + 20)
        .map((id, index) => ({ id: `${index}`, method: 'DELETE', url: `${path}/${id}` }));
      const { responses } = await system.graph('POST', '/$batch', { requests });
      expect(responses.map((response: Json) => response.status)).toEqual(requests.map(() => 204));
    }
  }
}
