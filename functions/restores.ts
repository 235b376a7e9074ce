/** Restores and their dry runs. */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { handling } from '../src/api/handling.ts';
import { startRestore } from '../src/api/restores.ts';
import { services } from '../src/app/app.ts';
import { registerActivities, registerFlows } from '../src/durable/registration.ts';
import { createRestoreActivities } from '../src/restore/activities.ts';
import { restoreFlows } from '../src/restore/flow.ts';

registerActivities(createRestoreActivities(services));
registerFlows(restoreFlows);

app.http('startRestore', {
  route: 'connectors/{connectorId}/restores',
  methods: ['POST'],
  authLevel: 'function',
  extraInputs: [df.input.durableClient()],
  handler: handling(startRestore(services)),
});
