import { describe, expect, it } from 'vitest';
import { estimatedCompletion, isWorkPhase, type Work } from '../../src/job/estimate.ts';

const since = new Date('2026-03-01T00:00:00Z');
const at = (seconds: number) => new Date(since.getTime() + seconds * 1000);
const work = (fields: Partial<Work>): Work => ({
  steps: { objects: 100, linking: 300, verifying: 100 },
  phase: 'objects',
  done: 50,
  since,
  ...fields,
});

describe('when a job will be done', () => {
  it('follows from the steps done and the time they took, every phase by its number of steps', () => {
    expect(estimatedCompletion(work({}), at(10))).toEqual(at(100));
    expect(estimatedCompletion(work({ phase: 'linking', done: 150 }), at(10))).toEqual(at(20));
    expect(estimatedCompletion(work({ phase: 'verifying', done: 0 }), at(40))).toEqual(at(50));
  });

  it('is not known before anything has been measured', () => {
    expect(estimatedCompletion(work({ done: 0 }), at(100))).toBeUndefined();
    expect(estimatedCompletion(work({ done: 9 }), at(100))).toBeUndefined();
    expect(estimatedCompletion(work({ done: 90 }), at(1))).toBeUndefined();
  });

  it('is not told of a tiny job that is as good as done', () => {
    const tiny = { steps: { objects: 1, linking: 0, verifying: 1 }, done: 1 };
    expect(estimatedCompletion(work({ ...tiny, phase: 'verifying' }), at(3))).toBeUndefined();
    expect(estimatedCompletion(work({ ...tiny, phase: 'objects' }), at(3))).toEqual(at(6));
    const empty = { objects: 0, linking: 0, verifying: 0 };
    expect(estimatedCompletion(work({ steps: empty, done: 0 }), at(9))).toBeUndefined();
  });

  it('counts a wait for throttling once: one under way is the earliest end, and nothing is added to it', () => {
    expect(estimatedCompletion(work({ throttledUntil: at(60) }), at(10))).toEqual(at(100));
    expect(estimatedCompletion(work({ throttledUntil: at(160) }), at(10))).toEqual(at(160));
  });

  it('never counts more steps than a phase has', () => {
    expect(estimatedCompletion(work({ done: 1_000 }), at(10))).toEqual(at(50));
  });
});

it('R53 knows the phases that have steps', () => {
  expect(['planning', 'objects', 'linking', 'verifying', undefined].map(isWorkPhase)).toEqual([
    false,
    true,
    true,
    true,
    false,
  ]);
});
