/** Starting a job: its record first, then its orchestration under the same id; when the second fails the first says so. */
import { randomBytes } from 'node:crypto';
import type { HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { getClient } from '../durable/client.ts';
import { AppError, isAppError } from '../errors.ts';
import { type Job, type JobKind, newJobId } from '../job/job.ts';
import { noResults } from '../restore/outcome.ts';
import type { Services } from '../services.ts';
import { json } from './handling.ts';

export interface NewJob {
  readonly kind: JobKind;
  readonly connectorId: string;
  readonly requestedBy: string;
  readonly reason?: string;
  readonly snapshotId?: string;
  readonly undoes?: string;
  readonly links?: NonNullable<Job['links']>;
}

export function prepareJob(services: Services, fields: NewJob): Job {
  const now = services.clock();
  return {
    id: newJobId(fields.kind, now, randomBytes(3).toString('hex')),
    ...fields,
    status: 'queued',
    progress: { done: 0, total: 0 },
    counts: ['restore', 'plan', 'undo'].includes(fields.kind) ? noResults : {},
    createdDateTime: now.toISOString(),
  };
}

/** @throws AppError `internal` when the durable engine took no orchestration; the job then stands as failed. */
export async function startJob(
  services: Services,
  client: DurableClient,
  job: Job,
  flow: string,
  input: object,
): Promise<void> {
  await services.jobs.create(job);
  try {
    await client.startNew(flow, { instanceId: job.id, input });
  } catch (cause) {
    const error = {
      code: 'internal',
      message: 'The durable engine did not take the orchestration. Nothing was done; start again.',
    };
    await services.jobs.update(job.id, { status: 'failed', error, completedDateTime: services.clock().toISOString() });
    throw new AppError('internal', error.message, { cause });
  }
}

/** 202 with the job's address and the platform's own management addresses. */
export function accepted(request: HttpRequest, context: InvocationContext, job: Job): HttpResponseInit {
  const { origin, pathname } = new URL(request.url);
  const prefix = pathname.slice(0, pathname.search(/\/(connectors|jobs)\//));
  const urls = getClient(context).createHttpManagementPayload(job.id);
  return json({ jobId: job.id, ...urls }, 202, { location: `${origin}${prefix}/jobs/${job.id}`, 'retry-after': '2' });
}

/** Both worlds answer: before a job is begun, so that nothing is left half-done. */
export async function probeBoth(services: Services, connectorId: string): Promise<void> {
  await probeGraph(services, connectorId);
  await services.bucket.exists(`${connectorId}/probe`);
  await services.jobs.get('probe');
}

/** A Graph that refuses the app is as good as none to whoever calls us: their own key is not what is wrong. */
async function probeGraph(services: Services, connectorId: string): Promise<void> {
  try {
    await (await services.gatewayOf(connectorId)).probe();
  } catch (cause) {
    if (!isAppError(cause, 'unauthorized', 'forbidden')) throw cause;
    const message = `Graph does not accept this app for connector ${connectorId}: ${cause.message}`;
    throw new AppError('graph-unreachable', message, { cause, details: { graphCode: cause.code } });
  }
}
