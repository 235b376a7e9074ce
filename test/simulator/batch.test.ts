import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, readList, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const headers = { 'Content-Type': 'application/json' };
const batch = async (requests: readonly object[]): Promise<{ status: number; byId: Map<string, Json> }> => {
  const { status, body } = await graph.graph('POST', '/$batch', { requests }, { as: 'app' });
  return { status, byId: new Map((body.responses ?? []).map((response: Json) => [response.id, response])) };
};
const get = (id: string, url = '/users') => ({ id, method: 'GET', url });

describe('$batch (graph-facts 1.3)', () => {
  it('answers each sub-request for itself, and 200 outside', async () => {
    const user = await created(graph, '/users', aUser());
    const { status, byId } = await batch([
      get('1', `/users/${user}?$select=id`),
      get('2', 'users/nobody@contoso.com'),
      { id: '3', method: 'POST', url: '/groups', headers, body: aGroup() },
      get('4', '/nothing/here'),
    ]);
    expect(status).toBe(200);
    expect([...byId.values()].map((one) => one.status)).toEqual([200, 404, 201, 501]);
    expect(byId.get('1').body.id).toBe(user);
    expect(byId.get('1').headers['x-ms-resource-unit']).toBe('1');
  });

  it.each([
    ['more than twenty', Array.from({ length: 21 }, (_, at) => get(String(at)))],
    ['ids that differ only in case', [get('a'), get('A')]],
    ['a body without Content-Type', [{ id: '1', method: 'POST', url: '/groups', body: {} }]],
    ['a dependency that is not there', [{ ...get('1'), dependsOn: ['2'] }]],
    ['nothing', []],
  ])('refuses %s as a whole', async (_, requests) => {
    expect((await batch(requests)).status).toBe(400);
  });

  it('waits for what a request depends on, and answers 424 when that failed', async () => {
    const user = await created(graph, '/users', aUser());
    const { byId } = await batch([
      { ...get('2', `/users/${user}?$select=jobTitle`), dependsOn: ['1'] },
      { id: '1', method: 'PATCH', url: `/users/${user}`, headers, body: { jobTitle: 'Baker' } },
      { id: '3', method: 'PATCH', url: `/users/${user}`, headers, body: { jobTitle: 7 }, dependsOn: ['1'] },
      { ...get('4'), dependsOn: ['3'] },
    ]);
    expect(byId.get('2').body.jobTitle).toBe('Baker');
    expect([byId.get('3').status, byId.get('4').status]).toEqual([400, 424]);
  });

  it('knows ids whatever their case, in dependencies too', async () => {
    const user = await created(graph, '/users', aUser());
    const { byId } = await batch([
      { id: 'First', method: 'PATCH', url: `/users/${user}`, headers, body: { jobTitle: 'Baker' } },
      { ...get('second', `/users/${user}?$select=jobTitle`), dependsOn: ['FIRST'] },
    ]);
    expect(byId.get('second').body.jobTitle).toBe('Baker');
  });

  it('tells of each part what a request alone would be told, in headers too (L:json-batching)', async () => {
    await graph.door('POST', '/settings', { permissions: ['User.Read.All'] });
    const group = await created(graph, '/groups', aGroup());
    const { byId } = await batch([
      get('1', '/users?$select=id'),
      { id: '2', method: 'DELETE', url: `/groups/${group}` },
      { id: '3', method: 'PUT', url: '/users', headers, body: {} },
      {
        ...get('4', 'users?$select=id,displayName&$filter=city eq null&$count=true'),
        headers: { ConsistencyLevel: 'eventual' },
      },
    ]);
    expect(byId.get('1').headers).toMatchObject({
      'Cache-Control': 'no-cache',
      'OData-Version': '4.0',
      'Content-Type': expect.stringContaining('application/json;odata.metadata=minimal'),
      'x-ms-resource-unit': '1',
    });
    expect(byId.get('2')).toMatchObject({
      status: 403,
      headers: { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache' },
      body: {
        error: { code: 'Authorization_RequestDenied', message: 'Insufficient privileges to complete the operation.' },
      },
    });
    expect(byId.get('2').headers).not.toHaveProperty('OData-Version');
    expect(byId.get('3')).toMatchObject({
      status: 405,
      body: {
        error: { code: 'Request_BadRequest', message: 'Specified HTTP method is not allowed for the request target.' },
      },
    });
    expect(byId.get('4').body['@odata.context']).toBe(
      'https://graph.microsoft.com/v1.0/$metadata#users(id,displayName)',
    );
    expect(byId.get('4').body['@odata.count']).toBe(0);
  });

  it('lets one of several parallel writes to one object succeed, the others answer 409', async () => {
    const group = await created(graph, '/groups', aGroup());
    const users = await Promise.all(Array.from({ length: 5 }, () => created(graph, '/users', aUser())));
    const writes = users.map((id, at) => ({
      id: String(at),
      method: 'POST',
      url: `/groups/${group}/members/$ref`,
      headers,
      body: ref(id),
    }));
    const { byId } = await batch(writes);
    expect([...byId.values()].map((one) => one.status).sort()).toEqual([204, 409, 409, 409, 409]);
    expect([...byId.values()].find((one) => one.status === 409).body.error.code).toBe('Directory_ConcurrencyViolation');
    expect(await readList(graph, `/groups/${group}/members`)).toHaveLength(1);
    const chained = writes
      .slice(1)
      .map((write, at) => ({ ...write, ...(at === 0 ? {} : { dependsOn: [writes[at]?.id] }) }));
    expect([...(await batch(chained)).byId.values()].map((one) => one.status)).toEqual([204, 204, 204, 204]);
  });

  it('counts, prices and throttles each sub-request under its own route; the envelope is free', async () => {
    const user = await created(graph, '/users', aUser());
    await graph.door('POST', '/settings', {
      throttling: { resourceUnits: 2, seconds: 10, writes: 100, writeSeconds: 100 },
    });
    const { byId } = await batch([
      get('1', `/users/${user}/manager`),
      get('2', `/users/${user}`),
      get('3', `/users/${user}`),
    ]);
    expect([...byId.values()].map((one) => one.status)).toEqual([404, 200, 429]);
    expect(Number(byId.get('3').headers['Retry-After'])).toBeGreaterThan(0);
    const stats = await graph.door('GET', '/stats');
    expect(stats).toMatchObject({ requests: 3, roundTrips: 1, resourceUnits: 2, writes: 0, throttled: 1 });
    expect(stats.byRoute.map((row: Json) => row.route)).toEqual(['/users/{id}', '/users/{id}/manager']);
  });

  it('returns a photo as a Base64 string', async () => {
    await graph.door('POST', '/reset');
    const user = await created(graph, '/users', aUser());
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    const put = await graph.graph('PUT', `/users/${user}/photo/$value`, png, {
      headers: { 'content-type': 'image/png' },
    });
    expect(put.status).toBe(200);
    const { byId } = await batch([get('1', `/users/${user}/photo/$value`), get('2', `/users/${user}/photo`)]);
    expect(byId.get('1')).toMatchObject({
      status: 200,
      headers: { 'Content-Type': 'image/png' },
      body: png.toString('base64'),
    });
    expect(byId.get('2').body).toMatchObject({ id: '1x1', width: 1, height: 1 });
    await graph.graph('DELETE', `/users/${user}/photo/$value`);
    expect((await graph.graph('GET', `/users/${user}/photo`)).body.error.code).toBe('ImageNotFound');
  });
});

describe('faults on the way (contract 3)', () => {
  it('loses the answer after the work was done, or does not do it', async () => {
    await graph.door('POST', '/faults', [{ match: { method: 'POST', path: '/users' }, effect: 'drop-response' }]);
    await expect(
      graph.graph('POST', '/users', aUser({ userPrincipalName: 'lost@contoso.com' }), { as: 'app' }),
    ).rejects.toThrow();
    expect((await graph.graph('GET', '/users/lost@contoso.com')).status).toBe(200);
    await graph.door('POST', '/faults', [
      { match: { path: '/users/*' }, effect: 'status', status: 503, retryAfter: 3 },
    ]);
    const refused = await graph.graph('DELETE', '/users/lost@contoso.com', undefined, { as: 'app' });
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '3']);
    expect((await graph.graph('GET', '/users/lost@contoso.com')).status).toBe(200);
    expect((await graph.door('GET', '/faults')).map((fault: Json) => fault.met)).toEqual([1, 1]);
  });

  it('does not touch the administrator', async () => {
    await graph.door('POST', '/settings', { tokens: 'expired', permissions: [] });
    await graph.door('POST', '/faults', [{ match: {}, effect: 'status' }]);
    expect((await graph.graph('GET', '/users')).status).toBe(200);
    expect((await graph.door('GET', '/stats')).requests).toBe(0);
    const refused = await graph.graph('GET', '/users', undefined, { as: 'app' });
    expect([refused.status, refused.body.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    await graph.door('POST', '/settings', { tokens: 'valid' });
    await graph.door('DELETE', '/faults');
    expect((await graph.graph('GET', '/users', undefined, { as: 'app' })).body.error.code).toBe(
      'Authorization_RequestDenied',
    );
  });
});
