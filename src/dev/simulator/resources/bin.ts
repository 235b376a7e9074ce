/** The bin (graph-facts 5): soft delete, restore with its conflicts, purge, and thirty days on the tenant's clock. */

import { badRequest, exchangeOwned, valueTaken } from '../errors.ts';
import { graphTime } from '../tenant/clock.ts';
import type { Entity } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { followRule, followRules } from './dynamic-groups.ts';
import { isExchangeOwned } from './group-kinds.ts';
import { licenseStates } from './license-state.ts';
import { inheritByAll, inheritLicenses } from './licensing.ts';
import type { View } from './lookup.ts';
import { requireVerifiedDomain } from './validation.ts';

const keptMs = 30 * 86_400_000;
const logKeptMs = 8 * 86_400_000;
const lookedAtLeastEveryMs = 86_400_000;

/** Whether deleting puts the object into the bin, or is for good. */
function isSoftDeleted(entity: Entity): boolean {
  if (entity.type === 'group') return !isExchangeOwned(entity) && entity.properties.onPremisesSyncEnabled !== true;
  return ['user', 'administrativeUnit', 'servicePrincipal', 'application'].includes(entity.type);
}

/** `DELETE` of a live object. Throws for groups that Exchange owns. */
export function moveToBin(view: View, entity: Entity): void {
  const { tenant } = view;
  if (entity.type === 'group' && isExchangeOwned(entity)) throw exchangeOwned();
  tenant.transact(() => (isSoftDeleted(entity) ? binNow(view, entity) : purgeNow(view, entity)));
}

/** Puts into the bin inside a transaction. The name is mangled, so that it is free for another user. */
export function binNow(view: View, entity: Entity): void {
  const { tenant } = view;
  const name = entity.properties.userPrincipalName;
  if (entity.type === 'user' && typeof name === 'string') {
    tenant.update(entity.id, { userPrincipalName: `${entity.id.replaceAll('-', '')}${name}` });
  }
  tenant.bin(entity.id, tenant.clock.now());
  if (entity.type === 'group') inheritByAll(view, entity.id);
}

export interface RestoreOptions {
  readonly autoReconcileProxyConflict: boolean;
  readonly newUserPrincipalName: string | null;
}

/** Takes out of the bin. Inside a transaction. Throws 400 when a name or address was taken meanwhile. */
export function restoreNow(view: View, entity: Entity, options: RestoreOptions): Entity {
  const { tenant } = view;
  const changes: Record<string, unknown> = {};
  const prefix = entity.id.replaceAll('-', '');
  const mangled = entity.properties.userPrincipalName;
  if (entity.type === 'user' && typeof mangled === 'string') {
    const original = mangled.startsWith(prefix) ? mangled.slice(prefix.length) : mangled;
    const name = options.newUserPrincipalName ?? original;
    if (options.newUserPrincipalName !== null) requireVerifiedDomain(view, name);
    const holder = [...tenant.holders('userPrincipalName', name)].find((id) => id !== entity.id);
    if (holder !== undefined) throw valueTaken('userPrincipalName', tenant.get(holder));
    changes.userPrincipalName = name;
  } else if (options.newUserPrincipalName !== null) {
    throw badRequest('newUserPrincipalName is supported for users only.');
  }
  const proxies = (entity.properties.proxyAddresses as readonly string[] | undefined) ?? [];
  const free = proxies.filter((proxy) => [...tenant.holders('proxyAddresses', proxy)].every((id) => id === entity.id));
  if (free.length < proxies.length) {
    if (!options.autoReconcileProxyConflict) throw valueTaken('proxyAddresses');
    changes.proxyAddresses = free;
    if (free.every((proxy) => !proxy.startsWith('SMTP:'))) changes.mail = null;
  }
  if (Object.keys(changes).length > 0) tenant.update(entity.id, changes);
  tenant.bin(entity.id, null);
  if (entity.type === 'group') inheritByAll(view, entity.id);
  if (entity.type === 'user')
    for (const source of licensingGroups(tenant, entity)) inheritLicenses(view, source, entity.id);
  // What changed while it lay in the bin may have changed who belongs.
  if (entity.type === 'user') followRules(view, entity);
  else followRule(view, entity.id);
  return tenant.get(entity.id) ?? entity;
}

/** The groups a user is in, and those it still holds a licence from: they may have gone while it lay in the bin. */
function licensingGroups(tenant: Tenant, user: Entity): ReadonlySet<string> {
  const held = licenseStates(user).map(({ assignedByGroup }) => assignedByGroup);
  return new Set([...tenant.sources('members', user.id), ...held.filter((id) => id !== null)]);
}

/** Rows that go with one of the objects they name. */
const concernedTables = [
  'roleAssignment',
  'roleEligibility',
  'groupAssignment',
  'groupEligibility',
  'appRoleAssignment',
] as const;

/** Removes for good, with everything that hangs on it. Inside a transaction. */
export function purgeNow(view: View, entity: Entity): void {
  const { tenant } = view;
  const members = entity.type === 'group' ? [...tenant.targets('members', entity.id).keys()] : [];
  for (const table of ['photo', 'password', 'mailboxSettings'] as const) tenant.remove(table, entity.id);
  for (const table of concernedTables) {
    for (const [key, row] of tenant.rows(table)) {
      const concerned =
        row.principalId === entity.id ||
        row.groupId === entity.id ||
        row.directoryScopeId === `/administrativeUnits/${entity.id}` ||
        row.resourceId === entity.id;
      if (concerned) tenant.remove(table, key);
    }
  }
  for (const key of tenant.rows('authenticationMethod').keys()) {
    if (key.startsWith(`${entity.id}/`)) tenant.remove('authenticationMethod', key);
  }
  tenant.drop(entity.id);
  for (const member of members) inheritLicenses(view, entity.id, member);
}

/** When the next object in the bin falls due; asked at every request, so the bin itself is looked through rarely. */
export function createBinKeeper(): { purgeDue(view: View): void; reconsider(): void } {
  let dueMs = 0;
  let seenMs = 0;
  return {
    reconsider: () => {
      dueMs = 0;
    },
    purgeDue: (view) => {
      const { tenant } = view;
      const nowMs = tenant.clock.nowMs();
      // A clock set back, as by a reset, makes what was known about the bin void.
      if (nowMs < seenMs) dueMs = 0;
      seenMs = nowMs;
      if (nowMs < dueMs) return;
      const due = [...tenant.binned()].filter((entity) => dueOf(entity) <= nowMs);
      if (due.length > 0) {
        tenant.transact(() => {
          for (const entity of due) purgeNow(view, entity);
        });
      }
      dueMs = nextDue(tenant, nowMs);
      // Delta tokens live for seven days; changes before that are asked for by nobody.
      tenant.trimLog(nowMs - logKeptMs);
    },
  };
}

const dueOf = (entity: Entity): number => Date.parse(entity.deletedDateTime ?? graphTime(0)) + keptMs;

function nextDue(tenant: Tenant, nowMs: number): number {
  let next = nowMs + lookedAtLeastEveryMs;
  for (const entity of tenant.binned()) next = Math.min(next, dueOf(entity));
  return next;
}
