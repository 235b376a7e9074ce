/** The proof every scenario ends with (style.md 2.6): doing it again finds nothing to do. */
import { expect } from 'vitest';
import type { Json, TestSystem } from './system.ts';

/**
 * Runs the same restore a second time, and a dry run of it, and expects no write at all.
 * @returns the second run's job and report, for scenarios in which something keeps being skipped.
 */
export async function expectNothingLeftToDo(
  system: TestSystem,
  request: Readonly<Record<string, unknown>>,
): Promise<{ readonly job: Json; readonly report: Json }> {
  await system.forgetStats();
  const again = await system.restore(request);
  expect(await system.writes(), 'writes of the second restore').toBe(0);
  const plan = await system.startRestore({ ...request, dryRun: true });
  await system.waitForJob(plan);
  const { value: steps } = (await system.api('GET', `/jobs/${plan}/plan`)).body;
  expect(steps.filter((step: Json) => step.action !== 'skip')).toEqual([]);
  expect(await system.writes(), 'writes of the dry run').toBe(0);
  return again;
}

/** The same, for restores after which nothing at all is lacking. */
export async function expectUnchangedAgain(
  system: TestSystem,
  request: Readonly<Record<string, unknown>>,
): Promise<void> {
  const { job, report } = await expectNothingLeftToDo(system, request);
  expect(report.objects.map((object: Json) => object.result)).toEqual(report.objects.map(() => 'unchanged'));
  expect(job.status).toBe('completed');
}
