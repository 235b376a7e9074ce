/** Licences, "links" whose other end is no directory object. Pure. */
import type { Id, Json, JsonObject } from '../directory/record.ts';
import { isEmpty } from '../directory/record.ts';
import type { Reason } from './reasons.ts';

export interface Licence {
  readonly skuId: string;
  readonly disabledPlans: readonly string[];
}

export interface Licences {
  readonly direct: readonly Licence[];
  /** SKU ids a user has through groups only. */
  readonly inherited: readonly string[];
}

/** Splits a user's licences by where they come from (`assignedByGroup` null = direct, graph-facts 3.3). */
export function licencesOf(body: JsonObject): Licences {
  const states = objects(body.licenseAssignmentStates);
  const assigned = objects(body.assignedLicenses).map(licence);
  if (states.length === 0) return { direct: assigned, inherited: [] };
  const bySku = new Map(
    states.filter((state) => isEmpty(state.assignedByGroup)).map((state) => [String(state.skuId), licence(state)]),
  );
  const inherited = assigned.map(({ skuId }) => skuId).filter((skuId) => !bySku.has(skuId));
  return { direct: [...bySku.values()], inherited };
}

/** Ids of the groups through which a user has a licence. */
export const groupsGiving = (skuId: string, body: JsonObject): readonly Id[] =>
  objects(body.licenseAssignmentStates).flatMap((state) =>
    state.skuId === skuId && !isEmpty(state.assignedByGroup) ? [String(state.assignedByGroup)] : [],
  );

/** The same user without the licences that come from these groups alone. */
export function withoutInherited(body: JsonObject, groups: readonly Id[]): JsonObject {
  const all = objects(body.licenseAssignmentStates);
  const states = all.filter(({ assignedByGroup }) => !groups.includes(String(assignedByGroup)));
  if (states.length === all.length) return body;
  const held = new Set(states.map(({ skuId }) => skuId));
  const assigned = objects(body.assignedLicenses).filter(({ skuId }) => held.has(skuId));
  return { ...body, licenseAssignmentStates: states, assignedLicenses: assigned };
}

export const sameLicence = (left: Licence, right: Licence): boolean =>
  left.skuId === right.skuId && [...left.disabledPlans].sort().join() === [...right.disabledPlans].sort().join();

const licence = (entry: JsonObject): Licence => ({
  skuId: String(entry.skuId),
  disabledPlans: Array.isArray(entry.disabledPlans) ? entry.disabledPlans.map(String).sort() : [],
});

const objects = (value: Json | undefined): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter((entry): entry is JsonObject => typeof entry === 'object' && entry !== null) : [];

export interface LicenceStep extends Licence {
  readonly act: 'license' | 'unlicense' | 'skip';
  readonly reason?: Reason;
  /** Held before with these plans off. */
  readonly replacesPlans?: readonly string[];
}

/**
 * What licences to assign so that live has the snapshot's direct ones (R46).
 * @param seats free seats per SKU the tenant owns; a SKU that is not in it is unknown there.
 */
export function licenceSteps(
  wanted: Licences,
  live: Licences,
  seats: ReadonlyMap<string, number>,
  context: {
    /** Undefined for a group, which needs none. */
    readonly usageLocation?: Json;
    readonly needsLocation: boolean;
    readonly mode: 'merge' | 'rollback' | 'skip';
  },
): LicenceStep[] {
  if (context.mode === 'skip') return [];
  const steps = wanted.direct.flatMap((licence): LicenceStep[] => {
    const has = live.direct.find(({ skuId }) => skuId === licence.skuId);
    if (has !== undefined && has.disabledPlans.join() === licence.disabledPlans.join()) return [];
    const reason = licenceRefusal(
      licence.skuId,
      seats,
      context.needsLocation && isEmpty(context.usageLocation),
      has !== undefined,
    );
    if (reason !== undefined) return [{ ...licence, act: 'skip', reason }];
    return [{ ...licence, act: 'license', ...(has === undefined ? {} : { replacesPlans: has.disabledPlans }) }];
  });
  const lost = wanted.inherited
    .filter((skuId) => !live.inherited.includes(skuId) && !live.direct.some((licence) => licence.skuId === skuId))
    .map((skuId): LicenceStep => ({ act: 'skip', reason: 'licence-inherited', skuId, disabledPlans: [] }));
  if (context.mode !== 'rollback') return [...steps, ...lost];
  const extra = live.direct
    .filter(({ skuId }) => !wanted.direct.some((licence) => licence.skuId === skuId))
    .map((licence): LicenceStep => ({ act: 'unlicense', ...licence }));
  return [...steps, ...lost, ...extra];
}

function licenceRefusal(
  skuId: string,
  seats: ReadonlyMap<string, number>,
  lacksLocation: boolean,
  alreadySeated: boolean,
): Reason | undefined {
  const free = seats.get(skuId);
  if (free === undefined) return 'licence-unknown-sku';
  if (lacksLocation) return 'usage-location-missing';
  return free <= 0 && !alreadySeated ? 'licence-no-seats' : undefined;
}
