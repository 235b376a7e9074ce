/**
 * Who became whom: a recreated object has a new id and is the same one (R29). The ledger of restores tells both ways; a chain is as
 * long as the object was lost often.
 */
import type { Id } from '../directory/record.ts';
import type { JobStore } from '../job/job-store.ts';

/** A chain longer than this is taken for a circle: nobody is recreated so often. */
const maxGenerations = 20;

/** All ids of one object, the oldest first; the id itself where nothing is recorded. */
export async function lineOf(jobs: JobStore, connectorId: string, id: Id): Promise<readonly Id[]> {
  const after = await walk(id, async (last) => (await jobs.successors(connectorId, [last])).get(last)?.newId);
  const newest = after.at(-1) ?? id;
  // Back from the newest: whoever was recreated twice from the same snapshot is found between the two.
  const before = await walk(newest, async (first) => (await jobs.predecessors(connectorId, [first])).get(first)?.oldId);
  return [...new Set([...before.toReversed(), id, ...after.slice(0, -1), newest])];
}

/** Whom one comes to step by step. */
async function walk(id: Id, step: (from: Id) => Promise<Id | undefined>): Promise<readonly Id[]> {
  const met = [id];
  for (let next = await step(id); next !== undefined && !met.includes(next); next = await step(next)) {
    met.push(next);
    if (met.length === maxGenerations) break;
  }
  return met.slice(1);
}

/** Each id's newest one; ids without a successor are their own. */
export async function newestIds(jobs: JobStore, connectorId: string, ids: Iterable<Id>): Promise<(id: Id) => Id> {
  const newest = new Map<Id, Id>();
  let open = new Map([...new Set(ids)].map((id) => [id, id] as const));
  for (let generation = 0; open.size > 0 && generation < maxGenerations; generation += 1) {
    const successors = await jobs.successors(connectorId, [...open.values()]);
    const next = new Map<Id, Id>();
    for (const [id, current] of open) {
      const successor = successors.get(current)?.newId;
      if (successor === undefined) continue;
      newest.set(id, successor);
      next.set(id, successor);
    }
    open = next;
  }
  return (id) => newest.get(id) ?? id;
}
