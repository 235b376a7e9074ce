import { randomUUID } from 'node:crypto';
import { TableClient } from '@azure/data-tables';
import { expect, it } from 'vitest';
import { createTableJobStore, type Tables, tableNames } from '../../src/azure/table-job-store.ts';
import { createFileWrapper } from '../../src/storage/key-file.ts';
import { createKeyRing } from '../../src/storage/key-ring.ts';
import { createTextSeal } from '../../src/storage/sealed-text.ts';
import { azurite } from '../support/azurite.ts';
import { aJob } from '../support/jobs.ts';
import { keyFile } from '../support/key-file.ts';
import { memoryBucket } from '../support/memory-bucket.ts';
import { aJobStore } from './job-store.ts';

const tables = (connectionString: string, options = {}): Tables => {
  const prefix = `t${randomUUID().replaceAll('-', '').slice(0, 20)}`;
  const client = (name: string) =>
    TableClient.fromConnectionString(connectionString, prefix + name, { allowInsecureConnection: true, ...options });
  return Object.fromEntries(tableNames.map((name) => [name, client(name)])) as Tables;
};

aJobStore('Table storage', async () => createTableJobStore(tables((await azurite()).connectionString)));

aJobStore('Table storage with sealed rows', async () => {
  const texts = createTextSeal(createKeyRing(memoryBucket(), createFileWrapper(keyFile())));
  return createTableJobStore(tables((await azurite()).connectionString), undefined, texts);
});

it('serves several processes that make the tables at the same moment', async () => {
  const same = tables((await azurite()).connectionString);
  const stores = [createTableJobStore(same), createTableJobStore(same), createTableJobStore(same)];
  await Promise.all(stores.map((store, at) => store.create(aJob({}, at))));
  expect((await stores[0]?.list({ connectorId: 'default', top: 10 }))?.jobs).toHaveLength(3);
});

it('says that storage cannot be reached, without its key', async () => {
  const { connectionString } = await azurite();
  const nowhere = connectionString.replace(
    /TableEndpoint=http:\/\/127\.0\.0\.1:\d+/,
    'TableEndpoint=http://127.0.0.1:1',
  );
  const jobs = createTableJobStore(tables(nowhere, { retryOptions: { maxRetries: 0 } }));
  await expect(jobs.get('x')).rejects.toMatchObject({
    code: 'storage-unreachable',
    message: expect.not.stringContaining('Key'),
  });
});
