/**
 * Removing snapshots, and what no snapshot names any more. The lock of the connector is held meanwhile, so no snapshot is being written; the
 * manifest goes first, so nothing that is still a snapshot ever lacks a part.
 */
import type { KeepReason } from '../connectors/retention-policy.ts';
import { hasEnded, type JobKind } from '../job/job.ts';
import type { JobStore } from '../job/job-store.ts';
import { layout } from '../snapshot/layout.ts';
import { type Manifest, manifestHash } from '../snapshot/manifest.ts';
import type { PhotoRecord } from '../snapshot/reader.ts';
import { parseLine } from '../snapshot/record-line.ts';
import { decodeShard } from '../snapshot/shard.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import type { Bucket } from '../storage/bucket.ts';
import { putJson } from '../storage/json-blob.ts';

export interface Swept {
  readonly blobs: number;
  readonly bytes: number;
}

/** Views of the live directory serve the pages of one comparison; older ones serve nobody. */
const viewKeptMs = 3_600_000;

/** Snapshots that stay whatever a policy says: under legal hold, or what a job works from. */
export async function heldSnapshots(
  bucket: Bucket,
  jobs: JobStore,
  connectorId: string,
): Promise<ReadonlyMap<string, KeepReason>> {
  const held = new Map<string, KeepReason>();
  for (const kind of ['restore', 'plan', 'verify'] satisfies readonly JobKind[]) {
    for (const status of ['queued', 'running'] as const) {
      const found = await jobs.list({ connectorId, kind, status, top: 1_000 });
      for (const job of found.jobs) if (!hasEnded(job) && job.snapshotId) held.set(job.snapshotId, 'used-by-a-job');
    }
  }
  for (const { jobId, connectorId: theirs } of await jobs.waitingJobs()) {
    const snapshotId = theirs === connectorId ? (await jobs.get(jobId))?.snapshotId : undefined;
    if (snapshotId !== undefined) held.set(snapshotId, 'used-by-a-job');
  }
  const prefix = layout.holds(connectorId);
  for await (const { name } of bucket.list(prefix)) held.set(name.slice(prefix.length, -'.json'.length), 'legal-hold');
  return held;
}

/** Removes manifests, each after a note of its hash for those that were built upon it. Repeated, it does the rest. */
export async function removeSnapshots(bucket: Bucket, connectorId: string, ids: readonly string[], at: string) {
  for (const id of ids) {
    const name = layout.manifest(connectorId, id);
    const bytes = await bucket.get(name);
    if (bytes === undefined) continue;
    await putJson(bucket, layout.removed(connectorId, id), { id, sha256: manifestHash(bytes), removedDateTime: at });
    await bucket.delete(name);
    await bucket.delete(layout.accepted(connectorId, id));
  }
}

/**
 * Shows every manifest that is left, one after another. False when it cannot be known what is still named: a manifest that cannot be read
 * keeps everything, and so does a young view of the live directory, whose parts are being written without the lock.
 */
async function visitManifests(
  bucket: Bucket,
  connectorId: string,
  now: Date,
  visit: (manifest: Manifest) => Promise<void> | void,
): Promise<boolean> {
  for await (const { name, modifiedDateTime } of bucket.list(layout.views(connectorId))) {
    if (now.getTime() - Date.parse(modifiedDateTime) <= viewKeptMs) return false;
    await bucket.delete(name);
  }
  let stored = 0;
  for await (const _ of bucket.list(layout.manifests(connectorId))) stored += 1;
  for await (const manifest of createSnapshotStore(bucket, connectorId).list()) {
    await visit(manifest);
    stored -= 1;
  }
  return stored === 0;
}

/** Whether the lock is still held: a retention that was terminated from outside may sweep on while a snapshot has begun. */
export type StillHeld = () => Promise<boolean>;

/** Deletes shards that no snapshot names. @returns undefined when it cannot be known what is named, or the lock is lost. */
export async function sweepShards(
  bucket: Bucket,
  connectorId: string,
  now: Date,
  held: StillHeld,
): Promise<Swept | undefined> {
  const named = new Set<string>();
  const known = await visitManifests(bucket, connectorId, now, ({ streams }) => {
    for (const { shards } of Object.values(streams))
      for (const shard of shards) if (shard !== null) named.add(layout.shard(connectorId, shard.name));
  });
  return known ? sweep(bucket, layout.shards(connectorId), named, held) : undefined;
}

/** Deletes pictures that no snapshot names; reads each different shard of photos once. */
export async function sweepPhotos(
  bucket: Bucket,
  connectorId: string,
  now: Date,
  held: StillHeld,
): Promise<Swept | undefined> {
  const read = new Set<string>();
  const named = new Set<string>();
  const known = await visitManifests(bucket, connectorId, now, async ({ streams }) => {
    for (const shard of streams.photos?.shards ?? []) {
      if (shard === null || read.has(shard.name)) continue;
      read.add(shard.name);
      for (const line of await decodeShard(shard.name, await bucket.get(layout.shard(connectorId, shard.name))))
        named.add(layout.photo(connectorId, (parseLine(line).body as unknown as PhotoRecord).sha256));
    }
  });
  return known ? sweep(bucket, layout.photos(connectorId), named, held) : undefined;
}

/** Deletions between two looks at the lock: a fraction of a second, and a snapshot names its first shard seconds after it began. */
const deletionsUnseen = 20;

async function sweep(
  bucket: Bucket,
  prefix: string,
  named: ReadonlySet<string>,
  held: StillHeld,
): Promise<Swept | undefined> {
  let swept: Swept = { blobs: 0, bytes: 0 };
  for await (const { name, bytes } of bucket.list(prefix)) {
    if (named.has(name)) continue;
    if (swept.blobs % deletionsUnseen === 0 && !(await held())) return undefined;
    await bucket.delete(name);
    swept = { blobs: swept.blobs + 1, bytes: swept.bytes + bytes };
  }
  return swept;
}
