/** What handlers and activities are made from: ports only. `app/services.ts` is the one place that picks the adapters. */
import type { Clock } from './clock.ts';
import type { Connectors } from './connectors/connectors.ts';
import type { DirectoryGateway } from './directory/gateway.ts';
import type { JobStore } from './job/job-store.ts';
import type { Bucket } from './storage/bucket.ts';
import type { SecretBox } from './storage/secret-box.ts';

export interface Services {
  readonly clock: Clock;
  readonly bucket: Bucket;
  readonly jobs: JobStore;
  /** Seals passwords until they are collected; undefined: none are kept. */
  readonly secrets: SecretBox | undefined;
  readonly connectors: Connectors;
  /** The directory behind a connector; throws `not-found` for a connector that does not exist. */
  gatewayOf(connectorId: string): Promise<DirectoryGateway>;
}
