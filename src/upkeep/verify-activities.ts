/** The activities of a verification: re-reading in parts, and the verdict on the job. Nothing is written to any snapshot. */
import { endedBy, requireNotCancelled } from '../job/cancelling.ts';
import type { JobNotice } from '../job/job.ts';
import type { Services } from '../services.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import { type Finding, type ProofPart, planProof, proveChain, provePart } from './proving.ts';

export interface VerifyInput {
  readonly connectorId: string;
  readonly jobId: string;
  readonly snapshotId: string;
}

/** A job names so many findings; one is enough to distrust a snapshot. */
const maxFindings = 100;

export function createVerifyActivities({ bucket, jobs, clock }: Services) {
  const manifestOf = ({ connectorId, snapshotId }: VerifyInput) =>
    createSnapshotStore(bucket, connectorId).resolve(snapshotId);
  const now = () => clock().toISOString();

  return {
    /** @throws AppError `corrupt-snapshot` when the manifest itself cannot be trusted; `not-found`. */
    async beginVerify(input: VerifyInput): Promise<ProofPart[]> {
      await jobs.update(input.jobId, { status: 'running', phase: 'verifying', startedDateTime: now() });
      return planProof(await manifestOf(input));
    },

    async verifyPart({ stream, from, to, ...input }: VerifyInput & ProofPart): Promise<Finding[]> {
      await requireNotCancelled(jobs, input.jobId);
      return (await provePart(bucket, await manifestOf(input), { stream, from, to })).slice(0, maxFindings);
    },

    verifyChain: async (input: VerifyInput): Promise<Finding[]> => proveChain(bucket, await manifestOf(input)),

    noteVerified: async ({ jobId, done, total }: VerifyInput & { readonly done: number; readonly total: number }) =>
      jobs.update(jobId, { progress: { done, total } }),

    async endVerify({ findings, ...input }: VerifyInput & { readonly findings: readonly Finding[] }) {
      const { streams } = await manifestOf(input);
      const counts = Object.fromEntries(Object.entries(streams).map(([stream, { count }]) => [stream, count]));
      const found = findings.slice(0, maxFindings).map(({ code, message }): JobNotice => ({ code, message }));
      const status = findings.length === 0 ? 'completed' : 'failed';
      await jobs.update(input.jobId, {
        status,
        counts,
        completedDateTime: now(),
        ...(findings.length === 0 ? {} : { warnings: found, error: corrupt(input.snapshotId, findings) }),
      });
      return status;
    },

    async failVerify({ code, message, jobId }: VerifyInput & { readonly code: string; readonly message: string }) {
      await jobs.update(jobId, endedBy(code, message, now()));
    },
  };
}

const corrupt = (snapshotId: string, findings: readonly Finding[]) => ({
  code: 'corrupt-snapshot',
  message: `Snapshot ${snapshotId} is not what its manifest says, in ${findings.length} place(s). First: ${findings[0]?.message ?? ''} Use another snapshot, and take a full one.`,
});

export type VerifyActivities = ReturnType<typeof createVerifyActivities>;
