/** `scheduleInfo` of a role request: when it begins, and whether and when it ends. */
import { parseDurationMs } from '../control/duration.ts';
import { badRequest } from '../errors.ts';
import { graphTime } from '../tenant/clock.ts';

export interface Schedule {
  readonly startDateTime: string;
  readonly endDateTime: string | null;
}

/** Reads `{startDateTime, expiration:{type, duration?, endDateTime?}}`. Throws 400. */
export function parseSchedule(value: unknown, nowMs: number): Schedule {
  if (typeof value !== 'object' || value === null) throw badRequest("A value is required for property 'scheduleInfo'.");
  const { startDateTime, expiration = { type: 'noExpiration' } } = value as Record<string, unknown>;
  const startMs = typeof startDateTime === 'string' ? Date.parse(startDateTime) : nowMs;
  const { type, duration, endDateTime } = (expiration ?? {}) as Record<string, unknown>;
  if (Number.isNaN(startMs)) throw badRequest("Invalid value for 'startDateTime'.");
  const begins = graphTime(Math.max(startMs, nowMs));
  if (type === 'noExpiration') return { startDateTime: begins, endDateTime: null };
  if (type === 'afterDateTime' && typeof endDateTime === 'string' && !Number.isNaN(Date.parse(endDateTime))) {
    return { startDateTime: begins, endDateTime: graphTime(Date.parse(endDateTime)) };
  }
  const lengthMs = type === 'afterDuration' && typeof duration === 'string' ? parseDurationMs(duration) : null;
  if (lengthMs === null) throw badRequest("Invalid value for 'expiration'.");
  return { startDateTime: begins, endDateTime: graphTime(Math.max(startMs, nowMs) + lengthMs) };
}
