/**
 * A tenant may forbid synchronization to take a cloud user over by its anchor. A user recreated with its anchor would then never be matched: it goes
 * without, and synchronization matches it by name (H05).
 */
import type { MatchRules } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';
import { isSynced, type ObjectPlan } from './object-plan.ts';
import { untold } from './refusals.ts';

const anchorProperty = 'onPremisesImmutableId';

/** Asked once a job: Graph tells it of the whole tenant. */
const asked = new WeakMap<JobContext, Promise<MatchRules>>();

/** The same plan, unless it creates a synced user whose anchor would only be in the way. */
export async function withoutUselessAnchor(
  context: JobContext,
  { name: kind }: Kind,
  { body }: DirectoryRecord,
  plan: ObjectPlan,
): Promise<ObjectPlan> {
  if (kind !== 'users' || plan.action !== 'create' || !(anchorProperty in plan.attributes) || !isSynced(body))
    return plan;
  const { hard, soft } = await matchRules(context);
  if (hard || !soft) return plan;
  const { [anchorProperty]: _anchor, ...attributes } = plan.attributes;
  const skipped = { name: anchorProperty, result: 'skipped', reason: 'attribute-rejected' } as const;
  return { ...plan, attributes, skipped: [...plan.skipped, skipped] };
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
