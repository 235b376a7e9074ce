/** The two things the product leans on go away: it says so, and starts nothing. */
import { expect, it } from 'vitest';
import { useSystem } from '../support/system.ts';

const system = useSystem();

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
