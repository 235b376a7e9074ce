/**
 * How many calls may be on their way at once: all that fits until Graph throttles some, then no more than it took, growing again by
 * a few with every batch that passes whole. Throttled requests use up quota too (graph-facts 1.1), so hammering would only slow us.
 */
export interface Pace {
  /** How many more may leave now. */
  room(): number;
  leave(calls: number): void;
  arrive(calls: number, throttled: number): void;
}

const least = 4;
const growth = 4;

export function createPace(most: number): Pace {
  let allowed = most;
  let away = 0;
  return {
    room: () => Math.max(0, allowed - away),
    leave(calls) {
      away += calls;
    },
    arrive(calls, throttled) {
      away -= calls;
      allowed =
        throttled > 0 ? Math.max(least, Math.min(allowed, calls - throttled)) : Math.min(most, allowed + growth);
    },
  };
}
