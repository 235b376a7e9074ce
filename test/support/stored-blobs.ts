/** The blobs of a running test system, for tests that damage them. */
import { BlobServiceClient } from '@azure/storage-blob';
import type { TestSystem } from './system.ts';

const account = 'AccountName=devstoreaccount1';
const key = 'AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface StoredBlobs {
  names(prefix: string): Promise<string[]>;
  get(name: string): Promise<Buffer>;
  put(name: string, bytes: Uint8Array): Promise<void>;
  delete(name: string): Promise<void>;
}

export function storedBlobs({ system }: Pick<TestSystem, 'system'>): StoredBlobs {
  const { storage } = system;
  const connection = `DefaultEndpointsProtocol=http;${account};${key};BlobEndpoint=${storage.blob};`;
  const container = BlobServiceClient.fromConnectionString(connection).getContainerClient('snapshots');
  return {
    async names(prefix) {
      const names: string[] = [];
      for await (const { name } of container.listBlobsFlat({ prefix })) names.push(name);
      return names;
    },
    get: (name) => container.getBlockBlobClient(name).downloadToBuffer(),
    async put(name, bytes) {
      await container.getBlockBlobClient(name).upload(bytes, bytes.length);
    },
    async delete(name) {
      await container.getBlockBlobClient(name).delete();
    },
  };
}
