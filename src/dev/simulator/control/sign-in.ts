/** Whether a password works, and how a password set from outside is kept. */
import type { Tenant } from '../tenant/tenant.ts';

/** Keeps a password; inside `tenant.transact`. */
export function storePassword(tenant: Tenant, userId: string, password: string, mustChange: boolean): void {
  tenant.put('password', userId, { password, mustChange });
}

/** A password works while the user lives, is enabled, and it is his. */
export function checkSignIn(
  tenant: Tenant,
  userPrincipalName: string,
  password: string,
): { accepted: boolean; mustChangePassword: boolean } {
  const [id] = tenant.holders('userPrincipalName', userPrincipalName);
  const user = id === undefined ? undefined : tenant.live(id);
  const row = user === undefined ? undefined : tenant.row('password', user.id);
  const accepted = user?.properties.accountEnabled !== false && row !== undefined && row.password === password;
  return { accepted, mustChangePassword: accepted && row?.mustChange === true };
}
