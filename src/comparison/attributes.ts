/** Attributes of one object on two sides, and whether a restore of the left one could write them back (R06, R07). Pure. */
import type { Kind } from '../directory/kinds.ts';
import { isEmpty, type Json, type JsonObject, sameValue } from '../directory/record.ts';
import { isSynced, restoredElsewhere, unwritable } from '../restore/object-plan.ts';
import type { Reason } from '../restore/reasons.ts';

export interface AttributeDifference {
  readonly name: string;
  /** null: no value. */
  readonly left: Json;
  readonly right: Json;
  /** Whether a restore writes the left value over the right one. */
  readonly restorable: boolean;
  /** Why it does not. */
  readonly reason?: Reason;
}

/** What one side knows of an object; `body` undefined: the object is not there. */
export interface AttributeSide {
  readonly body: JsonObject | undefined;
  /** Properties this side asked for: the others are unknown, which is no difference. */
  readonly captured: readonly string[];
}

/** Told as relationships: how each licence is assigned says more than that it is. */
const asRelationships: readonly string[] = ['assignedLicenses', 'licenseAssignmentStates'];

export function compareAttributes(kind: Kind, left: AttributeSide, right: AttributeSide): AttributeDifference[] {
  const known = left.captured.filter((name) => right.captured.includes(name) && !asRelationships.includes(name));
  return known.flatMap((name): AttributeDifference[] => {
    const [before, after] = [left.body?.[name], right.body?.[name]];
    if (sameValue(before, after)) return [];
    const reason = refusal(kind, name, left.body, right.body);
    const values = { name, left: shown(before), right: shown(after) };
    return [reason === undefined ? { ...values, restorable: true } : { ...values, restorable: false, reason }];
  });
}

const shown = (value: Json | undefined): Json => (isEmpty(value) ? null : (value ?? null));

function refusal(
  kind: Kind,
  name: string,
  left: JsonObject | undefined,
  right: JsonObject | undefined,
): Reason | undefined {
  // Nothing on the left is nothing to restore.
  if (left === undefined) return 'attribute-unsupported';
  if (right === undefined) {
    const recreatable = kind.creatable.includes(name) && !(kind.name === 'groups' && isSynced(left));
    return recreatable ? undefined : 'attribute-read-only';
  }
  if (restoredElsewhere.includes(name)) return 'attribute-read-only';
  return unwritable(kind, name, left, right);
}
