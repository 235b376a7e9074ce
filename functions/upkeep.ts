/** Looking after the snapshots: verification, weekly and by request. */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { handling } from '../src/api/handling.ts';
import { startScheduledVerify, startVerify } from '../src/api/upkeep.ts';
import { services } from '../src/app/app.ts';
import { registerActivities, registerFlows } from '../src/durable/registration.ts';
import { createVerifyActivities } from '../src/upkeep/verify-activities.ts';
import { verifyFlow } from '../src/upkeep/verify-flow.ts';

registerActivities(createVerifyActivities(services));
registerFlows({ verifyFlow });

app.timer('weeklyVerification', {
  schedule: '0 0 5 * * 0',
  extraInputs: [df.input.durableClient()],
  handler: startScheduledVerify(services),
});

app.http('startVerify', {
  route: 'connectors/{connectorId}/snapshots/{snapshotId}/verify',
  methods: ['POST'],
  authLevel: 'function',
  extraInputs: [df.input.durableClient()],
  handler: handling(startVerify(services)),
});
