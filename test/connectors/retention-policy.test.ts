/** Which snapshots a policy keeps, and why. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DatedSnapshot, decideRetention, retentionSchema } from '../../src/connectors/retention-policy.ts';

const day = 86_400_000;
const now = new Date('2026-11-23T12:00:00Z');
/** A snapshot each night for so many days before now, the newest first. */
const nightly = (days: number): DatedSnapshot[] =>
  Array.from({ length: days }, (_, ago) => {
    const createdDateTime = new Date(Date.UTC(2026, 10, 23, 2) - ago * day).toISOString();
    return { id: createdDateTime.slice(0, 10), createdDateTime, status: 'complete' };
  });
const kept = (snapshots: readonly DatedSnapshot[], fields: object, held?: Parameters<typeof decideRetention>[3]) =>
  decideRetention(snapshots, retentionSchema.parse(fields), now, held).filter(({ keep }) => keep);

describe('a policy', () => {
  it('keeps the last ones, and the newest of each day, week, month and year, each with its reason', () => {
    const year = nightly(800);
    expect(kept(year, { keepLast: 2 }).map(({ id }) => id)).toEqual(['2026-11-23', '2026-11-22']);
    expect(kept(year, { monthly: 3 }).map(({ id }) => id)).toEqual(['2026-11-23', '2026-10-31', '2026-09-30']);
    expect(kept(year, { yearly: 5 }).map(({ id }) => id)).toEqual(['2026-11-23', '2025-12-31', '2024-12-31']);
    // 22 November 2026 is a Sunday: the week before ends with it.
    expect(kept(year, { weekly: 3 }).map(({ id }) => id)).toEqual(['2026-11-23', '2026-11-22', '2026-11-15']);
    const [newest, second] = kept(year, { keepLast: 1, daily: 2, monthly: 1 });
    expect(newest?.reasons).toEqual(['newest-complete', 'last', 'daily', 'monthly']);
    expect(second?.reasons).toEqual(['daily']);
  });

  it('removes nothing younger than the minimum age', () => {
    const young = kept(nightly(30), { keepLast: 1, minimumAgeDays: 7 });
    expect(young.map(({ id }) => id)).toEqual(
      nightly(30)
        .slice(0, 7)
        .map(({ id }) => id),
    );
    expect(young.at(-1)?.reasons).toEqual(['younger-than-minimum-age']);
  });

  it('lets a partial snapshot fill nobody’s place, and keeps the newest complete one in any case', () => {
    const [first, second, third] = nightly(3);
    if (!first || !second || !third) throw new Error('three nights');
    const some: DatedSnapshot[] = [{ ...first, status: 'partial' }, second, third];
    expect(kept(some, { keepLast: 1 }).map(({ id }) => id)).toEqual([second.id]);
    expect(kept([{ ...first, status: 'partial' }], { keepLast: 1 })).toEqual([]);
  });

  it('lets a suspect snapshot fill nobody’s place, and keeps the newest one that still waits to be accepted', () => {
    const [first, second, third, fourth] = nightly(4);
    if (!first || !second || !third || !fourth) throw new Error('four nights');
    const suspect = true;
    const some: DatedSnapshot[] = [{ ...first, suspect }, { ...second, suspect }, third, { ...fourth, suspect }];
    expect(kept(some, { keepLast: 2 }).map(({ id, reasons }) => [id, reasons])).toEqual([
      [first.id, ['to-be-accepted']],
      [third.id, ['newest-complete', 'last']],
    ]);
    const accepted = [{ ...first, suspect: false }, ...some.slice(1)];
    expect(kept(accepted, { keepLast: 1 }).map(({ id }) => id)).toEqual([first.id]);
  });

  it('keeps what is held, whatever it says', () => {
    const held = new Map([['2026-01-01', 'legal-hold' as const]]);
    expect(kept(nightly(800), { keepLast: 1 }, held).map(({ id, reasons }) => [id, reasons])).toEqual([
      ['2026-11-23', ['newest-complete', 'last']],
      ['2026-01-01', ['legal-hold']],
    ]);
  });

  it('that keeps more never keeps fewer; deciding again over what it kept changes nothing', () => {
    const howMany = fc.nat(4);
    const policies = fc.record({
      keepLast: fc.integer({ min: 1, max: 4 }),
      daily: howMany,
      weekly: howMany,
      monthly: howMany,
      yearly: howMany,
    });
    const times = fc.uniqueArray(fc.nat(900), { minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(
        policies,
        times,
        fc.constantFrom('keepLast', 'daily', 'weekly', 'monthly', 'yearly'),
        (policy, ago, more) => {
          const snapshots = nightly(901).filter((_, index) => ago.includes(index));
          const first = kept(snapshots, policy).map(({ id }) => id);
          const wider = kept(snapshots, { ...policy, [more]: policy[more as 'daily'] + 1 }).map(({ id }) => id);
          expect(wider).toEqual(expect.arrayContaining(first));
          const left = snapshots.filter(({ id }) => first.includes(id));
          expect(kept(left, policy).map(({ id }) => id)).toEqual(first);
        },
      ),
    );
  });
});
