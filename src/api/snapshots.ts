/** Starting snapshots, and telling which there are. */

import type { InvocationContext, Timer } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import { isDue } from '../connectors/connector.ts';
import { getClient } from '../durable/client.ts';
import { AppError, isAppError } from '../errors.ts';
import { hasEnded, type Job, startOfJobId } from '../job/job.ts';
import type { Services } from '../services.ts';
import { snapshotLock } from '../snapshot/activities.ts';
import { alertLine } from '../snapshot/alerts.ts';
import { type SnapshotSummary, summarize } from '../snapshot/browse.ts';
import { layout } from '../snapshot/layout.ts';
import type { Manifest } from '../snapshot/manifest.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import { getJson } from '../storage/json-blob.ts';
import type { Acceptance } from './acceptance.ts';
import { callerOf } from './caller.ts';
import { type Handle, json, nextLink } from './handling.ts';
import { bodyOf, checked, cursor, pathPart, queryOf, top } from './input.ts';
import { currentJob, startGraceMs } from './running-job.ts';
import { accepted, prepareJob, probeBoth, startJob } from './starting.ts';

const startSchema = z.strictObject({ mode: z.enum(['full', 'incremental']).optional() });
type Mode = z.output<typeof startSchema>['mode'];

export const startSnapshot =
  (services: Services): Handle =>
  async (request, context) => {
    const connectorId = pathPart(request, 'connectorId');
    const { mode } = checked(startSchema, await bodyOf(request, {}), 'body');
    await probeBoth(services, connectorId);
    const job = await beginSnapshot(services, getClient(context), connectorId, callerOf(request), mode);
    return accepted(request, context, job);
  };

/** The nightly snapshot. One that is still running is not disturbed; one that cannot be started raises an alert, and other connectors go on. */
export const startScheduledSnapshot =
  (services: Services, connectorId: string) =>
  async (_timer: Timer, context: InvocationContext): Promise<void> => {
    try {
      const mode = await healingMode(services, connectorId);
      const job = await beginSnapshot(services, getClient(context), connectorId, 'schedule', mode);
      context.log(`snapshot ${job.id} started`);
    } catch (error) {
      if (!isAppError(error)) throw error;
      if (error.code === 'job-running') context.warn(error.message);
      else context.error(alertLine('failed', { connectorId, code: error.code }));
    }
  };

/** After one that met a damaged part of the snapshot before, everything is read anew: no later one could be built upon that part. */
async function healingMode({ jobs }: Services, connectorId: string): Promise<Mode> {
  const [last] = (await jobs.list({ connectorId, kind: 'snapshot', top: 1 })).jobs;
  return last?.error?.code === 'corrupt-snapshot' ? 'full' : undefined;
}

/**
 * Snapshots of the connectors whose own schedule has come round since their last one by schedule, or since they were made. The deployment's
 * own is not among them: its schedule is a timer of the platform.
 */
export const startDueSnapshots =
  (services: Services, ownConnector: string) =>
  async (timer: Timer, context: InvocationContext): Promise<void> => {
    for (const { id, schedule, createdDateTime } of await services.connectors.list()) {
      await noticeDeath(services, id, context);
      if (id === ownConnector || schedule === null) continue;
      const since = (await lastScheduled(services, id)) ?? createdDateTime;
      if (!isDue(schedule, new Date(since), services.clock())) continue;
      await startScheduledSnapshot(services, id)(timer, context);
    }
  };

/** An orchestration that died without a word has raised no alert itself: whoever looks next does. */
async function noticeDeath(services: Services, connectorId: string, context: InvocationContext): Promise<void> {
  const [last] = (await services.jobs.list({ connectorId, kind: 'snapshot', top: 1 })).jobs;
  if (last === undefined || hasEnded(last)) return;
  const found = await currentJob(services, getClient(context), last.id);
  if (found?.status !== 'failed') return;
  context.error(alertLine('failed', { connectorId, jobId: last.id, code: found.error?.code ?? 'internal' }));
}

/** Snapshots by request do not put off the next one by schedule. */
async function lastScheduled({ jobs }: Services, connectorId: string): Promise<string | undefined> {
  const { jobs: newest } = await jobs.list({ connectorId, kind: 'snapshot', top: 100 });
  return newest.find(({ requestedBy }) => requestedBy === 'schedule')?.createdDateTime;
}

/** @throws AppError `job-running` with the running job's id in its details. */
export async function beginSnapshot(
  services: Services,
  client: DurableClient,
  connectorId: string,
  requestedBy: string,
  mode: Mode,
): Promise<Job> {
  const job = prepareJob(services, { kind: 'snapshot', connectorId, requestedBy });
  await startWriter(services, client, job, 'snapshotFlow', mode === undefined ? {} : { mode });
  return job;
}

/**
 * Takes the lock of the job's connector and starts the flow; without a job left to run, the lock is given back.
 * @throws AppError `job-running` with the running job's id in its details.
 */
export async function startWriter(
  services: Services,
  client: DurableClient,
  job: Job,
  flow: string,
  input: object,
): Promise<void> {
  const { id: jobId, connectorId } = job;
  const lock = snapshotLock(connectorId);
  await takeLock(services, client, lock, jobId);
  try {
    await startJob(services, client, job, flow, { connectorId, jobId, ...input });
  } catch (error) {
    await services.jobs.unlock(lock, jobId);
    throw error;
  }
}

/** One writer of a connector's snapshots at a time. A lock left behind by a job that has ended, or has died, is taken over. */
async function takeLock(services: Services, client: DurableClient, name: string, jobId: string): Promise<void> {
  const holder = await services.jobs.lock(name, jobId);
  if (holder === jobId) return;
  const job = await currentJob(services, client, holder);
  // A starter takes the lock a moment before it records its job: a young holder without a record is not dead.
  const born = services.clock().getTime() - startOfJobId(holder) < startGraceMs;
  const free = job === undefined ? !born : hasEnded(job);
  if (free && (await services.jobs.takeOver(name, holder, jobId))) return;
  throw new AppError('job-running', `Job ${holder} writes this connector's snapshots. Wait for it to end.`, {
    details: { jobId: holder },
  });
}

export const listSnapshots =
  (services: Services): Handle =>
  async (request) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const page = queryOf(request, { top, cursor });
    if (page.cursor !== undefined && Number.isNaN(startOfJobId(page.cursor)))
      throw new AppError(
        'invalid-input',
        'The cursor is not one of this list. Leave it out to begin at the first page.',
      );
    const value: SnapshotSummary[] = [];
    for await (const manifest of createSnapshotStore(services.bucket, connectorId).list()) {
      if (page.cursor !== undefined && manifest.id >= page.cursor) continue;
      if (value.length === page.top) return json({ value, ...nextLink(request, value.at(-1)?.id) });
      value.push(await told(services, manifest));
    }
    return json({ value });
  };

export const getSnapshot =
  (services: Services): Handle =>
  async (request) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const manifest = await createSnapshotStore(services.bucket, connectorId).resolve(pathPart(request, 'snapshotId'));
    return json(await told(services, manifest));
  };

/** Of a suspect one also who accepted it, and when; null: nobody has. */
async function told(
  { bucket }: Services,
  manifest: Manifest,
): Promise<SnapshotSummary & { accepted?: Acceptance | null }> {
  const summary = summarize(manifest);
  if (manifest.suspect === undefined) return summary;
  const name = layout.accepted(manifest.connectorId, manifest.id);
  return { ...summary, accepted: (await getJson<Acceptance>(bucket, name)) ?? null };
}
