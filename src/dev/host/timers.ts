/** Timer triggers: NCRONTAB (five or six fields) or `hh:mm:ss`, `%SETTING%` resolved, as strict as Azure. Machine time, UTC. */
import { Cron } from 'croner';
import type { Clock } from '../../clock.ts';
import type { RegisteredFunction, TypedData } from './core-module.ts';
import type { Invoke } from './invoke.ts';
import type { Log } from './log.ts';
import { StartError } from './start-error.ts';

export interface TimerServices {
  readonly invoke: Invoke;
  readonly log: Log;
  readonly clock: Clock;
  readonly durableClient: () => TypedData;
}

export interface Timers {
  /** Fires one by hand; false when no timer has that name. The run itself goes on by itself. */
  fire(name: string): boolean;
  stop(): void;
}

/** Checks every schedule, also when `firing` is false; then only `fire` runs them. Throws StartError on a schedule Azure would refuse. */
export function startTimers(all: Iterable<RegisteredFunction>, firing: boolean, services: TimerServices): Timers {
  const timers = [...all].filter((fn) => fn.triggerType === 'timertrigger');
  const stops: (() => void)[] = [];
  for (const fn of timers) {
    const run = () => void runTimer(fn, services);
    const start = scheduleOf(fn, run);
    if (!firing) continue;
    stops.push(start());
    if (fn.trigger.runOnStartup === true) run();
  }
  return {
    fire(name) {
      const fn = timers.find((timer) => timer.name.toLowerCase() === name.toLowerCase());
      if (fn !== undefined) void runTimer(fn, services);
      return fn !== undefined;
    },
    stop: () => {
      for (const stop of stops) stop();
    },
  };
}

async function runTimer(fn: RegisteredFunction, { invoke, log, clock, durableClient }: TimerServices): Promise<void> {
  const now = clock().toISOString();
  const json = JSON.stringify({
    Schedule: { AdjustForDST: true },
    ScheduleStatus: { Last: now, Next: now, LastUpdated: now },
    IsPastDue: false,
  });
  try {
    await invoke(fn, { trigger: { json }, durableClient: durableClient() });
  } catch (error) {
    log.error({ fn: fn.name, err: error }, 'timer failed');
  }
}

/** One comma list of numbers, names, ranges and steps: croner knows more, Azure does not. */
const field = /^(\*|\w{1,3}(-\w{1,3})?)(\/\d+)?(,(\*|\w{1,3}(-\w{1,3})?)(\/\d+)?)*$/;

/** Checks the schedule and gives back what starts it; that gives back what stops it. */
function scheduleOf(fn: RegisteredFunction, run: () => void): () => () => void {
  const written = String(fn.trigger.schedule ?? '');
  const schedule = written.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = process.env[name];
    if (value === undefined)
      throw new StartError(`Timer '${fn.name}': the setting ${name} of its schedule is not set.`);
    return value;
  });
  const span = /^(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})$/.exec(schedule.trim());
  if (span !== null) {
    const [days = 0, hours = 0, minutes = 0, seconds = 0] = span.slice(1).map((part) => Number(part ?? 0));
    const ms = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
    if (ms === 0 || ms > 2 ** 31 - 1) throw refused(fn, schedule);
    return () => {
      const timer = setInterval(run, ms);
      return () => clearInterval(timer);
    };
  }
  const fields = schedule.trim().split(/\s+/);
  const strict = fields.every((part) => field.test(part)) && (fields.length === 5 || fields.length === 6);
  if (!strict || /[7]/.test(fields.at(-1) ?? '') || fields.some((part) => /\b[LW]\b/i.test(part)))
    throw refused(fn, schedule);
  // NCRONTAB wants day of month AND day of week.
  const make = (paused: boolean) => new Cron(schedule.trim(), { timezone: 'UTC', domAndDow: true, paused }, run);
  try {
    make(true).stop();
  } catch {
    throw refused(fn, schedule);
  }
  return () => {
    const cron = make(false);
    return () => cron.stop();
  };
}

function refused(fn: RegisteredFunction, schedule: string): StartError {
  return new StartError(`Timer '${fn.name}': '${schedule}' is no schedule Azure would take (NCRONTAB or hh:mm:ss).`);
}
