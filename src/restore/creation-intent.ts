/**
 * The guard of every creation (R35, R36): before the request goes out its intent stands in the ledger, after it the new id. Whoever meets the intent
 * of another run knows that something may have been made that Graph does not show yet.
 */
import { randomUUID } from 'node:crypto';
import { longestReplicationMs, longestRequestMs } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import type { LedgerEntry } from '../job/job-store.ts';
import { recordHeir } from '../job/lineage.ts';
import type { Creation } from './creating.ts';
import type { JobContext } from './job-context.ts';

/** So long after an intent whatever its create has made is shown: the request, replication, and a margin. */
const shownMs = longestRequestMs + longestReplicationMs + 20_000;

/** No answer came: it may have been done. */
export const untold: Creation = { done: false, lookAgain: true, reason: 'graph-error' };

/** Notes in the ledger what has been made, as soon as Graph has told its id. */
export type NoteMade = (newId: Id) => Promise<void>;

/**
 * Runs a creation under an intent.
 * @param begun `guarded` where Graph takes no second one, so that a creation of another run is no reason to wait; `alone` where it would.
 * @param create answers `untold` where no answer came.
 */
export async function withIntent(
  { jobs, connectorId, jobId, clock }: JobContext,
  oldId: Id,
  begun: 'guarded' | 'alone',
  create: (noteMade: NoteMade) => Promise<Creation>,
): Promise<Creation> {
  const now = clock();
  const entry: LedgerEntry = { oldId, jobId, createdDateTime: now.toISOString(), run: randomUUID() };
  const stands = await jobs.intend(connectorId, entry, new Date(now.getTime() - shownMs).toISOString());
  const isOurs = stands.run === entry.run;
  // Another run is at it, or has just died: of two users of one name Graph takes one, of two equal groups it takes both.
  if (!isOurs && (begun === 'alone' || stands.newId !== undefined))
    return { done: false, lookAgain: true, reason: 'graph-error', begun: 'alone' };
  const creation = await create((newId) => recordHeir(jobs, connectorId, { ...entry, newId }, stands.replaced));
  if (creation.done) return creation;
  if (creation === untold || !isOurs) return { ...creation, begun };
  await jobs.withdraw(connectorId, entry);
  return creation;
}
