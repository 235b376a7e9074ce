/** Contract section 3, sentence by sentence, where no other test here has it: what the outside may rely on. */
import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, readDelta, readList, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const door = async (method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }> => {
  const response = await fetch(`${graph.url}/_control${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
};
const asApp = (method: string, path: string, body?: unknown) => graph.graph(method, path, body, { as: 'app' });

describe('an empty tenant', () => {
  it('has one organization, the verified domain contoso.com and every built-in role, and nobody', async () => {
    expect(await readList(graph, '/organization')).toHaveLength(1);
    expect(await readList(graph, '/domains')).toMatchObject([{ id: 'contoso.com', isVerified: true }]);
    const roles = await readList(graph, '/roleManagement/directory/roleDefinitions');
    const administrator = roles.find((role) => role.displayName === 'Global Administrator');
    expect(administrator).toMatchObject({ id: '62e90394-69f5-4237-9190-012177145e10', isBuiltIn: true });
    expect(roles.length).toBeGreaterThan(90);
    expect(await readList(graph, '/roleManagement/directory/roleAssignments')).toEqual([]);
    expect(await readList(graph, '/users')).toEqual([]);
  });

  it('gives random ids', async () => {
    const ids = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    for (const id of ids) expect(id).toMatch(guid);
    expect(ids[0]).not.toBe(ids[1]);
  });
});

describe('callers', () => {
  it('the app is counted, throttled, delayed and faulted; the administrator is none of it', async () => {
    await graph.door('POST', '/settings', {
      latencyMs: 40,
      throttling: { resourceUnits: 2, seconds: 600, writes: 1, writeSeconds: 600 },
      permissions: [],
      directoryRoles: [],
    });
    await graph.door('POST', '/faults', [{ match: {}, effect: 'status', status: 503, times: 99 }]);
    const begun = performance.now();
    for (let i = 0; i < 5; i += 1) expect((await graph.graph('GET', '/users')).status).toBe(200);
    expect(performance.now() - begun).toBeLessThan(200);
    expect(await graph.door('GET', '/stats')).toMatchObject({ requests: 0, roundTrips: 0 });
    expect((await asApp('GET', '/users')).status).toBe(503);
    expect(await graph.door('GET', '/stats')).toMatchObject({ requests: 1, roundTrips: 1 });
  });

  it.each([
    ['no header', undefined, 'Access token is empty.'],
    ['another scheme', 'Basic YTpi', 'Access token is empty.'],
    ['another token', 'Bearer stranger', /^CompactToken parsing failed/],
  ])('%s: 401 as Graph says it', async (_, authorization, message) => {
    const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
    const response = await fetch(`${graph.url}/v1.0/users`, { headers });
    const { error } = (await response.json()) as Json;
    expect([response.status, error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    expect(error.message).toMatch(message);
    expect(error.innerError).toMatchObject({ 'request-id': expect.stringMatching(guid) });
  });
});

describe('links', () => {
  it('nextLink and deltaLink point here and may be used again; contexts keep Microsoft’s host', async () => {
    await graph.door('POST', '/seed', { users: 5 });
    const { body } = await graph.graph('GET', '/users?$top=2');
    expect(body['@odata.context']).toMatch(/^https:\/\/graph\.microsoft\.com\/v1\.0\/\$metadata#users/);
    expect(body['@odata.nextLink']).toContain(`${graph.url}/v1.0/users?`);
    const again = async () => (await graph.graph('GET', body['@odata.nextLink'])).body.value;
    expect(await again()).toEqual(await again());
    const { link } = await readDelta(graph, '/users/delta');
    expect(link).toContain(`${graph.url}/v1.0/users/delta?`);
    await graph.graph('PATCH', `/users/${body.value[0].id}`, { city: 'Oslo' });
    expect((await readDelta(graph, link)).value).toEqual((await readDelta(graph, link)).value);
  });

  it('@odata.id and @odata.bind take any host', async () => {
    const [one, two] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const group = await created(graph, '/groups', aGroup());
    const add = (id: string, host: string) =>
      graph.graph('POST', `/groups/${group}/members/$ref`, { '@odata.id': `${host}/v1.0/directoryObjects/${id}` });
    expect((await add(one, 'https://graph.microsoft.us')).status).toBe(204);
    const bind = { 'members@odata.bind': [`${graph.url}/v1.0/users/${two}`] };
    expect((await graph.graph('PATCH', `/groups/${group}`, bind)).status).toBe(204);
    expect(await readList(graph, `/groups/${group}/members`)).toHaveLength(2);
  });
});

describe('what is not known', () => {
  it('an unknown path or option is 501 with its name', async () => {
    for (const [path, name] of [
      ['/drives/root', '/drives/root'],
      ['/users?$apply=x', '$apply'],
    ] as const) {
      const { status, body } = await graph.graph('GET', path);
      expect([path, status]).toEqual([path, 501]);
      expect(body.error.message).toContain(name);
    }
    const beta = await fetch(`${graph.url}/beta/users`, { headers: { authorization: 'Bearer outside' } });
    expect(beta.status).toBe(501);
  });

  it('an unknown property in $select or a body is 400, and named', async () => {
    const selected = await graph.graph('GET', '/users?$select=shoeSize');
    const sent = await graph.graph('POST', '/users', aUser({ shoeSize: 41 }));
    expect([selected.status, sent.status]).toEqual([400, 400]);
    expect([selected.body.error.message, sent.body.error.message]).toEqual([
      expect.stringContaining('shoeSize'),
      expect.stringContaining('shoeSize'),
    ]);
  });
});

describe('POST /seed', () => {
  const size = { users: 40, groups: 8, administrativeUnits: 2, linksPerUser: 3, hybridShare: 0.5, seed: 7 };

  it('replaces the tenant by one of exactly these numbers, the same each time', async () => {
    await created(graph, '/users', aUser());
    await graph.door('POST', '/seed', size);
    const dump = JSON.stringify(await graph.door('GET', '/dump'));
    const users = await readList(graph, '/users?$select=id,onPremisesSyncEnabled&$top=999');
    expect(users).toHaveLength(40);
    expect(users.filter((user) => user.onPremisesSyncEnabled === true)).toHaveLength(20);
    expect(await readList(graph, '/groups')).toHaveLength(8);
    expect(await readList(graph, '/directory/administrativeUnits')).toHaveLength(2);
    for (const { id } of users) {
      expect(await readList(graph, `/users/${id}/memberOf/microsoft.graph.group`)).toHaveLength(3);
    }
    await graph.door('POST', '/seed', size);
    expect(JSON.stringify(await graph.door('GET', '/dump'))).toBe(dump);
    await graph.door('POST', '/seed', { ...size, seed: 8 });
    expect(JSON.stringify(await graph.door('GET', '/dump'))).not.toBe(dump);
  });

  it('refuses more memberships than there are groups, and numbers below none', async () => {
    expect((await door('POST', '/seed', { users: 1, groups: 1, linksPerUser: 2 })).status).toBe(400);
    expect((await door('POST', '/seed', { users: -1 })).status).toBe(400);
    expect((await door('POST', '/seed', { users: 1, hybridShare: 1.5 })).status).toBe(400);
  });
});

describe('the clock', () => {
  it('moves what depends on time: the bin, delta tokens, schedules', async () => {
    const [user, holder] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    await graph.graph('POST', '/roleManagement/directory/roleAssignmentScheduleRequests', {
      action: 'adminAssign',
      principalId: holder,
      roleDefinitionId: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
      directoryScopeId: '/',
      scheduleInfo: { expiration: { type: 'afterDuration', duration: 'P10D' } },
    });
    const { link } = await readDelta(graph, '/users/delta');
    await graph.graph('DELETE', `/users/${user}`);
    await graph.door('POST', '/clock', { advance: 'P6D' });
    expect((await graph.graph('GET', link)).status).toBe(200);
    await graph.door('POST', '/clock', { advance: 'P23D' });
    expect((await graph.graph('GET', link)).status).toBe(400);
    expect(await readList(graph, '/directory/deletedItems/microsoft.graph.user')).toHaveLength(1);
    expect(await readList(graph, '/roleManagement/directory/roleAssignments')).toEqual([]);
    await graph.door('POST', '/clock', { advance: 'P2D' });
    expect(await readList(graph, '/directory/deletedItems/microsoft.graph.user')).toEqual([]);
  });

  it('ticks on, is read as {now}, and shows in the Date header', async () => {
    const { now } = await graph.door('POST', '/clock', { now: '2031-05-06T07:08:09Z' });
    expect(now).toMatch(/^2031-05-06T07:08:09/);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(Date.parse((await graph.door('GET', '/clock')).now)).toBeGreaterThan(Date.parse('2031-05-06T07:08:09Z'));
    expect((await graph.graph('GET', '/users')).headers.get('date')).toContain('06 May 2031');
  });
});

describe('objects nobody can write through Graph', () => {
  it('lists, devices, service principals and passkeys are made, shown and removed for good', async () => {
    const make = (type: string, more: object): Promise<{ status: number; body: Json }> =>
      door('POST', '/objects', { '@odata.type': `#microsoft.graph.${type}`, ...more });
    const user = await created(graph, '/users', aUser());
    const list = await make('group', {
      displayName: 'All hands',
      mailNickname: 'all',
      mailEnabled: true,
      securityEnabled: false,
      members: [user],
      owners: [user],
    });
    expect(list.status).toBe(201);
    expect(await readList(graph, `/groups/${list.body.id}/members`)).toMatchObject([{ id: user }]);
    const device = await make('device', { displayName: 'Laptop' });
    expect((await graph.graph('GET', `/devices/${device.body.id}`)).body.displayName).toBe('Laptop');
    const principal = await make('servicePrincipal', { displayName: 'Payroll' });
    expect((await graph.graph('GET', `/servicePrincipals/${principal.body.id}`)).status).toBe(200);
    const passkey = await make('fido2AuthenticationMethod', { userId: user, displayName: 'Key' });
    expect((await graph.graph('GET', `/users/${user}/authentication/fido2Methods/${passkey.body.id}`)).status).toBe(
      200,
    );
    expect((await door('PATCH', `/objects/${user}`, { createdDateTime: '2001-02-03T04:05:06Z' })).status).toBe(200);
    expect((await graph.graph('GET', `/users/${user}?$select=createdDateTime`)).body.createdDateTime).toBe(
      '2001-02-03T04:05:06Z',
    );
    expect((await door('DELETE', `/objects/${list.body.id}`)).status).toBe(200);
    expect((await graph.graph('GET', `/groups/${list.body.id}`)).status).toBe(404);
    expect(await readList(graph, '/directory/deletedItems/microsoft.graph.group')).toEqual([]);
  });
});

