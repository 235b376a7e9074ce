import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../src/dev/simulator/server.ts';

let simulator: Simulator;
// biome-ignore lint/suspicious/noExplicitAny: answers of many routes, looked into by the tests
type Body = any;
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Body;
}

async function send(method: string, path: string, body?: unknown, token = 'app'): Promise<Answer> {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}
const control = (method: string, door: string, body?: unknown): Promise<Answer> =>
  send(method, `/_control${door}`, body);
const graph = (method: string, path: string, body?: unknown, token?: string): Promise<Answer> =>
  send(method, `/v1.0${path}`, body, token);
const firstUser = async (): Promise<string> =>
  (await graph('GET', '/users?$top=1', undefined, 'outside')).body.value[0].id;

beforeAll(async () => {
  simulator = await createSimulator({ stateDir: null, seed: 'empty', port: 0 });
});
afterAll(() => simulator.close());
beforeEach(async () => {
  await control('POST', '/reset');
  await control('POST', '/seed', { users: 12, groups: 2 });
});

describe('the stats of the app', () => {
  it('count each part of a batch under its own route template, and the envelope not at all', async () => {
    const id = await firstUser();
    await graph('POST', '/$batch', {
      requests: [
        { id: '1', method: 'GET', url: `/users/${id}?$select=id` },
        { id: '2', method: 'GET', url: `/users/${id}/memberOf` },
        { id: '3', method: 'DELETE', url: `/users/${id}/manager/$ref` },
      ],
    });
    const { body } = await control('GET', '/stats');
    expect(body).toMatchObject({ requests: 3, roundTrips: 1, resourceUnits: 4, writes: 1, throttled: 0 });
    expect(body.byRoute.map((row: Body) => `${row.method} ${row.route}`)).toEqual([
      'GET /users/{id}',
      'DELETE /users/{id}/manager/$ref',
      'GET /users/{id}/memberOf',
    ]);
  });

  it('leave the outside administrator out, and start again when cleared', async () => {
    await graph('GET', '/users', undefined, 'outside');
    expect((await control('GET', '/stats')).body.requests).toBe(0);
    await graph('GET', '/users');
    expect((await control('GET', '/stats')).body).toMatchObject({ requests: 1, resourceUnits: 2 });
    await control('DELETE', '/stats');
    expect((await control('GET', '/stats')).body).toMatchObject({ requests: 0, byRoute: [], firstDateTime: null });
  });

  it('see how many requests were under way at once', async () => {
    await control('POST', '/settings', { latencyMs: 60 });
    await Promise.all([1, 2, 3].map(() => graph('GET', '/users')));
    expect((await control('GET', '/stats')).body.maxConcurrency).toBe(3);
  });
});

describe('throttling over HTTP (graph-facts 1.1)', () => {
  const tight = { throttling: { resourceUnits: 4, seconds: 40, writes: 100, writeSeconds: 1 } };

  it('answers 429 with the documented body and headers, and admits after the wait on the tenant clock', async () => {
    await control('POST', '/settings', tight);
    expect((await graph('GET', '/users')).headers.get('x-ms-resource-unit')).toBe('2');
    expect((await graph('GET', '/users')).headers.get('x-ms-throttle-limit-percentage')).toBe('1.0');
    const refused = await graph('GET', '/users');
    expect(refused.status).toBe(429);
    expect(refused.body.error).toMatchObject({ code: 'TooManyRequests', message: 'Please retry again later.' });
    expect(refused.headers.get('x-ms-throttle-information')).toBe('ResourceUnitLimitExceeded');
    expect(refused.headers.get('x-ms-throttle-scope')).toMatch(/^Tenant_Application\/ReadWrite\/[\w-]+\/[\w-]+$/);
    const wait = Number(refused.headers.get('Retry-After'));
    expect(wait).toBeGreaterThan(15);
    expect((await graph('GET', '/users', undefined, 'outside')).status).toBe(200);
    await control('POST', '/clock', { advance: `PT${wait}S` });
    expect((await graph('GET', '/users')).status).toBe(200);
    expect((await control('GET', '/stats')).body).toMatchObject({ requests: 4, throttled: 1, resourceUnits: 6 });
  });

  it('throttles the parts of a batch one by one, each with its own Retry-After', async () => {
    await control('POST', '/settings', tight);
    const requests = ['1', '2', '3'].map((id) => ({ id, method: 'GET', url: '/users' }));
    const { status, body } = await graph('POST', '/$batch', { requests });
    expect(status).toBe(200);
    expect(body.responses.map((part: Body) => part.status).sort()).toEqual([200, 200, 429]);
    const refused = body.responses.find((part: Body) => part.status === 429);
    expect(Number(refused.headers['Retry-After'])).toBeGreaterThan(0);
  });

  it('does not do the work of a throttled write', async () => {
    await control('POST', '/settings', { throttling: { resourceUnits: 99, seconds: 1, writes: 1, writeSeconds: 600 } });
    const id = await firstUser();
    expect((await graph('PATCH', `/users/${id}`, { city: 'One' })).status).toBe(204);
    expect((await graph('PATCH', `/users/${id}`, { city: 'Two' })).status).toBe(429);
    expect((await graph('GET', `/users/${id}?$select=city`)).body.city).toBe('One');
  });
});

