/** The activities of a retention job. Each may run twice: what is gone stays gone, what is kept stays. */
import {
  type DatedSnapshot,
  type Decision,
  decideRetention,
  type RetentionPolicy,
} from '../connectors/retention-policy.ts';
import { AppError } from '../errors.ts';
import { endedBy, requireNotCancelled } from '../job/cancelling.ts';
import type { Services } from '../services.ts';
import { snapshotLock } from '../snapshot/activities.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { heldSnapshots, removeSnapshots, type StillHeld, type Swept, sweepPhotos, sweepShards } from './retention.ts';

export interface RetentionInput {
  readonly connectorId: string;
  readonly jobId: string;
  readonly dryRun: boolean;
  /** As it was when the job was asked for. */
  readonly policy: RetentionPolicy;
}

export const retentionReport = ({ connectorId, jobId }: Pick<RetentionInput, 'connectorId' | 'jobId'>): string =>
  `${connectorId}/jobs/${jobId}/retention.json`;

export function createRetentionActivities({ bucket, jobs, clock }: Services) {
  const now = () => clock().toISOString();
  const stillHeldBy =
    ({ connectorId, jobId }: RetentionInput): StillHeld =>
    async () =>
      (await jobs.lock(snapshotLock(connectorId), jobId)) === jobId;
  return {
    /** Decides, and stores the decisions with their reasons; answers how many snapshots go. Run again, it stands by what it decided. */
    async planRetention(input: RetentionInput): Promise<number> {
      await jobs.update(input.jobId, { status: 'running', phase: 'planning', startedDateTime: now() });
      const known = await getJson<Decision[]>(bucket, retentionReport(input));
      const decisions = known ?? (await decide(input));
      if (known === undefined) await putJson(bucket, retentionReport(input), decisions);
      return decisions.filter(({ keep }) => !keep).length;
    },

    async removeSnapshots({ connectorId, ...input }: RetentionInput): Promise<void> {
      await requireNotCancelled(jobs, input.jobId);
      const decisions = (await getJson<Decision[]>(bucket, retentionReport({ connectorId, ...input }))) ?? [];
      const gone = decisions.filter(({ keep }) => !keep).map(({ id }) => id);
      // What was put under hold, or taken into use, since it was decided stays.
      const held = await heldSnapshots(bucket, jobs, connectorId);
      await jobs.update(input.jobId, { phase: 'removing' });
      const free = gone.filter((id) => !held.has(id));
      await removeSnapshots(bucket, connectorId, free, now());
    },

    async sweepShards(input: RetentionInput): Promise<Swept | undefined> {
      await requireNotCancelled(jobs, input.jobId);
      return sweepShards(bucket, input.connectorId, clock(), stillHeldBy(input));
    },

    sweepPhotos: (input: RetentionInput): Promise<Swept | undefined> =>
      sweepPhotos(bucket, input.connectorId, clock(), stillHeldBy(input)),

    async endRetention({ swept, removed, ...input }: RetentionInput & EndOfRetention): Promise<void> {
      const decisions = (await getJson<Decision[]>(bucket, retentionReport(input))) ?? [];
      const unsure = swept.some((one) => one === null);
      await jobs.update(input.jobId, {
        status: unsure ? 'incomplete' : 'completed',
        counts: {
          kept: decisions.length - decisions.filter(({ keep }) => !keep).length,
          [input.dryRun ? 'wouldRemove' : 'removed']: removed,
          blobsDeleted: swept.reduce((sum, one) => sum + (one?.blobs ?? 0), 0),
          bytesDeleted: swept.reduce((sum, one) => sum + (one?.bytes ?? 0), 0),
        },
        progress: { done: decisions.length, total: decisions.length },
        completedDateTime: now(),
        ...(unsure ? { warnings: [notSwept] } : {}),
      });
      await jobs.unlock(snapshotLock(input.connectorId), input.jobId);
    },

    async failRetention({
      code,
      message,
      ...input
    }: RetentionInput & { readonly code: string; readonly message: string }) {
      await jobs.update(input.jobId, endedBy(code, message, now()));
      await jobs.unlock(snapshotLock(input.connectorId), input.jobId);
    },
  };

  async function decide({ connectorId, policy }: RetentionInput): Promise<Decision[]> {
    const store = createSnapshotStore(bucket, connectorId);
    const manifests: DatedSnapshot[] = [];
    for await (const manifest of store.list()) {
      const { id, createdDateTime, status } = manifest;
      manifests.push({ id, createdDateTime, status, suspect: await store.isSuspect(manifest) });
    }
    const held = await heldSnapshots(bucket, jobs, connectorId);
    const decisions = decideRetention(manifests, policy, clock(), held);
    if (manifests.length > 0 && !decisions.some(({ keep }) => keep))
      throw new AppError('refused', 'The policy would remove every snapshot. Nothing was removed.');
    return decisions;
  }
}

interface EndOfRetention {
  readonly removed: number;
  /** null where it could not be known what is still named. */
  readonly swept: readonly (Swept | null)[];
}

const notSwept = {
  code: 'not-swept',
  message:
    'Parts that no snapshot names were left in storage: a manifest cannot be read, a comparison with live is under way, or this run was ended from outside. The next run tries again.',
};

export type RetentionActivities = ReturnType<typeof createRetentionActivities>;
