/** A Bucket in memory for unit tests of what stands above it. */
import type { Bucket } from '../../src/storage/bucket.ts';

export interface MemoryBucket extends Bucket {
  /** Bytes given out since it was made. */
  bytesRead(): number;
  /** Reads (whole or range) since it was made. */
  reads(): number;
}

export function memoryBucket(): MemoryBucket {
  const blobs = new Map<string, Uint8Array>();
  let bytesRead = 0;
  let reads = 0;
  const give = (bytes: Uint8Array | undefined): Uint8Array | undefined => {
    bytesRead += bytes?.length ?? 0;
    reads += 1;
    return bytes;
  };
  return {
    bytesRead: () => bytesRead,
    reads: () => reads,
    async put(name, bytes) {
      blobs.set(name, Uint8Array.from(bytes));
    },
    async putIfAbsent(name, bytes) {
      if (blobs.has(name)) return false;
      blobs.set(name, Uint8Array.from(bytes));
      return true;
    },
    async append(name, bytes) {
      blobs.set(name, Buffer.concat([blobs.get(name) ?? new Uint8Array(), bytes]));
      return true;
    },
    get: async (name) => give(blobs.get(name)),
    getRange: async (name, offset, length) => give(blobs.get(name)?.subarray(offset, offset + length)),
    exists: async (name) => blobs.has(name),
    async *list(prefix) {
      for (const name of [...blobs.keys()].filter((one) => one.startsWith(prefix)).sort())
        yield { name, bytes: blobs.get(name)?.length ?? 0, modifiedDateTime: '2026-01-01T00:00:00.000Z' };
    },
    async delete(name) {
      blobs.delete(name);
    },
  };
}
