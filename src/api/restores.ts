/** Starting a restore or its dry run: read the request, see that its snapshot is there, keep the request, start the flow. */
import { setTimeout as pause } from 'node:timers/promises';
import type { DurableClient } from 'durable-functions';
import { getClient } from '../durable/client.ts';
import { AppError } from '../errors.ts';
import { hasEnded, type Job, startOfJobId } from '../job/job.ts';
import { keepSupplied } from '../restore/credentials.ts';
import { layout } from '../restore/layout.ts';
import { asOfNow, overlaps, reachOf } from '../restore/overlap.ts';
import { parseRestoreRequest, type RestoreRequest } from '../restore/request.ts';
import type { Services } from '../services.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { callerOf } from './caller.ts';
import type { Handle } from './handling.ts';
import { bodyOf, pathPart } from './input.ts';
import { currentJob } from './running-job.ts';
import { accepted, prepareJob, probeBoth, startJob } from './starting.ts';
import { type Wanted, wantedBy } from './wanted.ts';

/** Restores of one connector that may run side by side; more are found by their next page. */
const runningAtMost = 1_000;

export const startRestore =
  (services: Services): Handle =>
  async (request, context) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const body = await bodyOf(request);
    const asked = parseRestoreRequest(body);
    await probeBoth(services, connectorId);
    const wanted = await wantedBy(services, connectorId, asked, body);

    const job = prepareJob(services, {
      kind: wanted.dryRun ? 'plan' : 'restore',
      connectorId,
      requestedBy: callerOf(request),
      snapshotId: wanted.snapshotId,
      links: wanted.links,
      ...(wanted.reason === undefined ? {} : { reason: wanted.reason }),
    });
    const client = getClient(context);
    const begin = async () => {
      await putJson(
        services.bucket,
        layout.request({ connectorId, jobId: job.id }),
        await withoutSecret(services, job, wanted),
      );
      await startJob(services, client, job, 'restoreFlow', { connectorId, jobId: job.id });
    };
    if (wanted.dryRun) await begin();
    else await oneAtATime(services, job, () => refuseOverlap(services, client, job, wanted).then(begin));
    const why = job.reason === undefined ? 'without a reason' : `because ${JSON.stringify(job.reason)}`;
    context.log(
      `audit: ${job.kind} ${job.id} from snapshot ${wanted.snapshotId} was begun by ${job.requestedBy}, ${why}`,
    );
    return accepted(request, context, job);
  };

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
  wanted: Wanted,
): Promise<void> {
  const { connectorId } = job;
  const mine = await reachOf(services.bucket, { connectorId, jobId: job.id }, wanted);
  for (const [kind, status] of writing) {
    const { jobs } = await services.jobs.list({ connectorId, kind, status, top: runningAtMost });
    for (const other of jobs) {
      const place = { connectorId, jobId: other.id };
      const theirs = await getJson<Wanted>(services.bucket, layout.request(place));
      if (theirs === undefined || theirs.dryRun === true) continue;
      const reach = await reachOf(services.bucket, place, theirs);
      const isTouched =
        overlaps(mine, reach) ||
        // One snapshot holds an object under one id.
        (theirs.snapshotId !== wanted.snapshotId &&
          overlaps(...(await asOfNow(services.jobs, connectorId, mine, reach))));
      if (!isTouched) continue;
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
