/** Random writes, each done to the simulator through Graph and to the model by hand; the status must be the documented one. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { aGroup, aUser, created, ref, type Simulated } from '../simulated.ts';
import type { Directory, Kind, Relation } from './directory.ts';

export const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';

const collections: Readonly<Record<string, string>> = {
  user: '/users',
  group: '/groups',
  administrativeUnit: '/directory/administrativeUnits',
  directoryRole: '/directoryRoles',
};
const binnable = ['user', 'group', 'administrativeUnit'] as const;
/** What may stand at each end of a link. */
const ends: ReadonlyArray<{ relation: Relation; source: Kind; targets: readonly Kind[] }> = [
  { relation: 'members', source: 'group', targets: ['user', 'group'] },
  { relation: 'members', source: 'administrativeUnit', targets: ['user', 'group'] },
  { relation: 'members', source: 'directoryRole', targets: ['user'] },
  { relation: 'owners', source: 'group', targets: ['user'] },
  { relation: 'manager', source: 'user', targets: ['user'] },
  { relation: 'sponsors', source: 'user', targets: ['user'] },
];
/** Sums of these never come to seven or thirty days, so that nothing falls due in the very hour it is looked at. */
const steps = [1, 73, 266];

export const operation = fc.record({
  what: fc.oneof(
    { arbitrary: fc.constantFrom('link', 'unlink'), weight: 9 },
    { arbitrary: fc.constantFrom('bin', 'restore', 'create', 'rename', 'read'), weight: 10 },
    { arbitrary: fc.constantFrom('purge', 'license', 'advance'), weight: 5 },
  ),
  one: fc.nat(1000),
  two: fc.nat(1000),
  kind: fc.nat(1000),
});
export type Step = typeof operation extends fc.Arbitrary<infer T> ? T : never;

const pick = <T>(from: readonly T[], at: number): T | undefined => from[at % Math.max(1, from.length)];
let named = 0;
const nameAnew = (): string => {
  named += 1;
  return `Name ${named}`;
};

export async function create(graph: Simulated, model: Directory, kind: (typeof binnable)[number]): Promise<void> {
  const displayName = nameAnew();
  const body = {
    user: aUser({ displayName, usageLocation: 'NO' }),
    group: aGroup({ displayName }),
    administrativeUnit: { displayName },
  }[kind];
  model.add(kind, await created(graph, collections[kind] ?? '', body), displayName);
}

/** Does one step where it can be done; a step that finds nothing to act on is left out. */
export async function act(graph: Simulated, model: Directory, { what, one, two, kind }: Step): Promise<void> {
  const send = async (
    method: string,
    path: string,
    body: unknown,
    ...expected: readonly number[]
  ): Promise<boolean> => {
    const { status } = await graph.graph(method, path, body);
    expect([method, path, expected.includes(status) ? 'as expected' : status]).toEqual([method, path, 'as expected']);
    return status < 300;
  };
  const at = (id: string): string => `${collections[model.kindOf(id) ?? '']}/${id}`;
  const living = pick(model.live(...binnable), one);
  const binned = pick(model.binned(...binnable), one);
  switch (what) {
    case 'create':
      return create(graph, model, binnable[kind % binnable.length] ?? 'user');
    case 'rename': {
      if (living === undefined) return;
      const displayName = nameAnew();
      await send('PATCH', at(living), { displayName }, 204);
      return model.rename(living, displayName);
    }
    case 'bin':
      if (living === undefined) return;
      await send('DELETE', at(living), undefined, 204);
      return model.bin(living);
    case 'restore':
      if (binned === undefined) return;
      await send('POST', `/directory/deletedItems/${binned}/restore`, undefined, 200);
      return model.restore(binned);
    case 'purge': {
      if (binned === undefined) return;
      const stays = model.kindOf(binned) === 'administrativeUnit';
      await send('DELETE', `/directory/deletedItems/${binned}`, undefined, stays ? 400 : 204);
      return stays ? undefined : model.purge(binned);
    }
    case 'advance': {
      const hours = steps[kind % steps.length] ?? 1;
      await graph.door('POST', '/clock', { advance: `PT${hours}H` });
      return model.advance(hours);
    }
    case 'license': {
      const id = pick(model.live('user', 'group'), one);
      if (id === undefined) return;
      const has = model.hasOwnLicense(id);
      const change = has
        ? { addLicenses: [], removeLicenses: [skuId] }
        : { addLicenses: [{ skuId, disabledPlans: [] }], removeLicenses: [] };
      await send('POST', `${at(id)}/assignLicense`, change, model.kindOf(id) === 'user' ? 200 : 202);
      return model.license(id, !has);
    }
    case 'link':
    case 'unlink': {
      const end = pick(ends, kind);
      if (end === undefined) return;
      const source = pick(model.live(end.source), one);
      const target = pick([...model.live(...end.targets), ...model.binned(...end.targets)], two);
      if (source === undefined || target === undefined || source === target) return;
      return what === 'link'
        ? link(send, model, at(source), end.relation, source, target)
        : unlink(send, model, at(source), end.relation, source, target);
    }
  }
}

type Send = (method: string, path: string, body: unknown, ...expected: readonly number[]) => Promise<boolean>;

async function link(
  send: Send,
  model: Directory,
  at: string,
  relation: Relation,
  source: string,
  target: string,
): Promise<void> {
  const method = relation === 'manager' ? 'PUT' : 'POST';
  const repeated = relation !== 'manager' && model.has(relation, source, target);
  const expected = !model.isLive(target) ? 404 : repeated ? 400 : 204;
  if (await send(method, `${at}/${relation}/$ref`, ref(target), expected)) model.link(relation, source, target);
}

async function unlink(
  send: Send,
  model: Directory,
  at: string,
  relation: Relation,
  source: string,
  target: string,
): Promise<void> {
  // Nothing documents what comes of taking away a link whose target lies in the bin.
  const held = relation === 'manager' ? [...model.targets(relation, source)][0] : target;
  if (held !== undefined && !model.isLive(held)) return;
  const path = relation === 'manager' ? `${at}/manager/$ref` : `${at}/${relation}/${target}/$ref`;
  const there = held !== undefined && model.has(relation, source, held);
  if (await send('DELETE', path, undefined, there ? 204 : 404)) model.unlink(relation, source, held ?? target);
}
