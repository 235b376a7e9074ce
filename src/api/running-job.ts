/** A job as it truly stands: its record, and what the durable engine knows of its orchestration, which may have died without a word. */
import type { DurableClient, DurableOrchestrationStatus } from 'durable-functions';
import { hasEnded, type Job, type JobStatus } from '../job/job.ts';
import type { Services } from '../services.ts';

/** How long a job may be recorded before its orchestration is there: the starter died between the two. */
const startGraceMs = 60_000;

/** The job, or undefined. Corrects (and stores) the status of one whose orchestration ended without recording it. */
export async function currentJob(services: Services, client: DurableClient, jobId: string): Promise<Job | undefined> {
  const job = await services.jobs.get(jobId);
  if (job === undefined || hasEnded(job)) return job;
  const status = await statusOf(client, jobId);
  const ending = endingOf(job, status, services.clock());
  if (ending === undefined) return withProgress(services, job);
  const fields = { ...ending, completedDateTime: services.clock().toISOString() };
  await services.jobs.update(jobId, fields);
  return (await services.jobs.get(jobId)) ?? { ...job, ...fields };
}

/** While objects are restored, the outcomes tell how many are done. */
async function withProgress(services: Services, job: Job): Promise<Job> {
  if (job.kind !== 'restore' || job.status !== 'running' || job.phase !== 'objects') return job;
  const done = await services.jobs.countOutcomes(job.id);
  return { ...job, progress: { done: Math.min(done, job.progress.total), total: job.progress.total } };
}

async function statusOf(client: DurableClient, jobId: string): Promise<DurableOrchestrationStatus | undefined> {
  try {
    return await client.getStatus(jobId);
  } catch {
    return undefined;
  }
}

function endingOf(
  job: Job,
  status: DurableOrchestrationStatus | undefined,
  now: Date,
): { status: JobStatus; error: { code: string; message: string } } | undefined {
  switch (status?.runtimeStatus) {
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
    case undefined: {
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
