/** The gateway against the Graph simulator: the same road as in the product, the tenant prepared and checked from outside. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../src/dev/simulator/server.ts';
import type { Change, DirectoryGateway, Page, SourceName } from '../../src/directory/gateway.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { graphPermissions } from '../../src/graph/permissions.ts';

let simulator: Simulator;
let gateway: DirectoryGateway;

beforeAll(async () => {
  simulator = await createSimulator({ stateDir: null, seed: 'empty', port: 0 });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await door('POST', 'reset');
  gateway = createGraphGateway({
    cloud: 'global',
    endpoint: simulator.url,
    credential: { kind: 'development', token: 'app' },
    limits: { backoffMs: 20, replicationMs: 3_000 },
  });
});

// biome-ignore lint/suspicious/noExplicitAny: answers of every shape
async function call(method: string, url: string, body?: unknown): Promise<any> {
  const response = await fetch(`${simulator.url}${url}`, {
    method,
    headers: { authorization: 'Bearer outside', 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${text}`);
  return text === '' ? undefined : JSON.parse(text);
}
const door = (method: string, name: string, body?: unknown) => call(method, `/_control/${name}`, body);
const graph = (method: string, path: string, body?: unknown) => call(method, `/v1.0${path}`, body);

let made = 0;
async function newUser(more: object = {}): Promise<string> {
  made += 1;
  const created = await graph('POST', '/users', {
    accountEnabled: true,
    displayName: `User ${made}`,
    mailNickname: `user${made}`,
    userPrincipalName: `user${made}@contoso.com`,
    passwordProfile: { password: 'Correct-Horse-7' },
    usageLocation: 'NL',
    ...more,
  });
  return created.id;
}
async function newGroup(more: object = {}): Promise<string> {
  made += 1;
  const group = { displayName: `Group ${made}`, mailNickname: `g${made}`, mailEnabled: false, securityEnabled: true };
  return (await graph('POST', '/groups', { ...group, ...more })).id;
}

async function drain(
  source: SourceName,
  from?: string,
): Promise<{ changes: Change[]; deltaLink: string | undefined; pages: number }> {
  const changes: Change[] = [];
  let cursor = from;
  for (let pages = 1; ; pages += 1) {
    const page: Page = await gateway.readPage(source, cursor);
    changes.push(...page.changes);
    if (page.next === undefined) return { changes, deltaLink: page.deltaLink, pages };
    cursor = page.next;
  }
}

const held = { holding: 'active', startDateTime: '2026-01-01T00:00:00.000Z' } as const;

describe('a tenant read through the gateway', () => {
  it('comes whole over many pages, and then only what changed', async () => {
    await door('POST', 'settings', { pageSize: { delta: 2, list: 2, links: 3 } });
    const users = await Promise.all([newUser(), newUser(), newUser(), newUser()]);
    const [boss = '', first = '', second = '', third = ''] = users;
    const group = await newGroup();
    await graph('PUT', `/users/${first}/manager/$ref`, { '@odata.id': `${simulator.url}/v1.0/users/${boss}` });
    await graph('PATCH', `/groups/${group}`, {
      'members@odata.bind': users.map((id) => `${simulator.url}/v1.0/directoryObjects/${id}`),
    });
    await graph('POST', `/groups/${group}/owners/$ref`, { '@odata.id': `${simulator.url}/v1.0/users/${boss}` });

    const readUsers = await drain('users');
    const readGroups = await drain('groups');
    expect(readUsers.pages).toBeGreaterThan(1);
    expect(ids(readUsers.changes, 'set')).toEqual([...users].sort());
    expect(readUsers.changes).toContainEqual({
      change: 'link',
      relation: 'manager',
      source: `user/${first}`,
      target: `user/${boss}`,
    });
    const members = readGroups.changes.flatMap((change) =>
      change.change === 'link' && change.relation === 'members' ? [change.target] : [],
    );
    expect([...new Set(members)].sort()).toEqual(users.map((id) => `user/${id}`).sort());

    await graph('PATCH', `/users/${first}`, { jobTitle: 'Lead', department: null });
    await graph('DELETE', `/users/${first}/manager/$ref`);
    await graph('DELETE', `/users/${second}`);
    await graph('DELETE', `/users/${third}`);
    await graph('DELETE', `/directory/deletedItems/${third}`);
    await graph('DELETE', `/groups/${group}/owners/${boss}/$ref`);
    const changed = await drain('users', readUsers.deltaLink);
    expect(changed.changes).toContainEqual({ change: 'remove', kind: 'users', id: second, gone: false });
    expect(changed.changes).toContainEqual({ change: 'remove', kind: 'users', id: third, gone: true });
    expect(changed.changes).toContainEqual({
      change: 'unlink',
      relation: 'manager',
      source: `user/${first}`,
      target: `user/${boss}`,
    });
    expect(changed.changes).toContainEqual(
      expect.objectContaining({ change: 'set', id: first, body: expect.objectContaining({ jobTitle: 'Lead' }) }),
    );
    expect((await drain('groups', readGroups.deltaLink)).changes).toContainEqual({
      change: 'unlink',
      relation: 'owners',
      source: `group/${group}`,
      target: `user/${boss}`,
    });
    expect((await drain('users', changed.deltaLink)).changes).toEqual([]);
  });

  it('reads every source, with the permissions of the table and no others', async () => {
    await newUser();
    const permissions = graphPermissions.filter(({ access }) => access === 'read').map(({ name }) => name);
    await door('POST', 'settings', { permissions });
    const sources = [
      'users',
      'groups',
      'administrativeUnits',
      'roleDefinitions',
      'roleAssignments',
      'subscribedSkus',
      'organization',
      'domains',
      'sponsors',
    ] as const;
    for (const source of sources) await drain(source);
    await gateway.probe();
    await gateway.readSeats();
    expect((await drain('organization')).changes).toHaveLength(1);
    expect((await drain('roleDefinitions')).changes.length).toBeGreaterThan(50);
  });

  it('starts over when a delta link has outlived its seven days', async () => {
    const { deltaLink } = await drain('users');
    await door('POST', 'clock', { advance: 'P31D' });
    await expect(gateway.readPage('users', deltaLink)).rejects.toMatchObject({ code: 'token-expired' });
  });

  it('reads sponsors, seats and photos', async () => {
    const [guest, host] = [await newUser(), await newUser()];
    await graph('POST', `/users/${guest}/sponsors/$ref`, { '@odata.id': `${simulator.url}/v1.0/users/${host}` });
    expect((await drain('sponsors')).changes).toEqual([
      { change: 'link', relation: 'sponsors', source: `user/${guest}`, target: `user/${host}` },
    ]);
    await door('POST', 'settings', {
      skus: [{ skuId: 'c7df2760-2c81-4ef7-b578-5b5392b571df', skuPartNumber: 'E5', enabled: 3 }],
    });
    expect(await gateway.readSeats()).toEqual(new Map([['c7df2760-2c81-4ef7-b578-5b5392b571df', 3]]));
    const photo = { bytes: jpeg(), contentType: 'image/jpeg' };
    expect(await gateway.apply([{ write: 'photo', id: host, photo }])).toEqual([{ ok: true }]);
    const [has, hasNot] = await gateway.readPhotos([host, guest]);
    expect(Buffer.from(has?.bytes ?? [])).toEqual(photo.bytes);
    expect(has?.contentType).toBe('image/jpeg');
    expect(hasNot).toBeUndefined();
  });
});

describe('a tenant written through the gateway', () => {
  it('brings back a user with everything that hangs on it, with the permissions of the table', async () => {
    const skuId = 'c7df2760-2c81-4ef7-b578-5b5392b571df';
    await door('POST', 'settings', {
      permissions: graphPermissions.map(({ name }) => name),
      skus: [{ skuId, skuPartNumber: 'E5', enabled: 3 }],
    });
    const [boss, report, group] = [await newUser(), await newUser(), await newGroup()];
    const created = await gateway.apply([
      {
        write: 'create',
        kind: 'users',
        body: {
          accountEnabled: true,
          displayName: 'Ada',
          mailNickname: 'ada',
          userPrincipalName: 'ada@contoso.com',
          usageLocation: 'NL',
          passwordProfile: { password: 'Correct-Horse-7', forceChangePasswordNextSignIn: true },
        },
      },
      { write: 'create', kind: 'administrativeUnits', body: { displayName: 'North' } },
    ]);
    const [ada = '', north = ''] = created.map((result) => (result.ok ? (result.id ?? '') : ''));
    const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8';
    const results = await gateway.apply([
      { write: 'update', kind: 'users', id: ada, changes: { jobTitle: 'Countess' } },
      { write: 'link', relation: 'members', source: group, targets: [ada, boss] },
      { write: 'link', relation: 'owners', source: group, targets: [ada] },
      { write: 'link', relation: 'unitMembers', source: north, targets: [ada] },
      { write: 'link', relation: 'manager', source: ada, targets: [boss] },
      { write: 'link', relation: 'manager', source: report, targets: [ada] },
      { write: 'link', relation: 'sponsors', source: ada, targets: [boss] },
      { write: 'license', kind: 'users', id: ada, add: [{ skuId, disabledPlans: [] }], remove: [] },
      { write: 'assign-role', ...held, principalId: ada, roleDefinitionId: helpdesk, directoryScopeId: '/' },
      {
        write: 'assign-role',
        ...held,
        principalId: ada,
        roleDefinitionId: helpdesk,
        directoryScopeId: `/administrativeUnits/${north}`,
      },
    ]);
    expect(results.map(({ ok }) => ok)).toEqual(results.map(() => true));

    const [found] = await gateway.find([
      { by: 'property', kind: 'users', property: 'userPrincipalName', value: 'ada@contoso.com' },
    ]);
    expect(found?.[0]).toMatchObject({
      id: ada,
      state: 'live',
      body: { jobTitle: 'Countess', assignedLicenses: [{ skuId }] },
    });
    const names = ['memberOf', 'ownedObjects', 'administrativeUnits', 'manager', 'sponsors', 'directReports'];
    const [links] = await gateway.readLinks([{ kind: 'users', id: ada, names }]);
    expect(links).toEqual({
      memberOf: [`group/${group}`],
      ownedObjects: [`group/${group}`],
      administrativeUnits: [`administrativeUnit/${north}`],
      manager: [`user/${boss}`],
      sponsors: [`user/${boss}`],
      directReports: [`user/${report}`],
    });
    const [roles] = await gateway.readRoleAssignments([ada], 'active', false);
    expect(roles?.map(({ directoryScopeId }) => directoryScopeId).sort()).toEqual([
      '/',
      `/administrativeUnits/${north}`,
    ]);
    expect((await gateway.readSeats()).get(skuId)).toBe(2);

    const [removed] = await gateway.apply([{ write: 'unlink', relation: 'members', source: group, target: boss }]);
    expect(removed).toEqual({ ok: true });
    const again = await gateway.apply([
      { write: 'assign-role', ...held, principalId: ada, roleDefinitionId: helpdesk, directoryScopeId: '/' },
    ]);
    expect(again).toMatchObject([{ ok: false, problem: 'conflict' }]);
  });

  it('finds the bin and empties it back into life, links and all', async () => {
    const [user, group] = [await newUser(), await newGroup()];
    await gateway.apply([{ write: 'link', relation: 'members', source: group, targets: [user] }]);
    await graph('DELETE', `/users/${user}`);
    await graph('DELETE', `/groups/${group}`);
    const lookups = [
      { by: 'deleted-id', kind: 'users', id: user },
      { by: 'deleted-id', kind: 'groups', id: group },
      { by: 'id', kind: 'users', id: user },
      { by: 'deleted-id', kind: 'users', id: group },
    ] as const;
    const [binned, binnedGroup, live, other] = await gateway.find(lookups);
    expect(binned).toMatchObject([{ id: user, state: 'deleted' }]);
    expect(binned?.[0]?.body.userPrincipalName).toContain(user.replaceAll('-', ''));
    expect(binnedGroup).toMatchObject([{ id: group, state: 'deleted', body: { securityEnabled: true } }]);
    expect([live, other]).toEqual([[], []]);
    expect(
      await gateway.apply([
        { write: 'undelete', kind: 'users', id: user },
        { write: 'undelete', kind: 'groups', id: group },
      ]),
    ).toEqual([
      { ok: true, id: user },
      { ok: true, id: group },
    ]);
    const [links] = await gateway.readLinks([{ kind: 'users', id: user, names: ['memberOf'] }]);
    expect(links).toEqual({ memberOf: [`group/${group}`] });
  });

  it('names who holds a name, and creates nobody twice when an answer is lost', async () => {
    const body = {
      accountEnabled: true,
      displayName: 'Bob',
      mailNickname: 'bob',
      userPrincipalName: 'bob@contoso.com',
      passwordProfile: { password: 'Correct-Horse-7' },
    };
    await door('POST', 'faults', [{ match: { method: 'POST', path: '/users' }, effect: 'drop-response' }]);
    const create = { write: 'create', kind: 'users', body } as const;
    expect(await gateway.apply([create])).toMatchObject([{ ok: false, problem: 'uncertain' }]);
    expect(await gateway.apply([create])).toMatchObject([
      { ok: false, problem: 'conflict', property: 'userPrincipalName' },
    ]);
    const stats = await door('GET', 'stats');
    expect(stats.writes).toBe(2);
  });

  it('lives within a write quota without hammering (R58)', async () => {
    const users = await Promise.all(Array.from({ length: 60 }, () => newUser()));
    await door('POST', 'settings', { throttling: { resourceUnits: 5000, seconds: 10, writes: 20, writeSeconds: 1 } });
    const writes = users.map((id) => ({ write: 'update', kind: 'users', id, changes: { city: 'Delft' } }) as const);
    const results = await gateway.apply(writes);
    expect(results.every(({ ok }) => ok)).toBe(true);
    const stats = await door('GET', 'stats');
    expect(stats.throttled).toBeGreaterThan(0);
    expect(stats.throttled).toBeLessThan(120);
    expect(gateway.spent().requests).toBe(stats.requests);
  });

  it('writes twenty things to one group without a concurrency violation', async () => {
    const [group, users] = [await newGroup(), await Promise.all(Array.from({ length: 6 }, () => newUser()))];
    const results = await gateway.apply(
      users.map((id) => ({ write: 'link', relation: 'owners', source: group, targets: [id] }) as const),
    );
    expect(results).toEqual(users.map(() => ({ ok: true })));
    const { byRoute } = await door('GET', 'stats');
    const owners = byRoute.filter(({ route }: { route: string }) => route === '/groups/{id}/owners/$ref');
    expect(owners).toMatchObject([{ requests: 6 }]);
  });

  it('waits for its own young objects to be known', async () => {
    const group = await newGroup();
    await door('POST', 'settings', { replicationDelayMs: 1_200 });
    made += 1;
    const name = `young${made}`;
    const [created] = await gateway.apply([
      {
        write: 'create',
        kind: 'users',
        body: {
          accountEnabled: true,
          displayName: name,
          mailNickname: name,
          userPrincipalName: `${name}@contoso.com`,
          passwordProfile: { password: 'Correct-Horse-7' },
        },
      },
    ]);
    const user = created?.ok ? (created.id ?? '') : '';
    const link = { write: 'link', relation: 'members', source: group, targets: [user] } as const;
    expect(await gateway.apply([link])).toEqual([{ ok: true }]);
  });
});

const ids = (changes: readonly Change[], what: Change['change']): string[] =>
  [...new Set(changes.flatMap((change) => (change.change === what && 'id' in change ? [change.id] : [])))].sort();

/** A small real JPEG (one grey pixel). */
function jpeg(): Buffer {
  return Buffer.from(
    '/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=',
    'base64',
  );
}
