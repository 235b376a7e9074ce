import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostProcess, startHost, stateFolder } from './host-process.ts';

describe.each([
  ['whole', 'basic', '1,2'],
  ['in pieces', 'streaming', '2'],
])('HTTP triggers on the local host, bodies %s', (_, app, repeated) => {
  const state = stateFolder();
  let host: HostProcess;
  beforeAll(async () => {
    host = await startHost(state.path, { app });
  });
  afterAll(async () => {
    await host.stop();
    state.remove();
  });
  const get = (path: string) => host.json(path);

  it('serves an anonymous route without a key', async () => {
    const response = await host.call('GET', '/api/health', undefined, {});
    expect([response.status, await response.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('asks for the function key and takes it from the header or from the query', async () => {
    const without = await host.call('GET', '/api/things/latest', undefined, {});
    expect(without.status).toBe(401);
    expect(without.headers.get('content-type')).toContain('application/problem+json');
    expect(await without.json()).toMatchObject({ code: 'unauthorized', status: 401 });
    expect((await host.call('GET', '/api/things/latest', undefined, { 'x-functions-key': 'wrong' })).status).toBe(401);
    expect((await host.call('GET', `/api/things/latest?code=${host.key}`, undefined, {})).status).toBe(200);
  });

  it('opens an admin function to the master key only', async () => {
    expect((await host.call('GET', '/api/secret')).status).toBe(401);
  });

  it('prefers a literal to a constrained to a free segment', async () => {
    expect(await get('/api/things/latest')).toEqual({ route: 'latest' });
    expect(await get('/api/things/17')).toEqual({ route: 'numbered', number: '17' });
    expect(await get('/api/THINGS/seventeen')).toMatchObject({ route: 'thing', id: 'seventeen' });
  });

  it('decodes path values but for an encoded slash, and gives repeated query keys as Azure does', async () => {
    expect(await get('/api/things/a%23EXT%23%40b?q=1&q=2')).toMatchObject({ id: 'a#EXT#@b', query: { q: repeated } });
    expect(await get('/api/things/a%2Fb')).toMatchObject({ id: 'a%2Fb' });
    expect(await (await host.call('GET', '/api/files/a/b%20c')).text()).toBe('a/b c');
    expect((await host.call('GET', '/api/things/%E0%A4%A')).status).toBe(400);
  });

  it('hands the body over', async () => {
    expect(await (await host.call('PUT', '/api/things/1', { a: 'ü' })).json()).toMatchObject({ body: '{"a":"ü"}' });
  });

  it('answers an unknown route, a wrong method and a failing handler with a problem', async () => {
    expect(await host.json('/api/nothing')).toMatchObject({ status: 404, code: 'not-found' });
    const method = await host.call('DELETE', '/api/health');
    expect([method.status, method.headers.get('allow')]).toEqual([405, 'GET']);
    const broken = await host.call('GET', '/api/broken');
    expect(broken.status).toBe(500);
    expect(JSON.stringify(await broken.json())).not.toContain('no such luck');
  });
});
