/** The snapshots of one connector: which there are, and readers of them. All of it is in the manifests; nothing else is asked. */
import { slices } from '../durable/orchestration.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Bucket } from '../storage/bucket.ts';
import { layout } from './layout.ts';
import { type Manifest, parseManifest } from './manifest.ts';
import { createSnapshotReader, type SnapshotReader } from './reader.ts';

export type { PhotoRecord, SnapshotReader } from './reader.ts';

/** `latest`: the newest complete one that is not suspect; an id; or the newest such one begun at or before a time (ISO 8601). */
export type SnapshotChoice = string | { readonly asOf: string };

export interface SnapshotStore {
  /** Newest first; manifests that cannot be read are left out (naming one by id says what is wrong with it). */
  list(): AsyncIterable<Manifest>;
  /** @throws AppError `not-found`; `corrupt-snapshot` when the named one cannot be trusted. */
  resolve(choice: SnapshotChoice): Promise<Manifest>;
  open(manifest: Manifest): SnapshotReader;
  /** Whether something came back suspiciously small and nobody has accepted it since: then only who names it gets it. */
  isSuspect(manifest: Manifest): Promise<boolean>;
}

const manifestsAtOnce = 8;

export function createSnapshotStore(bucket: Bucket, connectorId: string): SnapshotStore {
  const read = async (id: string): Promise<Manifest | undefined> => {
    if (!/^[A-Za-z0-9._-]{1,200}$/.test(id)) return undefined;
    const bytes = await bucket.get(layout.manifest(connectorId, id));
    if (bytes === undefined) return undefined;
    const manifest = parseManifest(bytes, id);
    if (manifest.connectorId === connectorId) return manifest;
    throw new AppError('corrupt-snapshot', `Snapshot ${id} belongs to another connector. Use another snapshot.`);
  };

  /** As `read`, but a damaged one is left out. */
  const readable = (id: string): Promise<Manifest | undefined> =>
    read(id).catch((error: unknown) => {
      if (isAppError(error, 'corrupt-snapshot')) return undefined;
      throw error;
    });

  async function* list(): AsyncGenerator<Manifest> {
    const prefix = layout.manifests(connectorId);
    const ids: string[] = [];
    for await (const { name } of bucket.list(prefix)) ids.push(name.slice(prefix.length, -'.json'.length));
    // A snapshot's id is its job's, which begins with the UTC time of its start: names sort by time. The newest is often all that is wanted.
    ids.reverse();
    for (const some of [ids.slice(0, 1), ...slices(ids.slice(1), manifestsAtOnce)]) {
      for (const manifest of await Promise.all(some.map(readable))) if (manifest !== undefined) yield manifest;
    }
  }

  const isSuspect = async ({ id, suspect }: Manifest): Promise<boolean> =>
    suspect !== undefined && !(await bucket.exists(layout.accepted(connectorId, id)));

  const newestComplete = async (until: number): Promise<Manifest | undefined> => {
    for await (const manifest of list()) {
      const fits = manifest.status === 'complete' && Date.parse(manifest.createdDateTime) <= until;
      if (fits && !(await isSuspect(manifest))) return manifest;
    }
    return undefined;
  };

  return {
    list,
    isSuspect,
    open: (manifest) => createSnapshotReader(bucket, connectorId, manifest),
    async resolve(choice) {
      if (typeof choice === 'string' && choice !== 'latest') {
        const named = await read(choice);
        if (named === undefined)
          throw new AppError(
            'not-found',
            'There is no snapshot with this id. List the snapshots to see which there are.',
          );
        return named;
      }
      const until = typeof choice === 'string' ? Number.POSITIVE_INFINITY : Date.parse(choice.asOf);
      const newest = await newestComplete(until);
      if (newest !== undefined) return newest;
      const when = typeof choice === 'string' ? '' : ` from ${choice.asOf} or before`;
      throw new AppError('not-found', `There is no complete snapshot${when}. Take one first.`);
    },
  };
}
