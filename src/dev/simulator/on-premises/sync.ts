/**
 * One sync cycle from Active Directory into the tenant, by the matching rules of graph-facts 6: hard match on the anchor,
 * soft match on the user principal name or primary address, else a new user; refusals as since 2026-07-01.
 */
import type { Account, ActiveDirectory, Properties } from './active-directory.ts';

export interface SyncUser {
  readonly id: string;
  readonly binned: boolean;
  readonly properties: Properties;
  /** Assigned to, or eligible for, a privileged role. */
  readonly privileged: boolean;
  /** Its source of authority was switched to the cloud: sync leaves it alone. */
  readonly cloudManaged: boolean;
}
/** What a cycle does to the tenant; the store fills it in. Writes skip every check that Graph makes of a caller. */
export interface SyncTarget {
  /** Live and binned users with this immutable id. */
  usersByAnchor(anchor: string): readonly SyncUser[];
  liveUserByName(userPrincipalName: string): SyncUser | null;
  liveUserByPrimaryAddress(address: string): SyncUser | null;
  /** A live user other than `exceptId` that holds this UPN or proxy address; null when it is free. */
  holderOf(value: string, exceptId: string | null): string | null;
  createUser(properties: Properties): string;
  /** True when something changed. */
  updateUser(id: string, properties: Properties): boolean;
  setManager(id: string, managerId: string | null): boolean;
  restoreUser(id: string): void;
  binUser(id: string): void;
  groupExists(id: string): boolean;
  createGroup(properties: Properties): string;
  setMembers(groupId: string, memberIds: readonly string[]): boolean;
  /** Stamps the organization with the time of the cycle. */
  finished(dateTime: string): void;
}

export type SyncErrorCode =
  | 'InvalidHardMatch'
  | 'InvalidSoftMatch'
  | 'AttributeValueMustBeUnique'
  | 'ExistingAdminRoleConflict';
export interface SyncOutcome {
  created: number;
  updated: number;
  readonly matched: Array<{ anchor: string; id: string; how: 'hard' | 'soft' }>;
  restored: number;
  deleted: number;
  readonly errors: Array<{ code: SyncErrorCode; anchor: string; message: string }>;
}
export interface SyncRules {
  readonly blockSoftMatch: boolean;
  readonly blockHardMatch: boolean;
  /** Verified domains; a name in another one falls back to the first of them. */
  readonly domains: readonly string[];
}

type Match =
  | { readonly kind: 'connected' | 'hard' | 'soft'; readonly user: SyncUser }
  | { readonly kind: 'new' }
  | { readonly kind: 'error'; readonly code: SyncErrorCode; readonly message: string }
  | { readonly kind: 'none' };

/** Runs one cycle at a time of the tenant's clock (ISO 8601) and says what it did. */
export function runSyncCycle(
  directory: ActiveDirectory,
  target: SyncTarget,
  rules: SyncRules,
  dateTime: string,
): SyncOutcome {
  const outcome: SyncOutcome = { created: 0, updated: 0, matched: [], restored: 0, deleted: 0, errors: [] };
  for (const anchor of directory.deletedAnchors()) {
    for (const user of target.usersByAnchor(anchor)) {
      if (user.binned || user.cloudManaged || user.properties.onPremisesSyncEnabled !== true) continue;
      // Out of scope: the object goes to the bin, no longer synced but still of the on-premises kind.
      target.updateUser(user.id, { onPremisesSyncEnabled: false });
      target.binUser(user.id);
      outcome.deleted += 1;
    }
  }
  directory.forgetDeleted();
  const connected = new Map<string, string>();
  for (const account of directory.accounts()) syncAccount(account, target, rules, dateTime, outcome, connected);
  for (const account of directory.accounts()) {
    const id = connected.get(account.anchor);
    if (id === undefined || account.managerAnchor === undefined) continue;
    const manager = account.managerAnchor === null ? null : connected.get(account.managerAnchor);
    if (manager !== undefined) target.setManager(id, manager);
  }
  syncGroups(directory, target, dateTime, outcome, connected);
  target.finished(dateTime);
  return outcome;
}

function syncAccount(
  account: Account,
  target: SyncTarget,
  rules: SyncRules,
  dateTime: string,
  outcome: SyncOutcome,
  connected: Map<string, string>,
): void {
  const match = matchAccount(account, target, rules);
  if (match.kind === 'none') return;
  const clash =
    match.kind === 'error' ? match : findClash(account, target, match.kind === 'new' ? null : match.user.id);
  if (clash !== null) {
    outcome.errors.push({ code: clash.code, anchor: account.anchor, message: clash.message });
    return;
  }
  if (match.kind === 'error') return;
  const properties = masteredProperties(account, rules);
  const stamp = { onPremisesSyncEnabled: true, onPremisesImmutableId: account.anchor };
  if (match.kind === 'new') {
    const id = target.createUser({ ...properties, ...stamp, onPremisesLastSyncDateTime: dateTime });
    connected.set(account.anchor, id);
    outcome.created += 1;
    return;
  }
  const { user } = match;
  connected.set(account.anchor, user.id);
  if (user.binned) {
    target.restoreUser(user.id);
    outcome.restored += 1;
  }
  const changed = target.updateUser(user.id, { ...properties, ...stamp });
  if (changed || user.binned) target.updateUser(user.id, { onPremisesLastSyncDateTime: dateTime });
  if (match.kind !== 'connected') outcome.matched.push({ anchor: account.anchor, id: user.id, how: match.kind });
  else if (changed) outcome.updated += 1;
}

