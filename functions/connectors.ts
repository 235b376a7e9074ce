/** Connectors and health. */
import { app } from '@azure/functions';
import { getConnector, listConnectors, refuseConnectorChange } from '../src/api/connectors.ts';
import { handling } from '../src/api/handling.ts';
import { getHealth } from '../src/api/health.ts';
import { config, defaultConnector, services } from '../src/app/app.ts';

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
  handler: handling(listConnectors(config, defaultConnector)),
});
app.http('getConnector', { ...connector, methods: ['GET'], handler: handling(getConnector(config, defaultConnector)) });
app.http('changeConnector', { ...connector, methods: ['PUT', 'DELETE'], handler: handling(refuseConnectorChange) });
