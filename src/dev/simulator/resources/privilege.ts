/** How protected an object is: the roles a user holds, and role-assignable groups (graph-facts 4.2). */
import { denied } from '../errors.ts';

import type { Call } from '../request.ts';
import type { RouteMatch } from '../router.ts';
import { mayActOn, maySetPassword, type Protection } from '../sensitive-actions.ts';
import type { Entity } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { findBuiltInRole } from './role-templates.ts';

/** Writes that a role-assignable group guards: itself, its members and owners, and its creation, in a unit too. */
const guarded = /^\/groups(\/\{id\})?(\/(members|owners)(\/.*)?)?$|\/administrativeUnits\/\{id\}\/members$/;

/** Whether a call writes a role-assignable group, its members or owners, or creates one. */
export function concernsRoleAssignableGroup(tenant: Tenant, match: RouteMatch, body: unknown): boolean {
  if (match.route.method === 'GET' || !guarded.test(match.template)) return false;
  const asked = typeof body === 'object' && body !== null && 'isAssignableToRole' in body && body.isAssignableToRole;
  const key = match.params[0] ?? '';
  const [named] = tenant.holders('uniqueName', key.replace(/^uniqueName=/, ''));
  const group = tenant.get(named ?? key.toLowerCase());
  return asked === true || group?.properties.isAssignableToRole === true;
}

/** The role-assignable groups a user is in, live ones. */
function roleGroupsOf(tenant: Tenant, userId: string, relation: 'members' | 'owners'): readonly string[] {
  return [...tenant.sources(relation, userId)].filter((id) => tenant.live(id)?.properties.isAssignableToRole === true);
}

/** How protected a user is by active and eligible roles, his own and those of his role-assignable groups. */
export function protectionOf(tenant: Tenant, userId: string): Protection {
  const groups = roleGroupsOf(tenant, userId, 'members');
  if (groups.length > 0 || roleGroupsOf(tenant, userId, 'owners').length > 0) return 'full';
  const held: string[] = [];
  for (const table of ['roleAssignment', 'roleEligibility'] as const) {
    for (const { principalId, roleDefinitionId, directoryScopeId } of tenant.rows(table).values()) {
      if (principalId !== userId) continue;
      const unit = /^\/administrativeUnits\/(.+)$/.exec(String(directoryScopeId))?.[1];
      const restricted = unit !== undefined && tenant.get(unit)?.properties.isMemberManagementRestricted === true;
      if (restricted || findBuiltInRole(String(roleDefinitionId)) === undefined) return 'full';
      held.push(String(roleDefinitionId));
    }
  }
  return held;
}

/** Template ids of the app's directory roles; settings may name them by display name. */
export function appRoles(call: Pick<Call, 'settings'>): readonly string[] {
  return call.settings.directoryRoles.map((role) => findBuiltInRole(role)?.id ?? role.toLowerCase());
}

/** Refuses a sensitive action on a user whom the app's own roles do not cover (graph-facts 4.2). Throws 403. */
export function requireAuthorityOver(call: Call, user: Entity): void {
  if (call.caller === 'outside') return;
  if (!mayActOn(appRoles(call), protectionOf(call.tenant, user.id))) throw denied();
}

/** Changing a password needs User Administrator or higher besides the permission. Throws 403. */
export function requirePasswordAuthority(call: Call): void {
  if (call.caller === 'app' && !maySetPassword(appRoles(call))) throw denied();
}
