/** How many objects a tenant may hold: what is in the bin counts in full while it can be restored (graph-facts 1.2). */
import { tenantFull } from '../errors.ts';
import type { View } from './lookup.ts';

/** Refuses one more object when the tenant is full. Throws 403 `Directory_QuotaExceeded`. */
export function requireRoom({ tenant, settings }: View): void {
  let held = 0;
  for (const type of tenant.types()) held += tenant.ofType(type).length;
  if (held >= settings.objectQuota) throw tenantFull();
}
