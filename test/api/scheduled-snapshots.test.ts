/** Snapshots by the clock: a connector for which none can be begun raises an alert, and keeps no other from its own. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TableClient } from '@azure/data-tables';
import type { InvocationContext, Timer } from '@azure/functions';
import * as df from 'durable-functions';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startDueSnapshots } from '../../src/api/snapshots.ts';
import { createTableJobStore, type Tables, tableNames } from '../../src/azure/table-job-store.ts';
import { connectorInput } from '../../src/connectors/connector.ts';
import { createConnectors } from '../../src/connectors/connectors.ts';
import { AppError } from '../../src/errors.ts';
import { azurite } from '../support/azurite.ts';
import { memoryConnectorStore, ownConnector } from '../support/connectors.ts';
import { snapshotLab } from '../support/snapshots.ts';

/** The durable engine's door: takes every start. */
const begun: string[] = [];
let engine: Server;
beforeAll(async () => {
  engine = createServer((request, response) => {
    begun.push(String(request.url));
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"one"}');
  }).listen(0, '127.0.0.1');
  await once(engine, 'listening');
});
afterAll(() => void engine.close());

it('goes on to the next connector when one cannot be begun, and says so at level error', async () => {
  const store = memoryConnectorStore();
  const connectors = createConnectors(store, ownConnector, () => new Date(0));
  for (const id of ['fabrikam', 'woodgrove']) {
    const tenantId = '11111111-2222-4333-8444-555555555555';
    await connectors.put(id, connectorInput.parse({ tenantId, schedule: '0 0 2 * * *' }));
  }
  const { connectionString } = await azurite();
  const table = (name: string) =>
    TableClient.fromConnectionString(connectionString, `scheduled${name}`, { allowInsecureConnection: true });
  const jobs = createTableJobStore(Object.fromEntries(tableNames.map((name) => [name, table(name)])) as Tables);
  const lock: typeof jobs.lock = async (name, jobId) => {
    if (name === 'snapshot:fabrikam') throw new AppError('storage-unreachable', 'storage did not answer');
    return jobs.lock(name, jobId);
  };
  const input = df.input.durableClient();
  const rpcBaseUrl = `http://127.0.0.1:${(engine.address() as AddressInfo).port}/durabletask/`;
  const binding = { taskHubName: 'test', creationUrls: {}, managementUrls: {}, rpcBaseUrl };
  const said: string[] = [];
  const context = {
    options: { extraInputs: [input] },
    extraInputs: { get: () => binding },
    log: () => undefined,
    error: (line: string) => said.push(line),
  } as unknown as InvocationContext;

  const services = { ...snapshotLab().services, connectors, jobs: { ...jobs, lock } };
  await startDueSnapshots(services, 'default')({} as Timer, context);

  expect(said).toEqual(['snapshot.failed {"connectorId":"fabrikam","code":"storage-unreachable"}']);
  const started = (await jobs.list({ connectorId: 'woodgrove', top: 10 })).jobs;
  expect(started).toMatchObject([{ kind: 'snapshot', status: 'queued', requestedBy: 'schedule' }]);
  expect(begun).toEqual([expect.stringContaining(`snapshotFlow/${started[0]?.id}`)]);
  expect((await jobs.list({ connectorId: 'fabrikam', top: 10 })).jobs).toEqual([]);
});
