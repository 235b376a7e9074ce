import { afterEach, describe, expect, it } from 'vitest';
import { graphError, notFound, type ScriptedGraph, scriptedGraph } from './scripted-graph.ts';

let graph: ScriptedGraph;
afterEach(() => graph.close());

const page = (body: object) => ({ status: 200, body });
const typed = (type: string, id: string, more: object = {}) => ({
  '@odata.type': `#microsoft.graph.${type}`,
  id,
  ...more,
});

describe('reading pages', () => {
  it('asks for exactly what the tables capture, links by delta included', async () => {
    graph = await scriptedGraph(({ path }) =>
      page({
        value: [],
        ...(path.includes('latest') ? { '@odata.deltaLink': `${graph.url}/v1.0/users/delta?$deltatoken=t` } : {}),
      }),
    );
    const { next } = await graph.gateway.readPage('users');
    await graph.gateway.readPage('users', next);
    await graph.gateway.readPage('groups');
    await graph.gateway.readPage('administrativeUnits');
    await graph.gateway.readPage('roleAssignments');
    await graph.gateway.readPage('sponsors');
    const [token, users, groups, units, roles, sponsors] = graph.seen.map(({ path }) => decodeURIComponent(path));
    expect(token).toMatch(/^\/users\/delta\?\$select=id,accountEnabled,.*,proxyAddresses,manager&\$deltatoken=latest$/);
    expect(users).toMatch(
      /^\/users\?\$select=id,accountEnabled,.*,proxyAddresses&\$expand=manager\(\$select=id\)&\$top=999$/,
    );
    expect(groups).toMatch(/^\/groups\/delta\?\$select=id,.*,theme,members,owners$/);
    expect(units).toMatch(/^\/directory\/administrativeUnits\/delta\?\$select=id,.*,members$/);
    expect(roles).toBe(
      '/roleManagement/directory/roleAssignments?$select=id,roleDefinitionId,principalId,directoryScopeId,appScopeId',
    );
    expect(sponsors).toBe('/users?$select=id&$expand=sponsors($select=id)&$top=999');
    expect(
      graph.seen.every(({ headers }) => headers.authorization === 'Bearer app' && headers.prefer === undefined),
    ).toBe(true);
  });

  it('turns what delta says into changes: values, clearings, links, removals and returns', async () => {
    graph = await scriptedGraph(() =>
      page({
        value: [
          {
            id: 'g1',
            displayName: 'Finance',
            description: null,
            'members@delta': [
              typed('user', 'u1'),
              typed('device', 'd1'),
              typed('user', 'u2', { '@removed': { reason: 'deleted' } }),
            ],
            'owners@delta': [typed('user', 'u3')],
          },
          { id: 'g1', 'members@delta': [typed('group', 'g2')] },
          { id: 'g3', '@removed': { reason: 'changed' } },
          { id: 'g4', '@removed': { reason: 'deleted' } },
        ],
        '@odata.deltaLink': `${graph.url}/v1.0/groups/delta?$deltatoken=t`,
      }),
    );
    const { changes, next, deltaLink } = await graph.gateway.readPage('groups');
    const source = 'group/g1';
    expect(changes).toEqual([
      { change: 'set', kind: 'groups', id: 'g1', body: { displayName: 'Finance', description: null } },
      { change: 'link', relation: 'members', source, target: 'user/u1' },
      { change: 'link', relation: 'members', source, target: 'device/d1' },
      { change: 'unlink', relation: 'members', source, target: 'user/u2' },
      { change: 'link', relation: 'owners', source, target: 'user/u3' },
      { change: 'link', relation: 'members', source, target: 'group/g2' },
      { change: 'remove', kind: 'groups', id: 'g3', gone: false },
      { change: 'remove', kind: 'groups', id: 'g4', gone: true },
    ]);
    expect(next).toBeUndefined();
    expect(deltaLink).toContain('$deltatoken=t');
  });

  it('reads a manager from an array of one, and a manager taken away', async () => {
    graph = await scriptedGraph(() =>
      page({
        value: [
          { id: 'u1', 'manager@delta': [typed('user', 'm1')] },
          { id: 'u2', 'manager@delta': [typed('user', 'm1', { '@removed': { reason: 'deleted' } })] },
        ],
      }),
    );
    const link = `${graph.url}/v1.0/users/delta?$deltatoken=t`;
    expect((await graph.gateway.readPage('users', link)).changes).toEqual([
      { change: 'link', relation: 'manager', source: 'user/u1', target: 'user/m1' },
      { change: 'unlink', relation: 'manager', source: 'user/u2', target: 'user/m1' },
    ]);
  });

  it('follows links as given, and asks for changes only through the whole of a delta round', async () => {
    graph = await scriptedGraph(({ path }) =>
      page({
        value: [],
        ...(path.includes('skiptoken=2')
          ? {}
          : { '@odata.nextLink': `${graph.url}/v1.0/groups/delta?$skiptoken=2%2Fx` }),
      }),
    );
    const initial = await graph.gateway.readPage('groups');
    await graph.gateway.readPage('groups', initial.next);
    const round = await graph.gateway.readPage('groups', `${graph.url}/v1.0/groups/delta?$deltatoken=a%20b`);
    await graph.gateway.readPage('groups', round.next);
    expect(graph.seen.slice(1).map(({ path, headers }) => [path, headers.prefer])).toEqual([
      ['/groups/delta?$skiptoken=2%2Fx', undefined],
      ['/groups/delta?$deltatoken=a%20b', 'return=minimal'],
      ['/groups/delta?$skiptoken=2%2Fx', 'return=minimal'],
    ]);
  });

  it('lists users with their managers page by page, and ends with the delta link taken before the first', async () => {
    const user = (id: string, more: object) => ({ id, displayName: id, ...more });
    graph = await scriptedGraph(({ path }) => {
      if (path.includes('latest')) {
        return page({ value: [], '@odata.deltaLink': `${graph.url}/v1.0/users/delta?$deltatoken=a%20b&x=#1` });
      }
      if (path.includes('skiptoken')) return page({ value: [user('u2', { manager: typed('orgContact', 'c1') })] });
      const value = [user('u1', { manager: typed('user', 'u2'), businessPhones: [] }), user('u3', { manager: null })];
      return page({ value, '@odata.nextLink': `${graph.url}/v1.0/users?$skiptoken=2%2Fx` });
    });
    const changes: unknown[] = [];
    const ends: unknown[] = [];
    for (let cursor: string | undefined, rounds = 0; rounds === 0 || cursor !== undefined; rounds += 1) {
      const read = await graph.gateway.readPage('users', cursor);
      changes.push(...read.changes);
      ends.push(read.deltaLink);
      cursor = read.next;
    }
    const is = (id: string, body: object = {}) => ({
      change: 'set',
      kind: 'users',
      id,
      body: { displayName: id, ...body },
    });
    const manager = (id: string, target: string) => ({
      change: 'link',
      relation: 'manager',
      source: `user/${id}`,
      target,
    });
    expect(changes).toEqual([
      is('u1', { businessPhones: [] }),
      manager('u1', 'user/u2'),
      is('u3'),
      is('u2'),
      manager('u2', 'orgContact/c1'),
    ]);
    expect(ends).toEqual([undefined, undefined, `${graph.url}/v1.0/users/delta?$deltatoken=a%20b&x=#1`]);
    expect(graph.seen.slice(-1).map(({ path }) => path)).toEqual(['/users?$skiptoken=2%2Fx']);
    expect(graph.seen.some(({ headers }) => headers.prefer !== undefined)).toBe(false);
  });

  it.each([
    ['410 Gone', graphError(410, 'Gone')],
    ['a forgotten sync state', graphError(404, 'syncStateNotFound')],
    ['a delta link too old', graphError(400, 'Request_UnsupportedQuery')],
    ['an expired page token', graphError(400, 'Directory_ExpiredPageToken')],
  ])('calls it token-expired when a link is answered with %s', async (_what, said) => {
    graph = await scriptedGraph(() => said);
    const link = `${graph.url}/v1.0/users/delta?$deltatoken=old`;
    await expect(graph.gateway.readPage('users', link)).rejects.toMatchObject({ code: 'token-expired' });
    await expect(graph.gateway.readPage('users')).rejects.not.toMatchObject({ code: 'token-expired' });
  });

  it('never sends its token to another place than the configured Graph', async () => {
    graph = await scriptedGraph(() => page({ value: [] }));
    for (const link of [
      'https://evil.example/v1.0/users/delta?$skiptoken=1',
      `${graph.url}/_control/dump`,
      'nonsense',
    ]) {
      await expect(graph.gateway.readPage('users', link)).rejects.toMatchObject({ code: 'refused' });
    }
    expect(graph.seen).toEqual([]);
  });

  it('takes half an answer for no answer, never for an empty page', async () => {
    graph = await scriptedGraph(() => ({ status: 200 }));
    await expect(graph.gateway.readPage('users')).rejects.toMatchObject({ code: 'graph-unreachable' });
  });

  it.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [501, 'unsupported'],
  ])('names a %i by its code and tells nothing of what Graph said', async (status, code) => {
    graph = await scriptedGraph(() => graphError(status, 'Authorization_RequestDenied'));
    const error = await graph.gateway.readPage('users').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code });
    expect(String(error)).toContain('GET /users/delta');
    expect(String(error)).not.toMatch(/prose|Bearer|app\b/);
  });
});