describe('POST /native-recovery', () => {
  it('changes objects and members, and no delta tells it', async () => {
    const [one, two] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(one));
    const [users, groups] = [await readDelta(graph, '/users/delta'), await readDelta(graph, '/groups/delta')];
    await graph.door('POST', '/native-recovery', {
      objects: [
        { id: one, changes: { department: 'Sales' } },
        { id: group, changes: { displayName: 'Reverted', members: [two] } },
      ],
    });
    expect((await readDelta(graph, users.link)).value).toEqual([]);
    expect((await readDelta(graph, groups.link)).value).toEqual([]);
    expect((await graph.graph('GET', `/groups/${group}`)).body.displayName).toBe('Reverted');
    expect((await readList(graph, `/groups/${group}/members`)).map(({ id }) => id)).toEqual([two]);
  });
});

describe('POST /sign-in', () => {
  it('says whether a password works and has to be changed', async () => {
    const passwordProfile = { password: 'Blue-Kettle-42', forceChangePasswordNextSignIn: true };
    const user = await created(graph, '/users', aUser({ userPrincipalName: 'eli@contoso.com', passwordProfile }));
    const signIn = (password: string) =>
      graph.door('POST', '/sign-in', { userPrincipalName: 'eli@contoso.com', password });
    expect(await signIn('Blue-Kettle-42')).toEqual({ accepted: true, mustChangePassword: true });
    expect(await signIn('wrong')).toMatchObject({ accepted: false });
    await graph.graph('PATCH', `/users/${user}`, { accountEnabled: false });
    expect(await signIn('Blue-Kettle-42')).toMatchObject({ accepted: false });
  });
});

