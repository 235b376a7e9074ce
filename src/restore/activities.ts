/**
 * The activities of a restore: the only places where its flow touches the world. Inputs and outputs are numbers and names; records,
 * values and passwords stay in blobs, in Graph, and in memory.
 */
import { isWorkPhase } from '../job/estimate.ts';
import type { Job } from '../job/job.ts';
import { noticingThrottle } from '../job/throttle-notice.ts';
import type { Services } from '../services.ts';
import { putJson } from '../storage/json-blob.ts';
import { settleConflicts } from './conflicts.ts';
import type { FollowUpPlaces } from './follow-up-activities.ts';
import { begun } from './follow-ups.ts';
import { createContexts, type JobContext, type Selection } from './job-context.ts';
import { type JobInput, layout } from './layout.ts';
import { type LinkRange, writeLinks } from './link-writing.ts';
import { planLinks } from './linking.ts';
import { statusAsLeft } from './outcome.ts';
import { addSummaries, type PlanSummary, warningsOf, workOf } from './plan-summary.ts';
import { planChunk } from './planning.ts';
import { preflight, requireReadable } from './preflight.ts';
import { reportAsLeft, reportChunk, reportCountsOf, summarize } from './reporting.ts';
import { restoreObject } from './restoring.ts';
import { planRings } from './ring-planning.ts';
import { selectObjects } from './selecting.ts';
import { settlePlan } from './settled-plan.ts';
import { suspectWarning } from './suspect-warning.ts';
import { turnNames } from './turning-names.ts';
import { planUndo, undoObject, undoSteps, undoVerdicts } from './undoing.ts';
import { verifyChunk } from './verifying.ts';

const isUndo = ({ request }: JobContext): boolean => request.undoes !== undefined;

export type ChunkInput = JobInput & { readonly chunk: number };

