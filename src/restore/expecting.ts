/** Which objects a job counts on without seeing them: other ends of links that Graph does not show, or not yet. */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';
import { outcomesOf } from './outcomes.ts';

export type Expects = (kind: KindName, id: Id) => Promise<boolean>;

const lost = new WeakMap<JobContext, Promise<ReadonlySet<string>>>();

/**
 * Once every object has had its turn: what the job restored may still be replicating, what it could not restore will not come, and nobody
 * waits for it.
 */
export const expectsRestored =
  (context: JobContext): Expects =>
  async (kind, id) => {
    if (!(await context.willRestore(kind, id))) return false;
    const known = lost.get(context) ?? lostOf(context);
    lost.set(context, known);
    known.catch(() => lost.delete(context));
    return !(await known).has(`${kind}/${id}`);
  };

/** Every `kind/id` that ended without being there; what a cancelled job did not try is no such loss. */
async function lostOf(context: JobContext): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { firstChunk, chunks } of context.selection.kinds) {
    for (let chunk = firstChunk; chunk < firstChunk + chunks; chunk += 1) {
      for (const { kind, id, result, reason } of (await outcomesOf(context, chunk)).values())
        if ((result === 'failed' || result === 'skipped') && reason !== 'not-tried') found.add(`${kind}/${id}`);
    }
  }
  return found;
}
