/** The end that was asked for (R56): looked for between two activities, and what becomes of the job's record then. */
import { AppError } from '../errors.ts';
import type { Job } from './job.ts';
import type { JobStore } from './job-store.ts';

/** @throws AppError `cancelled` once somebody has asked for the job's end. */
export async function requireNotCancelled(jobs: Pick<JobStore, 'get'>, jobId: string): Promise<void> {
  if ((await jobs.get(jobId))?.cancelRequestedDateTime === undefined) return;
  throw new AppError('cancelled', 'The job was cancelled before it was done.');
}

/** How a job ends that did not come to its own end. */
export const endedBy = (code: string, message: string, completedDateTime: string): Partial<Job> =>
  code === 'cancelled'
    ? { status: 'cancelled', completedDateTime }
    : { status: 'failed', error: { code, message }, completedDateTime };
