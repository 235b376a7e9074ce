/** Which users of a plan synchronization has to do with: the warnings of its job name them. */
import { type JobContext, wantsLinks } from './job-context.ts';
import type { PlannedObject } from './planning.ts';

/** What synchronization does not know of a user. */
const cloudSide = ['memberOf', 'administrativeUnits', 'roleAssignments', 'eligibleRoleAssignments', 'licenses'];

/** The users of each hybrid case, and those whose relations the request leaves out (H11). */
export function hybridUsers(context: JobContext, lines: readonly PlannedObject[]): [string, string][] {
  const { request } = context;
  const leavesOut = request.links === 'skip' || cloudSide.some((name) => !wantsLinks(context, name));
  return lines.flatMap(({ id, hybrid, action }): [string, string][] => {
    if (hybrid === undefined || action === 'skip' || action === 'fail') return [];
    return [[hybrid, id], ...(leavesOut ? [['without-relations', id] as [string, string]] : [])];
  });
}
