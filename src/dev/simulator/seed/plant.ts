/** Fills the tenant of a simulation with a seed, by the names that the command line has for them. */
import type { Simulation } from '../simulation.ts';
import { companySize, seedCompany } from './company.ts';
import { seedDemo } from './demo/seed-demo.ts';
import type { SeedSink } from './sink.ts';
import { createTenantSink } from './tenant-sink.ts';

/** The seed called `demo`, `empty`, or by a number of users; null when nothing is called so. */
export function findSeed(name: string): ((sink: SeedSink) => void) | null {
  if (name === 'demo') return seedDemo;
  if (name === 'empty') return () => undefined;
  if (!/^\d{1,7}$/.test(name)) return null;
  const size = companySize({ users: Number(name) });
  return (sink) => seedCompany(sink, size);
}

/** Replaces the tenant and writes it to disk; settings but for the SKUs, and the clock, stay. */
export function plantSeed(simulation: Simulation, seed: (sink: SeedSink) => void): void {
  const { tenant } = simulation;
  const settings = simulation.settings();
  const clock = tenant.row('clock', 'current');
  let { skus } = settings;
  tenant.clear();
  tenant.fill(() => {
    const sink = createTenantSink(tenant, (bought) => {
      // SKUs that somebody set before stay, so that a test may bring its own.
      const own = new Set(bought.map((sku) => sku.skuId));
      skus = [...settings.skus.filter((sku) => !own.has(sku.skuId)), ...bought];
    });
    seed(sink);
    sink.finish();
    tenant.put('settings', 'current', { ...settings, skus });
    if (clock !== undefined) tenant.put('clock', 'current', clock);
  });
  simulation.keep();
}
