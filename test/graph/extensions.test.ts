/** Which directory extensions there are, as the gateway finds out, against the simulator. */
import { expect, it } from 'vitest';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { useSimulated } from '../simulator/simulated.ts';

const graph = useSimulated();
const gateway = () =>
  createGraphGateway({
    cloud: 'global',
    endpoint: graph.url,
    credential: { kind: 'development', token: 'app' },
    limits: { backoffMs: 20 },
  });

async function payroll(count: number, targetObjects: readonly string[]): Promise<readonly string[]> {
  const appId = '4d405aa8-baa0-4fb4-94d3-e0571fd9fd71';
  const { id } = await graph.door('POST', '/objects', { '@odata.type': '#microsoft.graph.application', appId });
  const names: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const body = { name: `p${String(at).padStart(2, '0')}`, dataType: 'String', targetObjects };
    names.push((await graph.graph('POST', `/applications/${id}/extensionProperties`, body)).body.name);
  }
  return names;
}

it('one request tells those of every app, by kind', async () => {
  expect(await gateway().availableExtensions()).toBeUndefined();
  const [name] = await payroll(1, ['User', 'Device']);
  const asking = gateway();
  const own = [{ name, isSynced: false }];
  expect(await asking.availableExtensions()).toEqual({ users: own, groups: [], administrativeUnits: [] });
  expect(asking.spent()).toEqual({ requests: 1, resourceUnits: 1 });
});

it('those of the own apps are told in full where one has more than an expanded list shows', async () => {
  const names = await payroll(23, ['Group']);
  const { groups } = await gateway().registeredExtensions();
  expect(groups?.map(({ name }) => name)).toEqual(names);
});

it('names that are not known any more are found out among those that are', async () => {
  const names = await payroll(2, ['User']);
  const asking = gateway();
  expect(await asking.knownProperties('users', names)).toEqual(names);
  expect(asking.spent()).toEqual({ requests: 1, resourceUnits: 1 });
  expect(await asking.knownProperties('users', [...names, `${names[0]}x`])).toEqual(names);
  expect(await asking.knownProperties('groups', names)).toEqual([]);
});
