/** The roles that protect a cloud user from being taken over by sync (graph-facts 6, since 2026-07-01). */

import { findBuiltInRole } from '../resources/role-templates.ts';
import type { Tenant } from '../tenant/tenant.ts';

/** Built-in roles with the `Privileged` label (E:identity/role-based-access-control/permissions-reference, 2026-07-17). */
const privileged: ReadonlySet<string> = new Set([
  'Agent ID Administrator',
  'AI Administrator',
  'AI Reader',
  'Application Administrator',
  'Application Developer',
  'Attribute Provisioning Administrator',
  'Attribute Provisioning Reader',
  'Authentication Administrator',
  'Authentication Extensibility Administrator',
  'Authentication Extensibility Password Administrator',
  'B2C IEF Keyset Administrator',
  'Cloud Application Administrator',
  'Cloud Device Administrator',
  'Conditional Access Administrator',
  'Directory Writers',
  'Domain Name Administrator',
  'Entra SOC Identity Responder',
  'External Identity Provider Administrator',
  'Global Administrator',
  'Global Reader',
  'Helpdesk Administrator',
  'Hybrid Identity Administrator',
  'Identity Governance Administrator',
  'Intune Administrator',
  'Lifecycle Workflows Administrator',
  'Partner Tier1 Support',
  'Partner Tier2 Support',
  'Password Administrator',
  'Privileged Authentication Administrator',
  'Privileged Role Administrator',
  'Security Administrator',
  'Security Operator',
  'Security Reader',
  'User Administrator',
]);

/** Whether a user is assigned to, or eligible for, a privileged role, himself or through a group; custom roles count [inf]. */
export function holdsPrivilegedRole(tenant: Tenant, userId: string): boolean {
  const principals = new Set([userId, ...tenant.sources('members', userId)]);
  for (const table of ['roleAssignment', 'roleEligibility'] as const) {
    for (const { principalId, roleDefinitionId } of tenant.rows(table).values()) {
      if (!principals.has(String(principalId))) continue;
      const role = findBuiltInRole(String(roleDefinitionId));
      if (role === undefined || privileged.has(role.displayName)) return true;
    }
  }
  return false;
}
