/** What a restore says of a snapshot that nobody gets unless by name. */
import type { JobNotice } from '../job/job.ts';
import type { Manifest } from '../snapshot/manifest.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import type { Bucket } from '../storage/bucket.ts';

/** @throws AppError `storage-unreachable`. */
export async function suspectWarning(bucket: Bucket, manifest: Manifest): Promise<JobNotice[]> {
  const { id, connectorId, suspect = [] } = manifest;
  if (!(await createSnapshotStore(bucket, connectorId).isSuspect(manifest))) return [];
  const kinds = suspect.map(({ kind, before, now }) => `${kind} (${now} where there were ${before})`).join(', ');
  const message = `Snapshot ${id} is suspect: what is in it can be restored, but it may lack objects of ${kinds}.`;
  return [{ code: 'suspect-snapshot', message }];
}
