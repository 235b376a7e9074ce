/** Which recreated users synchronization must still take over: it refuses whoever holds a privileged role by then (H05). */
import type { Id } from '../directory/record.ts';
import { awaitsSync } from './hybrid.ts';
import type { JobContext } from './job-context.ts';
import type { LinkSubject } from './links.ts';

/** Snapshot ids of those that must wait; an object that kept its id is never one of them. */
export async function awaitingSync(
  { reader }: JobContext,
  subjects: readonly Pick<LinkSubject, 'kind' | 'id' | 'liveId' | 'state' | 'body'>[],
): Promise<ReadonlySet<Id>> {
  const recreated = subjects.filter(
    ({ kind, id, liveId, state }) => kind === 'users' && (state === 'new' || id !== liveId),
  );
  if (recreated.length === 0) return new Set();
  const records = await reader.records(
    'users',
    recreated.map(({ id }) => id),
  );
  return new Set(
    recreated
      .filter(({ id, state, body }) => awaitsSync(records.get(id)?.body, state === 'new' ? undefined : body))
      .map(({ id }) => id),
  );
}
