/** Connectors: how tenants are reached and what is kept of them. Secrets are never part of an answer, nor taken from a caller. */
import type { DurableClient } from 'durable-functions';
import { type Connector, connectorBody, connectorId } from '../connectors/connector.ts';
import { getClient } from '../durable/client.ts';
import { AppError } from '../errors.ts';
import { hasEnded } from '../job/job.ts';
import type { Services } from '../services.ts';
import { callerOf } from './caller.ts';
import { type Handle, json } from './handling.ts';
import { bodyOf, checked, pathPart } from './input.ts';
import { currentJob } from './running-job.ts';

export const listConnectors =
  ({ connectors }: Services): Handle =>
  async () =>
    json({ value: await connectors.list() });

export const getConnector =
  ({ connectors }: Services): Handle =>
  async (request) =>
    json(await connectors.get(pathPart(request, 'connectorId')));

export const putConnector =
  ({ connectors }: Services): Handle =>
  async (request, context) => {
    const id = checked(connectorId, pathPart(request, 'connectorId'), 'connector id');
    const { id: named = id, createdDateTime: _, ...input } = checked(connectorBody, await bodyOf(request), 'body');
    if (named !== id)
      throw new AppError(
        'invalid-input',
        `The body is that of the connector ${JSON.stringify(named)}. Put it to its own address.`,
      );
    const { connector, isNew } = await connectors.put(id, input);
    context.log(`audit: connector ${id} was ${isNew ? 'made' : 'changed'} by ${callerOf(request)}`);
    return isNew ? json(connector, 201, { location: request.url.split('?')[0] ?? '' }) : json(connector);
  };

/** Its snapshots stay where they are: whoever makes the connector of this id and tenant again has them again. */
export const deleteConnector =
  (services: Services): Handle =>
  async (request, context) => {
    const { id } = await services.connectors.get(pathPart(request, 'connectorId'));
    await refuseRunning(services, getClient(context), id);
    await services.connectors.remove(id);
    context.log(`audit: connector ${id} was removed by ${callerOf(request)}`);
    return { status: 204 };
  };

async function refuseRunning(services: Services, client: DurableClient, id: Connector['id']): Promise<void> {
  for (const status of ['queued', 'running'] as const) {
    const { jobs } = await services.jobs.list({ connectorId: id, status, top: 100 });
    for (const listed of jobs) {
      const job = await currentJob(services, client, listed.id);
      if (job === undefined || hasEnded(job)) continue;
      const message = `The connector has a running job: ${job.id}. Wait for its end, or cancel it.`;
      throw new AppError('job-running', message, { details: { jobId: job.id } });
    }
  }
}
