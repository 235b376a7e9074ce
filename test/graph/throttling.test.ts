import { afterEach, describe, expect, it } from 'vitest';
import { retryAfterMs } from '../../src/graph/throttle.ts';
import { notFound, type ScriptedGraph, type Seen, scriptedGraph } from './scripted-graph.ts';

const throttled = (retryAfter: string, scope?: string) => ({
  status: 429,
  headers: { 'Retry-After': retryAfter, ...(scope ? { 'x-ms-throttle-scope': scope } : {}) },
  body: { error: { code: 'TooManyRequests', message: '' } },
});
const user = (id: string) => ({ status: 200, body: { id, displayName: id } });
const create = (displayName: string) => ({ write: 'create', kind: 'groups', body: { displayName } }) as const;
const idOf = ({ path }: Seen) => path.split('?')[0]?.split('/').pop() ?? '';
const lookup = (id: string) => ({ by: 'id', kind: 'users', id }) as const;

let graph: ScriptedGraph;
afterEach(() => graph.close());

describe('throttling (R58)', () => {
  it('sends nothing more of the class before the wait of a throttled sub-request has passed, and then only what is missing', async () => {
    let refusedAt = 0;
    graph = await scriptedGraph((request) => {
      if (request.path === '/$batch') return notFound;
      if (idOf(request) === 'b' && refusedAt === 0) {
        refusedAt = performance.now();
        return throttled('0.25');
      }
      return user(idOf(request));
    });
    const first = graph.gateway.find(['a', 'b', 'c'].map(lookup));
    while (refusedAt === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(graph.gateway.throttledUntil()?.getTime()).toBeGreaterThan(Date.now());
    const second = graph.gateway.find([lookup('d')]);
    expect((await first).map(([found]) => found?.id)).toEqual(['a', 'b', 'c']);
    expect((await second).map(([found]) => found?.id)).toEqual(['d']);

    const later = graph.envelopes.slice(1);
    expect(later.every(({ atMs }) => atMs - refusedAt >= 249)).toBe(true);
    expect(graph.seen.map(idOf).sort()).toEqual(['a', 'b', 'b', 'c', 'd']);
    expect(graph.gateway.throttledUntil()).toBeUndefined();
  });

  it('holds writes and lets reads go on when only the write quota is spent, and creates nothing twice', async () => {
    let refusals = 0;
    let refusedAt = 0;
    graph = await scriptedGraph((request) => {
      if (request.path === '/$batch') return notFound;
      if (request.method === 'GET') return user(idOf(request));
      if (refusals++ === 0) {
        refusedAt = performance.now();
        return throttled('0.3', 'Tenant_Application/Write/app/tenant');
      }
      return { status: 201, body: { id: `new-${request.body.displayName}` } };
    });
    const writing = graph.gateway.apply([create('one'), create('two')]);
    while (refusedAt === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await graph.gateway.find([lookup('a')]);
    expect(performance.now() - refusedAt).toBeLessThan(250);
    expect(await writing).toEqual([
      { ok: true, id: 'new-one' },
      { ok: true, id: 'new-two' },
    ]);
    expect(graph.seen.filter(({ method }) => method === 'POST')).toHaveLength(3);
  });

  it('waits when the batch itself is throttled, and backs off by itself where no wait is told', async () => {
    let envelopes = 0;
    graph = await scriptedGraph((request) => {
      if (request.path !== '/$batch') return { status: 201, body: { id: 'n' } };
      envelopes += 1;
      return envelopes <= 2 ? { status: 429, body: {} } : notFound;
    });
    expect(await graph.gateway.apply([create('one')])).toEqual([{ ok: true, id: 'n' }]);
    expect(graph.seen).toHaveLength(1);
  });

  it('gives up as throttled once the wait exceeds its budget', async () => {
    graph = await scriptedGraph((request) => (request.path === '/$batch' ? notFound : throttled('120')), {
      throttleBudgetMs: 1_000,
    });
    await expect(graph.gateway.find([lookup('a')])).rejects.toMatchObject({ code: 'throttled' });
  });

  it('reads Retry-After as seconds, with or without decimals, or as a date', () => {
    expect(retryAfterMs('2.128', 0)).toBe(2128);
    expect(retryAfterMs('3', 0)).toBe(3000);
    expect(retryAfterMs('Thu, 01 Jan 1970 00:00:05 GMT', 1_000)).toBe(4000);
    expect(retryAfterMs(undefined, 0)).toBeUndefined();
  });
});
