/** Which objects a job counts on without seeing them: other ends of links that Graph does not show, or not yet. */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';
import type { LinkStep } from './links.ts';
import { outcomesOf } from './outcomes.ts';
import { linkKeyOf } from './taken-along.ts';

export type Expects = (kind: KindName, id: Id) => Promise<boolean>;

interface Restored {
  /** Every `kind/id` that ended without being there; what a cancelled job did not try is no such loss. */
  readonly lost: ReadonlySet<string>;
  /** Every `kind/id` that ended without a row of links: a cancelled job's untried objects, too. */
  readonly silent: ReadonlySet<string>;
  /** Links that creations carried, as `linkKeyOf` tells them. */
  readonly carried: ReadonlySet<string>;
  /** Live ids of what the job made or undeleted: it may not be known everywhere yet. */
  readonly young: ReadonlySet<Id>;
  /** Live ids of what has another one than in the snapshot, by that one. */
  readonly became: ReadonlyMap<Id, Id>;
}

/** As large as the job; read once a context, when every object has had its turn. */
const restored = new WeakMap<JobContext, Promise<Restored>>();

function restoredBy(context: JobContext): Promise<Restored> {
  const known = restored.get(context) ?? readRestored(context);
  restored.set(context, known);
  known.catch(() => restored.delete(context));
  return known;
}

/**
 * Once every object has had its turn: what the job restored may still be replicating, what it could not restore will not come, and nobody
 * waits for it.
 */
export const expectsRestored =
  (context: JobContext): Expects =>
  async (kind, id) => {
    if (!(await context.willRestore(kind, id))) return false;
    return !(await restoredBy(context)).lost.has(`${kind}/${id}`);
  };

/** Once every object has had its turn: what has a row of the job with its links. */
export const tellsLinks =
  (context: JobContext): Expects =>
  async (kind, id) =>
    (await context.willRestore(kind, id)) && !(await restoredBy(context)).silent.has(`${kind}/${id}`);

/** Links that creations of this job have carried (graph-facts 4.4), as `linkKeyOf` tells them. */
export const carriedLinks = async (context: JobContext): Promise<ReadonlySet<string>> =>
  (await restoredBy(context)).carried;

/** Whether a creation of this job has carried a link that was planned before anything was made. */
export async function carriedOf(context: JobContext): Promise<(step: LinkStep) => boolean> {
  const { carried, became } = await restoredBy(context);
  const now = (id: Id): Id => became.get(id) ?? id;
  return ({ relation, source, target }) =>
    relation !== undefined && carried.has(linkKeyOf(relation, now(source), now(target)));
}

/** Whether one of these live ids is so young that Graph may not know it everywhere; of the others, what is missing is looked for. */
export async function someYoung(context: JobContext, ids: readonly (Id | undefined)[]): Promise<boolean> {
  const { young } = await restoredBy(context);
  return ids.some((id) => id !== undefined && young.has(id));
}

async function readRestored(context: JobContext): Promise<Restored> {
  const [lost, silent, young] = [new Set<string>(), new Set<string>(), new Set<Id>()];
  const links = new Set<string>();
  const became = new Map<Id, Id>();
  for (const { firstChunk, chunks } of context.selection.kinds) {
    for (let chunk = firstChunk; chunk < firstChunk + chunks; chunk += 1) {
      for (const { kind, id, newId = id, result, reason, carried = [] } of (
        await outcomesOf(context, chunk)
      ).values()) {
        if (result === 'failed' || result === 'skipped') silent.add(`${kind}/${id}`);
        if (silent.has(`${kind}/${id}`) && reason !== 'not-tried') lost.add(`${kind}/${id}`);
        if (result === 'created' || result === 'undeleted') young.add(newId);
        if (newId !== id) became.set(id, newId);
        for (const { relation, target } of carried) links.add(linkKeyOf(relation, newId, target));
      }
    }
  }
  return { lost, silent, carried: links, young, became };
}
