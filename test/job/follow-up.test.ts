import { describe, expect, it } from 'vitest';
import { type FollowUp, isAwaited, lookedAfter, pendingFollowUp, withCancelled } from '../../src/job/follow-up.ts';

const begun = new Date('2026-03-01T00:00:00Z');
const later = (days: number) => new Date(begun.getTime() + days * 86_400_000);
const advice: FollowUp = { id: 'passwords', what: 'w', who: 'x', objectIds: ['u'] };
const pending = pendingFollowUp({ ...advice, id: 'sync' }, begun);

describe('a follow-up', () => {
  it('waits for thirty days, and then fails as expired', () => {
    const open = { pending: 1, failed: 0 };
    expect(lookedAfter(pending, open, later(29))).toEqual(pending);
    const tried = lookedAfter(pending, { ...open, reason: 'throttled-gave-up' }, later(29));
    expect(tried).toEqual({ ...pending, reason: 'throttled-gave-up' });
    expect(lookedAfter(tried, open, later(29))).toEqual(pending);
    expect(isAwaited(pending, later(29))).toBe(true);
    expect(isAwaited(pending, later(30))).toBe(false);
    expect(lookedAfter(pending, open, later(30))).toEqual({
      ...advice,
      id: 'sync',
      state: 'failed',
      reason: 'expired',
      completedDateTime: later(30).toISOString(),
    });
  });

  it('is completed once nothing is pending, and failed if anything went wrong', () => {
    expect(lookedAfter(pending, { pending: 0, failed: 0 }, later(1))).toMatchObject({
      state: 'completed',
      completedDateTime: later(1).toISOString(),
    });
    const wrong = { pending: 0, failed: 1, reason: 'anchor-conflict' };
    expect(lookedAfter(pending, wrong, later(1))).toMatchObject({ state: 'failed', reason: 'anchor-conflict' });
  });

  it('stays as it ended, and is never looked after where only a person can know', () => {
    const completed = lookedAfter(pending, { pending: 0, failed: 0 }, later(1));
    expect(lookedAfter(completed, { pending: 1, failed: 0 }, later(40))).toBe(completed);
    expect(lookedAfter(advice, undefined, later(40))).toBe(advice);
  });

  it('is cancelled once, while it is pending', () => {
    const [left, cancelled] = withCancelled([advice, pending], 'sync', later(2));
    expect(left).toBe(advice);
    expect(cancelled).toMatchObject({ state: 'cancelled', completedDateTime: later(2).toISOString() });
    expect(() => withCancelled([cancelled as FollowUp], 'sync', later(3))).toThrow(/not pending: it is cancelled/);
    expect(() => withCancelled([advice], 'passwords', later(3))).toThrow(/for a person to do/);
    expect(() => withCancelled([advice], 'none', later(3))).toThrow(/no follow-up with this id/);
  });
});
