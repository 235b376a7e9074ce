/**
 * The tenant's time. Whether a role's end has passed is judged by Graph, by its own clock, which each answer tells in its `Date` header (graph-facts 9,
 * RFC 9110 6.6.1); the host's clock may be another.
 */
import type { Middleware } from '@microsoft/microsoft-graph-client';
import type { Clock } from '../clock.ts';
import { around } from './middleware.ts';

export interface TenantClock {
  /** As the last answer told, and the time since then; before any answer the host's. */
  readonly now: Clock;
  /** Takes note of an answer. @param date its `Date` header. @param sentMs @param receivedMs by the host's clock. */
  hear(date: string | null, sentMs: number, receivedMs: number): void;
}

/** `Date` tells whole seconds. */
const precisionMs = 1_000;

export function createTenantClock(clock: Clock): TenantClock {
  let aheadMs = 0;
  return {
    now: () => new Date(clock().getTime() + aheadMs),
    hear(date, sentMs, receivedMs) {
      const told = Date.parse(date ?? '');
      if (!Number.isNaN(told)) aheadMs = nearest(told - receivedMs, told + precisionMs - sentMs);
    },
  };
}

/** Of all the ways in which the clocks may differ the smallest: a host that goes right is believed to the millisecond. */
const nearest = (least: number, most: number): number => Math.max(least, Math.min(0, most));

export const tenantClockMiddleware = (tenantClock: TenantClock, clock: Clock): Middleware =>
  around(async (_call, context, next) => {
    const sentMs = clock().getTime();
    await next();
    tenantClock.hear(context.response?.headers.get('date') ?? null, sentMs, clock().getTime());
  });
