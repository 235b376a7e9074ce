import { afterEach, describe, expect, it } from 'vitest';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { graphError, notFound, type ScriptedGraph, scriptedGraph } from './scripted-graph.ts';

let graph: ScriptedGraph | undefined;
afterEach(async () => {
  await graph?.close();
  graph = undefined;
});

const batch = (request: { path: string }) => request.path === '/$batch';

describe('answers that do not come', () => {
  it('never sends a create again whose answer was lost, and says that it is uncertain', async () => {
    graph = await scriptedGraph((request) => (batch(request) ? notFound : 'cut'));
    const results = await graph.gateway.apply([
      { write: 'create', kind: 'users', body: { displayName: 'x' } },
      { write: 'link', relation: 'members', source: 'g', targets: ['a', 'b'] },
    ]);
    expect(results).toEqual([
      { ok: false, problem: 'uncertain' },
      { ok: false, problem: 'uncertain' },
    ]);
    expect(graph.envelopes).toHaveLength(1);
  });

  it('takes no refusal of an envelope for an answer to what it carries: nobody is gone for it, and nothing was done', async () => {
    let refusals = 0;
    graph = await scriptedGraph((request) => {
      if (batch(request)) return ++refusals < 3 ? graphError(410, 'Gone') : notFound;
      return request.method === 'POST' ? { status: 201, body: { id: 'n' } } : { status: 200, body: { id: 'a' } };
    });
    expect(await graph.gateway.find([{ by: 'id', kind: 'users', id: 'a' }])).toMatchObject([[{ id: 'a' }]]);
    refusals = 0;
    expect(await graph.gateway.apply([{ write: 'create', kind: 'groups', body: {} }])).toEqual([{ ok: true, id: 'n' }]);
    refusals = -100;
    const look = graph.gateway.find([{ by: 'id', kind: 'users', id: 'a' }]);
    await expect(look).rejects.toMatchObject({ code: 'graph-unreachable' });
  });

  it('takes no 404 of a list for an empty one', async () => {
    graph = await scriptedGraph(() => notFound);
    for (const lookup of [
      { by: 'property', kind: 'groups', property: 'displayName', value: 'Choir' },
      { by: 'listed-property', kind: 'users', property: 'userPrincipalName', value: 'a@contoso.com' },
    ] as const)
      await expect(graph.gateway.find([lookup])).rejects.toMatchObject({ code: 'not-found' });
  });

  it('keeps to the refusal of a link where the look into it is refused in whatever way', async () => {
    for (const status of [400, 403, 404, 409, 501]) {
      await graph?.close();
      graph = await scriptedGraph((request) => {
        if (batch(request)) return notFound;
        if (request.method === 'PATCH') return graphError(400, 'Request_BadRequest');
        return request.path.includes('memberOf') ? graphError(status, 'x') : { status: 200, body: { id: 'a' } };
      });
      const [result] = await graph.gateway.apply([{ write: 'link', relation: 'members', source: 'g', targets: ['a'] }]);
      expect(result, `${status}`).toMatchObject({ ok: false, problem: 'refused' });
    }
  });

  it('repeats what may be repeated and takes "not there any more" after a lost removal as done', async () => {
    let first = true;
    graph = await scriptedGraph((request) => {
      if (batch(request)) return notFound;
      if (first) {
        first = false;
        return 'cut';
      }
      return request.method === 'DELETE' ? notFound : { status: 204 };
    });
    const results = await graph.gateway.apply([
      { write: 'unlink', relation: 'members', source: 'g', target: 'a' },
      { write: 'link', relation: 'manager', source: 'u', targets: ['m'] },
    ]);
    expect(results).toEqual([{ ok: true }, { ok: true }]);
  });

  it('reads again after 503 and 504, and reports Graph unreachable after the last try', async () => {
    let tries = 0;
    graph = await scriptedGraph((request) => {
      if (batch(request)) return notFound;
      tries += 1;
      if (request.path.startsWith('/users/a'))
        return tries < 3 ? graphError(503 + (tries % 2), 'x') : { status: 200, body: { id: 'a' } };
      return graphError(503, 'ServiceUnavailable');
    });
    const [found] = await graph.gateway.find([{ by: 'id', kind: 'users', id: 'a' }]);
    expect(found).toMatchObject([{ id: 'a', state: 'live' }]);
    await expect(graph.gateway.readPage('users')).rejects.toMatchObject({ code: 'graph-unreachable' });
    await expect(graph.gateway.find([{ by: 'id', kind: 'users', id: 'b' }])).rejects.toMatchObject({
      code: 'graph-unreachable',
    });
  });

  it('says unreachable, not uncertain, of a Graph that nobody answers for when reading', async () => {
    const gateway = createGraphGateway({
      cloud: 'global',
      endpoint: 'http://127.0.0.1:1',
      credential: { kind: 'development', token: 'app' },
      limits: { backoffMs: 1 },
    });
    await expect(gateway.probe()).rejects.toMatchObject({ code: 'graph-unreachable' });
  });

  it('waits out a concurrency violation instead of failing the write', async () => {
    let violations = 0;
    graph = await scriptedGraph((request) => {
      if (batch(request)) return notFound;
      violations += 1;
      return violations < 3 ? graphError(409, 'Directory_ConcurrencyViolation') : { status: 201, body: { id: 'n' } };
    });
    expect(await graph.gateway.apply([{ write: 'create', kind: 'groups', body: {} }])).toEqual([{ ok: true, id: 'n' }]);
  });

  it('links to an object it has just made again until Graph knows it, without being asked', async () => {
    let refusals = 0;
    graph = await scriptedGraph((request) => {
      if (batch(request)) return notFound;
      if (request.method === 'POST') return { status: 201, body: { id: 'young' } };
      refusals += 1;
      return refusals < 4 ? graphError(refusals % 2 ? 400 : 404, 'Request_BadRequest') : { status: 204 };
    });
    await graph.gateway.apply([{ write: 'create', kind: 'users', body: {} }]);
    const link = { write: 'link', relation: 'members', source: 'g', targets: ['old', 'young'] } as const;
    expect(await graph.gateway.apply([link])).toEqual([{ ok: true }]);
  });

  it('never has two writes to one object on their way, and keeps their order', async () => {
    graph = await scriptedGraph((request) => (batch(request) ? notFound : { status: 204 }));
    const writes = Array.from({ length: 30 }, (_, index) => ({
      write: 'update' as const,
      kind: 'users' as const,
      id: index % 2 ? 'odd' : 'even',
      changes: { displayName: String(index) },
    }));
    await Promise.all([graph.gateway.apply(writes.slice(0, 15)), graph.gateway.apply(writes.slice(15))]);
    for (const { body } of graph.envelopes) {
      const urls = body.requests.map(({ url }: { url: string }) => url);
      expect(new Set(urls).size).toBe(urls.length);
    }
    const names = (id: string) =>
      graph?.seen.filter(({ path }) => path.endsWith(id)).map(({ body }) => Number(body.displayName));
    expect(names('odd')).toEqual(writes.flatMap(({ id }, index) => (id === 'odd' ? [index] : [])));
    expect(names('even')).toEqual(writes.flatMap(({ id }, index) => (id === 'even' ? [index] : [])));
  });
});
