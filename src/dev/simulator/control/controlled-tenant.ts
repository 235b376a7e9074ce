/** What the doors do to a tenant, beside what Graph lets a caller do: no permissions, no quotas, read-only properties too. */

import type { SyncTarget } from '../on-premises/target.ts';
import type { SeedSink } from '../seed/sink.ts';

export type Properties = Readonly<Record<string, unknown>>;

export interface ControlledTenant {
  /** Back to an empty tenant, as contract 3 describes it. */
  reset(): void;
  /** Empties the tenant and fills it through the sink; the clock and the settings stay. */
  seed(write: (sink: SeedSink) => void): void;
  /**
   * Makes an object of a type (`group`) and returns its id. Throws DoorError: unknown type or property, a member that is
   * not there, a clash of unique values.
   */
  create(type: string, properties: Properties, members: readonly string[], owners: readonly string[]): string;
  /** Lays properties over a live or binned object; throws DoorError 404, or 400 for an unknown property. */
  patch(id: string, properties: Properties): void;
  /** Removes a live or binned object for good; throws DoorError 404. */
  destroy(id: string): void;
  /** As `patch`, and `members` as the whole new list, leaving no trace in any delta (R61). */
  recover(id: string, properties: Properties, members: readonly string[] | null): void;
  signIn(userPrincipalName: string, password: string): { accepted: boolean; mustChangePassword: boolean };
  /** The whole tenant as JSON text, sorted by kind and id; equal tenants give equal texts. */
  dump(): string;
  syncTarget(): SyncTarget;
}
