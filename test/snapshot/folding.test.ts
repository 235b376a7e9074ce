/** Whatever pages bring the same changes, the same snapshot comes of them; and it is the one a plain model says. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/directory/gateway.ts';
import { type JsonObject, type Ref, ref, refId } from '../../src/directory/record.ts';
import { type RelationName, relationOf } from '../../src/directory/relations.ts';
import { collect } from '../support/collect.ts';
import { type Lab, snapshotLab } from '../support/snapshots.ts';

type Model = { users: Map<string, JsonObject>; groups: Map<string, JsonObject>; links: Map<string, Set<string>> };

const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
const groups = Array.from({ length: 5 }, (_, index) => `group-${index}`);

const value = fc.constantFrom<string | null>('a', 'b', 'c', null);
const setChange = fc.record({
  change: fc.constant('set' as const),
  kind: fc.constant('users' as const),
  id: fc.constantFrom(...users),
  body: fc.dictionary(fc.constantFrom('displayName', 'city', 'department'), value, { noNullPrototype: true }),
});
const removeChange = fc.record({
  change: fc.constant('remove' as const),
  kind: fc.constant('users' as const),
  id: fc.constantFrom(...users),
  gone: fc.constant(false),
});
const managerChange = fc.record({
  change: fc.constantFrom('link' as const, 'unlink' as const),
  relation: fc.constant('manager' as const),
  source: fc.constantFrom(...users).map((id) => ref('user', id)),
  target: fc.constantFrom(...users).map((id) => ref('user', id)),
});
const memberChange = fc.record({
  change: fc.constantFrom('link' as const, 'unlink' as const),
  relation: fc.constantFrom('members' as const, 'owners' as const),
  source: fc.constantFrom(...groups).map((id) => ref('group', id)),
  target: fc.constantFrom(...users).map((id) => ref('user', id)),
});
const groupSet = fc.record({
  change: fc.constant('set' as const),
  kind: fc.constant('groups' as const),
  id: fc.constantFrom(...groups),
  body: fc.dictionary(fc.constantFrom('displayName', 'description'), value, { noNullPrototype: true }),
});
const userChanges = fc.array(fc.oneof(setChange, setChange, removeChange, managerChange), { maxLength: 40 });
const groupChanges = fc.array(fc.oneof(groupSet, memberChange, memberChange), { maxLength: 40 });

/** What one expects of the changes, told as plainly as possible. */
function apply(model: Model, changes: readonly Change[]): Model {
  for (const change of changes) {
    if (change.change === 'remove') model.users.delete(change.id);
    else if (change.change === 'set') {
      const objects = model[change.kind as 'users' | 'groups'];
      const next = { ...objects.get(change.id), ...change.body };
      objects.set(change.id, Object.fromEntries(Object.entries(next).filter(([, found]) => found !== null)));
    } else if (change.change === 'link' || change.change === 'unlink') {
      const targets = model.links.get(`${change.source} ${change.relation}`) ?? new Set();
      if (change.change === 'unlink') targets.delete(change.target);
      else {
        if (relationOf(change.relation).single) targets.clear();
        targets.add(change.target);
      }
      model.links.set(`${change.source} ${change.relation}`, targets);
    }
  }
  return model;
}

const emptyModel = (): Model => ({ users: new Map(), groups: new Map(), links: new Map() });

/** Cuts changes into pages at random places, and lets some pages come twice in a row. */
const paging = fc.array(fc.record({ size: fc.integer({ min: 1, max: 9 }), again: fc.boolean() }), {
  minLength: 1,
  maxLength: 8,
});
function pages(changes: readonly Change[], cuts: readonly { size: number; again: boolean }[]): Change[][] {
  const found: Change[][] = [];
  for (let at = 0, cut = 0; at < changes.length; cut += 1) {
    const { size, again } = cuts[cut % cuts.length] ?? { size: 1, again: false };
    const page = changes.slice(at, at + size);
    found.push(page, ...(again ? [page] : []));
    at += size;
  }
  return found.length === 0 ? [[]] : found;
}

async function contents(reader: Awaited<ReturnType<Lab<never>['take']>>) {
  const objects = async (kind: 'users' | 'groups') =>
    Object.fromEntries((await collect(reader.scan(kind))).map(({ id, body }) => [id, body]));
  const stored = await reader.storedLinks([...users, ...groups]);
  return { users: await objects('users'), groups: await objects('groups'), links: Object.fromEntries(stored) };
}

function expected(model: Model) {
  const links: Record<string, Record<string, string[]>> = {};
  const add = (id: string, key: string, other: string) => {
    links[id] ??= {};
    links[id][key] = [...(links[id][key] ?? []), other].sort();
  };
  for (const [place, targets] of model.links) {
    const [source, name] = place.split(' ') as [Ref, RelationName];
    for (const target of targets) {
      add(refId(source), name, target);
      add(refId(target as Ref), relationOf(name).inverse, source);
    }
  }
  return { users: Object.fromEntries(model.users), groups: Object.fromEntries(model.groups), links };
}

describe('a snapshot', () => {
  it('is what a plain model makes of the same changes, full and incremental, however they are paged', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(userChanges, groupChanges),
        fc.tuple(userChanges, groupChanges),
        paging,
        async (first, second, cuts) => {
          const lab = snapshotLab();
          lab.directory.full = { users: pages(first[0], cuts), groups: pages(first[1], cuts) };
          const model = apply(apply(emptyModel(), pages(first[0], cuts).flat()), pages(first[1], cuts).flat());
          expect(await contents(await lab.take('full'))).toEqual(expected(model));

          lab.directory.changed = { users: pages(second[0], cuts), groups: pages(second[1], cuts) };
          apply(apply(model, pages(second[0], cuts).flat()), pages(second[1], cuts).flat());
          expect(await contents(await lab.take())).toEqual(expected(model));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('has the same shards whatever the paging, and whether activities run once or twice', async () => {
    await fc.assert(
      fc.asyncProperty(userChanges, groupChanges, paging, paging, async (some, others, left, right) => {
        const once = { left, right, twice: false };
        const found = [once, { ...once, left: right, right: left, twice: true }].map(async (how) => {
          const lab = snapshotLab(undefined, how.twice);
          // Cuts alone, without repetition: a repeated page of opposite words would mean something else.
          const calm = (cuts: typeof left) => cuts.map(({ size }) => ({ size, again: false }));
          lab.directory.full = { users: pages(some, calm(how.left)), groups: pages(others, calm(how.right)) };
          return (await lab.take('full')).manifest.streams;
        });
        expect(await found[1]).toEqual(await found[0]);
      }),
      { numRuns: 40 },
    );
  });
});
