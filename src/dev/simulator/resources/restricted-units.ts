/**
 * Units with restricted management: only roles scoped to them may change their members, whatever roles and permissions
 * an app has in the whole tenant (graph-facts 4.2; E:role-based-access-control/admin-units-restricted-management).
 */
import { denied } from '../errors.ts';
import type { Call } from '../request.ts';
import { appClientId } from '../tenant/organization.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** The live units with restricted management that an object is a member of. */
function restrictedUnitsOf(tenant: Tenant, id: string): readonly string[] {
  return [...tenant.sources('members', id)].filter(
    (source) => tenant.live(source)?.properties.isMemberManagementRestricted === true,
  );
}

/** Whether an object is a member of a unit with restricted management. */
export function isManagementRestricted(tenant: Tenant, id: string): boolean {
  return restrictedUnitsOf(tenant, id).length > 0;
}

/** Refuses a change by the app, unless a role of it is scoped to a restricted unit of the object. Throws 403. */
export function requireUnrestricted(call: Call, id: string): void {
  if (call.caller !== 'app') return;
  const units = restrictedUnitsOf(call.tenant, id);
  if (units.length > 0 && !units.some((unit) => holdsRoleIn(call.tenant, unit))) throw denied();
}

/** Whether the app's service principal (by its `appId`) has a role whose scope is this unit. */
function holdsRoleIn(tenant: Tenant, unit: string): boolean {
  return [...tenant.rows('roleAssignment').values()].some(
    ({ principalId, directoryScopeId }) =>
      directoryScopeId === `/administrativeUnits/${unit}` &&
      tenant.live(String(principalId))?.properties.appId === appClientId,
  );
}
