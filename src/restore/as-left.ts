/**
 * What a job that broke off has done, as its traces tell: outcomes where there are some; for an object without one the ledger and the journal, which
 * were written before its write or with it; for a link without one its step. Asks nothing of Graph.
 */
import type { Id } from '../directory/record.ts';
import { madeBy } from '../job/job-store.ts';
import { getLines } from '../storage/json-blob.ts';
import { carriedOf } from './expecting.ts';
import type { JobContext } from './job-context.ts';
import { beforeOf } from './journal.ts';
import { layout } from './layout.ts';
import { linkOutcomesLeft, stepsIn } from './link-outcomes.ts';
import { type PlacedLinkOutcome, untried } from './link-writing.ts';
import type { LinkOutcome, ObjectOutcome, ReportObject } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { ended } from './overlay.ts';
import type { PlannedObject } from './planning.ts';
import type { Told } from './verifying.ts';

const begunNote =
  'The job broke off while this was written, and nobody knows how much of it was. Restore again: what is done is not repeated.';

/** Objects and links of a chunk, by the object's place. An object the job did not come to has no outcome. */
export async function toldAsLeft(context: JobContext, chunk: number): Promise<Pick<Told, 'outcomes' | 'links'>> {
  const planned = (await getLines<PlannedObject>(context.bucket, layout.plan(context, chunk))) ?? [];
  const outcomes = await outcomesAsLeft(context, chunk, planned);
  return { outcomes, links: await linksAsLeft(context, chunk, planned, outcomes) };
}

async function outcomesAsLeft(
  context: JobContext,
  chunk: number,
  planned: readonly PlannedObject[],
): Promise<ReadonlyMap<number, ObjectOutcome>> {
  const { kind, ids } = await context.chosen(chunk);
  const outcomes = new Map(await outcomesOf(context, chunk));
  const open = ids.flatMap((id, index) => (outcomes.has(index) ? [] : [{ id, index }]));
  const ledger = await context.jobs.successors(
    context.connectorId,
    open.map(({ id }) => id),
  );
  for (const { id, index } of open) {
    const { action, displayName } = planned[index] ?? {};
    const base = { kind, id, ...(displayName === undefined ? {} : { displayName }) };
    const entry = ledger.get(id);
    const ours = entry?.jobId === context.jobId ? entry.newId : undefined;
    const made = action === 'create' && madeBy(entry, context.jobId) ? ours : undefined;
    outcomes.set(index, await outcomeAsLeft(context, base, made, ours ?? id));
  }
  return outcomes;
}

async function outcomeAsLeft(
  context: JobContext,
  base: Pick<ObjectOutcome, 'kind' | 'id' | 'displayName'>,
  createdId: Id | undefined,
  liveId: Id,
): Promise<ObjectOutcome> {
  if (createdId !== undefined)
    return { ...base, newId: createdId, result: 'created', note: begunNote, actions: ['create'], attributes: [] };
  const isBegun = (await beforeOf(context, context, liveId)) !== undefined;
  return isBegun ? { ...ended(base, 'failed', 'graph-error'), note: begunNote } : ended(base, 'failed', 'not-tried');
}

/** Whether something was done to an object, for all that is known. */
export const mayBeWritten = ({ actions, note }: ReportObject): boolean => actions.length > 0 || note === begunNote;

/** A link that was planned and of which nothing is told was not tried, or not to the end. */
async function linksAsLeft(
  context: JobContext,
  chunk: number,
  planned: readonly PlannedObject[],
  outcomes: ReadonlyMap<number, ObjectOutcome>,
): Promise<ReadonlyMap<number, readonly LinkOutcome[]>> {
  const told = await linkOutcomesLeft(context, chunk);
  const left = new Map([...told].map(([index, links]) => [index, [...links]]));
  const keyOf = (index: number, { relation, targetId }: LinkOutcome) => `${index} ${relation} ${targetId}`;
  const known = new Set([...told].flatMap(([index, links]) => links.map((link) => keyOf(index, link))));
  for (const { chunk: _, index, ...outcome } of await untoldLinks(context, chunk, planned, outcomes)) {
    if (known.has(keyOf(index, outcome))) continue;
    const links = left.get(index) ?? [];
    left.set(index, links);
    links.push(outcome);
  }
  return left;
}

/** Of the steps that the linking stage was given; else of those it would have been given: of objects that came back, as they were planned. */
async function untoldLinks(
  context: JobContext,
  chunk: number,
  planned: readonly PlannedObject[],
  outcomes: ReadonlyMap<number, ObjectOutcome>,
): Promise<readonly PlacedLinkOutcome[]> {
  const [steps, last] = [layout.linkSteps(context, chunk), layout.lastLinkSteps(context, chunk)];
  if (await context.bucket.exists(steps)) {
    const given = untried(await stepsIn(context, [steps, last]));
    return given.map((one) => (one.reason === 'not-tried' && one.action ? { ...one, note: begunNote } : one));
  }
  const isCarried = await carriedOf(context);
  return planned.flatMap(({ links }, index) => {
    const { result } = outcomes.get(index) ?? {};
    if (result === undefined || result === 'failed' || result === 'skipped') return [];
    return untried(links.map((step) => (isCarried(step) ? { ...step, isCarried: true } : step)));
  });
}
