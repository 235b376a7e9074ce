/** Values of an object that it cannot have, since somebody else has the name, the address or the anchor (R20). Pure. */
import { type ObjectPlan, withoutAttributes } from './object-plan.ts';
import type { Reason } from './reasons.ts';

const conflicts: readonly (Reason | undefined)[] = ['name-conflict', 'proxy-conflict', 'anchor-conflict'];

/** Whether something is not as it should be since somebody else has the name, the address or the anchor. */
export const isTaken = ({ reason }: { readonly reason?: Reason | undefined }): boolean => conflicts.includes(reason);

/**
 * The plan of an object as it was foreseen when the job was planned: what was taken then is not tried, until all objects have had their turn.
 * @param line of the job's own plan.
 */
export function asForeseen(plan: ObjectPlan, line: ObjectPlan | undefined): ObjectPlan {
  if (line === undefined) return plan;
  const { action, reason, conflictingIds } = line;
  if (plan.action === 'undelete' && action === 'fail' && reason !== undefined && isTaken({ reason }))
    return { action, reason, ...(conflictingIds && { conflictingIds }), attributes: {}, skipped: [] };
  return withoutAttributes(
    plan,
    line.skipped.filter((one) => isTaken(one) && one.name in plan.attributes),
  );
}
