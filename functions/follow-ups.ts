/** What follows restores, by the clock; and its cancelling. */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { cancelFollowUp, lookAfterFollowUps } from '../src/api/follow-ups.ts';
import { handling } from '../src/api/handling.ts';
import { services } from '../src/app/app.ts';
import { registerActivities, registerFlows } from '../src/durable/registration.ts';
import { createFollowUpActivities } from '../src/restore/follow-up-activities.ts';
import { followUpFlow } from '../src/restore/follow-up-flow.ts';

registerActivities(createFollowUpActivities(services));
registerFlows({ followUpFlow });

app.timer('dueFollowUps', {
  schedule: '0 */15 * * * *',
  extraInputs: [df.input.durableClient()],
  handler: lookAfterFollowUps(services),
});

app.http('cancelFollowUp', {
  route: 'jobs/{jobId}/follow-ups/{followUpId}/cancel',
  methods: ['POST'],
  authLevel: 'function',
  extraInputs: [df.input.durableClient()],
  handler: handling(cancelFollowUp(services)),
});
