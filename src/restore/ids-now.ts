/**
 * The ids that objects of the snapshot have now, for whoever links to them: by the order of matching (R33) an object that is live under its own
 * id, or that this job takes out of the bin, is itself, whatever an earlier restore made of it; only then the recorded successor counts.
 */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { newestIds } from '../job/lineage.ts';
import { apart } from './apart.ts';
import type { JobContext } from './job-context.ts';
import { manyById } from './lookups.ts';

export interface KnownAs {
  readonly kind: KindName;
  /** In the snapshot. */
  readonly id: Id;
}

/** Those of the objects that have another id now, with it. Costs a look at each that an earlier job has made anew. */
export async function idsNow(context: JobContext, objects: readonly KnownAs[]): Promise<ReadonlyMap<Id, Id>> {
  const kinds = new Map(objects.map(({ kind, id }) => [id, kind]));
  const entries = await context.jobs.successors(context.connectorId, [...kinds.keys()]);
  const recorded = [...entries.values()].flatMap(({ newId }) => newId ?? []);
  const newest = await newestIds(context.jobs, context.connectorId, recorded);
  const renamed = new Map<Id, Id>();
  const doubtful: KnownAs[] = [];
  for (const [id, kind] of kinds) {
    const entry = entries.get(id);
    if (entry?.newId === undefined) continue;
    renamed.set(id, newest(entry.newId));
    // What this very job made anew it has looked for before.
    if (entry.jobId !== context.jobId) doubtful.push({ kind, id });
  }
  for (const id of await stillThere(context, doubtful)) renamed.delete(id);
  return renamed;
}

async function stillThere(context: JobContext, objects: readonly KnownAs[]): Promise<readonly Id[]> {
  const live = await foundOf(context, objects, ({ kind, id }) => manyById(kind, id));
  const binned: KnownAs[] = [];
  for (const one of objects)
    if (!live.has(one.id) && context.request.useRecycleBin && (await context.willRestore(one.kind, one.id)))
      binned.push(one);
  const inBin = await foundOf(context, binned, ({ kind, id }) => ({ by: 'deleted-id', kind, id }));
  return [...live, ...inBin];
}

/** Ids that are found; of what Graph will not tell, the recorded successor is the best word. */
async function foundOf(
  context: JobContext,
  objects: readonly KnownAs[],
  lookupOf: (object: KnownAs) => Parameters<JobContext['gateway']['find']>[0][number],
): Promise<ReadonlySet<Id>> {
  const ids = await apart(
    context,
    objects,
    async (some) => {
      const found = await context.gateway.find(some.map(lookupOf));
      return some.filter((_, at) => (found[at] ?? []).length > 0).map(({ id }) => id);
    },
    () => [],
  );
  return new Set(ids);
}
