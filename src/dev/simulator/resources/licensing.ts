/** Licences: seats, direct assignment, and what a group hands to its members (graph-facts 3.3, 4.4, 9). */
import { badRequest } from '../errors.ts';
import type { Entity } from '../tenant/entity.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { type LicenseState, licenseStates } from './license-state.ts';
import type { View } from './lookup.ts';

export interface LicenseGrant {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

/** Adds and removes direct licences of a user. Inside a transaction. Throws the documented 400s. */
export function setDirectLicenses(
  view: View,
  user: Entity,
  add: readonly LicenseGrant[],
  remove: readonly string[],
): void {
  const { tenant } = view;
  let states = [...licenseStates(user)];
  for (const skuId of remove) {
    const direct = states.some((state) => state.skuId === skuId && state.assignedByGroup === null);
    if (!direct) {
      const inherited = states.some((state) => state.skuId === skuId);
      throw badRequest(
        inherited
          ? 'User license is inherited from a group membership and it cannot be removed directly from the user.'
          : `User does not have a corresponding license.`,
      );
    }
    states = states.filter((state) => state.skuId !== skuId || state.assignedByGroup !== null);
  }
  for (const { skuId, disabledPlans } of add) {
    const sku = requireSku(view, skuId, disabledPlans);
    if (!/^[A-Z]{2}$/.test(String(user.properties.usageLocation ?? '')) || isLocationFresh(view, user)) {
      throw badRequest('License assignment cannot be done for user with invalid usage location.');
    }
    const has = states.some((state) => state.skuId === skuId && state.state === 'Active');
    const freed = remove.includes(skuId) && licenseStates(user).some((state) => state.skuId === skuId) ? 1 : 0;
    if (!has && tenant.seats(skuId) - freed >= sku.enabled) {
      throw badRequest(`Subscription with SKU ${skuId} does not have any available licenses.`);
    }
    states = states.filter((state) => state.skuId !== skuId || state.assignedByGroup !== null);
    states.push(newState(tenant, skuId, disabledPlans, null));
  }
  store(tenant, user, states);
}

/** Whether the usage location was set so lately that licensing may not know it yet, where the switch says that this matters. */
function isLocationFresh({ tenant, settings }: View, user: Entity): boolean {
  if (!settings.licencesAwaitUsageLocation || settings.replicationDelayMs === 0) return false;
  const sinceMs = tenant.clock.nowMs() - settings.replicationDelayMs;
  if (user.createdMs > sinceMs) return true;
  const fresh = tenant.changes.findLastIndex((change) => change.atMs <= sinceMs) + 1;
  return tenant.changes
    .slice(fresh)
    .some((change) => change.id === user.id && change.properties?.includes('usageLocation') === true);
}

/** Throws 400 for a SKU the tenant has not, or a plan that is none of its. */
export function requireSku(
  { settings }: View,
  skuId: string,
  disabledPlans: readonly string[],
): { readonly enabled: number } {
  const sku = settings.skus.find((candidate) => candidate.skuId === skuId);
  if (sku === undefined) throw badRequest(`License ${skuId} does not correspond to a valid company License.`);
  for (const plan of disabledPlans) {
    const known = sku.servicePlans?.some((candidate) => candidate.servicePlanId === plan) ?? false;
    if (!known)
      throw badRequest(`License assignment failed because service plan ${plan} does not belong to the license.`);
  }
  return sku;
}

/** Settles what one user inherits from one group, after either the membership or the group's licences changed. In a transaction. */
export function inheritLicenses(view: View, groupId: string, userId: string): void {
  const { tenant, settings } = view;
  const user = tenant.live(userId);
  if (user?.type !== 'user') return;
  const group = tenant.live(groupId);
  const isMember = group !== undefined && tenant.targets('members', groupId).has(userId);
  const grants = isMember ? groupLicenses(group) : [];
  const before = licenseStates(user);
  const inherited = before.filter((state) => state.assignedByGroup === groupId);
  if (grants.length === 0 && inherited.length === 0) return;
  const others = before.filter((state) => state.assignedByGroup !== groupId);
  const next = grants.map(({ skuId, disabledPlans }) => {
    const known = inherited.find((state) => state.skuId === skuId);
    if (known?.state === 'Active') return { ...known, disabledPlans };
    const state = newState(tenant, skuId, disabledPlans, groupId);
    const enabled = settings.skus.find((sku) => sku.skuId === skuId)?.enabled ?? 0;
    const has = before.some((one) => one.skuId === skuId && one.state === 'Active');
    const full = !has && tenant.seats(skuId) >= enabled;
    return full ? { ...state, state: 'Error' as const, error: 'CountViolation' } : state;
  });
  store(tenant, user, [...others, ...next]);
}

/** Hands a group's licences to all of its members, or takes them away. Inside a transaction. */
export function inheritByAll(view: View, groupId: string): void {
  for (const member of view.tenant.targets('members', groupId).keys()) inheritLicenses(view, groupId, member);
}

export function groupLicenses(group: Entity): readonly LicenseGrant[] {
  return (group.properties.assignedLicenses as readonly LicenseGrant[] | undefined) ?? [];
}

function newState(
  tenant: Tenant,
  skuId: string,
  disabledPlans: readonly string[],
  assignedByGroup: string | null,
): LicenseState {
  return {
    skuId,
    assignedByGroup,
    disabledPlans,
    state: 'Active',
    error: 'None',
    lastUpdatedDateTime: tenant.clock.now(),
  };
}

function store(tenant: Tenant, user: Entity, states: readonly LicenseState[]): void {
  if (JSON.stringify(states) === JSON.stringify(licenseStates(user))) return;
  tenant.update(user.id, { licenseAssignmentStates: states });
}
