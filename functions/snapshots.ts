/** Snapshots: by the clock and by request. */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { handling } from '../src/api/handling.ts';
import {
  getSnapshot,
  listSnapshots,
  startDueSnapshots,
  startScheduledSnapshot,
  startSnapshot,
} from '../src/api/snapshots.ts';
import { defaultConnector, services } from '../src/app/app.ts';
import { registerActivities, registerFlows } from '../src/durable/registration.ts';
import { createSnapshotActivities } from '../src/snapshot/activities.ts';
import { snapshotFlows } from '../src/snapshot/flow.ts';

registerActivities(createSnapshotActivities(services));
registerFlows(snapshotFlows);

app.timer('nightlySnapshot', {
  schedule: '%SNAPSHOT_SCHEDULE%',
  extraInputs: [df.input.durableClient()],
  handler: startScheduledSnapshot(services, defaultConnector),
});

app.timer('dueSnapshots', {
  schedule: '0 */5 * * * *',
  extraInputs: [df.input.durableClient()],
  handler: startDueSnapshots(services, defaultConnector),
});

app.http('startSnapshot', {
  route: 'connectors/{connectorId}/snapshots',
  methods: ['POST'],
  authLevel: 'function',
  extraInputs: [df.input.durableClient()],
  handler: handling(startSnapshot(services)),
});

app.http('listSnapshots', {
  route: 'connectors/{connectorId}/snapshots',
  methods: ['GET'],
  authLevel: 'function',
  handler: handling(listSnapshots(services)),
});

app.http('getSnapshot', {
  route: 'connectors/{connectorId}/snapshots/{snapshotId}',
  methods: ['GET'],
  authLevel: 'function',
  handler: handling(getSnapshot(services)),
});