describe('asking for single things', () => {
  const batch = (path: string) => path === '/$batch';

  it('finds live and binned objects, by id and by property, and nothing where there is nothing', async () => {
    graph = await scriptedGraph(({ path }) => {
      if (batch(path) || path.startsWith('/users/none')) return notFound;
      if (path.includes('$filter')) return page({ value: [{ id: 'g1' }, { id: 'g2' }] });
      return page({ id: 'x', '@odata.context': 'c', mailEnabled: false, securityEnabled: false });
    });
    const found = await graph.gateway.find([
      { by: 'id', kind: 'users', id: 'none' },
      { by: 'property', kind: 'users', property: 'userPrincipalName', value: 'a_b#EXT#@x.com' },
      { by: 'property', kind: 'groups', property: 'displayName', value: "Ops & O'Brien" },
      { by: 'deleted-id', kind: 'groups', id: 'x' },
    ]);
    expect(found.map((candidates) => candidates.map(({ id, state }) => `${state} ${id}`))).toEqual([
      [],
      ['live x'],
      ['live g1', 'live g2'],
      ['deleted x'],
    ]);
    // In the bin a security group pretends not to be one.
    expect(found[3]?.[0]?.body).toEqual({ mailEnabled: false, securityEnabled: true });
    const paths = graph.seen.map(({ path }) => path);
    expect(paths[1]).toMatch(/^\/users\/a_b%23EXT%23%40x\.com\?\$select=/);
    expect(paths[2]).toContain("$filter=displayName%20eq%20'Ops%20%26%20O''Brien'");
    expect(paths[3]).toMatch(/^\/directory\/deletedItems\/x\/microsoft\.graph\.group\?/);
  });

  it('asks for a binned user without licence states where the bin does not offer them', async () => {
    graph = await scriptedGraph(({ path }) =>
      batch(path)
        ? notFound
        : path.includes('licenseAssignmentStates')
          ? graphError(400, 'Request_BadRequest')
          : page({ id: 'u' }),
    );
    expect(await graph.gateway.find([{ by: 'deleted-id', kind: 'users', id: 'u' }])).toEqual([
      [{ id: 'u', body: {}, state: 'deleted' }],
    ]);
  });

  it('sorts one memberOf into groups and units, follows its pages, and keeps roles out', async () => {
    graph = await scriptedGraph(({ path }) => {
      if (batch(path) || path.startsWith('/users/gone')) return notFound;
      if (path.includes('$skiptoken')) return page({ value: [typed('group', 'g2')] });
      if (path.includes('/memberOf'))
        return page({
          value: [typed('group', 'g1'), typed('directoryRole', 'r'), typed('administrativeUnit', 'a')],
          '@odata.nextLink': `${graph.url}/v1.0/users/u/memberOf?$skiptoken=2`,
        });
      if (path.includes('ownedObjects')) return page({ value: [typed('group', 'g3'), typed('application', 'app')] });
      // Managers of several users come in one list; whom it lacks is asked for alone.
      return page({ value: [{ id: 'u', manager: { id: 'm' } }] });
    });
    const names = ['memberOf', 'administrativeUnits', 'manager', 'ownedObjects', 'sponsorOf'];
    const [links, gone] = await graph.gateway.readLinks([
      { kind: 'users', id: 'u', names },
      { kind: 'users', id: 'gone', names: ['manager'] },
    ]);
    expect(links).toEqual({
      memberOf: ['group/g1', 'group/g2'],
      administrativeUnits: ['administrativeUnit/a'],
      manager: ['user/m'],
      ownedObjects: ['group/g3'],
    });
    expect(gone).toBeUndefined();
    expect(graph.seen.filter(({ path }) => path.startsWith('/users/u/memberOf'))).toHaveLength(2);
  });

  it('reads photos out of batches, and none where there is none', async () => {
    const bytes = Buffer.from([0xff, 0xd8, 0xff, 1, 2, 3]);
    graph = await scriptedGraph(({ path }) => {
      if (batch(path)) return notFound;
      return path.startsWith('/users/a/')
        ? { status: 200, headers: { 'Content-Type': 'image/png' }, body: bytes.toString('base64') }
        : graphError(404, 'ImageNotFound');
    });
    const [photo, none] = await graph.gateway.readPhotos(['a', 'b']);
    expect(photo?.contentType).toBe('image/png');
    expect(Buffer.from(photo?.bytes ?? [])).toEqual(bytes);
    expect(none).toBeUndefined();
  });

  it('counts sub-requests and resource units, as told by Graph or else by its price list', async () => {
    graph = await scriptedGraph(({ path }) => {
      if (batch(path)) return notFound;
      const headers = path.startsWith('/users/told') ? { 'x-ms-resource-unit': '7' } : {};
      return { status: 200, headers, body: { id: 'x', value: [] } };
    });
    await graph.gateway.find([
      { by: 'id', kind: 'users', id: 'told' },
      { by: 'id', kind: 'users', id: 'untold' },
    ]);
    await graph.gateway.readLinks([{ kind: 'groups', id: 'g', names: ['members'] }]);
    expect(graph.gateway.spent()).toEqual({ requests: 3, resourceUnits: 7 + 1 + 2 });
    await graph.gateway.readSeats();
    expect(graph.gateway.spent()).toEqual({ requests: 4, resourceUnits: 12 });
  });
});
