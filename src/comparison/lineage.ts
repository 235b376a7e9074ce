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
  const line = [id];
  for (let first = id; line.length < maxGenerations; ) {
    const before = (await jobs.predecessors(connectorId, [first])).get(first)?.oldId;
    if (before === undefined || line.includes(before)) break;
    line.unshift(before);
    first = before;
  }
  for (let last = id; line.length < maxGenerations; ) {
    const after = (await jobs.successors(connectorId, [last])).get(last)?.newId;
    if (after === undefined || line.includes(after)) break;
    line.push(after);
    last = after;
  }
  return line;
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
