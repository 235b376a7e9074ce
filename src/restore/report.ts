/** Reading what a restore job left: its plan, page by page, and its report, line by line and of any size. */
import { AppError } from '../errors.ts';
import type { Bucket } from '../storage/bucket.ts';
import { getJson, getLines } from '../storage/json-blob.ts';
import type { Selection } from './job-context.ts';
import { type JobInput, layout } from './layout.ts';
import type { ReportObject } from './outcome.ts';
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
}

const cursorForm = /^(\d+)-(\d+)$/;

/**
 * A page of the plan's steps. `cursor` as an earlier page gave it; `top` is the least number of steps a page is closed at
 * (an object's steps stay together).
 * @throws AppError `not-found` while nothing is planned, `invalid-input` for a cursor that is not ours.
 */
export async function readPlan(bucket: Bucket, input: JobInput, top: number, cursor?: string): Promise<PlanPage> {
  const selection = await selectionOf(bucket, input);
  const place = cursorForm.exec(cursor ?? '0-0');
  if (place === null) throw new AppError('invalid-input', 'The cursor is not one that a page of this plan gave.');
  let chunk = Number(place[1]);
  let line = Number(place[2]);
  const value: (PlanStep & { id: string })[] = [];
  for (; chunk < chunksOf(selection); chunk += 1, line = 0) {
    const objects = await getLines<PlannedObject>(bucket, layout.plan(input, chunk));
    if (objects === undefined)
      throw new AppError('not-found', `The job ${input.jobId} is still planning. Ask again in a moment.`);
    for (; line < objects.length; line += 1) {
      if (value.length >= top) return { value, cursor: `${chunk}-${line}`, counts: await planCounts(bucket, input) };
      const object = objects[line];
      if (object !== undefined)
        value.push(...planSteps(object).map((step, index) => ({ id: `${chunk}-${line}-${index}`, ...step })));
    }
  }
  return { value, counts: await planCounts(bucket, input) };
}

const planCounts = async (bucket: Bucket, input: JobInput) =>
  (await getJson<Record<string, number>>(bucket, layout.planCounts(input))) ?? {};
