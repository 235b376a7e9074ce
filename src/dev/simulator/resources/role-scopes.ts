/** Where a role may hold beside the whole tenant, and how many assignments one principal may have (graph-facts 1.2, 4.4). */
import { badRequest, notFound, quotaExceeded } from '../errors.ts';
import type { Call } from '../request.ts';
import type { Row } from '../tenant/entity.ts';
import { isReplicated } from './lookup.ts';
import { type RoleAssignment, scopeIdOf } from './role-assigning.ts';
import { findBuiltInRole } from './role-templates.ts';

const mostLimited = 100;
const mostCustom = 150;

/** What one principal may hold: built-in roles below the whole tenant, custom ones anywhere (graph-facts 1.2). Throws 403. */
export function requireFewAssignments(held: readonly Row[], wanted: Omit<RoleAssignment, 'id'>): void {
  const isCustom = (row: Row): boolean => findBuiltInRole(String(row.roleDefinitionId)) === undefined;
  const isLimited = (row: Row): boolean => !isCustom(row) && row.directoryScopeId !== '/';
  for (const [counts, most] of [
    [isLimited, mostLimited],
    [isCustom, mostCustom],
  ] as const) {
    const count = held.filter(counts).length + 1;
    if (counts({ ...wanted }) && count > most) throw quotaExceeded(count, most, 'roleAssignments');
  }
}

/** Built-in roles that may be limited to a unit, or to an application (E:role-based-access-control/manage-roles-portal). */
const unitRoles = rolesNamed(
  'Attribute Assignment Administrator',
  'Attribute Assignment Reader',
  'Authentication Administrator',
  'Cloud Device Administrator',
  'Groups Administrator',
  'Helpdesk Administrator',
  'License Administrator',
  'Password Administrator',
  'Printer Administrator',
  'Privileged Authentication Administrator',
  'SharePoint Administrator',
  'Teams Administrator',
  'Teams Devices Administrator',
  'User Administrator',
);
const applicationRoles = rolesNamed('Application Administrator', 'Cloud Application Administrator');

function rolesNamed(...names: readonly string[]): ReadonlySet<string> {
  return new Set(names.map((name) => findBuiltInRole(name)?.id ?? ''));
}

/** The scope in its canonical form. Throws 404 when it is not there, 400 for a built-in role that cannot be limited to it. */
export function readScope(call: Call, scope: string, definition: Row): string {
  if (scope === '/') return scope;
  const inUnit = /^\/administrativeUnits\//i.test(scope);
  const id = scopeIdOf(scope) ?? '';
  const held = call.tenant.live(id);
  const fits = inUnit ? held?.type === 'administrativeUnit' : held?.type === 'application';
  if (held === undefined || !fits || !isReplicated(call, held)) throw notFound(id);
  if (definition.isBuiltIn === true && !(inUnit ? unitRoles : applicationRoles).has(String(definition.id))) {
    throw badRequest('The given built-in role is not supported to be assigned to a single resource scope.');
  }
  return inUnit ? `/administrativeUnits/${id}` : `/${id}`;
}
