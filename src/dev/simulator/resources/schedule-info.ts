/** `scheduleInfo` of a role request: when it begins, and whether and when it ends. */
import { parseDurationMs } from '../control/duration.ts';
import { badRequest } from '../errors.ts';
import { graphTime } from '../tenant/clock.ts';

export interface Schedule {
  readonly startDateTime: string;
  readonly endDateTime: string | null;
  /** As asked for, and as the request shows it. */
  readonly expiration: Readonly<Record<'type' | 'endDateTime' | 'duration', string | null>>;
}

/**
 * Reads `{startDateTime, expiration:{type, duration?, endDateTime?}}`; the names of types go by letters, not by case. What
 * should have begun begins now. Throws 400.
 */
export function parseSchedule(value: unknown, nowMs: number): Schedule {
  if (typeof value !== 'object' || value === null) throw badRequest("A value is required for property 'scheduleInfo'.");
  const { startDateTime, expiration, recurrence } = value as Record<string, unknown>;
  if (recurrence !== undefined && recurrence !== null) throw badRequest('Recurring schedules are not supported.');
  const given = (expiration ?? { type: 'noExpiration' }) as Record<string, unknown>;
  const startMs = typeof startDateTime === 'string' ? Date.parse(startDateTime) : nowMs;
  if (Number.isNaN(startMs)) throw badRequest("Invalid value for 'startDateTime'.");
  const beginsMs = Math.max(startMs, nowMs);
  const begins = graphTime(beginsMs);
  const type = String(given.type).toLowerCase();
  if (type === 'noexpiration') {
    return {
      startDateTime: begins,
      endDateTime: null,
      expiration: { type: 'noExpiration', endDateTime: null, duration: null },
    };
  }
  const endMs = type === 'afterdatetime' ? Date.parse(String(given.endDateTime)) : beginsMs + lengthOf(given, type);
  if (Number.isNaN(endMs) || endMs <= beginsMs) throw badRequest("Invalid value for 'expiration'.");
  const ends = graphTime(endMs);
  return {
    startDateTime: begins,
    endDateTime: ends,
    expiration:
      type === 'afterdatetime'
        ? { type: 'afterDateTime', endDateTime: ends, duration: null }
        : { type: 'afterDuration', endDateTime: null, duration: String(given.duration) },
  };
}

function lengthOf({ duration }: Readonly<Record<string, unknown>>, type: string): number {
  const lengthMs = typeof duration === 'string' ? parseDurationMs(duration) : null;
  return type === 'afterduration' && lengthMs !== null ? lengthMs : Number.NaN;
}
