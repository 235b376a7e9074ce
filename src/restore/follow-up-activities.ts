/** The activities of what follows a restore. Inputs and outputs are numbers and names, as those of the restore itself. */
import { isAwaited, isPendingFollowUp } from '../job/follow-up.ts';
import { hasEnded } from '../job/job.ts';
import type { Services } from '../services.ts';
import { getJson } from '../storage/json-blob.ts';
import { after, type Waiting } from './follow-ups.ts';
import { lookAfter } from './following-up.ts';
import { createContexts } from './job-context.ts';
import { type JobInput, layout } from './layout.ts';
import { reportCountsOf, summarize } from './reporting.ts';

/** Where a job's report and what waits of it lie. */
export interface FollowUpPlaces {
  readonly chunks: number;
  readonly linkParts: number;
  /** Chunks of which something waits. */
  readonly waits: readonly number[];
}

const nowhere: FollowUpPlaces = { chunks: 0, linkParts: 0, waits: [] };

export function createFollowUpActivities(services: Services) {
  const contextOf = createContexts(services);
  const { jobs, bucket, clock } = services;
  const placesOf = async (input: JobInput) =>
    (await getJson<FollowUpPlaces>(bucket, layout.followUps(input))) ?? nowhere;

  return {
    /** The chunks to look after; none while the job is still running, and none once it waits for nothing. */
    async beginFollowUps(input: JobInput): Promise<Pick<FollowUpPlaces, 'linkParts' | 'waits'>> {
      const job = await jobs.get(input.jobId);
      const { linkParts, waits } = await placesOf(input);
      const now = clock();
      const isWanted = job !== undefined && hasEnded(job) && (job.followUps ?? []).some((one) => isAwaited(one, now));
      return { linkParts, waits: isWanted ? waits : [] };
    },

    async lookAfterFollowUps({
      chunk,
      linkParts,
      ...input
    }: JobInput & { chunk: number; linkParts: number }): Promise<void> {
      const { followUps = [] } = (await jobs.get(input.jobId)) ?? {};
      const cancelled = followUps.filter(({ state }) => state === 'cancelled').map(({ id }) => id);
      await lookAfter(await contextOf(input), chunk, linkParts, new Set(cancelled));
    },

    /** Brings the job's record up to its report; without anything left to wait for, its mark goes. */
    async endFollowUps(input: JobInput): Promise<void> {
      const { chunks, waits } = await placesOf(input);
      const waiting: Waiting[] = [];
      for (const chunk of waits)
        waiting.push(...((await getJson<Waiting[]>(bucket, layout.waiting(input, chunk))) ?? []));
      const { status, counts } = summarize(await reportCountsOf(bucket, input, chunks));
      await jobs.amend(input.jobId, ({ followUps = [], ...job }) =>
        followUps.some(isPendingFollowUp)
          ? { ...job, status, counts, followUps: after(followUps, waiting, clock()) }
          : undefined,
      );
      const job = await jobs.get(input.jobId);
      if (job === undefined || (hasEnded(job) && !(job.followUps ?? []).some(isPendingFollowUp)))
        await jobs.unmarkWaiting(input.jobId);
    },
  };
}

export type FollowUpActivities = ReturnType<typeof createFollowUpActivities>;
