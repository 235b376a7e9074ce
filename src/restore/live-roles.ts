/** What principals hold now, with its ends where the snapshot knows of some: what it did not capture is not compared (R48). */
import type { RoleAssignment, RoleHolding } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';

type Context = Pick<JobContext, 'gateway' | 'reader'>;

/** Of active roles the ends stand in schedules of their own. */
export const knowsEnds = ({ reader }: Pick<Context, 'reader'>, holding: RoleHolding): boolean =>
  holding !== 'active' || reader.has('roleAssignmentSchedules');

/** In the order of the principals. */
export const liveRoles = (
  context: Context,
  principals: readonly Id[],
  holding: RoleHolding,
): Promise<readonly (readonly RoleAssignment[])[]> =>
  context.gateway.readRoleAssignments(principals, holding, knowsEnds(context, holding));
