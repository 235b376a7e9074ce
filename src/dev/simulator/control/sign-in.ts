/** Passwords as the tenant keeps them: a digest, and whether the next sign-in must change it. */
import { createHash } from 'node:crypto';
import type { Tenant } from '../tenant/tenant.ts';

/** Keeps a password; inside `tenant.transact`. The user's id salts the digest, so equal tenants stay equal. */
export function storePassword(tenant: Tenant, userId: string, password: string, mustChange: boolean): void {
  tenant.put('password', userId, { digest: digestOf(userId, password), forceChangePasswordNextSignIn: mustChange });
}

/** Whether a password works now: the user lives, is enabled, and it is his. */
export function checkSignIn(
  tenant: Tenant,
  userPrincipalName: string,
  password: string,
): { accepted: boolean; mustChangePassword: boolean } {
  const [id] = tenant.holders('userPrincipalName', userPrincipalName);
  const user = id === undefined ? undefined : tenant.live(id);
  const row = user === undefined ? undefined : tenant.row('password', user.id);
  const accepted =
    user !== undefined && user.properties.accountEnabled !== false && row?.digest === digestOf(user.id, password);
  return { accepted, mustChangePassword: accepted && row?.forceChangePasswordNextSignIn === true };
}

function digestOf(userId: string, password: string): string {
  return createHash('sha256').update(`${userId}:${password}`).digest('base64');
}
