/** Decoded shards, kept as long as memory allows. Shards never change, so nothing here ever grows stale. */
import { LRUCache } from 'lru-cache';
import type { Bucket } from '../storage/bucket.ts';
import { layout } from './layout.ts';
import type { ShardEntry } from './manifest.ts';
import { decodeShard } from './shard.ts';

export interface ShardCache {
  /** The lines of a shard; fetched, proven and kept. @throws AppError `corrupt-snapshot`, `storage-unreachable`. */
  lines(connectorId: string, entry: ShardEntry): Promise<readonly string[]>;
}

/** A quarter of a small host's memory: some 100 shards, so that a restore of thousands of users reads each shard once. */
const maxBytes = 48 * 1024 * 1024;
/** What a line costs beside its characters. */
const bytesPerLine = 48;

const caches = new WeakMap<Bucket, ShardCache>();

/** One cache a bucket, whoever reads it. */
export function shardCacheOf(bucket: Bucket): ShardCache {
  const known = caches.get(bucket);
  if (known !== undefined) return known;
  const created = createShardCache(bucket);
  caches.set(bucket, created);
  return created;
}

function createShardCache(bucket: Bucket): ShardCache {
  const shards = new LRUCache<string, readonly string[]>({
    maxSize: maxBytes,
    sizeCalculation: (lines) => 1 + lines.reduce((sum, line) => sum + line.length + bytesPerLine, 0),
  });
  const underWay = new Map<string, Promise<readonly string[]>>();

  const fetch = async (key: string, connectorId: string, name: string): Promise<readonly string[]> => {
    const lines = await decodeShard(name, await bucket.get(layout.shard(connectorId, name)));
    shards.set(key, lines);
    return lines;
  };

  return {
    lines(connectorId, { name }) {
      const key = `${connectorId}/${name}`;
      const kept = shards.get(key);
      if (kept !== undefined) return Promise.resolve(kept);
      const started = underWay.get(key) ?? fetch(key, connectorId, name).finally(() => underWay.delete(key));
      underWay.set(key, started);
      return started;
    },
  };
}
