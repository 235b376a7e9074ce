/**
 * A Bucket whose blobs only the app can read: sealed before they are stored, opened when they are read. A blob that was stored in the open,
 * before sealing was switched on, is read as it is; so is what is only ever appended to (the audit log: ids, no values). The first segment of
 * a name is the connector, whose keys are its own. `list` tells the sizes that are stored,
 * and not of the keys.
 */
import { AppError } from '../errors.ts';
import type { Bucket } from './bucket.ts';
import { isKeyBlob, type KeyRing } from './key-ring.ts';
import { keyInForce } from './key-scope.ts';
import {
  frameBytes,
  headerBytes,
  isSealed,
  keyIdOf,
  open,
  openFrames,
  seal,
  sealedFrameBytes,
} from './sealed-frames.ts';

const connectorOf = (name: string): string => name.split('/')[0] ?? '';

/**
 * @param ring undefined: nothing is sealed, and what is cannot be read.
 * Methods throw `key-unavailable` besides what the bucket throws, and `corrupt-snapshot` for a sealed blob that was altered.
 */
export function createSealedBucket(inner: Bucket, ring: KeyRing | undefined, clock: () => Date): Bucket {
  const sealed = async (name: string, bytes: Uint8Array): Promise<Uint8Array> =>
    ring === undefined ? bytes : seal(bytes, await ring.obtain(connectorOf(name), keyInForce(clock())), name);

  const keyFor = async (name: string, header: Uint8Array): Promise<Uint8Array> => {
    if (ring !== undefined) return (await ring.find(connectorOf(name), keyIdOf(header))).key;
    throw new AppError(
      'key-unavailable',
      'Snapshots here are sealed, and this app has no key. Set ENCRYPTION_KEY_URL (or ENCRYPTION_KEY_FILE) to the key they were sealed with.',
    );
  };

  return {
    ...inner,
    put: async (name, bytes) => inner.put(name, await sealed(name, bytes)),
    putIfAbsent: async (name, bytes) => inner.putIfAbsent(name, await sealed(name, bytes)),

    async *list(prefix) {
      for await (const stored of inner.list(prefix)) if (!isKeyBlob(stored.name)) yield stored;
    },

    async get(name) {
      const bytes = await inner.get(name);
      return bytes === undefined || !isSealed(bytes) ? bytes : open(bytes, await keyFor(name, bytes), name);
    },

    async getRange(name, offset, length) {
      // Where nothing is sealed a range costs one read, and a sealed blob is known by its beginning.
      if (ring === undefined) {
        const bytes = await inner.getRange(name, offset, length);
        if (offset === 0 && bytes !== undefined && isSealed(bytes)) await keyFor(name, bytes);
        return bytes;
      }
      const first = Math.floor(offset / frameBytes);
      const count = Math.floor((offset + Math.max(1, length) - 1) / frameBytes) - first + 1;
      const place = headerBytes + first * sealedFrameBytes;
      // The header of a blob is read along where the range begins with it.
      const [header, frames] =
        first === 0
          ? await inner
              .getRange(name, 0, headerBytes + count * sealedFrameBytes)
              .then((all) => [all, all?.subarray(headerBytes)])
          : await Promise.all([
              inner.getRange(name, 0, headerBytes),
              inner.getRange(name, place, count * sealedFrameBytes),
            ]);
      if (header === undefined || frames === undefined) return undefined;
      if (!isSealed(header)) {
        return first === 0 ? header.subarray(offset, offset + length) : inner.getRange(name, offset, length);
      }
      const key = await keyFor(name, header);
      const { plain } = openFrames(header.subarray(0, headerBytes), frames, first, key, name);
      return plain.subarray(offset - first * frameBytes, offset - first * frameBytes + length);
    },
  };
}
