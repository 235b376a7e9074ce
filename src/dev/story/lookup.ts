/** How many blobs are read to look one user up in a snapshot, by a process that has read nothing yet. */
import { BlobServiceClient } from '@azure/storage-blob';
import { createBlobBucket } from '../../azure/blob-bucket.ts';
import { createSnapshotStore } from '../../snapshot/store.ts';
import type { Bucket } from '../../storage/bucket.ts';
import type { System } from '../system.ts';

/** The public development account of the storage emulator, the same in every installation of it. */
const account =
  'AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

/** Manifest, record and links of a user by object id. */
export async function blobReadsOfLookup({ storage }: System, snapshotId: string, userId: string): Promise<number> {
  const connection = `DefaultEndpointsProtocol=http;${account};BlobEndpoint=${storage.blob};`;
  const container = BlobServiceClient.fromConnectionString(connection).getContainerClient('snapshots');
  const stored = createBlobBucket(container);
  let reads = 0;
  const bucket: Bucket = {
    ...stored,
    get(name) {
      reads += 1;
      return stored.get(name);
    },
    getRange(name, offset, length) {
      reads += 1;
      return stored.getRange(name, offset, length);
    },
  };
  const store = createSnapshotStore(bucket, 'default');
  const reader = store.open(await store.resolve(snapshotId));
  const found = await Promise.all([reader.record('users', userId), reader.storedLinks([userId])]);
  if (found[0] === undefined) throw new Error(`snapshot ${snapshotId} does not hold the user looked up`);
  return reads;
}
