/** Looking after the snapshots: verification weekly, retention nightly, both by request, too; legal holds; accepting suspect ones. */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { acceptSnapshot } from '../src/api/acceptance.ts';
import { handling } from '../src/api/handling.ts';
import {
  deleteHold,
  putHold,
  startRetention,
  startScheduledRetention,
  startScheduledVerify,
  startVerify,
} from '../src/api/upkeep.ts';
import { services } from '../src/app/app.ts';
import { registerActivities, registerFlows } from '../src/durable/registration.ts';
import { createRetentionActivities } from '../src/upkeep/retention-activities.ts';
import { retentionFlow } from '../src/upkeep/retention-flow.ts';
import { createVerifyActivities } from '../src/upkeep/verify-activities.ts';
import { verifyFlow } from '../src/upkeep/verify-flow.ts';

registerActivities(createVerifyActivities(services));
registerActivities(createRetentionActivities(services));
registerFlows({ verifyFlow, retentionFlow });

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

app.timer('nightlyRetention', {
  schedule: '0 30 4 * * *',
  extraInputs: [df.input.durableClient()],
  handler: startScheduledRetention(services),
});

app.http('startRetention', {
  route: 'connectors/{connectorId}/retention',
  methods: ['POST'],
  authLevel: 'function',
  extraInputs: [df.input.durableClient()],
  handler: handling(startRetention(services)),
});

const hold = { route: 'connectors/{connectorId}/snapshots/{snapshotId}/hold', authLevel: 'function' as const };
app.http('putHold', { ...hold, methods: ['PUT'], handler: handling(putHold(services)) });
app.http('deleteHold', { ...hold, methods: ['DELETE'], handler: handling(deleteHold(services)) });

app.http('acceptSnapshot', {
  route: 'connectors/{connectorId}/snapshots/{snapshotId}/accept',
  methods: ['POST'],
  authLevel: 'function',
  handler: handling(acceptSnapshot(services)),
});