describe('scripted faults over HTTP', () => {
  it('answer in place of the work, for the app only', async () => {
    await control('POST', '/faults', [
      { match: { method: 'GET', path: '/users' }, effect: 'status', status: 503, retryAfter: 2 },
    ]);
    expect((await graph('GET', '/users', undefined, 'outside')).status).toBe(200);
    const failed = await graph('GET', '/users');
    expect(failed.status).toBe(503);
    expect(failed.body.error.code).toBe('ServiceUnavailable');
    expect(failed.headers.get('Retry-After')).toBe('2');
    expect((await control('GET', '/faults')).body).toMatchObject([{ met: 1 }]);
    expect((await graph('GET', '/users')).status).toBe(200);
  });

  it('do the work and lose the answer', async () => {
    const id = await firstUser();
    await control('POST', '/faults', [{ match: { path: '/users/*' }, effect: 'drop-response' }]);
    await expect(graph('PATCH', `/users/${id}`, { city: 'Lost' })).rejects.toThrow();
    expect((await graph('GET', `/users/${id}?$select=city`)).body.city).toBe('Lost');
  });

  it('cut before the work is done, after holding the connection', async () => {
    const id = await firstUser();
    await control('POST', '/faults', [{ match: { path: '/users/*' }, effect: 'timeout', ms: 30 }]);
    const before = performance.now();
    await expect(graph('PATCH', `/users/${id}`, { city: 'Never' })).rejects.toThrow();
    expect(performance.now() - before).toBeGreaterThan(25);
    expect((await graph('GET', `/users/${id}?$select=city`)).body.city).not.toBe('Never');
  });

  it('meet the parts of a batch and its envelope', async () => {
    const id = await firstUser();
    await control('POST', '/faults', [
      { match: { path: '/users/*' }, nth: 2, effect: 'status', status: 500 },
      { match: { path: '/$batch' }, nth: 2, effect: 'status', status: 504 },
    ]);
    const requests = ['1', '2'].map((part) => ({ id: part, method: 'GET', url: `/users/${id}` }));
    const { body } = await graph('POST', '/$batch', { requests });
    expect(body.responses.map((part: Body) => part.status).sort()).toEqual([200, 500]);
    expect((await graph('POST', '/$batch', { requests })).status).toBe(504);
  });
});

describe('permissions and tokens over HTTP', () => {
  it('refuse a call the app has no permission for, and never the administrator', async () => {
    await control('POST', '/settings', { permissions: ['User.Read.All'] });
    expect((await graph('GET', '/users')).status).toBe(200);
    const refused = await graph('GET', '/groups');
    expect([refused.status, refused.body.error.code]).toEqual([403, 'Authorization_RequestDenied']);
    expect((await graph('GET', '/groups', undefined, 'outside')).status).toBe(200);
  });

  it('answer 401 without a token, with an unknown one, and with an expired one', async () => {
    const noToken = await fetch(`${simulator.url}/v1.0/users`);
    expect(noToken.status).toBe(401);
    expect((await graph('GET', '/users', undefined, 'stranger')).status).toBe(401);
    await control('POST', '/settings', { tokens: 'expired' });
    const expired = await graph('GET', '/users');
    expect([expired.status, expired.body.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
    expect((await graph('GET', '/users', undefined, 'outside')).status).toBe(200);
  });

  it('let a plain app delete a plain user but not a global administrator', async () => {
    const [one, two] = (await graph('GET', '/users?$top=2', undefined, 'outside')).body.value;
    const role = {
      principalId: one.id,
      roleDefinitionId: '62e90394-69f5-4237-9190-012177145e10',
      directoryScopeId: '/',
    };
    expect((await graph('POST', '/roleManagement/directory/roleAssignments', role, 'outside')).status).toBe(201);
    await control('POST', '/settings', { directoryRoles: ['User Administrator'] });
    expect((await graph('DELETE', `/users/${two.id}`)).status).toBe(204);
    expect((await graph('DELETE', `/users/${one.id}`)).status).toBe(403);
    await control('POST', '/settings', { directoryRoles: ['Privileged Authentication Administrator'] });
    expect((await graph('DELETE', `/users/${one.id}`)).status).toBe(204);
  });
});
