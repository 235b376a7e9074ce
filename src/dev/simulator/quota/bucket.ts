/** A token bucket on a clock of its caller: full at the start, refilled evenly, never above its capacity. */

export interface BucketLimit {
  /** Tokens it holds, and refills once every `seconds`. */
  readonly tokens: number;
  readonly seconds: number;
}

export interface TokenBucket {
  /** Tokens there at this time (milliseconds). */
  available(nowMs: number): number;
  /** Whether a cost fits; one above the capacity fits when the bucket is full, or it could never pass. */
  fits(cost: number, nowMs: number): boolean;
  /** Takes tokens; at most down to zero, so a hammering client delays itself but not for ever. */
  take(cost: number, nowMs: number): void;
  /** Milliseconds until the cost would fit. */
  waitMs(cost: number, nowMs: number): number;
  /** Share in use, 0..1. */
  usage(nowMs: number): number;
}

/** Makes a full bucket. Time may jump (the tenant's clock is set from outside); backwards counts as no time. */
export function createTokenBucket(limit: BucketLimit): TokenBucket {
  const perMs = limit.tokens / (limit.seconds * 1000);
  let level = limit.tokens;
  let seenMs: number | null = null;
  const refill = (nowMs: number): number => {
    if (seenMs !== null && nowMs > seenMs) level = Math.min(limit.tokens, level + (nowMs - seenMs) * perMs);
    seenMs = nowMs;
    return level;
  };
  const needed = (cost: number): number => Math.min(cost, limit.tokens);
  // Refilling by fractions loses a little to rounding; without the slack a caller who waited as told is refused again.
  const slack = limit.tokens * 1e-9;
  return {
    available: refill,
    fits: (cost, nowMs) => refill(nowMs) + slack >= needed(cost),
    take: (cost, nowMs) => {
      level = Math.max(0, refill(nowMs) - cost);
    },
    waitMs: (cost, nowMs) => Math.max(0, (needed(cost) - refill(nowMs)) / perMs),
    usage: (nowMs) => 1 - refill(nowMs) / limit.tokens,
  };
}