export function createRestoreActivities(services: Services) {
  const contextOf = createContexts(services);
  const { jobs, bucket, clock } = services;
  const now = () => clock().toISOString();
  /** Runs one activity's work on its job, with the job told about throttling meanwhile. */
  const working = async <T>(input: JobInput, work: (context: JobContext) => Promise<T>): Promise<T> => {
    const context = await contextOf(input);
    return noticingThrottle(context, () => work(context));
  };
  /** Nothing new is begun for a job whose end was asked for (R56). */
  const isCancelled = async ({ jobId }: JobInput): Promise<boolean> =>
    (await jobs.get(jobId))?.cancelRequestedDateTime !== undefined;

  return {
    async beginRestore(input: JobInput): Promise<Selection> {
      await jobs.update(input.jobId, { status: 'running', phase: 'planning', startedDateTime: now() });
      const selection = await selectObjects(services, input);
      await jobs.update(input.jobId, {
        snapshotId: selection.snapshotId,
        progress: { done: 0, total: selection.total },
      });
      return selection;
    },

    async enterPhase({ jobId, phase, progress }: JobInput & Required<Pick<Job, 'phase' | 'progress'>>): Promise<void> {
      const began = isWorkPhase(phase) && (await jobs.get(jobId))?.writingSinceDateTime === undefined;
      await jobs.update(jobId, { phase, progress, ...(began ? { writingSinceDateTime: now() } : {}) });
    },

    planRestoreChunk: ({ chunk, ...input }: ChunkInput): Promise<void> =>
      working(input, async (context) => {
        if (!(await isCancelled(input))) await (isUndo(context) ? planUndo : planChunk)(context, chunk);
      }),

    /** Adds the chunks' plans up; what will be lacking stands in the job before the first write (R10). */
    endPlanning: ({ chunks, ...input }: JobInput & { chunks: number }): Promise<PlanSummary['objects']> =>
      working(input, async (context) => {
        const summary = await planRings(context, addSummaries(await settlePlan(context, chunks)));
        await putJson(bucket, layout.planCounts(input), summary.steps);
        await putJson(bucket, layout.planCountsByKind(input), summary.stepsByKind);
        await jobs.update(input.jobId, {
          preflight: await preflight(context, summary),
          warnings: [...(await suspectWarning(bucket, context.reader.manifest)), ...warningsOf(summary)],
          steps: workOf(summary),
        });
        requireReadable(summary);
        return summary.objects;
      }),

    restoreUser: ({ chunk, index, ...input }: ChunkInput & { index: number }) =>
      working(input, async (context) =>
        (isUndo(context) ? undoObject : restoreObject)(context, chunk, index, await isCancelled(input)),
      ),

    /** Nothing is tried again for a job whose end was asked for, nor by an undo, which leaves alone what stands in its way. */
    settleRestoreConflicts: ({ chunk, ...input }: ChunkInput) =>
      working(input, async (context) => {
        const cancelled = await isCancelled(input);
        const turned = await turnNames(context, chunk, cancelled);
        if (isUndo(context) || cancelled) return { open: 0, settled: 0 };
        const { open, settled } = await settleConflicts(context, chunk);
        return { open, settled: settled + turned };
      }),

    planRestoreLinks: ({ chunk, ...input }: ChunkInput) =>
      working(input, (context) => planLinks(context, chunk, isUndo(context) ? undoSteps : undefined)),

    writeRestoreLinks: async ({ part, from, to, chunks, last, ...input }: JobInput & LinkRange & { part: number }) =>
      working(input, async (context) =>
        writeLinks(context, part, { from, to, chunks, last }, () => isCancelled(input)),
      ),

    verifyRestoreChunk: ({ chunk, linkParts, ...input }: ChunkInput & { linkParts: number }) =>
      working(input, async (context) =>
        verifyChunk(context, chunk, linkParts, await isCancelled(input), isUndo(context) ? undoVerdicts : undefined),
      ),

    reportRestoreChunk: async ({ chunk, linkParts, ...input }: ChunkInput & { linkParts: number }) =>
      reportChunk(await contextOf(input), chunk, linkParts),

    reportRestoreChunkAsLeft: async ({ chunk, ...input }: ChunkInput) => reportAsLeft(await contextOf(input), chunk),

    /** @param error why the job broke off, if it did. */
    async endRestore({
      chunks,
      linkParts,
      error,
      ...input
    }: JobInput & { chunks: number; linkParts: number } & Pick<Job, 'error'>): Promise<Job['status']> {
      const { jobId } = input;
      const reports = await reportCountsOf(bucket, input, chunks);
      const { counts, followUps, notices, ...summary } = summarize(reports);
      const reached = error === undefined ? summary.status : statusAsLeft(summary.written);
      const status = (await isCancelled(input)) ? 'cancelled' : reached;
      const goesOn = status !== 'cancelled' && error === undefined;
      const waits = reports.flatMap(({ waits }, chunk) => (waits ? [chunk] : []));
      if (goesOn && waits.length > 0) {
        await putJson(bucket, layout.followUps(input), { chunks, linkParts, waits } satisfies FollowUpPlaces);
        await jobs.markWaiting(input);
      }
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      await jobs.update(jobId, {
        status,
        counts,
        followUps: begun(followUps, !goesOn, clock()),
        ...(error === undefined ? {} : { error }),
        ...(notices.length > 0 ? { warnings: [...((await jobs.get(jobId))?.warnings ?? []), ...notices] } : {}),
        completedDateTime: now(),
        progress: { done: total, total },
      });
      const { undoes } = (await contextOf(input)).request;
      if (undoes !== undefined && status === 'completed')
        await jobs.amend(undoes, (job) => ({ ...job, undoneBy: jobId }));
      return status;
    },

    async endPlan({ planned, ...input }: JobInput & { planned: PlanSummary['objects'] }): Promise<void> {
      const { jobId } = input;
      const objects = (action: string) => planned[action] ?? 0;
      const summary = {
        created: objects('create'),
        undeleted: objects('undelete'),
        updated: objects('update'),
        ...(objects('delete') > 0 ? { deleted: objects('delete') } : {}),
        unchanged: objects('none'),
        skipped: objects('skip'),
        partial: 0,
        failed: objects('fail'),
      };
      const total = Object.values(summary).reduce((sum, count) => sum + count, 0);
      await jobs.update(jobId, {
        status: (await isCancelled(input)) ? 'cancelled' : 'completed',
        counts: summary,
        completedDateTime: now(),
        progress: { done: total, total },
      });
    },

    async failRestore({ jobId, code, message }: JobInput & { code: string; message: string }): Promise<void> {
      await jobs.update(jobId, { status: 'failed', error: { code, message }, completedDateTime: now() });
    },
  };
}

export type RestoreActivities = ReturnType<typeof createRestoreActivities>;
