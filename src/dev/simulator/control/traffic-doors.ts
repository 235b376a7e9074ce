/** The doors that need no tenant: clock, stats, faults, settings. */
import { z } from 'zod';
import { type FaultScript, faultListShape } from '../faults.ts';
import type { OrderKeeper } from '../quota/order.ts';
import type { StatsCounter } from '../quota/stats.ts';
import { mergeSettings, type Settings } from '../settings.ts';
import { type Door, DoorError, ok, parseBody } from './door.ts';
import { parseDurationMs } from './duration.ts';

export interface Traffic {
  /** The tenant's time in milliseconds, and the way to set it. */
  readonly clock: { nowMs(): number; setMs(nowMs: number): void };
  readonly stats: StatsCounter;
  readonly order: OrderKeeper;
  readonly faults: FaultScript;
  readonly settings: { read(): Settings; write(settings: Settings): void };
  /** Whether a directory role is called so, by display name or template id. */
  readonly isRole: (name: string) => boolean;
}

const clockShape = z.union([
  z.strictObject({ now: z.iso.datetime({ offset: true }) }),
  z.strictObject({ advance: z.string() }),
]);

/** Makes the doors over the running simulator's parts. */
export function trafficDoors({ clock, stats, order, faults, settings, isRole }: Traffic): readonly Door[] {
  const now = () => ok({ now: new Date(clock.nowMs()).toISOString() });
  return [
    { method: 'GET', path: '/clock', answer: now },
    {
      method: 'POST',
      path: '/clock',
      answer: ({ body }) => {
        const change = parseBody(clockShape, body);
        clock.setMs('now' in change ? Date.parse(change.now) : clock.nowMs() + durationMs(change.advance));
        return now();
      },
    },
    { method: 'GET', path: '/stats', answer: () => ok(stats.read()) },
    { method: 'GET', path: '/stats/order', answer: () => ok(order.read()) },
    {
      method: 'DELETE',
      path: '/stats',
      answer: () => {
        stats.clear();
        order.clear();
        return ok();
      },
    },
    { method: 'GET', path: '/faults', answer: () => ok([...faults.list()]) },
    {
      method: 'POST',
      path: '/faults',
      answer: ({ body }) => {
        faults.add(parseBody(faultListShape, body));
        return ok([...faults.list()]);
      },
    },
    {
      method: 'DELETE',
      path: '/faults',
      answer: () => {
        faults.clear();
        return ok();
      },
    },
    { method: 'GET', path: '/settings', answer: () => ok(settings.read()) },
    {
      method: 'POST',
      path: '/settings',
      answer: ({ body }) => {
        const result = mergeSettings(settings.read(), body);
        if ('problem' in result) throw new DoorError(400, result.problem);
        const unknown = result.settings.directoryRoles.find((role) => !isRole(role));
        if (unknown !== undefined) throw new DoorError(400, `directoryRoles: there is no role ${unknown}`);
        settings.write(result.settings);
        return ok(settings.read());
      },
    },
  ];
}

function durationMs(text: string): number {
  const ms = parseDurationMs(text);
  if (ms === null)
    throw new DoorError(400, `advance: ${text} is no duration of weeks, days, hours, minutes or seconds.`);
  return ms;
}