describe('GET /dump', () => {
  it('has the same bytes for equal tenants, whatever the clock and the traffic', async () => {
    await graph.door('POST', '/seed', { users: 10 });
    const bytes = async () => (await fetch(`${graph.url}/_control/dump`)).text();
    const before = await bytes();
    await asApp('GET', '/users/delta');
    await graph.door('POST', '/clock', { advance: 'P3D' });
    expect(await bytes()).toBe(before);
    const [{ id }] = await readList(graph, '/users?$top=1');
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(id));
    expect(await bytes()).not.toBe(before);
    expect(JSON.stringify(JSON.parse(await bytes()).group)).toContain(id);
  });
});

describe('with a replication delay', () => {
  it('a new object is neither listed nor linked nor told for so long, and then everything of it is', async () => {
    const group = await created(graph, '/groups', aGroup());
    const { link } = await readDelta(graph, '/users/delta');
    await graph.door('POST', '/settings', { replicationDelayMs: 60_000 });
    const user = await created(graph, '/users', aUser());
    expect(await readList(graph, '/users')).toEqual([]);
    const refused = await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user));
    expect([400, 404]).toContain(refused.status);
    const told = await readDelta(graph, link);
    expect(told.value).toEqual([]);
    await graph.door('POST', '/clock', { advance: 'PT61S' });
    expect((await readDelta(graph, told.link)).value).toMatchObject([{ id: user }]);
    expect(await readList(graph, '/users')).toHaveLength(1);
    expect((await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user))).status).toBe(204);
  });
});

