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
  if (anchored !== undefined) return matchAnchored(anchored, account, rules);
  const name = textOf(account.properties.userPrincipalName);
  const address = primaryAddress(account.properties);
  const candidate =
    (name === null || !rules.features.softMatchOnUpnEnabled ? null : target.liveUserByName(name)) ??
    (address === null ? null : target.liveUserByPrimaryAddress(address));
  return candidate === null ? { kind: 'new' } : softMatch(candidate, account, rules);
}

/** The key of the object in its forest, which Graph shows in beta only; undefined: this Active Directory does not tell it. */
export const objectIdentifier = 'onPremisesObjectIdentifier';

function matchAnchored(user: SyncUser, account: Account, rules: SyncRules): Match {
  if (user.cloudManaged) return { kind: 'none' };
  const synced = user.properties.onPremisesSyncEnabled === true;
  const remapped = isRemapped(user, account, rules);
  if (synced && !user.binned) return remapped ? notRemapped() : { kind: 'connected', user };
  // Since 2026-07-01 a privileged user is protected in the bin too, synced or not.
  if (user.privileged) {
    return failure('InvalidHardMatch', 'The cloud user with privileged roles is not allowed to be taken over. (103)');
  }
  // The feature also stops one that left the scope and returns; one binned in Entra alone is still of this directory.
  if (rules.blockHardMatch && !synced) {
    return failure('InvalidHardMatch', 'Cloud object takeover through hard match is blocked for this tenant.');
  }
  if (remapped) return notRemapped();
  return { kind: 'hard', user };
}

/** Since 2026-07-01 one Active Directory object does not take over what another one is mapped to. */
function isRemapped(user: SyncUser, account: Account, { features }: SyncRules): boolean {
  const [mapped, own] = [textOf(user.properties[objectIdentifier]), textOf(account.properties[objectIdentifier])];
  return mapped !== null && mapped !== own && !features.allowOnPremUpdateOfOnPremisesObjectIdentifierEnabled;
}

function notRemapped(): MatchError {
  return failure(
    'AttributeUpdateNotAllowed',
    'Unable to update this object because the following attributes associated with this object are not allowed to be updated by your on-premises directory: [OnPremisesObjectIdentifier cannot be changed unless its current value is null.] (96)',
  );
}

function softMatch(user: SyncUser, account: Account, rules: SyncRules): Match {
  const anchor = user.properties.onPremisesImmutableId;
  if (typeof anchor === 'string' && anchor !== account.anchor) {
    return failure('InvalidSoftMatch', `User ${user.id} holds the same name or address and a different immutable id.`);
  }
  if (rules.blockSoftMatch) return failure('InvalidSoftMatch', 'Soft match is blocked for this tenant.');
  if (user.privileged) {
    return failure(
      'ExistingAdminRoleConflict',
      `User ${user.id} holds the same name or address and a privileged role.`,
    );
  }
  return { kind: 'soft', user };
}

function primaryAddress({ proxyAddresses, mail }: Properties): string | null {
  const proxies = Array.isArray(proxyAddresses) ? proxyAddresses.map(String) : [];
  return proxies.find((one) => one.startsWith('SMTP:'))?.slice('SMTP:'.length) ?? textOf(mail);
}

/** A text with something in it, or null. */
export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

/** A refusal of the export. */
export function failure(code: SyncErrorCode, message: string): MatchError {
  return { kind: 'error', code, message };
}
