/** From outcomes to the report (R55): one line per object and chunk, and the counts that the job shows, made of the same lines. */

import type { FollowUp } from '../job/follow-up.ts';
import type { JobNotice, JobStatus } from '../job/job.ts';
import type { Bucket } from '../storage/bucket.ts';
import { getJson, putJson, putLines } from '../storage/json-blob.ts';
import { mayBeWritten, toldAsLeft } from './as-left.ts';
import { followUpsOf, joined, type Waiting, waitingOf, withLater } from './follow-ups.ts';
import type { JobContext } from './job-context.ts';
import { type JobInput, layout } from './layout.ts';
import { linkOutcomesOf } from './link-outcomes.ts';
import { withLostRoles } from './lost-roles.ts';
import {
  jobStatusOf,
  noResults,
  objectIncomplete,
  type ReportObject,
  reportObject,
  type Verification,
} from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { ended } from './overlay.ts';
import type { Told } from './verifying.ts';

export interface ReportCounts {
  readonly results: Readonly<Record<string, number>>;
  readonly incomplete: number;
  /** Objects to which something was done; absent in reports of earlier versions. */
  readonly written?: number;
  readonly followUps: readonly FollowUp[];
  /** Whether something of the chunk waits for a synchronization. */
  readonly waits: boolean;
  /** What Graph refused for want of a right, in the words of its note: how often. */
  readonly refusals: Readonly<Record<string, number>>;
}

const noReport: ReportCounts = { results: {}, incomplete: 0, followUps: [], waits: false, refusals: {} };

/** Writes the report of one chunk, and what of it waits; run again it writes the same. */
export async function reportChunk(context: JobContext, chunk: number, linkParts: number): Promise<void> {
  const waiting = waitingOf(await writeReport(context, chunk, linkParts, []));
  if (waiting.length > 0) await putJson(context.bucket, layout.waiting(context, chunk), waiting);
}

/** The same of a job that broke off. What it would have waited for, it does not wait for any more. */
export async function reportAsLeft(context: JobContext, chunk: number): Promise<void> {
  await writeRows(context, chunk, await toldAsLeft(context, chunk), []);
}

/** @param later what became of held-back links after the job had ended. */
export async function writeReport(
  context: JobContext,
  chunk: number,
  linkParts: number,
  later: readonly Waiting[],
): Promise<readonly ReportObject[]> {
  const outcomes = await outcomesOf(context, chunk);
  return writeRows(context, chunk, { outcomes, links: await linkOutcomesOf(context, chunk, linkParts) }, later);
}

async function writeRows(
  context: JobContext,
  chunk: number,
  { outcomes, links }: Pick<Told, 'outcomes' | 'links'>,
  later: readonly Waiting[],
): Promise<readonly ReportObject[]> {
  const { kind, ids } = await context.chosen(chunk);
  const verdicts =
    (await getJson<Record<number, Verification>>(context.bucket, layout.verification(context, chunk))) ?? {};
  const rows = ids.map((id, index): ReportObject => {
    const outcome = outcomes.get(index) ?? ended({ kind, id }, 'failed', 'not-tried');
    return reportObject(outcome, withLater(links.get(index) ?? [], later, index), verdicts[index]);
  });
  const objects = await withLostRoles(context, rows);
  await putLines(context.bucket, layout.report(context, chunk), objects);
  await putJson(context.bucket, layout.reportCounts(context, chunk), countsOf(context, rows));
  return objects;
}

/** Of all chunks of a job, in their order. */
export async function reportCountsOf(bucket: Bucket, input: JobInput, chunks: number): Promise<ReportCounts[]> {
  const counts: ReportCounts[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1)
    counts.push((await getJson<ReportCounts>(bucket, layout.reportCounts(input, chunk))) ?? noReport);
  return counts;
}

function countsOf({ request }: JobContext, objects: readonly ReportObject[]): ReportCounts {
  const results: Record<string, number> = {};
  for (const { result } of objects) results[result] = (results[result] ?? 0) + 1;
  return {
    results,
    incomplete: objects.filter(objectIncomplete).length,
    written: objects.filter(mayBeWritten).length,
    followUps: followUpsOf(objects, request.newUsers),
    waits: waitingOf(objects).length > 0,
    refusals: refusalsOf(objects),
  };
}

function refusalsOf(objects: readonly ReportObject[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const object of objects) {
    for (const { reason, note } of [object, ...object.attributes, ...object.links])
      if (reason === 'graph-error' && note !== undefined) counts[note] = (counts[note] ?? 0) + 1;
  }
  return counts;
}

/** One line for the job of each right that was lacking, however often. */
function refusalNotices(chunks: readonly ReportCounts[]): JobNotice[] {
  const counts = new Map<string, number>();
  for (const { refusals } of chunks)
    for (const [note, count] of Object.entries(refusals)) counts.set(note, (counts.get(note) ?? 0) + count);
  return [...counts].map(([note, count]) => ({ code: 'graph-error', message: `${count} time(s): ${note}` }));
}

/** Folds the counts of all chunks into what the job record shows. */
export function summarize(chunks: readonly ReportCounts[]): {
  status: JobStatus;
  counts: Record<string, number>;
  written: number;
  followUps: FollowUp[];
  notices: JobNotice[];
} {
  const counts: Record<string, number> = { ...noResults };
  let incomplete = 0;
  let written = 0;
  for (const chunk of chunks) {
    for (const [result, count] of Object.entries(chunk.results)) counts[result] = (counts[result] ?? 0) + count;
    incomplete += chunk.incomplete;
    written += chunk.written ?? 0;
  }
  return {
    status: jobStatusOf(counts, incomplete, written),
    counts,
    written,
    followUps: joined(chunks.map(({ followUps }) => followUps)),
    notices: refusalNotices(chunks),
  };
}
