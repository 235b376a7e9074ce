/** What became of the objects of a chunk, as the object stage left it. */
import type { JobContext } from './job-context.ts';
import type { ObjectOutcome } from './outcome.ts';

/** By the object's place in its chunk. */
export async function outcomesOf(context: JobContext, chunk: number): Promise<ReadonlyMap<number, ObjectOutcome>> {
  const stored = await context.jobs.outcomes(context.jobId, chunk);
  return new Map(stored.map(({ index, json }) => [index, JSON.parse(json) as ObjectOutcome]));
}
