/**
 * Properties that an app may never update, and may give a new object alone: nobody documents whether it may (graph-facts 4.1, 4.2). Graph answers
 * 403 as it does for a missing permission, and would lose the whole object for it (R30).
 */
import type { Kind } from '../directory/kinds.ts';
import type { JsonObject } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';
import type { AttributeOutcome } from './outcome.ts';

/** Jobs in which Graph has refused them: every further object goes without them at once. */
const refused = new WeakSet<JobContext>();

const mayBeRefused: Readonly<Record<string, readonly string[]>> = { users: ['employeeHireDate'] };

export interface Lightened {
  readonly body: JsonObject;
  readonly outcomes: readonly AttributeOutcome[];
}

/** A creation's body without them, and what the report says of them; undefined where there are none in it. */
export function lightened(context: JobContext, { name: kind }: Kind, body: JsonObject): Lightened | undefined {
  const names = (mayBeRefused[kind] ?? []).filter((name) => name in body);
  if (names.length === 0) return undefined;
  refused.add(context);
  return {
    body: Object.fromEntries(Object.entries(body).filter(([name]) => !names.includes(name))),
    outcomes: names.map((name) => ({ name, result: 'failed', reason: 'attribute-rejected' })),
  };
}

/** The body to begin with. */
export const lightenedBefore = (context: JobContext, kind: Kind, body: JsonObject): Lightened =>
  (refused.has(context) ? lightened(context, kind, body) : undefined) ?? { body, outcomes: [] };
