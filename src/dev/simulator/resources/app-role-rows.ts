/** App role assignments as reads show them: those whose ends are both live, under the names these have now. */
import type { Row } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';

export function assignmentsOf(tenant: Tenant, id: string, end: 'principalId' | 'resourceId'): readonly Row[] {
  return [...tenant.rows('appRoleAssignment').values()]
    .filter((row) => row[end] === id && tenant.live(String(row.principalId)) && tenant.live(String(row.resourceId)))
    .map((row) => ({
      deletedDateTime: null,
      ...row,
      principalDisplayName: tenant.live(String(row.principalId))?.properties.displayName ?? null,
      resourceDisplayName: tenant.live(String(row.resourceId))?.properties.displayName ?? null,
    }));
}
