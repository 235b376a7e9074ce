/**
 * The anchors by which synchronization finds users. Any cloud user may be given one, which no other object has, live or in the bin (graph-facts 6).
 * A tenant may forbid synchronization to take a cloud user over by it. A user that was synced and carries its anchor would then never be matched: it
 * goes without, and synchronization matches it by name (H05).
 */
import type { Lookup, MatchRules } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import { type DirectoryRecord, isEmpty } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';
import { isSynced, type ObjectPlan, withoutAttributes } from './object-plan.ts';
import { untold } from './refusals.ts';

export const anchorProperty = 'onPremisesImmutableId';

/** Whoever may have an anchor already. */
export const anchorHolders = (value: string): readonly Lookup[] => [
  { by: 'property', kind: 'users', property: anchorProperty, value },
  { by: 'deleted-property', kind: 'users', property: anchorProperty, value },
];

/** Asked once a job: Graph tells it of the whole tenant. */
const asked = new WeakMap<JobContext, Promise<MatchRules>>();

/** The same plan, unless it gives a user that was synced an anchor that would only be in the way. */
export async function withoutUselessAnchor(
  context: JobContext,
  { name: kind }: Kind,
  { body }: DirectoryRecord,
  plan: ObjectPlan,
): Promise<ObjectPlan> {
  if (kind !== 'users' || isEmpty(plan.attributes[anchorProperty]) || !isSynced(body)) return plan;
  const { hard, soft } = await matchRules(context);
  if (hard || !soft) return plan;
  return withoutAttributes(plan, [{ name: anchorProperty, result: 'skipped', reason: 'attribute-rejected' }]);
}

function matchRules(context: JobContext): Promise<MatchRules> {
  const known = asked.get(context);
  if (known !== undefined) return known;
  const asking = context.gateway.readMatchRules().catch((error: unknown) => {
    asked.delete(context);
    // An app that is not told takes it that nobody has forbidden anything.
    untold(error);
    return { hard: true, soft: true };
  });
  asked.set(context, asking);
  return asking;
}
