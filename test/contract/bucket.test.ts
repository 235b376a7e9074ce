import { BlobServiceClient } from '@azure/storage-blob';
import { expect, it } from 'vitest';
import { createBlobBucket } from '../../src/azure/blob-bucket.ts';
import { azurite } from '../support/azurite.ts';
import { aBucket } from './bucket.ts';

aBucket('Blob storage', async () => createBlobBucket((await azurite()).container()));

it('says that storage cannot be reached, without its key', async () => {
  const { connectionString } = await azurite();
  const nowhere = connectionString.replace(/BlobEndpoint=http:\/\/127\.0\.0\.1:\d+/, 'BlobEndpoint=http://127.0.0.1:1');
  const client = BlobServiceClient.fromConnectionString(nowhere, { retryOptions: { maxTries: 1 } });
  const bucket = createBlobBucket(client.getContainerClient('snapshots'));
  await expect(bucket.get('x')).rejects.toMatchObject({
    code: 'storage-unreachable',
    message: expect.not.stringContaining('Key'),
  });
});
