/** Starting a restore or its dry run: read the request, see that its snapshot is there, keep the request, start the flow. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DurableClient } from 'durable-functions';
import { getClient } from '../durable/client.ts';
import { AppError } from '../errors.ts';
import { hasEnded, type Job, startOfJobId } from '../job/job.ts';
import { keepSupplied } from '../restore/credentials.ts';
import { layout } from '../restore/layout.ts';
import { overlaps } from '../restore/overlap.ts';
import { parseRestoreRequest, type RestoreRequest } from '../restore/request.ts';
import type { Services } from '../services.ts';
import { idsByPrincipalName } from '../snapshot/names.ts';
import { createSnapshotStore, type SnapshotReader } from '../snapshot/store.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import type { Handle } from './handling.ts';
import { bodyOf, callerOf, pathPart } from './input.ts';
import { currentJob } from './running-job.ts';
import { accepted, prepareJob, probeBoth, startJob } from './starting.ts';

/** Restores of one connector that may run side by side; more are found by their next page. */
const runningAtMost = 1_000;

export const startRestore =
  (services: Services): Handle =>
  async (request, context) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const asked = parseRestoreRequest(await bodyOf(request));
    await probeBoth(services, connectorId);
    const wanted = asked.planId ? await plannedRequest(services, connectorId, asked, asked.planId) : asked;
    const store = createSnapshotStore(services.bucket, connectorId);
    const chosen = wanted.asOfDateTime ? { asOf: wanted.asOfDateTime } : (wanted.snapshotId ?? 'latest');
    const manifest = await store.resolve(chosen);
    // The choice is made here, once: a snapshot finished a moment later does not change what this job restores.
    const { asOfDateTime: _chosen, ...fixed } = { ...wanted, snapshotId: manifest.id };
    const kept = await withObjectIds(store.open(manifest), fixed);

    const job = prepareJob(services, {
      kind: wanted.dryRun ? 'plan' : 'restore',
      connectorId,
      requestedBy: callerOf(request),
      snapshotId: manifest.id,
      ...(wanted.reason === undefined ? {} : { reason: wanted.reason }),
    });
    const client = getClient(context);
    const begin = async () => {
      await putJson(
        services.bucket,
        layout.request({ connectorId, jobId: job.id }),
        await withoutSecret(services, job, kept),
      );
      await startJob(services, client, job, 'restoreFlow', { connectorId, jobId: job.id });
    };
    if (wanted.dryRun) await begin();
    else await oneAtATime(services, job, () => refuseOverlap(services, client, job, kept).then(begin));
    const why = job.reason === undefined ? 'without a reason' : `because ${JSON.stringify(job.reason)}`;
    context.log(`audit: ${job.kind} ${job.id} from snapshot ${manifest.id} was begun by ${job.requestedBy}, ${why}`);
    return accepted(request, context, job);
  };

/** What a plan planned, to be carried out: its request, its snapshot, its selection; only the reason is the new caller's. */
async function plannedRequest(
  { jobs, bucket }: Services,
  connectorId: string,
  asked: RestoreRequest,
  planId: string,
): Promise<RestoreRequest> {
  const plan = /^[\w.-]{1,100}$/.test(planId) ? await jobs.get(planId) : undefined;
  if (plan?.kind !== 'plan' || plan.connectorId !== connectorId)
    throw new AppError('not-found', 'There is no plan with this id.');
  if (plan.status !== 'completed')
    throw new AppError('conflict', `Plan ${planId} is ${plan.status}: only a completed one can be applied.`);
  const request = await getJson<RestoreRequest>(bucket, layout.request({ connectorId, jobId: planId }));
  if (request === undefined) throw new AppError('not-found', `The request of plan ${planId} is not kept any more.`);
  return { ...request, dryRun: false, planId, ...(asked.reason === undefined ? {} : { reason: asked.reason }) };
}

/** Users named by user principal name get the id they have in the snapshot; names it does not hold stay, to be reported. */
async function withObjectIds(reader: SnapshotReader, request: RestoreRequest): Promise<RestoreRequest> {
  if (!Array.isArray(request.users)) return request;
  const names = request.users.filter((name) => name.includes('@'));
  const ids = await idsByPrincipalName(reader, names);
  return { ...request, users: request.users.map((name) => ids.get(name.toLowerCase()) ?? name) };
}

/** The request as it is stored: a supplied password is sealed apart from it. */
async function withoutSecret(services: Services, job: Job, request: RestoreRequest): Promise<RestoreRequest> {
  const { password } = request.newUsers;
  if (password === 'random') return request;
  await keepSupplied(services, { connectorId: job.connectorId, jobId: job.id }, password.supplied);
  return { ...request, newUsers: { ...request.newUsers, password: { supplied: '' } } };
}

/** A start takes moments; a lock held longer was left by a process that died. */
const startTakesAtMostMs = 60_000;
const lockTries = 100;
const lockWaitMs = 100;

/** Looking for an overlap and starting are one step: two requests of the same moment cannot both find nothing. */
export async function oneAtATime({ jobs, clock }: Services, job: Job, begin: () => Promise<void>): Promise<void> {
  const name = `restore-start:${job.connectorId}`;
  for (let tries = 1; ; tries += 1) {
    const holder = await jobs.lock(name, job.id);
    const left = clock().getTime() - startOfJobId(holder) > startTakesAtMostMs;
    if (holder === job.id || (left && (await jobs.takeOver(name, holder, job.id)))) break;
    if (tries === lockTries)
      throw new AppError('conflict', 'Other restores are just being started. Try again in a moment.');
    await pause(lockWaitMs);
  }
  try {
    await begin();
  } finally {
    await jobs.unlock(name, job.id);
  }
}

const writing = [
  ['restore', 'queued'],
  ['restore', 'running'],
  ['undo', 'queued'],
  ['undo', 'running'],
] as const;

/** @throws AppError `job-running` with the id of a running restore, or undo, that touches the same objects. */
export async function refuseOverlap(
  services: Services,
  client: DurableClient,
  job: Job,
  wanted: RestoreRequest,
): Promise<void> {
  const { connectorId } = job;
  for (const [kind, status] of writing) {
    const { jobs } = await services.jobs.list({ connectorId, kind, status, top: runningAtMost });
    for (const other of jobs) {
      const theirs = await getJson<RestoreRequest>(
        services.bucket,
        layout.request({ connectorId: job.connectorId, jobId: other.id }),
      );
      if (theirs === undefined || theirs.dryRun === true || !overlaps(wanted, theirs)) continue;
      const current = await currentJob(services, client, other.id);
      if (current === undefined || hasEnded(current)) continue;
      throw new AppError(
        'job-running',
        `Job ${other.id} is working on some of these objects. Wait for it, or cancel it.`,
        {
          details: { jobId: other.id },
        },
      );
    }
  }
}
