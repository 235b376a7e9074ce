/**
 * What a snapshot costs in requests and resource units. A gateway counts for its whole process; each activity takes what was spent since
 * the last one took, so that activities side by side count nothing twice and a restarted process loses only the one that was cut off.
 */
import type { DirectoryGateway } from '../directory/gateway.ts';

export interface Spent {
  readonly requests: number;
  readonly resourceUnits: number;
}

export interface Meter {
  take(gateway: DirectoryGateway): Spent;
}

export function createMeter(): Meter {
  const seen = new WeakMap<DirectoryGateway, Spent>();
  return {
    take(gateway) {
      const now = gateway.spent();
      const last = seen.get(gateway) ?? { requests: 0, resourceUnits: 0 };
      seen.set(gateway, now);
      return { requests: now.requests - last.requests, resourceUnits: now.resourceUnits - last.resourceUnits };
    },
  };
}
