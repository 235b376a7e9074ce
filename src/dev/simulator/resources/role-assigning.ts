/** Giving and taking roles: the rows of unified assignments, mirrored as members of activated directory roles. */

import { stableId } from '../seed/stable-id.ts';
import type { Row } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { findBuiltInRole } from './role-templates.ts';

export interface RoleAssignment {
  readonly id: string;
  readonly roleDefinitionId: string;
  readonly principalId: string;
  /** `/`, `/administrativeUnits/{id}`, or `/{id}` of an application. */
  readonly directoryScopeId: string;
  /** Absent or null: from the beginning, and for good. */
  readonly startDateTime?: string | null;
  readonly endDateTime?: string | null;
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
  const row = { ...assignment };
  tenant.put('roleAssignment', assignment.id, row);
  if (hasBegun(tenant, row)) mirror(tenant, row);
}

/** A built-in role of the whole tenant shows as membership of its directory role. */
export function mirror(tenant: Tenant, row: Row): void {
  if (row.directoryScopeId !== '/' || findBuiltInRole(String(row.roleDefinitionId)) === undefined) return;
  const role = activateRole(tenant, String(row.roleDefinitionId));
  const principal = String(row.principalId);
  if (!tenant.targets('members', role).has(principal)) tenant.link('members', role, principal);
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

/** Live assignments: those of binned principals and scopes sleep with them. */
export function liveRows(tenant: Tenant, table: 'roleAssignment' | 'roleEligibility'): readonly Row[] {
  return [...tenant.rows(table).values()].filter((row) => {
    const scope = scopeIdOf(row.directoryScopeId);
    return (
      tenant.live(String(row.principalId)) !== undefined && (scope === undefined || tenant.live(scope) !== undefined)
    );
  });
}

/** Live assignments that hold now; those to come are schedules only. */
export const activeRows = (tenant: Tenant): readonly Row[] =>
  liveRows(tenant, 'roleAssignment').filter((row) => hasBegun(tenant, row));

/** Whether a row by schedule holds by now. */
export const hasBegun = (tenant: Tenant, { startDateTime: start }: Row): boolean =>
  typeof start !== 'string' || Date.parse(start) <= tenant.clock.nowMs();

/** The object a scope names: a unit or an application; undefined for the whole tenant. */
export const scopeIdOf = (directoryScopeId: unknown): string | undefined =>
  /^\/(?:administrativeUnits\/)?(.+)$/i.exec(String(directoryScopeId))?.[1]?.toLowerCase();
