/**
 * The manifest of a snapshot: the small document, written last, whose presence is the snapshot. It names every shard by the hash of
 * its content, so whoever trusts the manifest can prove all the rest. Format version 1.
 */

import { z } from 'zod';
import { type KindName, kindNames } from '../directory/kinds.ts';
import { canonicalJson, type Json, type JsonObject } from '../directory/record.ts';
import { type UserDetail, userDetails } from '../directory/user-details.ts';
import { AppError } from '../errors.ts';
import { sha256Of } from '../storage/sha256.ts';
import { maxShardCount } from './hash-space.ts';

/** The newest format this code writes and reads. */
export const formatVersion = 1;

/** One kind each, the links of all objects, and what is kept a user: the names it is searched by, photo, methods, app roles. */
export type StreamName = KindName | KeptOfUsers | 'links';
export type KeptOfUsers = UserDetail | 'names' | 'photos';
export const keptOfUsers: readonly KeptOfUsers[] = ['names', 'photos', ...userDetails];
export const streamNames: readonly StreamName[] = [...kindNames, 'links', ...keptOfUsers];

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.number().int().nonnegative();

const shardSchema = z.object({
  /** SHA-256 of the uncompressed lines. */
  name: hash,
  records: count,
  /** Of the uncompressed lines. */
  bytes: count,
  /** Of a links shard: the names of links its records hold. */
  keys: z.array(z.string()).optional(),
});

const streamSchema = z
  .object({
    /** A power of two. Shard `n` holds the records whose id hash lies in the n-th part of the hash space. */
    shardCount: z.number().int().min(1).max(maxShardCount),
    /** One entry a shard; null: no records. */
    shards: z.array(shardSchema.nullable()),
    count,
    /** Names of properties (of links: of relations) that were asked for; all others are unknown, which is not empty. */
    captured: z.array(z.string()),
    /** Of those, the directory extensions that synchronization brought; absent: none. */
    synced: z.array(z.string()).optional(),
    added: count,
    changed: count,
    removed: count,
    /** Read from the beginning by this snapshot, not patched from its parent. */
    readInFull: z.boolean(),
    /** When this stream, or the oldest part of it, was last read from the beginning. */
    fullDateTime: z.iso.datetime(),
    /** Of what is asked again slot by slot: no answer is older. Absent: everything is as old as `fullDateTime` at most. */
    oldestDateTime: z.iso.datetime().optional(),
  })
  .refine(({ shardCount, shards }) => Number.isInteger(Math.log2(shardCount)) && shards.length === shardCount, {
    message: 'as many shards as shardCount says',
  })
  .refine(({ count, shards }) => shards.reduce((sum, shard) => sum + (shard?.records ?? 0), 0) === count, {
    message: 'the records of all shards make the count',
  });

const manifestSchema = z.object({
  formatVersion: z.literal(formatVersion),
  id: z.string().regex(/^[A-Za-z0-9._-]+$/),
  connectorId: z.string().min(1),
  /** When its reading began: everything in it is at least as new. */
  createdDateTime: z.iso.datetime(),
  completedDateTime: z.iso.datetime(),
  mode: z.enum(['full', 'incremental']),
  status: z.enum(['complete', 'partial']),
  /** The snapshot it was compared with, and patched from where it is incremental; `sha256` of that manifest's bytes. */
  parent: z.object({ id: z.string(), sha256: hash }).optional(),
  streams: z.partialRecord(z.enum(streamNames as [StreamName, ...StreamName[]]), streamSchema),
  /** Per source with a delta: where the next snapshot goes on. */
  deltaLinks: z.record(z.string(), z.string()),
  /** What could not be read, and why. Not empty exactly when the snapshot is partial. */
  missing: z.array(z.object({ kind: z.string(), code: z.string(), message: z.string() })),
  /** Streams that came back suspiciously small, with the records of the parent and of this one; absent: none did. */
  suspect: z.array(z.object({ kind: z.string(), before: count, now: count })).optional(),
  /** Compressed bytes that this snapshot added to storage, its manifest left out. */
  bytesWritten: count,
  requests: count,
  resourceUnits: z.number().nonnegative(),
  /** SHA-256 of this document without this field, as canonical JSON: so a manifest proves itself, too. */
  digest: hash.optional(),
});

export type ShardEntry = z.infer<typeof shardSchema>;
export type StreamManifest = z.infer<typeof streamSchema>;
export type Manifest = z.infer<typeof manifestSchema>;
export type Missing = Manifest['missing'][number];
export type Shrunk = NonNullable<Manifest['suspect']>[number];

export function manifestBytes(manifest: Manifest): Uint8Array {
  const { digest: _, ...rest } = manifestSchema.parse(manifest);
  const document = JSON.parse(JSON.stringify(rest)) as JsonObject;
  return Buffer.from(`${JSON.stringify({ ...document, digest: digestOf(document) })}\n`);
}

const digestOf = (document: JsonObject): string => sha256Of(canonicalJson(document));

export const manifestHash = (bytes: Uint8Array): string => sha256Of(bytes);

/** @throws AppError `corrupt-snapshot` when it is no manifest, contradicts itself, or is of a newer format. */
export function parseManifest(bytes: Uint8Array, snapshotId: string): Manifest {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (cause) {
    throw new AppError('corrupt-snapshot', `The manifest of snapshot ${snapshotId} is no JSON. Use another snapshot.`, {
      cause,
    });
  }
  const version = (document as { formatVersion?: unknown } | null)?.formatVersion;
  if (typeof version === 'number' && version > formatVersion) {
    throw new AppError(
      'corrupt-snapshot',
      `Snapshot ${snapshotId} has format ${version}; this version reads up to ${formatVersion}. Update the app to use it.`,
    );
  }
  const parsed = manifestSchema.safeParse(document);
  const { digest, ...rest } = (document ?? {}) as { readonly [name: string]: Json };
  const proven = digest === undefined || digest === digestOf(rest);
  if (!parsed.success || parsed.data.id !== snapshotId || !proven) {
    const place = parsed.error?.issues[0]?.path.join('.') ?? (proven ? 'id' : 'digest');
    throw new AppError(
      'corrupt-snapshot',
      `The manifest of snapshot ${snapshotId} is damaged at "${place}". Use another snapshot.`,
    );
  }
  return parsed.data;
}
