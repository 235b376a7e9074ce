/** Snapshots by the clock: one that cannot be begun raises an alert and keeps no other from its turn; what is damaged is read anew. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { TableClient } from '@azure/data-tables';
import type { InvocationContext, Timer } from '@azure/functions';
import * as df from 'durable-functions';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { startDueSnapshots, startScheduledSnapshot } from '../../src/api/snapshots.ts';
import { createTableJobStore, type Tables, tableNames } from '../../src/azure/table-job-store.ts';
import { connectorInput } from '../../src/connectors/connector.ts';
import { createConnectors } from '../../src/connectors/connectors.ts';
import { AppError } from '../../src/errors.ts';
import type { JobStore } from '../../src/job/job-store.ts';
import { snapshotLock } from '../../src/snapshot/activities.ts';
import { azurite } from '../support/azurite.ts';
import { memoryConnectorStore, ownConnector } from '../support/connectors.ts';
import { aJob } from '../support/jobs.ts';
import { snapshotLab } from '../support/snapshots.ts';

/** The durable engine's door: takes every start. */
let engine: Server;
let begun: unknown[];
let said: string[];
let jobs: JobStore;
beforeAll(async () => {
  engine = createServer(async (request, response) => {
    // It knows nothing of what has died.
    if (request.method === 'GET') return void response.writeHead(404).end();
    begun.push(await json(request));
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"id":"one"}');
  }).listen(0, '127.0.0.1');
  await once(engine, 'listening');
  const { connectionString } = await azurite();
  const table = (name: string) =>
    TableClient.fromConnectionString(connectionString, `scheduled${name}`, { allowInsecureConnection: true });
  jobs = createTableJobStore(Object.fromEntries(tableNames.map((name) => [name, table(name)])) as Tables);
});
afterAll(() => void engine.close());
beforeEach(() => {
  begun = [];
  said = [];
});

function contextOf(): InvocationContext {
  const rpcBaseUrl = `http://127.0.0.1:${(engine.address() as AddressInfo).port}/durabletask/`;
  const binding = { taskHubName: 'test', creationUrls: {}, managementUrls: {}, rpcBaseUrl };
  return {
    options: { extraInputs: [df.input.durableClient()] },
    extraInputs: { get: () => binding },
    log: () => undefined,
    error: (line: string) => said.push(line),
  } as unknown as InvocationContext;
}

it('goes on to the next connector when one cannot be begun, and says so at level error', async () => {
  const connectors = createConnectors(memoryConnectorStore(), ownConnector, () => new Date(0));
  for (const id of ['fabrikam', 'woodgrove']) {
    const tenantId = '11111111-2222-4333-8444-555555555555';
    await connectors.put(id, connectorInput.parse({ tenantId, schedule: '0 0 2 * * *' }));
  }
  const lock: typeof jobs.lock = async (name, jobId) => {
    if (name === snapshotLock('fabrikam')) throw new AppError('storage-unreachable', 'storage did not answer');
    return jobs.lock(name, jobId);
  };
  const services = { ...snapshotLab().services, connectors, jobs: { ...jobs, lock } };
  await startDueSnapshots(services, 'default')({} as Timer, contextOf());

  expect(said).toEqual(['snapshot.failed {"connectorId":"fabrikam","code":"storage-unreachable"}']);
  const [started, ...more] = (await jobs.list({ connectorId: 'woodgrove', top: 10 })).jobs;
  expect(started).toMatchObject({ kind: 'snapshot', status: 'queued', requestedBy: 'schedule' });
  expect(more).toEqual([]);
  expect(begun).toEqual([{ connectorId: 'woodgrove', jobId: started?.id }]);
  expect((await jobs.list({ connectorId: 'fabrikam', top: 10 })).jobs).toEqual([]);
});

it('says at level error, once, that the orchestration of a snapshot has died without a word', async () => {
  const connectors = createConnectors(memoryConnectorStore(), { ...ownConnector, id: 'quiet' }, () => new Date(0));
  const services = { ...snapshotLab().services, connectors, jobs, clock: () => new Date() };
  const createdDateTime = new Date(Date.now() - 3_600_000).toISOString();
  await jobs.create(aJob({ id: 'dead', connectorId: 'quiet', kind: 'snapshot', status: 'running', createdDateTime }));
  for (let look = 0; look < 2; look += 1) await startDueSnapshots(services, 'quiet')({} as Timer, contextOf());
  expect(said).toEqual(['snapshot.failed {"connectorId":"quiet","jobId":"dead","code":"internal"}']);
  expect(await jobs.get('dead')).toMatchObject({ status: 'failed', error: { code: 'internal' } });
});

it('reads everything anew after one that failed on a damaged part, and only then', async () => {
  const services = { ...snapshotLab().services, jobs };
  const night = async (day: number): Promise<string> => {
    await startScheduledSnapshot({ ...services, clock: () => new Date(Date.UTC(2026, 1, day)) }, 'default')(
      {} as Timer,
      contextOf(),
    );
    const [{ id = '' } = {}] = (await jobs.list({ connectorId: 'default', top: 1 })).jobs;
    await jobs.unlock(snapshotLock('default'), id);
    return id;
  };
  const first = await night(1);
  const error = { code: 'corrupt-snapshot', message: 'The shard is missing.' };
  await jobs.update(first, { status: 'failed', error });
  await jobs.update(await night(2), { status: 'completed' });
  await night(3);
  expect(begun.map((input) => (input as { mode?: string }).mode)).toEqual([undefined, 'full', undefined]);
  expect(said).toEqual([]);
});
