/** Storage that takes a request and never answers it: no activity may wait for it for ever. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBlobBucket } from '../../src/azure/blob-bucket.ts';
import { createTableJobStore, type Tables, tableNames } from '../../src/azure/table-job-store.ts';

const unreachable = { code: 'storage-unreachable', message: expect.stringContaining('no answer') };
const account = 'devstoreaccount1';
const key = Buffer.from('no secret').toString('base64');

let answer: (method: string, response: ServerResponse) => void = () => undefined;
const server = createServer((request, response) => {
  request.resume();
  answer(request.method ?? '', response);
});
let connectionString = '';

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}/${account}`;
  connectionString = `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};BlobEndpoint=${endpoint};TableEndpoint=${endpoint}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const bucket = () =>
  createBlobBucket(BlobServiceClient.fromConnectionString(connectionString).getContainerClient('snapshots'), 150);

it('gives up on blobs when no answer comes', async () => {
  answer = () => undefined;
  await expect(bucket().put('x', new Uint8Array(10))).rejects.toMatchObject(unreachable);
  await expect(bucket().get('x')).rejects.toMatchObject(unreachable);
  await expect(bucket().list('x')[Symbol.asyncIterator]().next()).rejects.toMatchObject(unreachable);
});

it('gives up on a page of a list that does not come', async () => {
  answer = (method, response) => void (method === 'PUT' && response.writeHead(201).end());
  await expect(bucket().list('x')[Symbol.asyncIterator]().next()).rejects.toMatchObject(unreachable);
});

it('gives up on a blob that stops coming in the middle', async () => {
  answer = (method, response) => {
    if (method === 'PUT') response.writeHead(201).end();
    else response.writeHead(200, { 'content-length': 10, 'content-type': 'application/octet-stream' }).write('abc');
  };
  await expect(bucket().get('x')).rejects.toMatchObject(unreachable);
});

it('gives up on rows when no answer comes, and serves once answers come again', async () => {
  const client = (name: string) =>
    TableClient.fromConnectionString(connectionString, name, { allowInsecureConnection: true });
  const jobs = createTableJobStore(Object.fromEntries(tableNames.map((name) => [name, client(name)])) as Tables, 150);
  answer = () => undefined;
  await expect(jobs.get('x')).rejects.toMatchObject(unreachable);
  answer = (method, response) => void (method === 'POST' && response.writeHead(204).end());
  await expect(jobs.get('x')).rejects.toMatchObject(unreachable);
  answer = (method, response) => void response.writeHead(method === 'POST' ? 204 : 404).end();
  expect(await jobs.get('x')).toBeUndefined();
});
