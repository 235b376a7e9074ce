/**
 * Reads one snapshot: records, links, photos, each proven by the hashes its manifest names. Every method throws `corrupt-snapshot` for a
 * shard that is missing or not what it should be, `storage-unreachable` when storage does not answer.
 */

import type { LinksOf, Photo } from '../directory/gateway.ts';
import { type KindName, kindOfType } from '../directory/kinds.ts';
import { type DirectoryRecord, type Id, type Ref, refId, refType } from '../directory/record.ts';
import { type DetailItem, itemsOf, type UserDetail } from '../directory/user-details.ts';
import { AppError } from '../errors.ts';
import type { Bucket } from '../storage/bucket.ts';
import { sha256Of } from '../storage/sha256.ts';
import { shardOf } from './hash-space.ts';
import { layout } from './layout.ts';
import { mapLimited } from './limiter.ts';
import { linkKeys, linkName } from './link-keys.ts';
import type { Manifest, StreamManifest, StreamName } from './manifest.ts';
import { idOfLine, parseLine } from './record-line.ts';
import { type ShardCache, shardCacheOf } from './shard-cache.ts';

export interface PhotoRecord {
  readonly sha256: string;
  readonly contentType: string;
  readonly bytes: number;
}

/** How a photo is known; its bytes lie under their hash. */
export const photoRecordOf = ({ bytes, contentType }: Photo): PhotoRecord => ({
  sha256: sha256Of(bytes),
  contentType,
  bytes: bytes.length,
});

export interface SnapshotReader {
  readonly manifest: Manifest;
  /** Whether a kind was captured; a kind that was not is unknown, which is not empty. */
  has(kind: StreamName): boolean;
  /** Properties that were asked for; empty for a kind that was not captured. */
  captured(kind: StreamName): readonly string[];
  record(kind: KindName, id: Id): Promise<DirectoryRecord | undefined>;
  /** Which of the ids the snapshot holds; cheaper than their records. */
  held(kind: KindName, ids: readonly Id[]): Promise<ReadonlySet<Id>>;
  /** Those of the ids that the snapshot holds. */
  records(kind: KindName, ids: readonly Id[]): Promise<ReadonlyMap<Id, DirectoryRecord>>;
  /** All links of each object, under the names its kind uses; links to objects that were in the bin are hidden. */
  linksOf(ids: readonly Id[]): Promise<ReadonlyMap<Id, LinksOf>>;
  /** Names of links the snapshot cannot speak of, as seen from this kind, or from any. */
  linksNotCaptured(kind?: KindName): readonly string[];
  /** Links as stored, by key, hidden ones included. */
  storedLinks(ids: readonly Id[]): Promise<ReadonlyMap<Id, LinksOf>>;
  /** All records of a kind, shard by shard, in a shard by id. Throws `not-captured` when the kind was not. */
  scan(kind: KindName): AsyncIterable<DirectoryRecord>;
  /** The lines of one shard, sorted by id, each one record. */
  lines(stream: StreamName, shard: number): Promise<readonly string[]>;
  /** The lines of every shard from this one on, in their order; some are fetched ahead. */
  shards(stream: StreamName, from?: number): AsyncIterable<readonly string[]>;
  photo(userId: Id): Promise<PhotoRecord | undefined>;
  /** Of each user that has some; empty for a detail that was not captured. */
  details(detail: UserDetail, userIds: readonly Id[]): Promise<ReadonlyMap<Id, readonly DetailItem[]>>;
  photoBytes(sha256: string): Promise<Uint8Array>;
}

/** Shards fetched side by side for one question. */
const shardsAtOnce = 8;

