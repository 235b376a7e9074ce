/** The order of looking after a restore that has ended: chunk by chunk, since a user and its group may ask for the same link; then the record. */
import type { OrchestrationContext } from 'durable-functions';
import { caller, type Flow } from '../durable/orchestration.ts';
import type { FollowUpActivities } from './follow-up-activities.ts';
import type { JobInput } from './layout.ts';

export function* followUpFlow(context: OrchestrationContext): Flow<void> {
  const { jobId, connectorId } = context.df.getInput<JobInput>();
  const { call } = caller<FollowUpActivities>(context);
  const { linkParts, waits } = yield* call('beginFollowUps', { jobId, connectorId });
  for (const chunk of waits) yield* call('lookAfterFollowUps', { jobId, connectorId, chunk, linkParts });
  yield* call('endFollowUps', { jobId, connectorId });
}
