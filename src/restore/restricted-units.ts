/** Whether a tenant shuts objects away in units with restricted management, as far as the snapshot knows. */
import type { JobContext } from './job-context.ts';

const told = new WeakMap<JobContext, Promise<boolean>>();

/** True as well where the snapshot has no units. A unit made since tells by its refusals. */
export function hasRestrictedUnits(context: JobContext): Promise<boolean> {
  const known = told.get(context) ?? seek(context);
  told.set(context, known);
  known.catch(() => told.delete(context));
  return known;
}

async function seek({ reader }: JobContext): Promise<boolean> {
  if (!reader.has('administrativeUnits')) return true;
  for await (const { body } of reader.scan('administrativeUnits'))
    if (body.isMemberManagementRestricted === true) return true;
  return false;
}
