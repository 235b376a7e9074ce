/**
 * The port to stored connectors. Every method may be repeated. Throws AppError `storage-unreachable`; absence is undefined.
 */
import type { Connector } from './connector.ts';

export interface StoredConnector {
  readonly connector: Connector;
  /** Removed: its snapshots are still there, and belong to its tenant. */
  readonly removedDateTime?: string;
}

export interface ConnectorStore {
  get(id: string): Promise<StoredConnector | undefined>;
  list(): Promise<readonly StoredConnector[]>;
  put(stored: StoredConnector): Promise<void>;
}
