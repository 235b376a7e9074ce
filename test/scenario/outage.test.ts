/** The two things the product leans on go away: it says so, and starts nothing. */
import { expect, it } from 'vitest';
import { useSystem } from '../support/system.ts';

const system = useSystem();

it('begins a restore all the same where Graph fails for a moment, and waits no longer for one that asks for much patience', async () => {
  const user = await system.directory.user('Nora');
  await system.snapshot('full');
  const failure = { match: { path: '/organization' }, effect: 'status', status: 503, retryAfter: 60 };
  await system.control('POST', '/faults', [{ ...failure, times: 3 }]);
  const began = performance.now();
  const id = await system.startRestore({ users: [user] });
  expect(performance.now() - began).toBeLessThan(20_000);
  expect((await system.waitForJob(id)).status).toBe('completed');
  expect(await system.control('GET', '/faults')).toMatchObject([{ met: 3 }]);
  await system.control('DELETE', '/faults');
});

it('answers 503 with the name of what is unreachable, first Graph, then storage', async () => {
  const user = await system.directory.user('Olga');
  await system.snapshot('full');
  process.kill(system.system.pids.simulator, 'SIGKILL');
  const withoutGraph = await system.api('POST', '/connectors/default/restores', { users: [user] });
  expect({ status: withoutGraph.status, code: withoutGraph.body?.code }).toEqual({
    status: 503,
    code: 'graph-unreachable',
  });
  process.kill(system.system.pids.storage, 'SIGKILL');
  const withoutStorage = await system.api('GET', '/connectors/default/snapshots');
  expect({ status: withoutStorage.status, code: withoutStorage.body?.code }).toEqual({
    status: 503,
    code: 'storage-unreachable',
  });
  const health = await system.api('GET', '/health', undefined, {});
  expect(health.status).toBe(503);
});
