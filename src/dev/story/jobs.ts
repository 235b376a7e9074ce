/** Jobs of the product as a benchmark runs them: begun, followed to the end, with what Graph counted meanwhile. */
import type { Clients, Json } from './clients.ts';

export interface Taken {
  readonly job: Json;
  readonly summary: Json;
  readonly stats: Json;
  readonly ms: number;
}

export interface Restored {
  readonly job: Json;
  readonly stats: Json;
  /** From the request to the end of the job, on the tenant's clock. */
  readonly seconds: number;
}

/** @throws Error when the snapshot does not complete. */
export async function takeSnapshot({ api, control, follow }: Clients, mode: 'full' | 'incremental'): Promise<Taken> {
  await control('DELETE', '/stats');
  const { jobId } = await api('POST', '/connectors/default/snapshots', { mode });
  const job = await follow(jobId, () => undefined);
  if (job.status !== 'completed') throw new Error(`the ${mode} snapshot ended ${job.status}: ${job.error?.message}`);
  const summary = await api('GET', `/connectors/default/snapshots/${job.id}`);
  const ms = Date.parse(job.completedDateTime) - Date.parse(job.startedDateTime ?? job.createdDateTime);
  return { job, summary, stats: await control('GET', '/stats'), ms };
}

/** @throws Error when the restore ends without a report. */
export async function restore({ api, control, follow }: Clients, request: Json): Promise<Restored> {
  const now = async (): Promise<number> => Date.parse((await control('GET', '/clock')).now);
  await control('DELETE', '/stats');
  const began = await now();
  const { jobId } = await api('POST', '/connectors/default/restores', request);
  const job = await follow(jobId, () => undefined);
  const seconds = ((await now()) - began) / 1_000;
  if (!['completed', 'incomplete'].includes(job.status)) throw new Error(`the restore ended ${job.status}`);
  return { job, stats: await control('GET', '/stats'), seconds };
}