describe('faults', () => {
  it('hold for as long as they say, on the wall clock, and do the work when they only delay', async () => {
    const user = await created(graph, '/users', aUser());
    await graph.door('POST', '/faults', [{ match: { pathPattern: '^/users/[^/]+$' }, effect: 'delay', ms: 60 }]);
    const begun = performance.now();
    expect((await asApp('PATCH', `/users/${user}`, { city: 'Oslo' })).status).toBe(204);
    expect(performance.now() - begun).toBeGreaterThan(55);
    expect((await graph.graph('GET', `/users/${user}?$select=city`)).body.city).toBe('Oslo');
    expect(await door('DELETE', '/faults')).toMatchObject({ status: 200 });
    expect(await graph.door('GET', '/faults')).toEqual([]);
  });

  it('answer with the status, code and wait that were asked for', async () => {
    await graph.door('POST', '/faults', [
      {
        match: { method: 'GET', path: '/users' },
        nth: 2,
        times: 2,
        effect: 'status',
        status: 418,
        code: 'Teapot',
        retryAfter: 0.5,
      },
    ]);
    const answers = [];
    for (let i = 0; i < 4; i += 1) answers.push(await asApp('GET', '/users'));
    expect(answers.map(({ status }) => status)).toEqual([200, 418, 418, 200]);
    expect(answers[1]?.body.error.code).toBe('Teapot');
    expect(answers[1]?.headers.get('retry-after')).toBe('0.5');
  });
});

describe('stats', () => {
  it('name every field of the contract', async () => {
    await graph.door('POST', '/clock', { now: '2031-05-06T07:08:09Z' });
    await asApp('GET', '/users?$select=id');
    const user = await created(graph, '/users', aUser());
    await asApp('PATCH', `/users/${user}`, { city: 'Oslo' });
    const stats = await graph.door('GET', '/stats');
    expect(stats).toEqual({
      requests: 2,
      roundTrips: 2,
      resourceUnits: 2,
      writes: 1,
      throttled: 0,
      maxConcurrency: 1,
      firstDateTime: expect.stringMatching(/^2031-05-06T07:08:/),
      lastDateTime: expect.stringMatching(/^2031-05-06T07:08:/),
      byRoute: [
        { method: 'GET', route: '/users', requests: 1, resourceUnits: 1, writes: 0, throttled: 0 },
        { method: 'PATCH', route: '/users/{id}', requests: 1, resourceUnits: 1, writes: 1, throttled: 0 },
      ],
    });
  });
});
