/** A new object is not everywhere at once: what fails until it is, in which words, and that nothing is lost (contract 3). */
import { beforeEach, describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, readDelta, readList, ref, useSimulated } from './simulated.ts';

const graph = useSimulated({ keep: true });

const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const roleId = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';
const units = '/directory/administrativeUnits';
const wait = () => graph.door('POST', '/clock', { advance: 'PT1M' });

/** One of each that is everywhere, and one of each that was just made. */
interface World {
  readonly user: string;
  readonly group: string;
  readonly unit: string;
}
let old: World;
let fresh: World;

async function make(): Promise<World> {
  return {
    user: await created(graph, '/users', aUser({ usageLocation: 'NO' })),
    group: await created(graph, '/groups', aGroup()),
    unit: await created(graph, units, { displayName: 'North' }),
  };
}

beforeEach(async () => {
  await graph.door('POST', '/reset');
  await graph.door('POST', '/settings', {
    replicationDelayMs: 30_000,
    skus: [{ skuId, skuPartNumber: 'SPE_E3', enabled: 5 }],
  });
  old = await make();
  await wait();
  fresh = await make();
});

describe('a new object', () => {
  it('is in no list and no count, and is not found by its id, until the delay has passed', async () => {
    const seen = async () => [
      (await readList(graph, '/users?$select=id')).length,
      (await readList(graph, '/groups?$select=id')).length,
      (await readList(graph, `${units}?$select=id`)).length,
      Number(
        (await graph.graph('GET', '/users/$count', undefined, { headers: { ConsistencyLevel: 'eventual' } })).body,
      ),
      (await graph.graph('GET', `/users/${fresh.user}`)).status,
      (await graph.graph('GET', `/groups/${fresh.group}`)).status,
      (await graph.graph('GET', `${units}/${fresh.unit}`)).status,
      (await graph.graph('GET', `/directoryObjects/${fresh.user}`)).status,
      (await graph.graph('POST', '/directoryObjects/getByIds', { ids: [fresh.user] })).body.value.length,
    ];
    expect(await seen()).toEqual([1, 1, 1, 1, 404, 404, 404, 404, 0]);
    await wait();
    expect(await seen()).toEqual([2, 2, 2, 2, 200, 200, 200, 200, 1]);
  });

  const gone = [404, 'Request_ResourceNotFound', 'does not exist or one of its queried reference-property objects'];
  const absent = [
    400,
    'Request_BadRequest',
    "The source resource object or one of the objects being referenced don't exist.",
  ];
  const links: ReadonlyArray<
    readonly [string, (from: World, to: World) => readonly [string, string, unknown], boolean]
  > = [
    ['a member of a group', (from, to) => ['POST', `/groups/${from.group}/members/$ref`, ref(to.user)], true],
    ['an owner of a group', (from, to) => ['POST', `/groups/${from.group}/owners/$ref`, ref(to.user)], true],
    [
      'members bound to a group',
      (from, to) => ['PATCH', `/groups/${from.group}`, { 'members@odata.bind': [directory(to.user)] }],
      true,
    ],
    ['a manager', (from, to) => ['PUT', `/users/${from.user}/manager/$ref`, ref(to.user)], true],
    ['a sponsor', (from, to) => ['POST', `/users/${from.user}/sponsors/$ref`, ref(to.user)], true],
    ['a member of a unit', (from, to) => ['POST', `${units}/${from.unit}/members/$ref`, ref(to.user)], true],
    [
      'a group as a member of a unit',
      (from, to) => ['POST', `${units}/${from.unit}/members/$ref`, ref(to.group)],
      true,
    ],
    [
      'a role',
      (_, to) => [
        'POST',
        '/roleManagement/directory/roleAssignments',
        { principalId: to.user, roleDefinitionId: roleId, directoryScopeId: '/' },
      ],
      false,
    ],
  ];
  const directory = (id: string) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`;

  it.each(links)('cannot be linked yet, whichever end it is: %s', async (_, request, hasSource) => {
    const ask = async (from: World, to: World) => {
      const { status, body } = await graph.graph(...request(from, to));
      return status < 300 ? status : [status, body.error.code, body.error.message];
    };
    const [status, code, text] = gone;
    expect(await ask(old, fresh)).toEqual([status, code, expect.stringContaining(String(text))]);
    if (hasSource) expect(await ask(fresh, old)).toEqual(absent);
    await wait();
    expect([201, 204]).toContain(await ask(old, fresh));
    if (hasSource) expect(await ask(fresh, old)).toBe(204);
  });

  it('cannot be bound when a group or a user is made of it', async () => {
    const bound = aGroup({ 'members@odata.bind': [directory(fresh.user)] });
    const refused = await graph.graph('POST', '/groups', bound);
    expect([refused.status, refused.body.error.code]).toEqual([404, 'Request_ResourceNotFound']);
    await wait();
    expect((await graph.graph('POST', '/groups', bound)).status).toBe(201);
  });

  it('can be changed and deleted by its id at once, and lies in the bin at once', async () => {
    expect((await graph.graph('PATCH', `/users/${fresh.user}`, { jobTitle: 'New' })).status).toBe(204);
    expect((await graph.graph('DELETE', `/users/${fresh.user}`)).status).toBe(204);
    expect((await graph.graph('GET', `/directory/deletedItems/${fresh.user}`)).status).toBe(200);
  });

  it('has its licence refused while the usage location is not everywhere, where the switch says so', async () => {
    const assign = () =>
      graph.graph('POST', `/users/${fresh.user}/assignLicense`, { addLicenses: [{ skuId }], removeLicenses: [] });
    await graph.door('POST', '/settings', { licencesAwaitUsageLocation: true });
    const refused = await assign();
    expect([refused.status, refused.body.error.message]).toEqual([
      400,
      'License assignment cannot be done for user with invalid usage location.',
    ]);
    await wait();
    expect((await assign()).status).toBe(200);
  });
});

describe('delta with a replication delay', () => {
  it('tells late, in a later round, and loses nothing: new objects, their links, changes, deletions', async () => {
    await wait();
    let { link } = await readDelta(graph, '/groups/delta?$select=displayName,members');
    const people = await readDelta(graph, '/users/delta?$select=jobTitle');
    await graph.graph('POST', `/groups/${old.group}/members/$ref`, ref(old.user));
    await graph.graph('PATCH', `/users/${old.user}`, { jobTitle: 'Late' });
    await graph.graph('DELETE', `/users/${fresh.user}`);
    const late = await created(graph, '/groups', aGroup());
    const early = await readDelta(graph, link);
    expect(early.value).toEqual([]);
    expect((await readDelta(graph, people.link)).value).toEqual([]);
    await wait();
    ({ link } = early);
    const round = await readDelta(graph, link);
    expect(round.value.map(({ id, ...rest }: Json) => [id, rest['members@delta']?.length])).toEqual([
      [old.group, 1],
      [late, undefined],
    ]);
    expect((await readDelta(graph, people.link)).value).toEqual([
      { id: old.user, jobTitle: 'Late' },
      { id: fresh.user, '@removed': { reason: 'changed' } },
    ]);
    expect((await readDelta(graph, round.link)).value).toEqual([]);
  });

  it('leaves a new object out of a first round, and tells it in the one after', async () => {
    const first = await readDelta(graph, '/users/delta?$select=displayName');
    expect(first.value.map(({ id }) => id)).toEqual([old.user]);
    await wait();
    expect((await readDelta(graph, first.link)).value.map(({ id }) => id)).toEqual([fresh.user]);
  });

  it('tells after $deltatoken=latest what was not everywhere when it was asked', async () => {
    const latest = await readDelta(graph, '/users/delta?$deltatoken=latest');
    expect(latest.value).toEqual([]);
    await wait();
    expect((await readDelta(graph, latest.link)).value.map(({ id }) => id)).toEqual([fresh.user]);
  });
});
