/** Tells a job while Graph makes it wait (R58): "throttled until", written whenever that time changes. */
import type { DirectoryGateway } from '../directory/gateway.ts';
import { hasEnded, type Job } from './job.ts';
import type { JobStore } from './job-store.ts';

const lookEveryMs = 1_000;

export interface ThrottledWork {
  readonly gateway: Pick<DirectoryGateway, 'throttledUntil'>;
  readonly jobs: Pick<JobStore, 'update'>;
  readonly jobId: string;
}

/** Runs work of a job and keeps its record honest about throttling meanwhile. A failed notice never fails the work. */
export async function noticingThrottle<T>({ gateway, jobs, jobId }: ThrottledWork, work: () => Promise<T>): Promise<T> {
  let told: string | undefined;
  const look = async () => {
    const until = gateway.throttledUntil()?.toISOString();
    if (until === undefined || until === told) return;
    told = until;
    await jobs.update(jobId, { throttledUntilDateTime: until });
  };
  const looking = setInterval(() => void look().catch(() => undefined), lookEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(looking);
  }
}

/** The job as it is shown: without a wait that is over, or that nobody waits for any more. */
export function withoutPastWait(job: Job, now: Date): Job {
  const { throttledUntilDateTime: until, ...rest } = job;
  return until !== undefined && (hasEnded(job) || Date.parse(until) <= now.getTime()) ? rest : job;
}
