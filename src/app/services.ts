/** The one place that picks adapters: everything else is handed ports. */
import { TableClient } from '@azure/data-tables';
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { CryptographyClient } from '@azure/keyvault-keys';
import { BlobServiceClient } from '@azure/storage-blob';
import { LRUCache } from 'lru-cache';
import { createBlobBucket } from '../azure/blob-bucket.ts';
import { createVaultWrapper } from '../azure/key-vault.ts';
import { connectorTable, createTableConnectorStore } from '../azure/table-connector-store.ts';
import { createTableJobStore, type Tables, tableNames } from '../azure/table-job-store.ts';
import { systemClock } from '../clock.ts';
import { type Connector, defaultAlerts, noSchemaExtensions } from '../connectors/connector.ts';
import type { ConnectorStore } from '../connectors/connector-store.ts';
import { type Connectors, createConnectors } from '../connectors/connectors.ts';
import type { DirectoryGateway } from '../directory/gateway.ts';
import { kindNames } from '../directory/kinds.ts';
import type { CredentialConfig } from '../graph/config.ts';
import { createGraphGateway } from '../graph/graph-gateway.ts';
import type { Services } from '../services.ts';
import { createFileWrapper } from '../storage/key-file.ts';
import { createKeyRing, type KeyWrapper } from '../storage/key-ring.ts';
import { createSealedBucket } from '../storage/sealed-bucket.ts';
import { createTextSeal } from '../storage/sealed-text.ts';
import { createSecretBox } from '../storage/secret-box.ts';
import type { Config, StorageConfig } from './config.ts';

/** The connector of a deployment's own tenant. */
export const defaultConnector = 'default';

export function createServices(config: Config): Services {
  const { blobs, tables, connectorStore } = storageClients(config.storage);
  const connectors = createConnectors(connectorStore, ownConnector(config), systemClock);
  const stored = createBlobBucket(blobs.getContainerClient(config.container));
  const wrapper = wrapperOf(config);
  const ring = wrapper && createKeyRing(stored, wrapper);
  return {
    clock: systemClock,
    bucket: createSealedBucket(stored, ring, systemClock),
    jobs: createTableJobStore(tables, undefined, createTextSeal(ring)),
    secrets: config.credentialKey === undefined ? undefined : createSecretBox(config.credentialKey),
    connectors,
    gatewayOf: createGateways(config, connectors),
  };
}

/** The deployment's own tenant, as its settings describe it. */
const ownConnector = (config: Config): Connector => ({
  id: defaultConnector,
  displayName: defaultConnector,
  tenantId: config.tenantId,
  cloud: config.cloud,
  schedule: config.schedule,
  retention: null,
  kinds: [...kindNames],
  exclusions: [],
  inclusions: [],
  schemaExtensions: noSchemaExtensions,
  credential: { kind: 'deployment' },
  alerts: defaultAlerts,
  createdDateTime: new Date(0).toISOString(),
});

/** @throws AppError `invalid-input` for a key file that is no use. */
function wrapperOf({ encryption, storage }: Config): KeyWrapper | undefined {
  if (encryption === undefined) return undefined;
  if ('keyFile' in encryption) return createFileWrapper(encryption.keyFile);
  const identity = identityOf(storage.kind === 'identity' ? storage.clientId : undefined);
  return createVaultWrapper(encryption.keyUrl, (url) => new CryptographyClient(url, identity));
}

/** The app's own identity towards Azure. */
const identityOf = (clientId: string | undefined) =>
  clientId === undefined ? new DefaultAzureCredential() : new ManagedIdentityCredential({ clientId });

/** How long a connector's description is believed: a change reaches every process within this. */
const believedMs = 15_000;

/**
 * One gateway a credential and cloud, kept, since it knows what Graph makes it wait for. That the connector is still there is asked again
 * every few seconds.
 */
function createGateways(config: Config, connectors: Connectors): Services['gatewayOf'] {
  const known = new LRUCache<string, Promise<Connector>>({ max: 1_000, ttl: believedMs });
  const gateways = new Map<string, DirectoryGateway>();
  return async (connectorId) => {
    const asking = known.get(connectorId) ?? connectors.get(connectorId);
    known.set(connectorId, asking, { noUpdateTTL: true });
    asking.catch(() => known.delete(connectorId));
    const { tenantId, cloud, credential } = await asking;
    const key = JSON.stringify([tenantId, cloud, credential]);
    const gateway = gateways.get(key) ?? createGraphGateway(graphOf(config, cloud, tenantId, credential));
    gateways.set(key, gateway);
    return gateway;
  };
}

function graphOf(config: Config, cloud: Connector['cloud'], tenantId: string, wanted: Connector['credential']) {
  const endpoint = config.graphEndpoint === undefined ? {} : { endpoint: config.graphEndpoint };
  const limits = { throttleBudgetMs: config.throttlePatienceMs };
  return { cloud, credential: credentialOf(config, tenantId, wanted), limits, ...endpoint };
}

/** A local run has one token for everything; a real one takes what the connector names. */
function credentialOf(config: Config, tenantId: string, wanted: Connector['credential']): CredentialConfig {
  const { credential } = config;
  if (credential.kind === 'development') return credential;
  switch (wanted.kind) {
    case 'deployment':
      return 'tenantId' in credential ? { ...credential, tenantId } : credential;
    case 'managed-identity':
      return { kind: 'managed-identity', ...(wanted.clientId === undefined ? {} : { clientId: wanted.clientId }) };
    case 'federated':
      return {
        kind: 'federated',
        tenantId,
        clientId: wanted.clientId,
        ...(wanted.managedIdentityClientId === undefined
          ? {}
          : { managedIdentityClientId: wanted.managedIdentityClientId }),
      };
    case 'certificate':
      return { kind: 'certificate', tenantId, clientId: wanted.clientId, certificatePath: wanted.certificatePath };
  }
}

interface StorageClients {
  readonly blobs: BlobServiceClient;
  readonly tables: Tables;
  readonly connectorStore: ConnectorStore;
}

function storageClients(storage: StorageConfig): StorageClients {
  // Storage answers at once or is tried three times: an activity is repeated as a whole if that was not enough.
  const retryOptions = { maxTries: 3, maxRetries: 2, tryTimeoutInMs: 60_000 };
  if (storage.kind === 'connection-string') {
    const { connectionString } = storage;
    const options = { allowInsecureConnection: true, retryOptions };
    return {
      blobs: BlobServiceClient.fromConnectionString(connectionString, { retryOptions }),
      ...tablesBy((name) => TableClient.fromConnectionString(connectionString, name, options)),
    };
  }
  const credential = identityOf(storage.clientId);
  return {
    blobs: new BlobServiceClient(storage.blobUrl, credential, { retryOptions }),
    ...tablesBy((name) => new TableClient(storage.tableUrl, name, credential, { retryOptions })),
  };
}

const tablesBy = (make: (name: string) => TableClient) => ({
  tables: Object.fromEntries(tableNames.map((name) => [name, make(name)])) as Tables,
  connectorStore: createTableConnectorStore(make(connectorTable)),
});
