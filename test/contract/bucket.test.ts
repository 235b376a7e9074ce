import { BlobServiceClient } from '@azure/storage-blob';
import { expect, it } from 'vitest';
import { createBlobBucket } from '../../src/azure/blob-bucket.ts';
import { createFileWrapper } from '../../src/storage/key-file.ts';
import { createKeyRing } from '../../src/storage/key-ring.ts';
import { createSealedBucket } from '../../src/storage/sealed-bucket.ts';
import { headerBytes } from '../../src/storage/sealed-frames.ts';
import { azurite } from '../support/azurite.ts';
import { keyFile } from '../support/key-file.ts';
import { aBucket } from './bucket.ts';

aBucket('Blob storage', async () => createBlobBucket((await azurite()).container()));

aBucket(
  'Blob storage with sealed blobs',
  async () => {
    const stored = createBlobBucket((await azurite()).container());
    return createSealedBucket(stored, createKeyRing(stored, createFileWrapper(keyFile())), () => new Date());
  },
  (bytes) => headerBytes + bytes + 16,
);

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
