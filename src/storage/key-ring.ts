/**
 * The data keys of sealed blobs: one for each snapshot and every other job, 32 random bytes, kept beside the blobs in `<connector>/keys/`,
 * wrapped by a key that storage does not hold. They are small and stay: content-named shards of a removed snapshot may live on in others.
 */
import { randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import { AppError } from '../errors.ts';
import type { Bucket } from './bucket.ts';
import { getJson } from './json-blob.ts';
import type { DataKey } from './sealed-frames.ts';

/** Whoever holds the key that wraps data keys. */
export interface KeyWrapper {
  /** @returns the wrapped key, and which key wrapped it. @throws AppError `storage-unreachable`, `key-unavailable`. */
  wrap(key: Uint8Array): Promise<{ readonly wrapped: Uint8Array; readonly wrappedBy: string }>;
  /** @throws AppError `key-unavailable` when it is another key's, or this one may not be used; `storage-unreachable`. */
  unwrap(wrapped: Uint8Array, wrappedBy: string): Promise<Uint8Array>;
}

export interface KeyRing {
  /** The key of this id, made if there is none yet; processes that make it at the same time agree on one. */
  obtain(connectorId: string, keyId: string): Promise<DataKey>;
  /** @throws AppError `key-unavailable` when there is none. */
  find(connectorId: string, keyId: string): Promise<DataKey>;
}

interface WrappedKey {
  readonly keyId: string;
  readonly wrappedBy: string;
  /** Base64. */
  readonly wrapped: string;
}

export const keyBlob = (connectorId: string, keyId: string): string => `${connectorId}/keys/${keyId}.json`;

export const isKeyBlob = (name: string): boolean => /^[^/]+\/keys\//.test(name);

/** @param bucket where wrapped keys lie, as they are. */
export function createKeyRing(bucket: Pick<Bucket, 'get' | 'putIfAbsent'>, wrapper: KeyWrapper): KeyRing {
  const known = new LRUCache<string, Promise<DataKey>>({ max: 1_000 });
  const remembered = (connectorId: string, keyId: string, load: () => Promise<DataKey>): Promise<DataKey> => {
    const name = keyBlob(connectorId, keyId);
    const loading = known.get(name) ?? load();
    known.set(name, loading);
    // A failure is not remembered: the vault may answer the next time.
    loading.catch(() => known.delete(name));
    return loading;
  };

  const stored = async (connectorId: string, keyId: string): Promise<DataKey | undefined> => {
    const found = await getJson<WrappedKey>(bucket, keyBlob(connectorId, keyId));
    if (found === undefined) return undefined;
    return { id: keyId, key: await wrapper.unwrap(Buffer.from(found.wrapped, 'base64'), found.wrappedBy) };
  };

  const make = async (connectorId: string, keyId: string): Promise<DataKey> => {
    const key = randomBytes(32);
    const { wrapped, wrappedBy } = await wrapper.wrap(key);
    const blob: WrappedKey = { keyId, wrappedBy, wrapped: Buffer.from(wrapped).toString('base64') };
    const mine = await bucket.putIfAbsent(keyBlob(connectorId, keyId), Buffer.from(JSON.stringify(blob)));
    return mine ? { id: keyId, key } : required(connectorId, keyId);
  };

  const required = async (connectorId: string, keyId: string): Promise<DataKey> => {
    const found = await stored(connectorId, keyId);
    if (found !== undefined) return found;
    throw new AppError(
      'key-unavailable',
      `The data key ${keyId} of connector ${connectorId} is gone from storage. Bring the blob ${keyBlob(connectorId, keyId)} back.`,
    );
  };

  return {
    obtain: (connectorId, keyId) =>
      remembered(
        connectorId,
        keyId,
        async () => (await stored(connectorId, keyId)) ?? (await make(connectorId, keyId)),
      ),
    find: (connectorId, keyId) => remembered(connectorId, keyId, () => required(connectorId, keyId)),
  };
}
