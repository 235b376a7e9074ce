/** What a Graph gateway is made from. */
import type { Clock } from '../clock.ts';
import { longestReplicationMs, longestRequestMs } from '../directory/gateway.ts';
import type { CloudName } from './cloud.ts';

export type CredentialConfig =
  /** The host's own identity in the same tenant; `clientId` picks a user-assigned one. */
  | { readonly kind: 'managed-identity'; readonly clientId?: string }
  /**
   * An application of (another) tenant that trusts an outside token instead of a secret: the one in `tokenFile` (workload
   * identity), else one of the managed identity (`managedIdentityClientId` picks a user-assigned one).
   */
  | {
      readonly kind: 'federated';
      readonly tenantId: string;
      readonly clientId: string;
      readonly managedIdentityClientId?: string;
      readonly tokenFile?: string;
    }
  /** An application with a certificate: path of a PEM file that holds certificate and private key. */
  | {
      readonly kind: 'certificate';
      readonly tenantId: string;
      readonly clientId: string;
      readonly certificatePath: string;
    }
  /** A fixed token, for loopback endpoints only; `clientId`: of the app it stands for. */
  | { readonly kind: 'development'; readonly token: string; readonly clientId?: string };

export interface GraphLimits {
  /** `$batch` requests in flight at once, per class. */
  readonly readBatches: number;
  readonly writeBatches: number;
  /** How long one call may be held back by throttling, in ms, before it fails as `throttled`. */
  readonly throttleBudgetMs: number;
  /** How often a repeatable call is sent when no answer or a 5xx comes back. */
  readonly tries: number;
  /** First back-off in ms; doubles with every further try, with jitter. */
  readonly backoffMs: number;
  /** How long one HTTP request may take, in ms. */
  readonly timeoutMs: number;
  /** How long a link to an object we have just made is tried again while Graph does not know the object yet, in ms. */
  readonly replicationMs: number;
}

export const defaultLimits: GraphLimits = {
  readBatches: 8,
  writeBatches: 4,
  throttleBudgetMs: 15 * 60_000,
  tries: 5,
  backoffMs: 400,
  timeoutMs: longestRequestMs,
  replicationMs: longestReplicationMs,
};

export interface GraphConfig {
  readonly cloud: CloudName;
  /** Another endpoint than the cloud's own; loopback only (the simulator). */
  readonly endpoint?: string;
  readonly credential: CredentialConfig;
  readonly limits?: Partial<GraphLimits>;
  readonly clock?: Clock;
}
