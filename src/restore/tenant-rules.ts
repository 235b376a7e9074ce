/** What a plan comes to under rules that the tenant sets and that no comparison of an object with its record can tell. */
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord } from '../directory/record.ts';
import { withoutUselessAnchor } from './anchors.ts';
import { withUsableName } from './domains.ts';
import type { JobContext } from './job-context.ts';
import type { ObjectPlan } from './object-plan.ts';

export const asTenantAllows = async (
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  plan: ObjectPlan,
): Promise<ObjectPlan> =>
  withUsableName(context, definition, await withoutUselessAnchor(context, definition, record, plan));
