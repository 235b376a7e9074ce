/** Jobs, their plans and their reports. */
import { Readable } from 'node:stream';
import type { HttpRequest, InvocationContext } from '@azure/functions';
import { z } from 'zod';
import type { Decision } from '../connectors/retention-policy.ts';
import { getClient } from '../durable/client.ts';
import { AppError, isAppError } from '../errors.ts';
import { hasEnded, type Job, jobKinds, jobStatuses } from '../job/job.ts';
import { withoutPastWait } from '../job/throttle-notice.ts';
import { objectId } from '../restore/chosen-ids.ts';
import { collectCredentials } from '../restore/credentials.ts';
import { layout } from '../restore/layout.ts';
import type { ReportObject } from '../restore/outcome.ts';
import { readPlan, readReport } from '../restore/report.ts';
import type { RestoreRequest } from '../restore/request.ts';
import type { Services } from '../services.ts';
import { getJson } from '../storage/json-blob.ts';
import { retentionReport } from '../upkeep/retention-activities.ts';
import { callerOf } from './caller.ts';
import { type Handle, json, nextLink } from './handling.ts';
import { cursor, pathPart, queryOf, top } from './input.ts';
import { reportCsv, reportJson } from './report-body.ts';
import { currentJob } from './running-job.ts';
import { accepted } from './starting.ts';

export const listJobs =
  (services: Services): Handle =>
  async (request) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    const { kind, status, ...page } = queryOf(request, {
      kind: z.enum(jobKinds).optional(),
      status: z.enum(jobStatuses).optional(),
      top,
      cursor,
    });
    const found = await services.jobs.list({
      connectorId,
      top: page.top,
      ...(kind === undefined ? {} : { kind }),
      ...(status === undefined ? {} : { status }),
      ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
    });
    const value = found.jobs.map((job) => withoutPastWait(job, services.clock()));
    return json({ value, ...nextLink(request, found.cursor) });
  };

export const getJob =
  (services: Services): Handle =>
  async (request, context) =>
    json(await knownJob(services, request, context));

export const getPlan =
  (services: Services): Handle =>
  async (request, context) => {
    const job = await restoreOf(services, request, context);
    const page = queryOf(request, { top, cursor });
    const { cursor: next, ...plan } = await readPlan(
      services.bucket,
      { jobId: job.id, connectorId: job.connectorId },
      page.top,
      page.cursor,
    );
    return json({ ...plan, ...nextLink(request, next) });
  };

export const getReport =
  (services: Services): Handle =>
  async (request, context) => {
    const job = await knownJob(services, request, context);
    if (job.kind === 'retention') return retentionReportOf(services, job);
    requireRestore(job);
    await requireNoDryRun(services, job);
    const { format } = queryOf(request, { format: z.enum(['json', 'csv']).default('json') });
    if (job.completedDateTime === undefined) {
      throw new AppError('conflict', `Job ${job.id} is still ${job.status}. Its report is there when it has ended.`);
    }
    const objects = await reportOf(services, job);
    const body = format === 'csv' ? reportCsv(objects) : reportJson(job, objects);
    const type = format === 'csv' ? 'text/csv; charset=utf-8' : 'application/json';
    return { status: 200, headers: { 'content-type': type }, body: Readable.from(body) };
  };

/**
 * The report's objects. A job that failed or was cancelled may have ended before it wrote all of them: then what is there is told,
 * and the job in the report says why it is not more.
 * @throws AppError `not-found` before the first byte is sent, for a job whose report is not there any more.
 */
async function reportOf(services: Services, job: Job): Promise<AsyncIterable<ReportObject>> {
  const cutShort = job.status === 'failed' || job.status === 'cancelled';
  const reading = readReport(services.bucket, { jobId: job.id, connectorId: job.connectorId });
  const next = async (): Promise<IteratorResult<ReportObject>> => {
    try {
      return await reading.next();
    } catch (error) {
      if (cutShort && isAppError(error, 'not-found')) return { done: true, value: undefined };
      throw error;
    }
  };
  let upcoming = await next();
  return (async function* () {
    for (; !upcoming.done; upcoming = await next()) yield upcoming.value;
  })();
}

/** Asks a job to end: what is under way finishes, nothing new is begun (R56). */
export const cancelJob =
  (services: Services): Handle =>
  async (request, context) => {
    const job = await knownJob(services, request, context);
    if (hasEnded(job)) throw new AppError('conflict', `Job ${job.id} has ended already: it is ${job.status}.`);
    const cancelRequestedDateTime = services.clock().toISOString();
    await services.jobs.update(job.id, { cancelRequestedDateTime });
    return accepted(request, context, job);
  };

/** Hands out the one-time password, and pass, of a recreated user, once; then 410 (R27). */
export const collectCredential =
  (services: Services): Handle =>
  async (request, context) => {
    const job = await restoreOf(services, request, context);
    const userId = pathPart(request, 'userId').toLowerCase();
    if (!objectId.test(userId)) throw new AppError('not-found', 'Passwords are asked for by object id.');
    const credentials = await collectCredentials(
      services,
      { jobId: job.id, connectorId: job.connectorId },
      userId,
      services.clock(),
    );
    context.log(`audit: the credentials of ${userId} (job ${job.id}) were collected by ${callerOf(request)}`);
    return json({ userId, ...credentials, forceChangePasswordNextSignIn: true }, 200, { 'cache-control': 'no-store' });
  };

export async function knownJob(services: Services, request: HttpRequest, context: InvocationContext): Promise<Job> {
  const jobId = pathPart(request, 'jobId');
  const job = /^[\w.-]{1,100}$/.test(jobId) ? await currentJob(services, getClient(context), jobId) : undefined;
  if (job === undefined) throw new AppError('not-found', 'There is no job with this id.');
  return job;
}

async function restoreOf(services: Services, request: HttpRequest, context: InvocationContext): Promise<Job> {
  const job = await knownJob(services, request, context);
  requireRestore(job);
  return job;
}

function requireRestore({ id, kind }: Job): void {
  if (kind !== 'restore' && kind !== 'plan' && kind !== 'undo')
    throw new AppError('not-found', `Job ${id} is a ${kind}: only restores have plans and reports.`);
}

/** What only planned has nothing to report, however it ended. */
async function requireNoDryRun({ bucket }: Services, { id, connectorId }: Job): Promise<void> {
  const asked = await getJson<RestoreRequest>(bucket, layout.request({ jobId: id, connectorId }));
  if (asked?.dryRun === true)
    throw new AppError(
      'not-found',
      `Job ${id} is a dry run: it has a plan and no report. Read the plan at /jobs/${id}/plan.`,
    );
}

/** Which snapshots a retention job kept or removed, and why. */
async function retentionReportOf(services: Services, job: Job) {
  const snapshots = await getJson<Decision[]>(services.bucket, retentionReport({ ...job, jobId: job.id }));
  if (snapshots === undefined)
    throw new AppError('conflict', `Job ${job.id} has not decided yet. Ask again in a moment.`);
  return json({ job, snapshots });
}
