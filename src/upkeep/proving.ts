/**
 * Proves a snapshot: everything it names is there, is what it was named by, and counts what the manifest counts. Nothing is taken from a
 * cache. Findings name blobs and numbers, never records.
 */

import { isAppError } from '../errors.ts';
import { shardOf } from '../snapshot/hash-space.ts';
import { layout } from '../snapshot/layout.ts';
import { type Manifest, manifestHash, type StreamManifest, type StreamName } from '../snapshot/manifest.ts';
import type { PhotoRecord } from '../snapshot/reader.ts';
import { idOfLine, parseLine } from '../snapshot/record-line.ts';
import { decodeShard } from '../snapshot/shard.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import type { Bucket } from '../storage/bucket.ts';
import { sha256Of } from '../storage/sha256.ts';

export interface Finding {
  readonly code: 'corrupt-shard' | 'wrong-count' | 'wrong-place' | 'corrupt-photo' | 'broken-chain';
  readonly message: string;
}

/** A run of shards of one stream: what one activity re-reads. */
export interface ProofPart {
  readonly stream: StreamName;
  readonly from: number;
  readonly to: number;
}

/** Uncompressed bytes an activity re-reads at most, unless that made too many of them. */
const partBytes = 32 * 1024 * 1024;
const maxParts = 180;

/** Cuts everything a manifest names into parts of like size. Pure. */
export function planProof({ streams }: Manifest): ProofPart[] {
  const all = Object.values(streams).flatMap(({ shards }) => shards.map((shard) => shard?.bytes ?? 0));
  const most = Math.max(partBytes, all.reduce((sum, bytes) => sum + bytes, 0) / (maxParts / 2));
  return (Object.entries(streams) as [StreamName, StreamManifest][]).flatMap(([stream, { shards }]) => {
    const parts: ProofPart[] = [];
    let from = 0;
    let bytes = 0;
    for (const [index, shard] of shards.entries()) {
      bytes += shard?.bytes ?? 0;
      if (bytes < most && index + 1 < shards.length) continue;
      parts.push({ stream, from, to: index + 1 });
      from = index + 1;
      bytes = 0;
    }
    return parts;
  });
}

/** Re-reads a run of shards. @throws AppError `storage-unreachable`. */
export async function provePart(
  bucket: Bucket,
  manifest: Manifest,
  { stream, from, to }: ProofPart,
): Promise<Finding[]> {
  const { shards = [], shardCount = 1 } = manifest.streams[stream] ?? {};
  const findings: Finding[] = [];
  for (let index = from; index < to; index += 1) {
    const entry = shards[index];
    if (entry === null || entry === undefined) continue;
    const place = `Shard ${index} of ${stream} (${entry.name})`;
    const lines = await decodeShard(entry.name, await bucket.get(layout.shard(manifest.connectorId, entry.name))).catch(
      (error: unknown) => {
        if (!isAppError(error, 'corrupt-snapshot')) throw error;
        findings.push({ code: 'corrupt-shard', message: `${place}: ${error.message}` });
        return undefined;
      },
    );
    if (lines === undefined) continue;
    const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    if (lines.length !== entry.records || bytes !== entry.bytes) {
      const message = `${place} holds ${lines.length} records in ${bytes} bytes; the manifest counts ${entry.records} in ${entry.bytes}.`;
      findings.push({ code: 'wrong-count', message });
    }
    const astray = lines.filter((line, at) => {
      const sorted = at === 0 || idOfLine(lines[at - 1] ?? '') < idOfLine(line);
      return !sorted || shardOf(idOfLine(line), shardCount) !== index;
    });
    if (astray.length > 0) {
      const message = `${place}: ${astray.length} records are in the wrong order or belong to another shard.`;
      findings.push({ code: 'wrong-place', message });
    }
    if (stream === 'photos') findings.push(...(await provePhotos(bucket, manifest.connectorId, lines)));
  }
  return findings;
}

async function provePhotos(bucket: Bucket, connectorId: string, lines: readonly string[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const hash of new Set(lines.map((line) => (parseLine(line).body as unknown as PhotoRecord).sha256))) {
    const bytes = await bucket.get(layout.photo(connectorId, hash));
    const how =
      bytes === undefined
        ? 'is missing'
        : sha256Of(bytes) === hash
          ? undefined
          : 'does not have the content it was named by';
    if (how !== undefined) findings.push({ code: 'corrupt-photo', message: `The photo ${hash} ${how}.` });
  }
  return findings;
}

/**
 * The chain from snapshot to snapshot: a parent that is still there is the one it was, and so is this one to its children. A parent that
 * retention has removed left a note of its hash.
 */
export async function proveChain(bucket: Bucket, manifest: Manifest): Promise<Finding[]> {
  const { connectorId, id, parent } = manifest;
  const findings: Finding[] = [];
  const hashOf = async (name: string) => {
    const bytes = await bucket.get(name);
    return bytes === undefined ? undefined : manifestHash(bytes);
  };
  if (parent !== undefined) {
    const hash = await hashOf(layout.manifest(connectorId, parent.id));
    const removed = hash === undefined && (await bucket.exists(layout.removed(connectorId, parent.id)));
    if (hash !== parent.sha256 && !removed) {
      const how =
        hash === undefined ? 'is missing and was not removed by retention' : 'is not the one it was made from';
      findings.push({ code: 'broken-chain', message: `The parent ${parent.id} of snapshot ${id} ${how}.` });
    }
  }
  const own = await hashOf(layout.manifest(connectorId, id));
  for await (const child of createSnapshotStore(bucket, connectorId).list()) {
    if (child.id <= id) break;
    if (child.parent?.id === id && child.parent.sha256 !== own) {
      const message = `Snapshot ${child.id} was made from another manifest of ${id} than the one that is there.`;
      findings.push({ code: 'broken-chain', message });
    }
  }
  return findings;
}