function matchAccount(account: Account, target: SyncTarget, rules: SyncRules): Match {
  const sameAnchor = target.usersByAnchor(account.anchor);
  const live = sameAnchor.find((user) => !user.binned);
  const anchored = live ?? sameAnchor[0];
  if (anchored !== undefined) {
    if (anchored.cloudManaged) return { kind: 'none' };
    const { onPremisesSyncEnabled } = anchored.properties;
    if (!anchored.binned && onPremisesSyncEnabled === true) return { kind: 'connected', user: anchored };
    // A binned object that came from Active Directory is met again; anything else is a takeover of a cloud user.
    const returning = anchored.binned && (onPremisesSyncEnabled === true || onPremisesSyncEnabled === false);
    return returning ? { kind: 'hard', user: anchored } : hardMatch(anchored, rules);
  }
  const name = textOf(account.properties.userPrincipalName);
  const address = primaryAddress(account.properties);
  const candidate =
    (name === null ? null : target.liveUserByName(name)) ??
    (address === null ? null : target.liveUserByPrimaryAddress(address));
  return candidate === null ? { kind: 'new' } : softMatch(candidate, account, rules);
}

function hardMatch(user: SyncUser, rules: SyncRules): Match {
  if (user.privileged) {
    return invalidHardMatch('The cloud user with privileged roles is not allowed to be taken over. (103)');
  }
  if (rules.blockHardMatch) return invalidHardMatch('Cloud object takeover through hard match is blocked.');
  return { kind: 'hard', user };
}

function softMatch(user: SyncUser, account: Account, rules: SyncRules): Match {
  const anchor = user.properties.onPremisesImmutableId;
  if (user.properties.onPremisesSyncEnabled === true) {
    return uniqueValue(`User ${user.id} holds the same name and is synced from another object.`);
  }
  if (typeof anchor === 'string' && anchor !== account.anchor) {
    const message = `User ${user.id} holds the same name and has a different immutable id.`;
    return { kind: 'error', code: 'InvalidSoftMatch', message };
  }
  if (rules.blockSoftMatch) return { kind: 'error', code: 'InvalidSoftMatch', message: 'Soft match is blocked.' };
  // Troubleshooting page of Connect Sync: a synced user never soft-matches a holder of an administrative role.
  if (user.privileged) {
    const message = `User ${user.id} holds the same name and a privileged role.`;
    return { kind: 'error', code: 'ExistingAdminRoleConflict', message };
  }
  return { kind: 'soft', user };
}

/** Names and addresses that somebody else holds: the object is not exported, as unique values must stay unique. */
function findClash(
  account: Account,
  target: SyncTarget,
  exceptId: string | null,
): Extract<Match, { kind: 'error' }> | null {
  for (const value of [textOf(account.properties.userPrincipalName), ...addresses(account.properties)]) {
    const holder = value === null ? null : target.holderOf(value, exceptId);
    if (holder !== null) return uniqueValue(`User ${holder} holds a value that must be unique.`);
  }
  return null;
}

function masteredProperties({ properties }: Account, rules: SyncRules): Properties {
  const name = textOf(properties.userPrincipalName);
  const [prefix = '', domain = ''] = name?.split('@') ?? [];
  const userPrincipalName =
    name === null || rules.domains.includes(domain.toLowerCase()) ? name : `${prefix}@${rules.domains[0]}`;
  return {
    accountEnabled: true,
    mailNickname: prefix,
    ...properties,
    ...(userPrincipalName === null ? {} : { userPrincipalName, onPremisesUserPrincipalName: name }),
    ...(textOf(properties.mail) === null || properties.proxyAddresses !== undefined
      ? {}
      : { proxyAddresses: [`SMTP:${String(properties.mail)}`] }),
  };
}

function syncGroups(
  directory: ActiveDirectory,
  target: SyncTarget,
  dateTime: string,
  outcome: SyncOutcome,
  connected: ReadonlyMap<string, string>,
): void {
  for (const group of [...directory.groups()]) {
    const known = group.connectedId !== undefined && target.groupExists(group.connectedId);
    const id =
      known && group.connectedId !== undefined ? group.connectedId : createGroup(group.displayName, target, dateTime);
    const members = group.members.flatMap((anchor) => connected.get(anchor) ?? []);
    const changed = target.setMembers(id, members);
    if (!known) {
      outcome.created += 1;
      directory.putGroup({ ...group, connectedId: id });
    } else if (changed) outcome.updated += 1;
  }
}

function createGroup(displayName: string, target: SyncTarget, dateTime: string): string {
  return target.createGroup({
    displayName,
    mailNickname: displayName.replace(/[^A-Za-z0-9.-]/g, '') || 'group',
    mailEnabled: false,
    securityEnabled: true,
    groupTypes: [],
    onPremisesSyncEnabled: true,
    onPremisesLastSyncDateTime: dateTime,
    onPremisesSamAccountName: displayName,
  });
}

function addresses(properties: Properties): readonly string[] {
  const { proxyAddresses } = properties;
  const primary = primaryAddress(properties);
  const proxies = Array.isArray(proxyAddresses) ? proxyAddresses.map((one) => String(one).replace(/^smtp:/i, '')) : [];
  return primary === null ? proxies : [primary, ...proxies];
}

function primaryAddress(properties: Properties): string | null {
  const { proxyAddresses, mail } = properties;
  const primary = Array.isArray(proxyAddresses)
    ? proxyAddresses.find((one) => String(one).startsWith('SMTP:'))
    : undefined;
  return primary === undefined ? textOf(mail) : String(primary).slice(5);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function invalidHardMatch(message: string): Match {
  return { kind: 'error', code: 'InvalidHardMatch', message };
}

function uniqueValue(message: string): Extract<Match, { kind: 'error' }> {
  return { kind: 'error', code: 'AttributeValueMustBeUnique', message };
}
