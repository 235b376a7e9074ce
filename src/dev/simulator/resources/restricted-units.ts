/** Units with restricted management: only roles scoped to them may change their members (graph-facts 4.2). */
import { denied } from '../errors.ts';
import type { Call } from '../request.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** Whether an object is a member of a unit with restricted management. */
export function isManagementRestricted(tenant: Tenant, id: string): boolean {
  for (const source of tenant.sources('members', id)) {
    if (tenant.live(source)?.properties.isMemberManagementRestricted === true) return true;
  }
  return false;
}

/** Refuses a change by the app, whose roles are those of the whole tenant. Throws 403. */
export function requireUnrestricted(call: Call, id: string): void {
  if (call.caller === 'app' && isManagementRestricted(call.tenant, id)) throw denied();
}
