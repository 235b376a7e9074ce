/** Starting what looks after the snapshots: their verification. */
import type { InvocationContext, Timer } from '@azure/functions';
import type { DurableClient } from 'durable-functions';
import { z } from 'zod';
import { getClient } from '../durable/client.ts';
import { isAppError } from '../errors.ts';
import type { Job } from '../job/job.ts';
import type { Services } from '../services.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import type { Handle } from './handling.ts';
import { bodyOf, callerOf, checked, pathPart } from './input.ts';
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
