/** The tenant's time: the machine's, moved by an offset that `/_control/clock` sets. The only place that reads the machine's clock. */

export interface TenantClock {
  nowMs(): number;
  /** Now as Graph writes times: ISO 8601 UTC, whole seconds. */
  now(): string;
  /** Milliseconds the tenant is ahead of the machine. */
  offsetMs(): number;
  setOffsetMs(offsetMs: number): void;
}

/** A clock that agrees with the machine. `machineMs` stands in for the machine in tests. */
export function createTenantClock(machineMs: () => number = () => Date.now()): TenantClock {
  let offset = 0;
  const nowMs = (): number => machineMs() + offset;
  return {
    nowMs,
    now: () => graphTime(nowMs()),
    offsetMs: () => offset,
    setOffsetMs: (next) => {
      offset = next;
    },
  };
}

/** Milliseconds to `2026-11-23T05:11:34Z`. */
export function graphTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
