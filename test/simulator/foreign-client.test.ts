/** Microsoft's own client, unchanged, against the simulator: its middleware, page iterator, batch helpers and upload of bytes. */
import {
  BatchRequestContent,
  BatchResponseContent,
  Client,
  GraphError,
  HTTPMessageHandler,
  type Middleware,
  PageIterator,
  RedirectHandler,
  RetryHandler,
} from '@microsoft/microsoft-graph-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aUser, created, type Json, type Simulated, startSimulated } from './simulated.ts';

let graph: Simulated;
let client: Client;
beforeAll(async () => {
  graph = await startSimulated();
  // The client sends tokens, and takes whole links, over https only; this handler makes up for the loopback's http.
  const token: Middleware = {
    setNext(next) {
      this.execute = (context) => {
        context.options = {
          ...context.options,
          headers: { ...(context.options?.headers as object), Authorization: 'Bearer app' },
        };
        const url = String(context.request);
        context.request = url.slice(url.lastIndexOf('http://'));
        return next.execute(context);
      };
    },
    execute: () => Promise.reject(new Error('the chain is not built')),
  };
  const [retry, redirect, send] = [new RetryHandler(), new RedirectHandler(), new HTTPMessageHandler()];
  token.setNext?.(retry);
  retry.setNext(redirect);
  redirect.setNext(send);
  client = Client.initWithMiddleware({ baseUrl: `${graph.url}/`, defaultVersion: 'v1.0', middleware: token });
});
afterAll(() => graph.close());

describe('@microsoft/microsoft-graph-client', () => {
  it('creates, reads with its query builder, updates and deletes', async () => {
    const user: Json = await client.api('/users').post(aUser({ jobTitle: 'Baker' }));
    await client.api(`/users/${user.id}`).patch({ jobTitle: 'Cook' });
    const read: Json = await client.api(`/users/${user.id}`).select(['id', 'jobTitle']).get();
    expect(read).toMatchObject({ id: user.id, jobTitle: 'Cook' });
    await client.api(`/users/${user.id}`).delete();
    const refused = await client
      .api(`/users/${user.id}`)
      .get()
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(GraphError);
    expect(refused).toMatchObject({ statusCode: 404, code: 'Request_ResourceNotFound' });
  });

  it('walks pages and delta with its iterator', async () => {
    await graph.door('POST', '/seed', { users: 25, groups: 2 });
    await graph.door('POST', '/settings', { pageSize: { delta: 10 } });
    const walk = async (path: string): Promise<{ ids: string[]; link: string | undefined }> => {
      const ids: string[] = [];
      const iterator = new PageIterator(client, await client.api(path).get(), (one: Json) => ids.push(one.id) > 0);
      await iterator.iterate();
      return { ids, link: iterator.getDeltaLink() };
    };
    expect((await walk('/users?$top=7&$select=id')).ids).toHaveLength(25);
    const { ids, link = '' } = await walk('/users/delta?$select=displayName');
    expect(new Set(ids).size).toBe(25);
    await client.api(`/users/${ids[3]}`).patch({ displayName: 'Other' });
    expect((await walk(link)).ids).toEqual([ids[3]]);
  });

  it('waits as a 429 tells it, on the tenant clock being the machine clock here', async () => {
    await graph.door('POST', '/settings', {
      throttling: { resourceUnits: 1, seconds: 1, writes: 100, writeSeconds: 1 },
    });
    await graph.door('DELETE', '/stats');
    for (let at = 0; at < 2; at += 1) await client.api('/organization').get();
    expect((await graph.door('GET', '/stats')).throttled).toBeGreaterThan(0);
    await graph.door('POST', '/settings', { throttling: 'off' });
  });

  it('sends a batch with dependencies and reads each answer', async () => {
    const id = await created(graph, '/users', aUser());
    const step = (key: string, method: string, path: string, body?: object, dependsOn?: string[]) => ({
      id: key,
      request: new Request(`https://graph.microsoft.com${path}`, {
        method,
        ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } }),
      }),
      ...(dependsOn === undefined ? {} : { dependsOn }),
    });
    const content = new BatchRequestContent([
      step('1', 'PATCH', `/users/${id}`, { jobTitle: 'Tailor' }),
      step('2', 'GET', `/users/${id}?$select=jobTitle`, undefined, ['1']),
    ]);
    const answers = new BatchResponseContent(await client.api('/$batch').post(await content.getContent()));
    expect(answers.getResponseById('1').status).toBe(204);
    expect(await answers.getResponseById('2').json()).toMatchObject({ jobTitle: 'Tailor' });
  });

  it('puts a photo as bytes and gets it back', async () => {
    const id = await created(graph, '/users', aUser());
    const png = Buffer.from(
      'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
      'base64',
    );
    await client.api(`/users/${id}/photo/$value`).header('Content-Type', 'image/png').put(png);
    const back: Blob = await client
      .api(`/users/${id}/photo/$value`)
      .responseType('blob' as never)
      .get();
    expect(Buffer.from(await back.arrayBuffer()).equals(png)).toBe(true);
  });
});
