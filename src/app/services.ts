/** The one place that picks adapters: everything else is handed ports. */
import { TableClient } from '@azure/data-tables';
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity';
import { BlobServiceClient } from '@azure/storage-blob';
import { createBlobBucket } from '../azure/blob-bucket.ts';
import { createTableJobStore, type Tables, tableNames } from '../azure/table-job-store.ts';
import { systemClock } from '../clock.ts';
import type { DirectoryGateway } from '../directory/gateway.ts';
import { AppError } from '../errors.ts';
import { createGraphGateway } from '../graph/graph-gateway.ts';
import type { Services } from '../services.ts';
import { createSecretBox } from '../storage/secret-box.ts';
import type { Config, StorageConfig } from './config.ts';

/** The connector of a deployment's own tenant. */
export const defaultConnector = 'default';

export function createServices(config: Config): Services {
  const { blobs, tables } = storageClients(config.storage);
  const gateway: DirectoryGateway = createGraphGateway({
    cloud: config.cloud,
    credential: config.credential,
    ...(config.graphEndpoint === undefined ? {} : { endpoint: config.graphEndpoint }),
  });
  return {
    clock: systemClock,
    bucket: createBlobBucket(blobs.getContainerClient(config.container)),
    jobs: createTableJobStore(tables),
    secrets: config.credentialKey === undefined ? undefined : createSecretBox(config.credentialKey),
    gatewayOf(connectorId) {
      if (connectorId === defaultConnector) return gateway;
      throw new AppError(
        'not-found',
        `There is no connector ${connectorId}. This deployment has one: ${defaultConnector}.`,
      );
    },
  };
}

function storageClients(storage: StorageConfig): { blobs: BlobServiceClient; tables: Tables } {
  // Storage answers at once or is tried three times: an activity is repeated as a whole if that was not enough.
  const retryOptions = { maxTries: 3, maxRetries: 2, tryTimeoutInMs: 60_000 };
  if (storage.kind === 'connection-string') {
    const { connectionString } = storage;
    const options = { allowInsecureConnection: true, retryOptions };
    return {
      blobs: BlobServiceClient.fromConnectionString(connectionString, { retryOptions }),
      tables: tablesBy((name) => TableClient.fromConnectionString(connectionString, name, options)),
    };
  }
  const credential =
    storage.clientId === undefined
      ? new DefaultAzureCredential()
      : new ManagedIdentityCredential({ clientId: storage.clientId });
  return {
    blobs: new BlobServiceClient(storage.blobUrl, credential, { retryOptions }),
    tables: tablesBy((name) => new TableClient(storage.tableUrl, name, credential, { retryOptions })),
  };
}

const tablesBy = (make: (name: string) => TableClient): Tables =>
  Object.fromEntries(tableNames.map((name) => [name, make(name)])) as Tables;
