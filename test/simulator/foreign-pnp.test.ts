/** PnPjs, the community's client, unchanged, against the simulator: its queries, its iterator over pages, its counts, links and batches. */
import { ConsistencyLevel, GraphBrowser, graphDelete, graphfi, graphPost, graphPut, Paged } from '@pnp/graph';
import '@pnp/graph/batching.js';
import '@pnp/graph/directory-objects/index.js';
import '@pnp/graph/groups/index.js';
import { GroupType } from '@pnp/graph/groups/index.js';
import '@pnp/graph/members/index.js';
import '@pnp/graph/users/index.js';
import { BearerToken, body, HttpRequestError } from '@pnp/queryable';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aUser, created, type Json, type Simulated, startSimulated } from './simulated.ts';

let graph: Simulated;
// Its declarations add `users` and `groups` by a path without extension, which TypeScript does not follow in a module of Node.
let client: Json;
beforeAll(async () => {
  graph = await startSimulated();
  // Its behaviour for browsers needs no more than fetch.
  client = graphfi().using(GraphBrowser({ baseUrl: `${graph.url}/v1.0` }), BearerToken('app'));
});
beforeEach(() => graph.door('POST', '/reset'));
afterAll(() => graph.close());

/** What a refused call throws. */
async function refused(call: Promise<unknown>): Promise<HttpRequestError> {
  const error = await call.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof HttpRequestError)) throw new Error(`expected a refusal, got ${String(error)}`);
  return error;
}

describe('@pnp/graph', () => {
  it('creates, selects, filters, updates and deletes users', async () => {
    const made: Json = await graphPost(client.users, body(aUser({ department: 'Bakery', givenName: "D'Arcy" })));
    expect(made).toMatchObject({ id: expect.any(String), givenName: "D'Arcy" });
    await client.users.getById(made.id).update({ jobTitle: 'Baker' });
    const found: Json[] = await client.users.filter("department eq 'Bakery'").select('id', 'jobTitle')();
    expect(found).toEqual([{ id: made.id, jobTitle: 'Baker' }]);
    await client.users.getById(made.id).delete();
    const error = await refused(client.users.getById(made.id)());
    expect(error.status).toBe(404);
    expect(await error.response.json()).toMatchObject({ error: { code: 'Request_ResourceNotFound' } });
  });

  it('walks every page with its iterator, and counts', async () => {
    await graph.door('POST', '/seed', { users: 25, groups: 2 });
    const ids: string[] = [];
    let pages = 0;
    for await (const page of client.users.select('id').top(10)) {
      pages += 1;
      ids.push(...page.map((user: Json) => user.id));
    }
    expect(pages).toBe(3);
    expect(new Set(ids).size).toBe(25);
    expect(await client.users.top(1).using(Paged(true), ConsistencyLevel())()).toMatchObject({
      hasNext: true,
      count: 0,
    });
    const counting = client.users.top(1).using(Paged(true), ConsistencyLevel());
    counting.query.set('$count', 'true');
    expect(await counting()).toMatchObject({ count: 25, hasNext: true });
  });

  it('makes a group, adds and removes members, and asks who is in it', async () => {
    const [first, second] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const group: Json = await client.groups.add('Bakers', 'bakers', GroupType.Security);
    const { members } = client.groups.getById(group.id);
    for (const id of [first, second]) await members.add(`https://graph.microsoft.com/v1.0/directoryObjects/${id}`);
    expect(await client.users.getById(first).getMemberGroups()).toEqual([group.id]);
    await client.groups.getById(group.id).members.getById(first).remove();
    const left: Json[] = await client.groups.getById(group.id).members();
    expect(left.map((member) => member.id)).toEqual([second]);
    expect(await client.users.getById(first).checkMemberGroups([group.id])).toEqual([]);
  });

  it('sets, reads and removes a manager', async () => {
    const [boss, report] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const user = client.users.getById(report);
    const link = { '@odata.id': `https://graph.microsoft.com/v1.0/users/${boss}` };
    await graphPut(client.users.getById(report).manager.concat('/$ref'), body(link));
    expect(await user.manager()).toMatchObject({ id: boss });
    await graphDelete(client.users.getById(report).manager.concat('/$ref'));
    expect((await refused(client.users.getById(report).manager())).status).toBe(404);
  });

  it('sends what it collected in one batch, and hands out each answer', async () => {
    const id = await created(graph, '/users', aUser({ jobTitle: 'Baker' }));
    const [batched, execute] = client.batched();
    const reading = batched.users.getById(id).select('jobTitle')();
    const missing = refused(batched.users.getById('00000000-0000-4000-8000-000000000001')());
    await graph.door('DELETE', '/stats');
    await execute();
    expect(await reading).toMatchObject({ jobTitle: 'Baker' });
    expect((await missing).status).toBe(404);
    expect(await graph.door('GET', '/stats')).toMatchObject({ requests: 2, roundTrips: 1 });
  });

  it('waits and tries again when it is throttled', async () => {
    const fault = { match: { method: 'GET', path: '/users' }, effect: 'status', status: 429, retryAfter: 1 };
    await graph.door('POST', '/faults', [fault]);
    expect(await client.users()).toEqual([]);
    expect(await graph.door('GET', '/faults')).toMatchObject([{ met: 1 }]);
  });
});
