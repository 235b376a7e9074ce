/**
 * Users that this process looked for a moment ago, in vain: whoever creates one of them need not look again. Graph lets no second user have the
 * name, so whoever came meanwhile is met as a conflict, and then looked for. Told once: every further try looks by itself.
 */
import { LRUCache } from 'lru-cache';
import type { Id } from '../directory/record.ts';
import type { JobContext } from './job-context.ts';

const believedMs = 30_000;

const known = new WeakMap<JobContext, LRUCache<Id, true>>();

/** Notes a user whom neither id nor name nor ledger finds. */
export function noteAbsent(context: JobContext, id: Id): void {
  const absent = known.get(context) ?? new LRUCache<Id, true>({ max: 10_000, ttl: believedMs });
  known.set(context, absent);
  absent.set(id, true);
}

export function wasAbsent(context: JobContext, id: Id): boolean {
  const absent = known.get(context);
  return absent?.get(id) === true && absent.delete(id);
}
