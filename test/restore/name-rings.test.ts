import fc from 'fast-check';
import { expect, it } from 'vitest';
import { asideName, type Rename, ringsOf } from '../../src/restore/name-rings.ts';

const rename = (liveId: string, from: string, to: string): Rename => ({ chunk: 0, index: 0, liveId, from, to });
const idsOf = (renames: readonly Rename[]) => ringsOf(renames).map((ring) => ring.map(({ liveId }) => liveId));

it('finds two who swapped names, whatever the case of the letters, and three who passed theirs on', () => {
  expect(idsOf([rename('b', 'One@x', 'two@x'), rename('a', 'TWO@x', 'one@x')])).toEqual([['a', 'b']]);
  const three = [rename('a', '2@x', '1@x'), rename('b', '3@x', '2@x'), rename('c', '1@x', '3@x')];
  expect(idsOf(three)).toEqual([['a', 'b', 'c']]);
});

it('finds none where somebody’s name is free or a stranger’s, nor in another spelling of the own name', () => {
  expect(idsOf([rename('a', '2@x', '1@x'), rename('b', '3@x', '2@x')])).toEqual([]);
  expect(idsOf([rename('a', 'Ada@x', 'ada@x')])).toEqual([]);
});

it('lets everybody of a ring move in its order, each into a name that is free by then, once the first is aside', () => {
  const size = fc.integer({ min: 1, max: 8 });
  fc.assert(
    fc.property(
      size.chain((count) => {
        const places = Array.from({ length: count }, (_, at) => at);
        return fc.tuple(
          fc.shuffledSubarray(places, { minLength: count }),
          fc.shuffledSubarray(places, { minLength: count }),
        );
      }),
      ([wanted, order]) => {
        const all = wanted.map((to, from) => rename(`u${from}`, `n${from}@x`, `n${to}@x`));
        const rings = ringsOf(order.flatMap((at) => all[at] ?? []));
        const moving = all.filter(({ from, to }) => from !== to);
        expect(
          rings
            .flat()
            .map(({ liveId }) => liveId)
            .sort(),
        ).toEqual(moving.map(({ liveId }) => liveId).sort());
        expect(rings).toEqual(ringsOf(all));
        const held = new Set(all.map(({ from }) => from));
        for (const [first, ...others] of rings) {
          if (first === undefined) continue;
          held.delete(first.from);
          held.add(asideName(first));
          for (const one of [...others, first]) {
            expect(held.has(one.to)).toBe(false);
            held.delete(one === first ? asideName(first) : one.from);
            held.add(one.to);
          }
        }
        expect([...held].sort()).toEqual(all.map(({ to }) => to).sort());
      },
    ),
  );
});
