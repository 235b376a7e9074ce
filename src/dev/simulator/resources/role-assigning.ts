/** Giving and taking roles: the rows of unified assignments, mirrored as members of activated directory roles. */

import { stableId } from '../seed/stable-id.ts';
import type { Row } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { findBuiltInRole } from './role-templates.ts';

export interface RoleAssignment {
  readonly id: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
  /** `/` or `/administrativeUnits/{id}`. */
  readonly directoryScopeId: string;
}

/** The directory role of a template, activated when it was not. Inside a transaction or a fill. */
export function activateRole(tenant: Tenant, templateId: string): string {
  const template = findBuiltInRole(templateId);
  if (template === undefined) throw new RangeError(`no role template ${templateId}`);
  const id = stableId(`directoryRole ${template.id}`);
  if (tenant.get(id) === undefined) {
    const { displayName } = template;
    tenant.create('directoryRole', id, {
      roleTemplateId: template.id,
      displayName,
      description: describeRole(displayName),
    });
  }
  return id;
}

export const describeRole = (displayName: string): string => `Microsoft Entra built-in role: ${displayName}.`;

/** Adds an assignment; nothing is checked. Inside a transaction or a fill. */
export function assignRole(tenant: Tenant, assignment: RoleAssignment): void {
  tenant.put('roleAssignment', assignment.id, { ...assignment });
  if (assignment.directoryScopeId !== '/' || findBuiltInRole(assignment.roleDefinitionId) === undefined) return;
  const role = activateRole(tenant, assignment.roleDefinitionId);
  if (!tenant.targets('members', role).has(assignment.principalId))
    tenant.link('members', role, assignment.principalId);
}

/** Removes an assignment. Inside a transaction. */
export function unassignRole(tenant: Tenant, id: string): void {
  const row = tenant.row('roleAssignment', id);
  if (row === undefined) return;
  tenant.remove('roleAssignment', id);
  if (row.directoryScopeId !== '/' || findBuiltInRole(String(row.roleDefinitionId)) === undefined) return;
  const role = stableId(`directoryRole ${String(row.roleDefinitionId)}`);
  const principal = String(row.principalId);
  if (tenant.targets('members', role).has(principal)) tenant.unlink('members', role, principal);
}

/** Live assignments: those of binned principals and units sleep with them. */
export function liveRows(tenant: Tenant, table: 'roleAssignment' | 'roleEligibility'): readonly Row[] {
  return [...tenant.rows(table).values()].filter((row) => {
    const unit = /^\/administrativeUnits\/(.+)$/.exec(String(row.directoryScopeId))?.[1];
    return (
      tenant.live(String(row.principalId)) !== undefined && (unit === undefined || tenant.live(unit) !== undefined)
    );
  });
}
