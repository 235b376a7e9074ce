/**
 * One sync cycle from Active Directory into the tenant, by the matching rules of graph-facts 6: hard match on the anchor,
 * soft match on the user principal name or primary address, else a new user; refusals as since 2026-07-01.
 */
import type { Account, ActiveDirectory, Properties } from './active-directory.ts';
import { type Match, type MatchError, matchAccount, textOf } from './matching.ts';
import { type ProvisioningError, settleConflicts } from './quarantine.ts';
import type { SyncOutcome, SyncRules, SyncTarget } from './target.ts';

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
  const found = matchAccount(account, target, rules);
  if (found.kind === 'none') return;
  // With quarantine on, an account that may not be matched becomes a user of its own (InvalidSoftMatch, note of the page).
  const quarantined = found.kind === 'error' && found.code === 'InvalidSoftMatch' && quarantines(rules);
  const match = quarantined ? ({ kind: 'new' } as const) : found;
  const refuse = ({ code, message }: MatchError): void => {
    outcome.errors.push({ code, anchor: account.anchor, message });
  };
  if (match.kind === 'error') {
    refuse(match);
    return;
  }
  const userId = match.kind === 'new' ? null : match.user.id;
  const mastered = masteredProperties(account, rules);
  const exported = settleConflicts({ anchor: account.anchor, properties: mastered, userId, dateTime }, target, rules);
  if (exported.kind === 'error') {
    refuse(exported);
    return;
  }
  const properties = { ...exported.properties, ...tellErrors(exported.errors, match) };
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
    target.restoreUser(user.id, textOf(properties.userPrincipalName));
    outcome.restored += 1;
  }
  const changed = target.updateUser(user.id, { ...properties, ...stamp });
  if (changed || user.binned) target.updateUser(user.id, { onPremisesLastSyncDateTime: dateTime });
  if (match.kind !== 'connected') outcome.matched.push({ anchor: account.anchor, id: user.id, how: match.kind });
  else if (changed) outcome.updated += 1;
}

function quarantines({ features }: SyncRules): boolean {
  return features.quarantineUponUpnConflictEnabled || features.quarantineUponProxyAddressesConflictEnabled;
}

/** `onPremisesProvisioningErrors` as it should be; a conflict that goes on keeps the time it began. */
function tellErrors(errors: readonly ProvisioningError[], match: Match): Properties {
  const known = 'user' in match ? match.user.properties.onPremisesProvisioningErrors : undefined;
  const before = Array.isArray(known) ? (known as readonly ProvisioningError[]) : [];
  if (errors.length === 0 && before.length === 0) return {};
  const same = (error: ProvisioningError) => (one: ProvisioningError) =>
    one.propertyCausingError === error.propertyCausingError && one.value === error.value;
  return { onPremisesProvisioningErrors: errors.map((error) => before.find(same(error)) ?? error) };
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
    const state = group.connectedId === undefined ? 'gone' : target.groupState(group.connectedId);
    if (state === 'cloudManaged') continue;
    const known = state === 'synced';
    const id =
      known && group.connectedId !== undefined ? group.connectedId : createGroup(group.displayName, target, dateTime);
    const members = group.members.flatMap((anchor) => connected.get(anchor) ?? []);
    const reclaimed = target.reclaimGroup(id, dateTime);
    const changed = target.setMembers(id, members) || reclaimed;
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
