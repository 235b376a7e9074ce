/** What the product's app has done so far: the numbers behind `GET /_control/stats`. */
import type { Cost } from './cost.ts';

export interface RouteStats {
  readonly method: string;
  readonly route: string;
  readonly requests: number;
  readonly resourceUnits: number;
  readonly writes: number;
  readonly throttled: number;
}
export interface Stats {
  readonly requests: number;
  readonly roundTrips: number;
  readonly resourceUnits: number;
  readonly writes: number;
  readonly throttled: number;
  readonly maxConcurrency: number;
  readonly firstDateTime: string | null;
  readonly lastDateTime: string | null;
  readonly byRoute: readonly RouteStats[];
}
export interface CountedRequest {
  readonly method: string;
  /** The route template, `/users/{id}/manager/$ref`. */
  readonly route: string;
  readonly cost: Cost;
  /** Answered 429; then it did nothing, so its cost is not added. */
  readonly throttled: boolean;
  /** The tenant's time, ISO 8601. */
  readonly dateTime: string;
}
export interface StatsCounter {
  /** Begins an HTTP request of the app; the returned function ends it. */
  beginRoundTrip(): () => void;
  /** Counts one request, or one sub-request of a batch. */
  count(request: CountedRequest): void;
  read(): Stats;
  clear(): void;
}

/** Starts at zero. Requests still in flight at `clear` go on counting as concurrent, since they are. */
export function createStatsCounter(): StatsCounter {
  let roundTrips = 0;
  let inFlight = 0;
  let maxConcurrency = 0;
  let firstDateTime: string | null = null;
  let lastDateTime: string | null = null;
  const routes = new Map<string, { -readonly [K in keyof RouteStats]: RouteStats[K] }>();
  return {
    beginRoundTrip: () => {
      roundTrips += 1;
      inFlight += 1;
      maxConcurrency = Math.max(maxConcurrency, inFlight);
      let ended = false;
      return () => {
        if (!ended) inFlight -= 1;
        ended = true;
      };
    },
    count: ({ method, route, cost, throttled, dateTime }) => {
      firstDateTime ??= dateTime;
      lastDateTime = dateTime;
      const key = `${method} ${route}`;
      const row = routes.get(key) ?? { method, route, requests: 0, resourceUnits: 0, writes: 0, throttled: 0 };
      routes.set(key, row);
      row.requests += 1;
      if (throttled) row.throttled += 1;
      else {
        row.resourceUnits += cost.resourceUnits;
        row.writes += cost.writes;
      }
    },
    read: () => {
      const byRoute = [...routes.values()]
        .map((row) => ({ ...row }))
        .sort((left, right) => compare(left.route, right.route) || compare(left.method, right.method));
      const sum = (pick: (row: RouteStats) => number): number => byRoute.reduce((total, row) => total + pick(row), 0);
      return {
        requests: sum((row) => row.requests),
        roundTrips,
        resourceUnits: sum((row) => row.resourceUnits),
        writes: sum((row) => row.writes),
        throttled: sum((row) => row.throttled),
        maxConcurrency,
        firstDateTime,
        lastDateTime,
        byRoute,
      };
    },
    clear: () => {
      roundTrips = 0;
      maxConcurrency = inFlight;
      firstDateTime = null;
      lastDateTime = null;
      routes.clear();
    },
  };
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
