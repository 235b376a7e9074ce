/**
 * Where an id lies. Slots (of staged changes) and shards (of stored records) are equal cuts of one 32-bit hash space, both counted in
 * powers of two, so that a shard is a run of slots or a slot a run of shards. Part of the stored format: never change the hash. Pure.
 */
import type { Id } from '../directory/record.ts';

/** Slots that staged changes are sorted into. */
export const slotCount = 256;
export const maxShardCount = 65_536;

/** FNV-1a over the UTF-16 code units, then the MurmurHash3 finalizer, so that the leading bits are as good as the rest. */
export function hash32(id: Id): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < id.length; index += 1) hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export const slotOf = (id: Id): number => hash32(id) >>> 24;

/** @param shardCount a power of two, at most `maxShardCount`. */
export const shardOf = (id: Id, shardCount: number): number => Math.floor((hash32(id) / 2 ** 32) * shardCount);

/** The shards, of another cut of `otherCount`, that share ids with shard `index` of `count`: from (inclusive) to (exclusive). */
export function overlappingShards(index: number, count: number, otherCount: number): { from: number; to: number } {
  const from = Math.floor((index * otherCount) / count);
  return { from, to: Math.max(from + 1, Math.floor(((index + 1) * otherCount) / count)) };
}
