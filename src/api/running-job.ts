/** A job as it truly stands: its record, and what the durable engine knows of its orchestration, which may have died without a word. */
import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import { LRUCache } from 'lru-cache';
import { estimatedCompletion, isWorkPhase, type Work, type WorkPhase } from '../job/estimate.ts';
import { hasEnded, type Job, type JobStatus } from '../job/job.ts';
import { withoutPastWait } from '../job/throttle-notice.ts';
import { chunkSize, layout, linkPartsOf } from '../restore/layout.ts';
import type { Services } from '../services.ts';

/** How long a start may take: a lock without a record, a record without its orchestration. Older than that, the starter has died. */
export const startGraceMs = 60_000;

/** The job, or undefined. Corrects (and stores) the status of one whose orchestration ended without recording it. */
export async function currentJob(services: Services, client: DurableClient, jobId: string): Promise<Job | undefined> {
  const job = await corrected(services, client, jobId);
  return job && withoutPastWait(job, services.clock());
}

async function corrected(services: Services, client: DurableClient, jobId: string): Promise<Job | undefined> {
  const job = await services.jobs.get(jobId);
  if (job === undefined || hasEnded(job)) return job;
  const status = await statusOf(client, jobId);
  const ending = endingOf(job, status, services.clock());
  if (ending === undefined) return withProgress(services, job);
  const fields = { ...ending, completedDateTime: services.clock().toISOString() };
  await services.jobs.update(jobId, fields);
  return (await services.jobs.get(jobId)) ?? { ...job, ...fields };
}

/** While a job writes, what each phase leaves behind tells how far it is, and so how long it will take. */
async function withProgress(services: Services, job: Job): Promise<Job> {
  const { phase, steps, writingSinceDateTime, throttledUntilDateTime } = job;
  if (job.status !== 'running' || !isWorkPhase(phase) || steps === undefined || writingSinceDateTime === undefined)
    return job;
  const done = await doneOf(services, job, phase, steps);
  const work: Work = {
    steps,
    phase,
    done,
    since: new Date(writingSinceDateTime),
    ...(job.kind === 'undo' ? { order: ['linking', 'objects', 'verifying'] as const } : {}),
    ...(throttledUntilDateTime === undefined ? {} : { throttledUntil: new Date(throttledUntilDateTime) }),
  };
  const end = estimatedCompletion(work, services.clock());
  return {
    ...job,
    progress: { done: Math.min(Math.floor(done), steps[phase]), total: steps[phase] },
    ...(end === undefined ? {} : { estimatedCompletionDateTime: end.toISOString() }),
  };
}

/** Steps of the phase that are done: objects have their outcome, links are written by parts, proofs made by chunks. */
async function doneOf({ jobs, bucket }: Services, job: Job, phase: WorkPhase, steps: Work['steps']): Promise<number> {
  const input = { jobId: job.id, connectorId: job.connectorId };
  if (phase === 'objects') return countedOutcomes(jobs, job.id);
  if (phase === 'verifying') return chunkSize * (await countBlobs(bucket, layout.allVerifications(input)));
  const parts = await countBlobs(bucket, layout.allLinkOutcomes(input));
  return (parts * steps.linking) / Math.max(1, linkPartsOf(steps.linking));
}

/** Outcomes are counted row by row: who asks again is told the same for as many ms as there were rows, at most five seconds. */
const counted = new LRUCache<string, number>({ max: 100 });

async function countedOutcomes(jobs: Services['jobs'], jobId: string): Promise<number> {
  const known = counted.get(jobId);
  if (known !== undefined) return known;
  const count = await jobs.countOutcomes(jobId);
  counted.set(jobId, count, { ttl: Math.min(Math.max(1, count), 5_000) });
  return count;
}

async function countBlobs(bucket: Services['bucket'], prefix: string): Promise<number> {
  let count = 0;
  for await (const _ of bucket.list(prefix)) count += 1;
  return count;
}

/** The SDK tells an unknown instance from a failed call by the text of its error alone. */
const isUnknownInstance = (error: unknown): boolean => error instanceof Error && error.message.includes('HTTP 404');

/** `absent` when the engine does not know the instance, undefined when the engine gave no usable answer. */
async function statusOf(
  client: DurableClient,
  jobId: string,
): Promise<DurableOrchestrationStatus['runtimeStatus'] | 'absent' | undefined> {
  try {
    return (await client.getStatus(jobId)).runtimeStatus;
  } catch (error) {
    return isUnknownInstance(error) ? 'absent' : undefined;
  }
}

function endingOf(
  job: Job,
  status: Awaited<ReturnType<typeof statusOf>>,
  now: Date,
): { status: JobStatus; error: { code: string; message: string } } | undefined {
  switch (status) {
    case 'Terminated':
      return {
        status: 'cancelled',
        error: { code: 'terminated', message: 'The orchestration was terminated from outside. What was done stays.' },
      };
    case 'Failed':
      return {
        status: 'failed',
        error: {
          code: 'internal',
          message: 'The orchestration failed. Its history in the durable task hub tells where.',
        },
      };
    case 'absent': {
      const late = now.getTime() - Date.parse(job.createdDateTime) > startGraceMs;
      return late
        ? {
            status: 'failed',
            error: { code: 'internal', message: 'The orchestration of this job is not there. Start it again.' },
          }
        : undefined;
    }
    default:
      return undefined;
  }
}
