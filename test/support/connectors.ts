/** The one connector that unit tests of snapshots and restores use, and a store of connectors in memory. */
import { type Connector, defaultAlerts, noSchemaExtensions } from '../../src/connectors/connector.ts';
import type { ConnectorStore, StoredConnector } from '../../src/connectors/connector-store.ts';
import { createConnectors } from '../../src/connectors/connectors.ts';
import { kindNames } from '../../src/directory/kinds.ts';

export const ownConnector: Connector = {
  id: 'default',
  displayName: 'default',
  tenantId: '7d3f1f0e-6b1c-4f0e-9a53-0c0de0000001',
  cloud: 'global',
  schedule: '0 0 2 * * *',
  retention: null,
  kinds: [...kindNames],
  exclusions: [],
  inclusions: [],
  schemaExtensions: noSchemaExtensions,
  credential: { kind: 'deployment' },
  alerts: defaultAlerts,
  createdDateTime: '2026-01-01T00:00:00.000Z',
};

export function memoryConnectorStore(): ConnectorStore {
  const stored = new Map<string, StoredConnector>();
  return {
    get: async (id) => stored.get(id),
    list: async () => [...stored.values()],
    async put(one) {
      stored.set(one.connector.id, one);
    },
  };
}

export const ownConnectorOnly = createConnectors(memoryConnectorStore(), ownConnector, () => new Date(0));
