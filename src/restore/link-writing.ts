/**
 * The linking stage (R25, R37, R38, R41-R47): steps of many objects, grouped by the object that is written, sent so that one write
 * carries as many links as Graph takes, and settled: a refusal is looked into before it is believed.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { WriteResult } from '../directory/gateway.ts';
import { slices } from '../durable/orchestration.ts';
import { isAppError } from '../errors.ts';
import { readSlots, writeSlots } from '../storage/slotted-blob.ts';
import { keepPass } from './credentials.ts';
import type { JobContext } from './job-context.ts';
import { type JobInput, layout, linkSlots } from './layout.ts';
import { finalRefusal, guarded, mayPass, passPermission, presentTargets } from './link-refusals.ts';
import { type Sending, sendings, sendingsOfGroup } from './link-sendings.ts';
import { actionOf, type LinkStep } from './links.ts';
import type { LinkOutcome, ThingResult } from './outcome.ts';
import type { Reason } from './reasons.ts';
import { type Refusal, whyForbidden } from './refusals.ts';

/** An outcome with the place of the object it belongs to. */
export interface PlacedLinkOutcome extends LinkOutcome {
  readonly chunk: number;
  readonly index: number;
}

/** New objects take some seconds to be linkable (graph-facts 4.4); together about forty. */
const waitsMs = [1_000, 3_000, 8_000, 12_000, 16_000];

export interface LinkCounts {
  readonly done: number;
  readonly notDone: number;
}

/** Slots of the steps of all chunks: `[from, to)`. */
export interface LinkRange {
  readonly from: number;
  readonly to: number;
  readonly chunks: number;
  /** Those that are written when all others are. */
  readonly last: boolean;
}

/** Whether the job's end was asked for. */
export type IsCancelled = () => Promise<boolean>;

/** Carries out the steps whose slots fall into `[from, to)`. Run again it finds its own outcomes and does nothing. */
export async function writeLinks(
  context: JobContext,
  part: number,
  { from, to, chunks, last }: LinkRange,
  isCancelled: IsCancelled,
): Promise<LinkCounts> {
  const name = layout.linkOutcomes(context, part);
  if (await context.bucket.exists(name)) return { done: 0, notDone: 0 };
  const steps: LinkStep[] = [];
  const keptIn = last ? layout.lastLinkSteps : layout.linkSteps;
  for (let chunk = 0; chunk < chunks; chunk += 1)
    for await (const line of readSlots(context.bucket, keptIn(context, chunk), from, to))
      steps.push(JSON.parse(line) as LinkStep);
  const outcomes = await settleLinks(context, steps, keptIn, isCancelled);
  await writeSlots(
    context.bucket,
    name,
    linkSlots,
    outcomes.map((outcome) => ({ slot: outcome.chunk % linkSlots, line: JSON.stringify(outcome) })),
  );
  const done = outcomes.filter(({ result }) => result === 'done').length;
  return { done, notDone: outcomes.length - done };
}

/** The blob that keeps the steps of a chunk. */
type KeptIn = (job: JobInput, chunk: number) => string;

/** Carries out steps whenever that may be; those that are only to be skipped have their outcome, too. Cancelled, it begins no further write. */
export const settleLinks = async (
  context: JobContext,
  steps: readonly LinkStep[],
  keptIn: KeptIn,
  isCancelled: IsCancelled = async () => false,
): Promise<PlacedLinkOutcome[]> => [...skips(steps), ...(await carryOut(context, steps, keptIn, isCancelled))];

const isSettled = ({ act, isCarried }: LinkStep): boolean => act === 'skip' || isCarried === true;

/** What is not to be written: left out for a reason, or done with a creation. */
const skips = (steps: readonly LinkStep[]): PlacedLinkOutcome[] =>
  steps.filter(isSettled).map((step) => {
    if (step.isCarried === true) return placed(step, 'done');
    return step.reason === undefined ? placed(step, 'skipped') : refused(step, { ...step, reason: step.reason });
  });

/** The job's end was asked for before these links were begun. */
const notTried = (steps: readonly LinkStep[]): PlacedLinkOutcome[] =>
  steps.map((step) => placed(step, 'skipped', 'not-tried'));

/** Of steps that the job did not come to. */
export const untried = (steps: readonly LinkStep[]): PlacedLinkOutcome[] => [
  ...skips(steps),
  ...notTried(steps.filter((step) => !isSettled(step))),
];

async function carryOut(
  context: JobContext,
  steps: readonly LinkStep[],
  keptIn: KeptIn,
  isCancelled: IsCancelled,
): Promise<PlacedLinkOutcome[]> {
  const outcomes: PlacedLinkOutcome[] = [];
  // Passes are secrets: sealed as soon as Graph has told them, and nowhere else. Issued again, the last one counts.
  for (const step of steps.filter(({ act }) => act === 'pass'))
    outcomes.push(...((await isCancelled()) ? notTried([step]) : [await issuePass(context, step)]));
  const writes = steps.filter((step) => !isSettled(step) && step.act !== 'pass');
  // A group never is without its last owner: the new one comes before the old one goes.
  const isLeaving = ({ act, relation }: LinkStep) => act === 'unlink' && relation === 'owners';
  for (const some of [writes.filter((step) => !isLeaving(step)), writes.filter(isLeaving)])
    outcomes.push(...(await send(context, some, keptIn, isCancelled)));
  return outcomes;
}