export function createSnapshotReader(bucket: Bucket, connectorId: string, manifest: Manifest): SnapshotReader {
  const cache: ShardCache = shardCacheOf(bucket);
  const streamOf = (stream: StreamName): StreamManifest | undefined => manifest.streams[stream];

  const lines = async (stream: StreamName, shard: number): Promise<readonly string[]> => {
    const entry = streamOf(stream)?.shards[shard];
    return entry === undefined || entry === null ? [] : cache.lines(connectorId, entry);
  };

  /** The stored lines of those ids that have one. */
  const find = async (stream: StreamName, ids: Iterable<Id>): Promise<Map<Id, string>> => {
    const { shardCount } = streamOf(stream) ?? { shardCount: 1 };
    const byShard = new Map<number, Id[]>();
    for (const id of new Set(ids)) {
      const shard = shardOf(id, shardCount);
      const known = byShard.get(shard);
      if (known === undefined) byShard.set(shard, [id]);
      else known.push(id);
    }
    const found = new Map<Id, string>();
    await mapLimited([...byShard], shardsAtOnce, async ([shard, wanted]) => {
      const sorted = await lines(stream, shard);
      for (const id of wanted) {
        const line = lineOf(sorted, id);
        if (line !== undefined) found.set(id, line);
      }
    });
    return found;
  };

  const records = async (stream: StreamName, ids: readonly Id[]): Promise<Map<Id, DirectoryRecord>> =>
    new Map([...(await find(stream, ids))].map(([id, line]) => [id, parseLine(line)]));

  const storedLinks = async (ids: readonly Id[]) =>
    new Map([...(await records('links', ids))].map(([id, { body }]) => [id, body as LinksOf]));

  /** Of the other ends, those the snapshot does not hold although it holds their kind. */
  const hiddenEnds = async (ends: Iterable<Ref>): Promise<ReadonlySet<Id>> => {
    const byKind = new Map<KindName, Set<Id>>();
    for (const end of ends) {
      const kind = kindOfType(refType(end))?.name;
      if (kind === undefined || streamOf(kind) === undefined) continue;
      const known = byKind.get(kind);
      if (known === undefined) byKind.set(kind, new Set([refId(end)]));
      else known.add(refId(end));
    }
    const hidden = new Set<Id>();
    for (const [kind, ids] of byKind) {
      const found = await find(kind, ids);
      for (const id of ids) if (!found.has(id)) hidden.add(id);
    }
    return hidden;
  };

  async function* shards(stream: StreamName, from = 0): AsyncGenerator<readonly string[]> {
    const { shardCount } = streamOf(stream) ?? { shardCount: 0 };
    const ahead: Promise<readonly string[]>[] = [];
    for (let shard = from; shard < shardCount; shard += 1) {
      for (let next = shard + ahead.length; next < shardCount && ahead.length < shardsAtOnce; next += 1) {
        const fetched = lines(stream, next);
        // Whoever leaves early never asks for it.
        fetched.catch(() => undefined);
        ahead.push(fetched);
      }
      yield (await ahead.shift()) ?? [];
    }
  }

  return {
    manifest,
    has: (kind) => streamOf(kind) !== undefined,
    captured: (kind) => streamOf(kind)?.captured ?? [],
    records,
    held: async (kind, ids) => new Set((await find(kind, ids)).keys()),
    record: async (kind, id) => (await records(kind, [id])).get(id),
    storedLinks,
    lines,

    async linksOf(ids) {
      const stored = await storedLinks(ids);
      const hidden = await hiddenEnds(allEnds(stored.values()));
      return new Map(
        ids.map((id) => {
          const links: Record<string, readonly Ref[]> = {};
          for (const [key, refs] of Object.entries(stored.get(id) ?? {})) {
            const visible = refs.filter((end) => !hidden.has(refId(end)));
            if (visible.length > 0) links[linkName(key)] = visible;
          }
          return [id, links];
        }),
      );
    },

    linksNotCaptured(kind) {
      const captured = streamOf('links')?.captured ?? [];
      const seen = linkKeys.filter(({ relation, forward }) => {
        if (kind === undefined) return true;
        return forward ? relation.source === kind : relation.targets.includes(kind);
      });
      const known = new Set(seen.filter(({ relation }) => captured.includes(relation.name)).map(({ name }) => name));
      return [...new Set(seen.map(({ name }) => name))].filter((name) => !known.has(name));
    },

    shards,

    async *scan(kind) {
      if (streamOf(kind) === undefined) throw notCaptured(manifest.id, kind);
      for await (const some of shards(kind)) for (const line of some) yield parseLine(line);
    },

    async photo(userId) {
      const record = (await records('photos', [userId])).get(userId);
      return record?.body as PhotoRecord | undefined;
    },

    async details(detail, userIds) {
      return new Map([...(await records(detail, userIds))].map(([id, { body }]) => [id, itemsOf(body)]));
    },

    async photoBytes(sha256) {
      const bytes = await bucket.get(layout.photo(connectorId, sha256));
      if (bytes !== undefined && sha256Of(bytes) === sha256) return bytes;
      const how = bytes === undefined ? 'is missing' : 'does not have the content it was named by';
      throw new AppError('corrupt-snapshot', `The photo ${sha256} ${how}. Use another snapshot, and take a full one.`);
    },
  };
}

export const notCaptured = (snapshotId: string, kind: string): AppError =>
  new AppError('not-captured', `Snapshot ${snapshotId} does not hold ${kind}. Choose a complete snapshot.`, {
    details: { kind },
  });

function* allEnds(records: Iterable<LinksOf>): Generator<Ref> {
  for (const record of records) for (const refs of Object.values(record)) yield* refs;
}

/** Binary search in lines sorted by id. */
function lineOf(sorted: readonly string[], id: Id): string | undefined {
  let from = 0;
  let to = sorted.length - 1;
  while (from <= to) {
    const middle = (from + to) >> 1;
    const line = sorted[middle] ?? '';
    const found = idOfLine(line);
    if (found === id) return line;
    if (found < id) from = middle + 1;
    else to = middle - 1;
  }
  return undefined;
}
