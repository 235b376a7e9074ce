/** Random lives of a directory, against a small model: by full reads, and by delta replayed from every token taken on the way. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DeltaReader, streams } from './model/delta-reader.ts';
import { Directory, type Relation } from './model/directory.ts';
import { act, create, operation, type Step, skuId } from './model/operations.ts';
import { type Json, readList, useSimulated } from './simulated.ts';

const graph = useSimulated({ keep: true });

const roles = ['88d8e3e3-8f55-4a1e-953a-9b9898b8876b', '729827e3-9c14-49f7-bb1b-9608f156bbb8'];
const manners = fc.record({
  delta: fc.integer({ min: 1, max: 5 }),
  links: fc.integer({ min: 1, max: 4 }),
  deltaRepeatsObjects: fc.boolean(),
  deltaEmptyPages: fc.boolean(),
  deltaStartsWithBinned: fc.boolean(),
  linkChangeTouchesMember: fc.boolean(),
  minimal: fc.boolean(),
});

async function begin({ delta, links, ...switches }: { delta: number; links: number }): Promise<Directory> {
  const model = new Directory();
  await graph.door('POST', '/reset');
  await graph.door('POST', '/settings', {
    pageSize: { delta, links },
    skus: [{ skuId, skuPartNumber: 'SPE_E3', enabled: 1000 }],
    ...switches,
  });
  for (const roleTemplateId of roles) {
    const { body } = await graph.graph('POST', '/directoryRoles', { roleTemplateId });
    model.add('directoryRole', body.id, body.displayName);
  }
  for (const kind of ['user', 'user', 'user', 'group', 'group', 'administrativeUnit'] as const) {
    await create(graph, model, kind);
  }
  return model;
}

const ids = (list: readonly Json[]) => new Set(list.map(({ id }) => id));

async function compareFullReads(model: Directory): Promise<void> {
  const collections = {
    user: '/users',
    group: '/groups',
    administrativeUnit: '/directory/administrativeUnits',
  } as const;
  for (const kind of ['user', 'group', 'administrativeUnit'] as const) {
    const listed = await readList(graph, `${collections[kind]}?$select=id,displayName`);
    expect(new Map(listed.map(({ id, displayName }) => [id, displayName]))).toEqual(
      new Map(model.live(kind).map((id) => [id, model.nameOf(id)])),
    );
    const binned = await readList(graph, `/directory/deletedItems/microsoft.graph.${kind}?$select=id`);
    expect(ids(binned)).toEqual(new Set(model.binned(kind)));
  }
  const shows = async (path: string, relation: Relation, source: string): Promise<void> => {
    expect([path, ids(await readList(graph, path))]).toEqual([path, model.shown(relation, source)]);
  };
  for (const id of model.live('group')) {
    await shows(`/groups/${id}/members?$select=id`, 'members', id);
    await shows(`/groups/${id}/owners?$select=id`, 'owners', id);
  }
  for (const id of model.live('administrativeUnit'))
    await shows(`/directory/administrativeUnits/${id}/members?$select=id`, 'members', id);
  for (const id of model.live('directoryRole')) await shows(`/directoryRoles/${id}/members?$select=id`, 'members', id);
  for (const id of model.live('user')) {
    await shows(`/users/${id}/sponsors?$select=id`, 'sponsors', id);
    const { status, body } = await graph.graph('GET', `/users/${id}/manager?$select=id`);
    expect(status === 404 ? new Set() : new Set([body.id])).toEqual(model.shown('manager', id));
    const above = model
      .live('group', 'administrativeUnit', 'directoryRole')
      .filter((source) => model.has('members', source, id));
    expect(ids(await readList(graph, `/users/${id}/memberOf`))).toEqual(new Set(above));
  }
  const licensed = model.live('user').filter((id) => model.isLicensed(id));
  const shown = await readList(graph, '/users?$select=id,assignedLicenses');
  expect(ids(shown.filter((user) => user.assignedLicenses.length > 0))).toEqual(new Set(licensed));
  const { body: skus } = await graph.graph('GET', '/subscribedSkus');
  expect(skus.value[0].consumedUnits).toBe(licensed.length);
}

const steps = fc.array(operation, { minLength: 10, maxLength: 60 });
/** While replication lags, with nothing new made: what is new cannot be linked, which has tests of its own. */
const lateSteps = fc.array(
  operation.filter(({ what }) => what !== 'create' && what !== 'advance'),
  { maxLength: 12 },
);

it('a directory is what its history says, and every delta token leads to it (graph-facts 2, 5)', async () => {
  await fc.assert(
    fc.asyncProperty(steps, lateSteps, manners, async (early, late, { minimal, ...settings }) => {
      const prefer: Record<string, string> = minimal ? { prefer: 'return=minimal' } : {};
      const model = await begin(settings);
      const readers = streams.map((stream) => new DeltaReader(stream));
      const earlier: DeltaReader[] = [];
      const live = async (lives: readonly Step[]): Promise<void> => {
        for (const step of lives) {
          if (step.what !== 'read') await act(graph, model, step);
          else {
            for (const reader of readers) await reader.read(graph, model, prefer);
            earlier.push(...readers.map((reader) => reader.clone()));
          }
        }
      };
      const anHour = async (): Promise<void> => {
        await graph.door('POST', '/clock', { advance: 'PT1H' });
        model.advance(1);
      };
      await live(early);
      await anHour();
      await graph.door('POST', '/settings', { replicationDelayMs: 60_000 });
      await live(late);
      await anHour();
      await compareFullReads(model);
      for (const reader of [...readers, ...earlier]) {
        await reader.read(graph, model, prefer);
        const { known, expected } = reader.compare(model);
        expect(known).toEqual(expected);
      }
    }),
    { numRuns: 60 },
  );
}, 60_000);
