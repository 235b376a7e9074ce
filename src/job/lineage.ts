/**
 * Who became whom: a recreated object has a new id and is the same one (R29). The ledger of restores tells both ways; a chain is as
 * long as the object was lost often.
 */
import type { Id } from '../directory/record.ts';
import type { JobStore, LedgerEntry } from './job-store.ts';

/** A chain longer than this is taken for a circle: nobody is recreated so often. */
const maxGenerations = 20;

/** All ids of one object, the oldest first; the id itself where nothing is recorded. */
export const lineOf = async (jobs: JobStore, connectorId: string, id: Id): Promise<readonly Id[]> =>
  (await linesOf(jobs, connectorId, [id])).get(id) ?? [id];

/** The same of many objects at once, by any of their ids. */
export async function linesOf(
  jobs: JobStore,
  connectorId: string,
  ids: Iterable<Id>,
): Promise<ReadonlyMap<Id, readonly Id[]>> {
  const after = await laterIds(jobs, connectorId, ids);
  const newestOf = (id: Id) => after.get(id)?.at(-1) ?? id;
  // Back from the newest: whoever was recreated twice from the same snapshot is found between the two.
  const before = await ways([...after.keys()].map(newestOf), async (some) =>
    entriesOf(await jobs.predecessors(connectorId, some), ({ oldId }) => oldId),
  );
  return new Map(
    [...after].map(([id, later]) => {
      const earlier = before.get(newestOf(id)) ?? [];
      return [id, [...new Set([...earlier.toReversed(), id, ...later.slice(0, -1), newestOf(id)])]];
    }),
  );
}

/** What each object became step by step, the newest id last; nothing where nothing is recorded. */
export const laterIds = (
  jobs: JobStore,
  connectorId: string,
  ids: Iterable<Id>,
): Promise<ReadonlyMap<Id, readonly Id[]>> =>
  ways(ids, async (some) => entriesOf(await jobs.successors(connectorId, some), ({ newId }) => newId));

/** Each id's newest one; ids without a successor are their own. */
export async function newestIds(jobs: JobStore, connectorId: string, ids: Iterable<Id>): Promise<(id: Id) => Id> {
  const later = await laterIds(jobs, connectorId, ids);
  return (id) => later.get(id)?.at(-1) ?? id;
}

/**
 * Records what an object became.
 * @param replaced what it had become before: that is lost as well and has the same successor, so that the line stays one (R29).
 */
export async function recordHeir(
  jobs: JobStore,
  connectorId: string,
  entry: LedgerEntry & { readonly newId: Id },
  replaced: Id | undefined,
): Promise<void> {
  await jobs.recordSuccessor(connectorId, entry);
  if (replaced === undefined) return;
  const oldId = (await newestIds(jobs, connectorId, [replaced]))(replaced);
  if (oldId !== entry.newId && oldId !== entry.oldId) await jobs.recordSuccessor(connectorId, { ...entry, oldId });
}

function entriesOf(
  entries: ReadonlyMap<Id, LedgerEntry>,
  next: (entry: LedgerEntry) => Id | undefined,
): ReadonlyMap<Id, Id> {
  return new Map(
    [...entries].flatMap(([id, entry]) => {
      const to = next(entry);
      return to === undefined ? [] : [[id, to] as const];
    }),
  );
}

/** Whom one comes to from each id, step by step; all ids take a step together. */
async function ways(
  ids: Iterable<Id>,
  step: (from: readonly Id[]) => Promise<ReadonlyMap<Id, Id>>,
): Promise<ReadonlyMap<Id, readonly Id[]>> {
  const met = new Map([...ids].map((id) => [id, [id]]));
  let open = [...met.values()];
  for (let generation = 1; open.length > 0 && generation < maxGenerations; generation += 1) {
    const next = await step([...new Set(open.map((way) => way.at(-1) ?? ''))]);
    open = open.filter((way) => {
      const to = next.get(way.at(-1) ?? '');
      if (to === undefined || way.includes(to)) return false;
      way.push(to);
      return true;
    });
  }
  return new Map([...met].map(([id, way]) => [id, way.slice(1)]));
}
