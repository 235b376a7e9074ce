/** The running parts that a request meets: the tenant, its settings, quotas, faults and counters. */
import { createFaultScript, type FaultScript } from './faults.ts';
import { createOrderKeeper, type OrderKeeper } from './quota/order.ts';
import { createStatsCounter, type StatsCounter } from './quota/stats.ts';
import { createThrottle, type Throttle } from './quota/throttle.ts';
import { createBinKeeper } from './resources/bin.ts';
import { createScheduleKeeper } from './resources/schedule-keeper.ts';
import { defaultSettings, type Settings } from './settings.ts';
import { appClientId, tenantIdOf } from './tenant/organization.ts';
import type { Tenant } from './tenant/tenant.ts';

export interface Simulation {
  readonly tenant: Tenant;
  readonly stats: StatsCounter;
  readonly order: OrderKeeper;
  readonly faults: FaultScript;
  settings(): Settings;
  writeSettings(settings: Settings): void;
  /** Buckets of the throttling that is set; new and full whenever that setting changes. */
  throttle(): Throttle;
  /** Empties the bin of what has been there for thirty days, begins and ends what is held by schedule; called before every request. */
  purgeDue(): void;
  /** Sets the tenant's time; it ticks on from there. */
  setClock(nowMs: number): void;
  /** Writes the whole tenant to disk anew: after `tenant.fill`, which journals nothing. */
  keep(): void;
}

/** Puts the parts together over a tenant, whose rows hold settings and clock. */
export function createSimulation(tenant: Tenant, keep: () => void): Simulation {
  const faults = createFaultScript();
  const stats = createStatsCounter();
  const order = createOrderKeeper();
  const bin = createBinKeeper();
  const schedules = createScheduleKeeper();
  let settingsRow: unknown;
  let settings = defaultSettings();
  let throttleKey = '';
  let throttle: Throttle | null = null;
  const readSettings = (): Settings => {
    const row = tenant.row('settings', 'current');
    if (row !== settingsRow) {
      settingsRow = row;
      settings = row === undefined ? defaultSettings() : { ...defaultSettings(), ...(row as Partial<Settings>) };
    }
    return settings;
  };
  tenant.clock.setOffsetMs(Number(tenant.row('clock', 'current')?.offsetMs ?? 0));
  return {
    tenant,
    stats,
    order,
    faults,
    settings: readSettings,
    writeSettings: (next) => tenant.transact(() => tenant.put('settings', 'current', { ...next })),
    throttle: () => {
      const { throttling, decimalRetryAfter } = readSettings();
      const key = JSON.stringify([throttling, decimalRetryAfter]);
      if (throttle === null || key !== throttleKey) {
        throttle = createThrottle({
          throttling,
          decimalRetryAfter,
          appId: appClientId,
          tenantId: tenantIdOf(tenant),
        });
        throttleKey = key;
      }
      return throttle;
    },
    purgeDue: () => {
      bin.purgeDue({ tenant, settings: readSettings() });
      schedules.settleDue(tenant);
    },
    setClock: (nowMs) => {
      bin.reconsider();
      const offsetMs = tenant.clock.offsetMs() + nowMs - tenant.clock.nowMs();
      tenant.clock.setOffsetMs(offsetMs);
      tenant.transact(() => tenant.put('clock', 'current', { offsetMs }));
    },
    keep,
  };
}
