/** Connectors and health. */
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { deleteConnector, getConnector, listConnectors, putConnector } from '../src/api/connectors.ts';
import { handling } from '../src/api/handling.ts';
import { getHealth } from '../src/api/health.ts';
import { defaultConnector, services } from '../src/app/app.ts';

const connector = { route: 'connectors/{connectorId}', authLevel: 'function' as const };

app.http('getHealth', {
  route: 'health',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: handling(getHealth(services, defaultConnector)),
});
app.http('listConnectors', {
  route: 'connectors',
  methods: ['GET'],
  authLevel: 'function',
  handler: handling(listConnectors(services)),
});
app.http('getConnector', { ...connector, methods: ['GET'], handler: handling(getConnector(services)) });
app.http('putConnector', { ...connector, methods: ['PUT'], handler: handling(putConnector(services)) });
app.http('deleteConnector', {
  ...connector,
  methods: ['DELETE'],
  extraInputs: [df.input.durableClient()],
  handler: handling(deleteConnector(services)),
});
