/** Tells the job while Graph makes it wait (R58): "throttled until", written whenever that time changes. */
import type { JobContext } from './job-context.ts';

const lookEveryMs = 1_000;

/** Runs work of a job and keeps its record honest about throttling meanwhile. A failed notice never fails the work. */
export async function noticingThrottle<T>(context: JobContext, work: () => Promise<T>): Promise<T> {
  let told: string | undefined;
  const look = async () => {
    const until = context.gateway.throttledUntil()?.toISOString();
    if (until === undefined || until === told) return;
    told = until;
    await context.jobs.update(context.jobId, { throttledUntilDateTime: until });
  };
  const looking = setInterval(() => void look().catch(() => undefined), lookEveryMs);
  try {
    return await work();
  } finally {
    clearInterval(looking);
  }
}
