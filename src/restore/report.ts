/** Reading what a restore job left: its plan, page by page, and its report, line by line and of any size. */
import { AppError } from '../errors.ts';
import type { Bucket } from '../storage/bucket.ts';
import { getJson, getLines } from '../storage/json-blob.ts';
import type { Selection } from './job-context.ts';
import { type JobInput, layout } from './layout.ts';
import type { ReportObject } from './outcome.ts';
import type { PlanSummary } from './plan-summary.ts';
import { type PlannedObject, type PlanStep, planSteps } from './planning.ts';

const chunksOf = ({ kinds }: Selection): number => kinds.reduce((sum, { chunks }) => sum + chunks, 0);

async function selectionOf(bucket: Bucket, input: JobInput): Promise<Selection> {
  const selection = await getJson<Selection>(bucket, layout.selection(input));
  if (selection === undefined)
    throw new AppError('not-found', `The job ${input.jobId} has chosen nothing yet. Ask again when it has planned.`);
  return selection;
}

/** The objects of a report in the order they were restored. Throws `not-found` while there is none. */
export async function* readReport(bucket: Bucket, input: JobInput): AsyncGenerator<ReportObject> {
  const selection = await selectionOf(bucket, input);
  for (let chunk = 0; chunk < chunksOf(selection); chunk += 1) {
    const objects = await getLines<ReportObject>(bucket, layout.report(input, chunk));
    if (objects === undefined)
      throw new AppError('not-found', `The job ${input.jobId} has no report yet. Ask again when it has ended.`);
    yield* objects;
  }
}

export interface PlanPage {
  readonly value: readonly (PlanStep & { readonly id: string })[];
  readonly cursor?: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly countsByKind: PlanSummary['stepsByKind'];
}

const cursorForm = /^(\d+)-(\d+)-(\d+)$/;

/**
 * A page of at most `top` of the plan's steps. `cursor` as an earlier page gave it.
 * @throws AppError `not-found` while nothing is planned, `invalid-input` for a cursor that is not ours.
 */
export async function readPlan(bucket: Bucket, input: JobInput, top: number, cursor = '0-0-0'): Promise<PlanPage> {
  const selection = await selectionOf(bucket, input);
  const place = cursorForm.exec(cursor);
  if (place === null) throw new AppError('invalid-input', 'The cursor is not one that a page of this plan gave.');
  const from = place.slice(1).map(Number);
  const value: (PlanStep & { id: string })[] = [];
  for await (const step of stepsFrom(bucket, input, selection, from)) {
    if (value.length === top) return { value, cursor: step.id, ...(await planCounts(bucket, input)) };
    value.push(step);
  }
  return { value, ...(await planCounts(bucket, input)) };
}

/** Steps in their order, from the one at this chunk, line and place in the line; named by these three. */
async function* stepsFrom(
  bucket: Bucket,
  input: JobInput,
  selection: Selection,
  [firstChunk = 0, firstLine = 0, firstPlace = 0]: readonly number[],
): AsyncGenerator<PlanStep & { id: string }> {
  for (let chunk = firstChunk; chunk < chunksOf(selection); chunk += 1) {
    const objects = await getLines<PlannedObject>(bucket, layout.plan(input, chunk));
    if (objects === undefined)
      throw new AppError('not-found', `The job ${input.jobId} is still planning. Ask again in a moment.`);
    for (const [line, object] of objects.entries()) {
      const before = chunk === firstChunk ? line - firstLine : 1;
      if (before < 0) continue;
      for (const [index, step] of planSteps(object).entries())
        if (before > 0 || index >= firstPlace) yield { id: `${chunk}-${line}-${index}`, ...step };
    }
  }
}

/** Steps per action, of all kinds and of each. */
const planCounts = async (bucket: Bucket, input: JobInput): Promise<Pick<PlanPage, 'counts' | 'countsByKind'>> => ({
  counts: (await getJson<PlanPage['counts']>(bucket, layout.planCounts(input))) ?? {},
  countsByKind: (await getJson<PlanPage['countsByKind']>(bucket, layout.planCountsByKind(input))) ?? {},
});
