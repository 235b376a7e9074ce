/** What follows restores: looked after by the clock, and cancelled by request. */
import type { InvocationContext, Timer } from '@azure/functions';
import { getClient } from '../durable/client.ts';
import { AppError } from '../errors.ts';
import { withCancelled } from '../job/follow-up.ts';
import type { Services } from '../services.ts';
import { callerOf } from './caller.ts';
import { type Handle, json } from './handling.ts';
import { pathPart } from './input.ts';
import { knownJob } from './jobs.ts';

/**
 * Looks after every job that waits. Each has one instance id for this, so that of two ticks at once only one starts
 * (L:azure/azure-functions/durable/durable-functions-singletons).
 */
export const lookAfterFollowUps =
  (services: Services) =>
  async (_timer: Timer, context: InvocationContext): Promise<void> => {
    for (const { jobId, connectorId } of await services.jobs.waitingJobs()) {
      try {
        const instanceId = `${jobId}-follow-ups`;
        await getClient(context).startNew('followUpFlow', { instanceId, input: { jobId, connectorId } });
      } catch {
        context.warn(`the follow-ups of ${jobId} were not begun: an earlier look at them may still be under way`);
      }
    }
  };

/** Nothing more is done for a follow-up; what was done for it stays. */
export const cancelFollowUp =
  (services: Services): Handle =>
  async (request, context) => {
    const { id, status } = await knownJob(services, request, context);
    const followUpId = pathPart(request, 'followUpId');
    const now = services.clock();
    const cancelled = await services.jobs.amend(id, (job) => ({
      ...job,
      followUps: withCancelled(job.followUps ?? [], followUpId, now),
    }));
    if (!cancelled) throw new AppError('conflict', `Job ${id} is still ${status}. Cancel the job itself instead.`);
    context.log(`audit: follow-up ${followUpId} of ${id} was cancelled by ${callerOf(request)}`);
    return json(await knownJob(services, request, context));
  };