/** Writes that are under way together, five batches of them: when a job's end is asked for, no more than these are still sent. */
export const writesAtOnce = 100;

/** Sends steps, and those again whose refusal may pass. */
async function send(
  context: JobContext,
  steps: readonly LinkStep[],
  keptIn: KeptIn,
  isCancelled: IsCancelled,
): Promise<PlacedLinkOutcome[]> {
  const blobsOf = ({ steps: some }: Sending) => [...new Set(some.map(({ origin }) => keptIn(context, origin.chunk)))];
  const outcomes: PlacedLinkOutcome[] = [];
  const sendOnce = async (some: readonly Sending[], isLast: boolean): Promise<Sending[]> => {
    const results = await context.gateway.apply(
      some.map(({ write }) => write),
      some.map(blobsOf),
    );
    const again: Sending[] = [];
    for (const [index, sending] of some.entries()) {
      const result: WriteResult = results[index] ?? { ok: false, problem: 'uncertain' };
      if (result.ok) outcomes.push(...sending.steps.map((step) => placed(step, 'done')));
      else again.push(...(await settle(context, sending, result, outcomes, isLast)));
    }
    return again;
  };
  let open: readonly Sending[] = [];
  for (const some of slices(sendings(steps, context.gateway.now()), writesAtOnce)) {
    if (await isCancelled()) outcomes.push(...notTried(some.flatMap((sending) => sending.steps)));
    else open = [...open, ...(await sendOnce(some, false))];
  }
  for (const [at, waitMs] of waitsMs.entries()) {
    if (open.length === 0) break;
    await pause(waitMs);
    open = await sendOnce(open, at === waitsMs.length - 1);
  }
  return outcomes;
}

async function issuePass(context: JobContext, step: LinkStep): Promise<PlacedLinkOutcome> {
  for (const waitMs of [...waitsMs, 0]) {
    try {
      const pass = await context.gateway.issuePass(step.source);
      await keepPass(context, context, step.userId ?? step.source, pass, context.clock());
      return placed(step, 'done');
    } catch (error) {
      if (isAppError(error, 'forbidden'))
        return refused(step, await whyForbidden(context, passPermission, guarded('users', step.source)));
      if (isAppError(error, 'throttled')) return refused(step, { reason: 'throttled-gave-up' });
      if (!isAppError(error, 'refused', 'unsupported', 'not-found')) throw error;
    }
    // So soon after its creation the user may not be known there yet.
    await pause(waitMs);
  }
  return placed(step, 'failed', 'graph-error');
}

/**
 * Looks into a refused write. Links that are there by now (an earlier run's, or another's) are done; of a write that carried
 * several, each is then sent alone; a refused single one is final unless an end may still be replicating.
 */
async function settle(
  context: JobContext,
  sending: Sending,
  failure: Extract<WriteResult, { ok: false }>,
  outcomes: PlacedLinkOutcome[],
  last: boolean,
): Promise<Sending[]> {
  // Held back for too long, or a right is lost: asking on would only cost more of the same.
  const present = failure.problem === 'throttled' ? new Set() : await presentTargets(context, sending);
  const isThere = (step: LinkStep) => present.has(step.target);
  outcomes.push(...sending.steps.filter(isThere).map((step) => placed(step, 'done')));
  const open = sending.steps.filter((step) => !isThere(step));
  const carried = new Set(open.map(({ target }) => target));
  // A right or the quota is lacking for the source: sent one by one, all would meet the same.
  const isOfSource = failure.problem === 'throttled' || failure.problem === 'forbidden';
  if (open.length > 0 && carried.size > 1 && !last && !isOfSource)
    return [...carried].flatMap((target) =>
      sendingsOfGroup(
        open.filter((step) => step.target === target),
        context.gateway.now(),
      ),
    );
  if (open.length > 0 && !last && (await mayPass(context, sending, failure)))
    return sendings(open, context.gateway.now());
  if (open.length === 0) return [];
  const refusal = await finalRefusal(context, sending, failure);
  outcomes.push(...open.map((step) => refused(step, refusal)));
  return [];
}

const placed = (step: LinkStep, result: ThingResult, reason?: Reason): PlacedLinkOutcome => ({
  ...step.origin,
  ...actedOn(step),
  relation: step.name,
  targetId: step.targetId,
  ...newTarget(step),
  ...(step.targetName === undefined ? {} : { targetName: step.targetName }),
  result,
  ...(reason === undefined ? {} : { reason }),
  ...(step.note === undefined ? {} : { note: step.note }),
});

const actedOn = (step: LinkStep): Pick<LinkOutcome, 'action'> => {
  const action = actionOf(step);
  return action === 'skip' ? {} : { action };
};

/** What Graph refused for no reason that could be found, or for too long, has failed; the rest was better left alone. */
const refused = (step: LinkStep, { reason, note }: Refusal): PlacedLinkOutcome => ({
  ...placed(step, reason === 'graph-error' || reason === 'throttled-gave-up' ? 'failed' : 'skipped', reason),
  ...(note === undefined ? {} : { note }),
});

/** The other end as seen from the restored object, whichever end is written. */
const newTarget = ({ target, targetId, otherId = target }: LinkStep) =>
  otherId === targetId ? {} : { newTargetId: otherId };
