/** Starting what looks after the snapshots: verification, retention, legal holds. */
import type { HttpRequest, InvocationContext, Timer } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import { retentionSchema } from '../connectors/retention-policy.ts';
import { getClient } from '../durable/client.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Job } from '../job/job.ts';
import type { Services } from '../services.ts';
import { layout } from '../snapshot/layout.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import { putJson } from '../storage/json-blob.ts';
import type { RetentionInput } from '../upkeep/retention-activities.ts';
import { callerOf } from './caller.ts';
import { type Handle, json } from './handling.ts';
import { bodyOf, checked, pathPart } from './input.ts';
import { startWriter } from './snapshots.ts';
import { accepted, prepareJob, startJob } from './starting.ts';

export const startVerify =
  (services: Services): Handle =>
  async (request, context) => {
    const connectorId = pathPart(request, 'connectorId');
    await services.connectors.get(connectorId);
    checked(z.strictObject({}), await bodyOf(request, {}), 'body');
    const snapshotId = await idOf(services, connectorId, pathPart(request, 'snapshotId'));
    return accepted(
      request,
      context,
      await beginVerify(services, getClient(context), connectorId, snapshotId, callerOf(request)),
    );
  };

/** A snapshot whose manifest is damaged is verified all the same: saying so is what the job is for. */
async function idOf({ bucket }: Services, connectorId: string, choice: string): Promise<string> {
  try {
    return (await createSnapshotStore(bucket, connectorId).resolve(choice)).id;
  } catch (error) {
    if (choice !== 'latest' && isAppError(error, 'corrupt-snapshot')) return choice;
    throw error;
  }
}

async function beginVerify(
  services: Services,
  client: DurableClient,
  connectorId: string,
  snapshotId: string,
  requestedBy: string,
): Promise<Job> {
  const job = prepareJob(services, { kind: 'verify', connectorId, snapshotId, requestedBy });
  await startJob(services, client, job, 'verifyFlow', { connectorId, jobId: job.id, snapshotId });
  return job;
}

/** The weekly verification of each connector's newest snapshot; without one there is nothing to prove. */
export const startScheduledVerify =
  (services: Services) =>
  async (_timer: Timer, context: InvocationContext): Promise<void> => {
    for (const { id: connectorId } of await services.connectors.list()) {
      try {
        const { id } = await createSnapshotStore(services.bucket, connectorId).resolve('latest');
        const job = await beginVerify(services, getClient(context), connectorId, id, 'schedule');
        context.log(`verification ${job.id} started`);
      } catch (error) {
        if (!isAppError(error, 'not-found')) throw error;
        context.log(`${connectorId}: ${error.message}`);
      }
    }
  };

const retentionRequest = z.strictObject({ dryRun: z.boolean().default(false), policy: retentionSchema.optional() });

/** Removes what the connector's policy does not keep. Another policy than the connector's may only be tried out. */
export const startRetention =
  (services: Services): Handle =>
  async (request, context) => {
    const { id, retention } = await services.connectors.get(pathPart(request, 'connectorId'));
    const { dryRun, policy = retention } = checked(retentionRequest, await bodyOf(request, {}), 'body');
    if (policy === null)
      throw new AppError(
        'conflict',
        `The connector ${id} has no retention policy: everything is kept. Give it one first.`,
      );
    if (!dryRun && policy !== retention)
      throw new AppError(
        'invalid-input',
        'A policy of the request may only be tried: send "dryRun": true, or change the connector.',
      );
    const job = await beginRetention(
      services,
      getClient(context),
      { connectorId: id, dryRun, policy },
      callerOf(request),
    );
    return accepted(request, context, job);
  };

async function beginRetention(
  services: Services,
  client: DurableClient,
  { connectorId, ...input }: Omit<RetentionInput, 'jobId'>,
  requestedBy: string,
): Promise<Job> {
  const job = prepareJob(services, { kind: 'retention', connectorId, requestedBy });
  await startWriter(services, client, job, 'retentionFlow', input);
  return job;
}

/** Each night, for every connector that has a policy; one that is busy has its turn the next night. */
export const startScheduledRetention =
  (services: Services) =>
  async (_timer: Timer, context: InvocationContext): Promise<void> => {
    for (const { id: connectorId, retention } of await services.connectors.list()) {
      if (retention === null) continue;
      try {
        const input = { connectorId, dryRun: false, policy: retention };
        const job = await beginRetention(services, getClient(context), input, 'schedule');
        context.log(`retention ${job.id} started`);
      } catch (error) {
        if (!isAppError(error, 'job-running')) throw error;
        context.warn(error.message);
      }
    }
  };

const holdRequest = z.strictObject({ reason: z.string().min(1).max(500) });

/** A snapshot under legal hold is never removed, whatever the policy says. */
export const putHold =
  (services: Services): Handle =>
  async (request, context) => {
    const { connectorId, id } = await heldOne(services, request);
    const { reason } = checked(holdRequest, await bodyOf(request), 'body');
    const hold = {
      snapshotId: id,
      reason,
      requestedBy: callerOf(request),
      createdDateTime: services.clock().toISOString(),
    };
    await putJson(services.bucket, layout.hold(connectorId, id), hold);
    context.log(`audit: snapshot ${id} was put under legal hold by ${hold.requestedBy}`);
    return json(hold);
  };

export const deleteHold =
  (services: Services): Handle =>
  async (request, context) => {
    const { connectorId, id } = await heldOne(services, request);
    const name = layout.hold(connectorId, id);
    if (!(await services.bucket.exists(name)))
      throw new AppError('not-found', `Snapshot ${id} is under no legal hold.`);
    await services.bucket.delete(name);
    context.log(`audit: the legal hold of snapshot ${id} was lifted by ${callerOf(request)}`);
    return { status: 204 };
  };

async function heldOne(services: Services, request: HttpRequest): Promise<{ connectorId: string; id: string }> {
  const { id: connectorId } = await services.connectors.get(pathPart(request, 'connectorId'));
  const { id } = await createSnapshotStore(services.bucket, connectorId).resolve(pathPart(request, 'snapshotId'));
  return { connectorId, id };
}
