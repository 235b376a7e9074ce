/** Rings of names in a stored plan: who steps aside for a moment, so that the others can move. */
import { getLines, putJson, putLines } from '../storage/json-blob.ts';
import type { JobContext } from './job-context.ts';
import { layout } from './layout.ts';
import { asideName, ringsOf } from './name-rings.ts';
import { addSummaries, emptySummary, type PlanSummary } from './plan-summary.ts';
import type { PlannedObject } from './planning.ts';

/** Keeps the rings among all users of a job, adds their extra writes to its plan, and to what that comes to. */
export async function planRings(context: JobContext, summary: PlanSummary): Promise<PlanSummary> {
  const rings = ringsOf(summary.renames);
  if (rings.length === 0) return summary;
  // With the name for a moment, for whoever follows a line of the audit log to where its value is kept.
  const kept = rings.map((ring) => ring.map((one, at) => (at === 0 ? { ...one, aside: asideName(one) } : one)));
  await putJson(context.bucket, layout.nameRings(context), kept);
  const byChunk = Map.groupBy(
    rings.flatMap(([first]) => first ?? []),
    ({ chunk }) => chunk,
  );
  for (const [chunk, firsts] of byChunk) {
    const name = layout.plan(context, chunk);
    const lines = (await getLines<PlannedObject>(context.bucket, name)) ?? [];
    const isFirst = (at: number) => firsts.some(({ index }) => index === at);
    await putLines(
      context.bucket,
      name,
      lines.map((line, at) => (isFirst(at) ? { ...line, stepsAside: true } : line)),
    );
  }
  const steps = { update: rings.length };
  return addSummaries([summary, { ...emptySummary, steps, stepsByKind: { users: steps } }]);
}
