/**
 * Which user of the tenant an on-premises account is, by graph-facts 6 and the troubleshooting page of Connect Sync: hard
 * match on the anchor, then soft match on the user principal name or primary address, else nobody.
 */
import type { Account, Properties } from './active-directory.ts';

import type { SyncErrorCode, SyncRules, SyncTarget, SyncUser } from './target.ts';

export type Match =
  | { readonly kind: 'connected' | 'hard' | 'soft'; readonly user: SyncUser }
  | { readonly kind: 'new' }
  | MatchError
  /** Its source of authority is the cloud: sync leaves it alone. */
  | { readonly kind: 'none' };
export interface MatchError {
  readonly kind: 'error';
  readonly code: SyncErrorCode;
  readonly message: string;
}

/** Finds the user an account stands for; the anchor goes before every name. */
export function matchAccount(account: Account, target: SyncTarget, rules: SyncRules): Match {
  const sameAnchor = target.usersByAnchor(account.anchor);
  const anchored = sameAnchor.find((user) => !user.binned) ?? sameAnchor[0];
  if (anchored !== undefined) return matchAnchored(anchored, rules);
  const name = textOf(account.properties.userPrincipalName);
  const address = primaryAddress(account.properties);
  const candidate =
    (name === null ? null : target.liveUserByName(name)) ??
    (address === null ? null : target.liveUserByPrimaryAddress(address));
  return candidate === null ? { kind: 'new' } : softMatch(candidate, account, rules);
}

function matchAnchored(user: SyncUser, rules: SyncRules): Match {
  if (user.cloudManaged) return { kind: 'none' };
  const synced = user.properties.onPremisesSyncEnabled === true;
  if (synced && !user.binned) return { kind: 'connected', user };
  // Since 2026-07-01 a privileged user is protected in the bin too, synced or not.
  if (user.privileged) {
    return error('InvalidHardMatch', 'The cloud user with privileged roles is not allowed to be taken over. (103)');
  }
  // The feature also stops one that left the scope and returns; one binned in Entra alone is still of this directory.
  if (rules.blockHardMatch && !synced) {
    return error('InvalidHardMatch', 'Cloud object takeover through hard match is blocked for this tenant.');
  }
  return { kind: 'hard', user };
}

function softMatch(user: SyncUser, account: Account, rules: SyncRules): Match {
  const anchor = user.properties.onPremisesImmutableId;
  if (typeof anchor === 'string' && anchor !== account.anchor) {
    return error('InvalidSoftMatch', `User ${user.id} holds the same name or address and a different immutable id.`);
  }
  if (rules.blockSoftMatch) return error('InvalidSoftMatch', 'Soft match is blocked for this tenant.');
  if (user.privileged) {
    return error('ExistingAdminRoleConflict', `User ${user.id} holds the same name or address and a privileged role.`);
  }
  return { kind: 'soft', user };
}

/** A name or address that another object holds: the account is not exported, as these values must stay unique. */
export function findClash({ properties }: Account, target: SyncTarget, exceptId: string | null): MatchError | null {
  const values = [textOf(properties.userPrincipalName), ...addresses(properties)];
  for (const value of values) {
    const holder = value === null ? null : target.holderOf(value, exceptId);
    if (holder === null) continue;
    return holder.type === 'user'
      ? error('AttributeValueMustBeUnique', `User ${holder.id} holds a value that must be unique.`)
      : error('ObjectTypeMismatch', `An object of type ${holder.type}, ${holder.id}, holds the same address.`);
  }
  return null;
}

function addresses(properties: Properties): readonly string[] {
  const { proxyAddresses } = properties;
  const primary = primaryAddress(properties);
  const proxies = Array.isArray(proxyAddresses) ? proxyAddresses.map((one) => String(one).replace(/^smtp:/i, '')) : [];
  return primary === null ? proxies : [primary, ...proxies];
}

function primaryAddress({ proxyAddresses, mail }: Properties): string | null {
  const proxies = Array.isArray(proxyAddresses) ? proxyAddresses.map(String) : [];
  return proxies.find((one) => one.startsWith('SMTP:'))?.slice('SMTP:'.length) ?? textOf(mail);
}

/** A text with something in it, or null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function error(code: SyncErrorCode, message: string): MatchError {
  return { kind: 'error', code, message };
}
