/** What follows from a user's `licenseAssignmentStates`: the licences it has and the plans they bring. */
import type { Entity } from '../tenant/entity.ts';
import type { View } from './lookup.ts';

/** One assignment of a licence to a user; `assignedByGroup` null: direct (graph-facts 3.3). */
export interface LicenseState {
  readonly skuId: string;
  readonly assignedByGroup: string | null;
  readonly disabledPlans: readonly string[];
  readonly state: 'Active' | 'ActiveWithError' | 'Disabled' | 'Error';
  readonly error: string;
  readonly lastUpdatedDateTime: string;
}

export function licenseStates(user: Entity): readonly LicenseState[] {
  return (user.properties.licenseAssignmentStates as readonly LicenseState[] | undefined) ?? [];
}

/** One entry a SKU; a plan is off only when every assignment of the SKU has it off. */
export function derivedLicenses(user: Entity): ReadonlyArray<{ skuId: string; disabledPlans: readonly string[] }> {
  const bySku = new Map<string, readonly string[]>();
  for (const { skuId, disabledPlans, state } of licenseStates(user)) {
    if (state !== 'Active') continue;
    const before = bySku.get(skuId);
    bySku.set(skuId, before === undefined ? disabledPlans : before.filter((plan) => disabledPlans.includes(plan)));
  }
  return [...bySku].map(([skuId, disabledPlans]) => ({ disabledPlans, skuId }));
}

export function derivedPlans({ settings }: View, user: Entity): readonly object[] {
  return derivedLicenses(user).flatMap(({ skuId, disabledPlans }) => {
    const plans = settings.skus.find((sku) => sku.skuId === skuId)?.servicePlans ?? [];
    const since = licenseStates(user).find((state) => state.skuId === skuId)?.lastUpdatedDateTime ?? null;
    return plans
      .filter((plan) => !disabledPlans.includes(plan.servicePlanId))
      .map((plan) => ({
        assignedDateTime: since,
        capabilityStatus: 'Enabled',
        service: plan.servicePlanName,
        servicePlanId: plan.servicePlanId,
      }));
  });
}
