/** Everything below `/_control`, over one running simulation. */
import { createActiveDirectory } from '../on-premises/active-directory.ts';
import { findBuiltInRole } from '../resources/role-templates.ts';
import { graphType } from '../schema/schema.ts';
import type { Simulation } from '../simulation.ts';
import { onPremisesDoors } from './on-premises-doors.ts';
import { type Control, createRouter } from './router.ts';
import { tenantDoors } from './tenant-doors.ts';
import { createControlledTenant } from './tenant-writes.ts';
import { trafficDoors } from './traffic-doors.ts';

/** The doors of a simulation. Requests to them are never counted, delayed, throttled or faulted. */
export function createControl(simulation: Simulation): Control {
  const { tenant, stats, order, faults } = simulation;
  const controlled = createControlledTenant(simulation);
  const directory = createActiveDirectory(tenant);
  return createRouter([
    ...trafficDoors({
      stats,
      order,
      faults,
      clock: { nowMs: () => tenant.clock.nowMs(), setMs: simulation.setClock },
      isRole: (name) =>
        findBuiltInRole(name) !== undefined || tenant.row('roleDefinition', name.toLowerCase()) !== undefined,
      settings: { read: simulation.settings, write: simulation.writeSettings },
    }),
    ...tenantDoors({ tenant: controlled, stats, order, faults }),
    ...onPremisesDoors({
      tenant: controlled,
      directory,
      settings: simulation.settings,
      now: () => tenant.clock.now(),
      isUserProperty: (name) => graphType('user').properties.has(name),
      write: (change) => tenant.transact(change),
    }),
  ]);
}
