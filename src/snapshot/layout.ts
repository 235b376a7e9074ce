/** Where the blobs of snapshots lie below their connector: the one place that knows names. */
import type { SourceName } from '../directory/gateway.ts';
import type { UserDetail } from '../directory/user-details.ts';
import type { StreamName } from './manifest.ts';

export interface SnapshotJob {
  readonly connectorId: string;
  readonly jobId: string;
  /** Of a view of the live directory: staged apart, so that a snapshot that begins meanwhile does not sweep it away. */
  readonly area?: 'staging' | 'views';
}

/** Who stages changes: the sources of Graph, and stages of our own. */
export type StagerName = SourceName | UserDetail | 'refreshed' | 'photos' | 'managers';

const staging = ({ connectorId, jobId, area = 'staging' }: SnapshotJob) => `${connectorId}/${area}/${jobId}`;

export const layout = {
  manifests: (connectorId: string) => `${connectorId}/snapshots/`,
  manifest: (connectorId: string, snapshotId: string) => `${connectorId}/snapshots/${snapshotId}.json`,
  /** The note that retention leaves of a snapshot it removed. */
  removed: (connectorId: string, snapshotId: string) => `${connectorId}/removed/${snapshotId}.json`,
  /** Legal holds: a snapshot with one is never removed. */
  holds: (connectorId: string) => `${connectorId}/holds/`,
  hold: (connectorId: string, snapshotId: string) => `${connectorId}/holds/${snapshotId}.json`,
  /** The note that somebody accepted a suspect snapshot. */
  accepted: (connectorId: string, snapshotId: string) => `${connectorId}/accepted/${snapshotId}.json`,
  shards: (connectorId: string) => `${connectorId}/shards/`,
  photos: (connectorId: string) => `${connectorId}/photos/`,
  shard: (connectorId: string, hash: string) => `${connectorId}/shards/${hash}.ndjson.zst`,
  photo: (connectorId: string, hash: string) => `${connectorId}/photos/${hash}`,

  /** Views of the live directory, and what was staged for them; each name begins with the view's id, which begins with its time. */
  views: (connectorId: string) => `${connectorId}/views/`,
  view: (connectorId: string, viewId: string) => `${connectorId}/views/${viewId}.json`,

  allStaging: (connectorId: string) => `${connectorId}/staging/`,
  staging: (job: SnapshotJob) => `${staging(job)}/`,
  start: (job: SnapshotJob) => `${staging(job)}/start.json`,
  /** What one activity staged: names and places of its blobs, and where the next one goes on. */
  stage: (job: SnapshotJob, stager: StagerName, seq: number) => `${stages(job, stager)}${padded(seq)}.json`,
  stages: (job: SnapshotJob, stager: StagerName) => stages(job, stager),
  staged: (job: SnapshotJob, stager: StagerName, seq: number, stream: string, hash: string) =>
    `${staging(job)}/changes/${stager}/${padded(seq)}-${stream}-${hash}`,
  foldPlan: (job: SnapshotJob, stream: StreamName) => `${staging(job)}/fold/${stream}.json`,
  folded: (job: SnapshotJob, stream: StreamName, part: number) =>
    `${staging(job)}/folded/${stream}/${padded(part)}.json`,
} as const;

const stages = (job: SnapshotJob, stager: StagerName) => `${staging(job)}/stages/${stager}/`;

/** Sorts as a name as it does as a number. */
const padded = (number: number) => String(number).padStart(6, '0');
