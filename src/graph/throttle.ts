/**
 * Obedience to 429 (graph-facts 1.1, R58): when Graph says "not before", no further call of that class is sent before, whoever wants
 * to send it. One gate serves the single requests and the sub-requests of `$batch` alike.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Middleware } from '@microsoft/microsoft-graph-client';
import type { Clock } from '../clock.ts';
import { type CallClass, classOf } from './call.ts';
import { around } from './middleware.ts';

type Header = (name: string) => string | undefined;

export interface Gate {
  /** Waits until calls of this class may be sent. */
  pass(callClass: CallClass): Promise<void>;
  /** Takes note of a 429; `times`: how often this very call was throttled before. */
  hold(callClass: CallClass, header: Header, times: number): void;
  /** The end of the longest wait in force. */
  throttledUntil(): Date | undefined;
}

/** Throttled again so soon after a wait, we wait at least so long: quota comes back evenly, and many small waits waste it. */
const sustainedMs = 5_000;
const sustainedWaitMs = 1_000;

export function createGate(clock: Clock, backoffMs: number): Gate {
  const until: Record<CallClass, number> = { read: 0, write: 0 };
  const now = () => clock().getTime();
  return {
    async pass(callClass) {
      for (let left = until[callClass] - now(); left > 0; left = until[callClass] - now()) await sleep(left);
    },
    hold(callClass, header, times) {
      const wait = retryAfterMs(header('retry-after'), now()) ?? backOff(times, Math.max(backoffMs, 1), 60_000);
      for (const held of heldClasses(header('x-ms-throttle-scope'), callClass)) {
        const sinceLast = now() - until[held];
        const hammering = sinceLast >= 0 && sinceLast < sustainedMs;
        until[held] = Math.max(until[held], now() + (hammering ? Math.max(wait, sustainedWaitMs) : wait));
      }
    },
    throttledUntil() {
      const latest = Math.max(until.read, until.write);
      return latest > now() ? new Date(latest) : undefined;
    },
  };
}

/** `Retry-After` in ms: seconds, often with decimals, or an HTTP date. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = Number(header);
  const ms = Number.isNaN(seconds) ? Date.parse(header) - now : seconds * 1000;
  return Number.isNaN(ms) ? undefined : Math.max(0, Math.ceil(ms));
}

/** `Tenant_Application/Write/<app>/<tenant>` holds writes, `ReadWrite` both; without it the class of the call is held. */
function heldClasses(scope: string | undefined, callClass: CallClass): readonly CallClass[] {
  switch (scope?.split('/')[1]?.toLowerCase()) {
    case 'read':
      return ['read'];
    case 'write':
      return ['write'];
    case 'readwrite':
      return ['read', 'write'];
    default:
      return [callClass];
  }
}

/** Exponential, with half of it left to chance so that many waiters do not come back as one. */
export const backOff = (times: number, firstMs: number, longestMs: number): number =>
  Math.min(longestMs, firstMs * 2 ** times) * (0.5 + Math.random() / 2);

/** Holds back and repeats a single request while it is throttled, until the budget (ms) is spent; then lets the 429 through. */
export const throttleMiddleware = (gate: Gate, clock: Clock, budgetMs: number): Middleware =>
  around(async (call, context, next) => {
    const callClass = classOf(call);
    const start = clock().getTime();
    for (let times = 0; ; times += 1) {
      if (!call.impatient) await gate.pass(callClass);
      await next();
      const { response } = context;
      if (response?.status !== 429) return;
      // The answer alone was the question.
      if (call.impatient) return;
      gate.hold(callClass, (name) => response.headers.get(name) ?? undefined, times);
      if ((gate.throttledUntil()?.getTime() ?? 0) - start > budgetMs) return;
      await response.body?.cancel();
    }
  });
