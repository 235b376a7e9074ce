/** Into the bin, out of it, and gone for good, as the store keeps it (graph-facts 5). */
import type { LifeCycle } from '../on-premises/tenant-target.ts';
import type { Entity } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { storePassword } from './sign-in.ts';

/** Bin and restore for the sync cycle; inside `tenant.transact`. */
export function lifeCycleOf(tenant: Tenant): LifeCycle {
  return {
    bin: (id) => {
      tenant.update(id, { userPrincipalName: `${prefixOf(id)}${nameOf(tenant, id)}` });
      tenant.bin(id, tenant.clock.now());
    },
    restore: (id) => {
      const name = nameOf(tenant, id);
      const prefix = prefixOf(id);
      tenant.bin(id, null);
      if (name.startsWith(prefix)) tenant.update(id, { userPrincipalName: name.slice(prefix.length) });
    },
    setPassword: (id, password) => storePassword(tenant, id, password, false),
  };
}

/** A deleted user's name begins with its id without dashes, so that the name is free (graph-facts 5). */
function prefixOf(id: string): string {
  return id.replaceAll('-', '');
}

function nameOf(tenant: Tenant, id: string): string {
  return String(tenant.get(id)?.properties.userPrincipalName ?? '');
}

/** Removes an object with its links and everything kept beside it. */
export function destroyObject(tenant: Tenant, { id }: Entity): void {
  for (const table of ['photo', 'password', 'mailboxSettings'] as const) tenant.remove(table, id);
  for (const key of [...tenant.rows('authenticationMethod').keys()]) {
    if (key.startsWith(`${id}/`)) tenant.remove('authenticationMethod', key);
  }
  for (const table of ['roleAssignment', 'roleEligibility', 'appRoleAssignment', 'oauth2PermissionGrant'] as const) {
    for (const [key, row] of [...tenant.rows(table)]) {
      const concerned = [row.principalId, row.resourceId, row.clientId].includes(id);
      if (concerned || String(row.directoryScopeId ?? '').endsWith(id)) tenant.remove(table, key);
    }
  }
  tenant.drop(id);
}
