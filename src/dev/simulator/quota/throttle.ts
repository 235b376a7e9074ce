/**
 * The quotas of one app in one tenant (graph-facts 1.1): resource units and writes in token buckets sized by the tenant,
 * with the documented headers. A throttled request still uses quota, as the throttling page says.
 */
import type { CustomThrottling, Settings } from '../settings.ts';
import { createTokenBucket, type TokenBucket } from './bucket.ts';
import type { Cost } from './cost.ts';

/** App + tenant quotas by tenant size: resource units per 10 s, writes per 150 s. */
const sizes: Readonly<Record<'S' | 'M' | 'L', CustomThrottling>> = {
  S: { resourceUnits: 3500, seconds: 10, writes: 3000, writeSeconds: 150 },
  M: { resourceUnits: 5000, seconds: 10, writes: 3000, writeSeconds: 150 },
  L: { resourceUnits: 8000, seconds: 10, writes: 3000, writeSeconds: 150 },
};
/** Reports share one window per app and tenant. */
const reportsLimit = { tokens: 5, seconds: 10 };
/** GET of signInActivity, in the same table. */
const signInActivityLimit = { tokens: 10, seconds: 60 };

/** x-ms-throttle-limit-percentage ends there: 1.0 is a quota used up, 1.2 that a fifth of the requests is refused. */
const mostTold = 1.8;

export interface Admission {
  /** Headers every directory answer carries, whether admitted or not. */
  readonly headers: Readonly<Record<string, string>>;
  /** Set when the request must be answered 429. */
  readonly throttled: { readonly retryAfterSeconds: number } | null;
}
export interface Throttle {
  /** Charges one request at a time of the tenant's clock. */
  admit(cost: Cost, nowMs: number): Admission;
  /** Whether a request of this cost would pass, without charging it. */
  wouldAdmit(cost: Cost, nowMs: number): boolean;
}

export interface ThrottleOptions {
  readonly throttling: Settings['throttling'];
  readonly decimalRetryAfter: boolean;
  readonly appId: string;
  readonly tenantId: string;
}

interface Meter {
  readonly bucket: TokenBucket;
  readonly cost: (cost: Cost) => number;
  readonly operation: 'ReadWrite' | 'Write' | 'Read';
  readonly information: string;
}

/** Builds full buckets; make a new one whenever the `throttling` setting changes. */
export function createThrottle(options: ThrottleOptions): Throttle {
  const meters = options.throttling === 'off' ? [] : createMeters(options.throttling);
  // How many of the requests since the quota was last below the mark were refused: the share above 1.0 that is told.
  let [asked, refused] = [0, 0];
  return {
    wouldAdmit: (cost, nowMs) => meters.every((meter) => passes(meter, cost, nowMs)),
    admit: (cost, nowMs) => {
      const headers: Record<string, string> = {};
      if (cost.budget === 'identity') headers['x-ms-resource-unit'] = String(Math.max(1, cost.resourceUnits));
      const exceeded = meters.find((meter) => !passes(meter, cost, nowMs));
      for (const { bucket, cost: price } of meters) if (price(cost) > 0) bucket.take(price(cost), nowMs);
      const used = Math.max(
        0,
        ...meters.filter((meter) => meter.cost(cost) > 0).map((meter) => meter.bucket.usage(nowMs)),
      );
      [asked, refused] = used > 0.8 ? [asked + 1, refused + (exceeded === undefined ? 0 : 1)] : [0, 0];
      if (used > 0.8) {
        const told = refused === 0 ? used : Math.min(mostTold, 1 + refused / asked);
        headers['x-ms-throttle-limit-percentage'] = told.toFixed(1);
      }
      if (exceeded === undefined) return { headers, throttled: null };
      const waitSeconds = exceeded.bucket.waitMs(exceeded.cost(cost), nowMs) / 1000;
      // Rounded up to the millisecond or second, so that a caller who waits as told is admitted.
      const retryAfterSeconds = options.decimalRetryAfter
        ? Math.max(0.001, Math.ceil(waitSeconds * 1000) / 1000)
        : Math.max(1, Math.ceil(waitSeconds - 1e-6));
      headers['Retry-After'] = String(retryAfterSeconds);
      headers['x-ms-throttle-scope'] = `Tenant_Application/${exceeded.operation}/${options.appId}/${options.tenantId}`;
      headers['x-ms-throttle-information'] = exceeded.information;
      return { headers, throttled: { retryAfterSeconds } };
    },
  };
}

function passes({ bucket, cost: price }: Meter, cost: Cost, nowMs: number): boolean {
  return price(cost) === 0 || bucket.fits(price(cost), nowMs);
}

function createMeters(throttling: 'S' | 'M' | 'L' | CustomThrottling): readonly Meter[] {
  const limits = typeof throttling === 'string' ? sizes[throttling] : throttling;
  return [
    {
      bucket: createTokenBucket({ tokens: limits.writes, seconds: limits.writeSeconds }),
      cost: (cost) => cost.writes,
      operation: 'Write',
      information: 'WriteLimitExceeded',
    },
    {
      bucket: createTokenBucket({ tokens: limits.resourceUnits, seconds: limits.seconds }),
      cost: (cost) => cost.resourceUnits,
      operation: 'ReadWrite',
      information: 'ResourceUnitLimitExceeded',
    },
    {
      bucket: createTokenBucket(reportsLimit),
      cost: (cost) => (cost.budget === 'reports' ? 1 : 0),
      operation: 'Read',
      information: 'CPULimitExceeded',
    },
    {
      bucket: createTokenBucket(signInActivityLimit),
      cost: (cost) => (cost.signInActivity === true ? 1 : 0),
      operation: 'Read',
      information: 'CPULimitExceeded',
    },
  ];
}

/** The documented body of a throttled answer. `date` is the tenant's time in ISO form. */
export function throttledBody(date: string, requestId: string): object {
  return {
    error: {
      code: 'TooManyRequests',
      innerError: { code: '429', date, message: 'Please retry after', 'request-id': requestId, status: '429' },
      message: 'Please retry again later.',
    },
  };
}
