/**
 * Links of a plan to objects of the same job: planned chunk by chunk, each counts on all of them to come. When every chunk is planned it shows which
 * will be missing (R37), which are there already under another id, and which links stand on two rows; then the plan says so, as the report will.
 */
import type { Id } from '../directory/record.ts';
import { getJson, getLines, putJson, putLines } from '../storage/json-blob.ts';
import type { JobContext } from './job-context.ts';
import { layout } from './layout.ts';
import type { LinkStep } from './links.ts';
import { emptySummary, type PlanSummary, summarizePlan } from './plan-summary.ts';
import { type PlannedObject, planChunk, planSteps } from './planning.ts';

/** The summaries of a job's chunks, once they know of each other. Run again it finds nothing left to change. */
export async function settlePlan(context: JobContext, chunks: number): Promise<readonly PlanSummary[]> {
  const summaries: PlanSummary[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) summaries.push(await summaryOf(context, chunk));
  const found = new Map(summaries.flatMap((summary) => summary.found));
  const again = found.size === 0 ? summaries : await withFound(context, summaries, found);
  return settleEnds(context, again);
}

const stored = (context: JobContext, chunk: number): Promise<PlanSummary | undefined> =>
  getJson<PlanSummary>(context.bucket, layout.planSummary(context, chunk));

/** Without those of whom nothing is told: where live objects are left alone that may be everybody, and few jobs ask for them. */
const summaryOf = async (context: JobContext, chunk: number): Promise<PlanSummary> => ({
  ...emptySummary,
  ...(await stored(context, chunk)),
  silent: [],
});

/** As large as what the job leaves alone, where links between its objects are planned beside that. */
async function silentOf(context: JobContext, chunks: number): Promise<ReadonlySet<string>> {
  const silent = new Set<string>();
  for (let chunk = 0; chunk < chunks; chunk += 1)
    for (const one of (await stored(context, chunk))?.silent ?? []) silent.add(one);
  return silent;
}

const linesOf = async (context: JobContext, chunk: number): Promise<readonly PlannedObject[]> =>
  (await getLines<PlannedObject>(context.bucket, layout.plan(context, chunk))) ?? [];

/** Plans those chunks again that count on somebody who is there already. @param found snapshot id -> live id. */
async function withFound(
  context: JobContext,
  summaries: readonly PlanSummary[],
  found: ReadonlyMap<Id, Id>,
): Promise<readonly PlanSummary[]> {
  const settled: PlanSummary[] = [];
  for (const [chunk, summary] of summaries.entries()) {
    const steps = (await linesOf(context, chunk)).flatMap(({ links, resting = [] }) => [...links, ...resting]);
    const isConcerned = steps.some(({ isAwaited, targetId }) => isAwaited === true && found.has(targetId));
    if (isConcerned) await planChunk(context, chunk, found);
    settled.push(isConcerned ? await summaryOf(context, chunk) : summary);
  }
  return settled;
}

/** @param summaries of all chunks, in their order. */
async function settleEnds(context: JobContext, summaries: readonly PlanSummary[]): Promise<readonly PlanSummary[]> {
  const lost = new Set(summaries.flatMap((summary) => summary.lost));
  const hasAnyTwins = summaries.some(({ hasTwins }) => hasTwins);
  if (lost.size === 0 && !hasAnyTwins) return summaries;
  const silent = hasAnyTwins ? await silentOf(context, summaries.length) : new Set<string>();
  const settled: PlanSummary[] = [];
  for (const [chunk, summary] of summaries.entries()) {
    if (lost.size === 0 && !summary.hasTwins) {
      settled.push(summary);
      continue;
    }
    const lines = await linesOf(context, chunk);
    const again = lines.map((line) => withLostEnds(withoutTwins(line, silent), lost));
    const { objects, steps, stepsByKind, reasons, licences } = summarizePlan(
      again.map(({ action }) => action),
      again.flatMap(planSteps),
    );
    const next = { ...summary, objects, steps, stepsByKind, reasons, licences, hasTwins: false };
    // The summary in any case: a run that died between the two has left the old one.
    if (again.some((line, at) => line !== lines[at]))
      await putLines(context.bucket, layout.plan(context, chunk), again);
    const { silent: own = [] } = (await stored(context, chunk)) ?? {};
    await putJson(context.bucket, layout.planSummary(context, chunk), { ...next, silent: own });
    settled.push(next);
  }
  return settled;
}

/** Each link on one row: that of the other end, unless nothing of that is told. */
function withoutTwins(line: PlannedObject, silent: ReadonlySet<string>): PlannedObject {
  const isTold = ({ twinOf }: LinkStep): boolean => twinOf === undefined || silent.has(twinOf);
  const { links, resting = [] } = line;
  if ([...links, ...resting].every(isTold)) return line;
  return { ...line, links: links.filter(isTold), resting: resting.filter(isTold) };
}

function withLostEnds(line: PlannedObject, lost: ReadonlySet<string>): PlannedObject {
  const isLost = ({ isAwaited, targetId, reason }: LinkStep): boolean =>
    isAwaited === true && reason !== 'linked-object-missing' && lost.has(targetId);
  const asLost = (step: LinkStep): LinkStep => ({ ...step, act: 'skip', reason: 'linked-object-missing' });
  const { links, resting = [] } = line;
  if (![...links, ...resting].some(isLost)) return line;
  return {
    ...line,
    links: [...links.map((step) => (isLost(step) ? asLost(step) : step)), ...resting.filter(isLost).map(asLost)],
    resting: resting.filter((step) => !isLost(step)),
  };
}
