import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoId } from '../../src/dev/simulator/seed/demo/seed-demo.ts';
import { createSimulator, type Simulator } from '../../src/dev/simulator/server.ts';

let simulator: Simulator;
// biome-ignore lint/suspicious/noExplicitAny: answers of many routes, looked into by the tests
async function send(method: string, path: string, body?: unknown): Promise<{ status: number; body: any }> {
  const response = await fetch(`${simulator.url}${path}`, {
    method,
    headers: { Authorization: 'Bearer outside', 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
const graph = (method: string, path: string, body?: unknown) => send(method, `/v1.0${path}`, body);
const sync = async () => (await send('POST', '/_control/on-premises/sync')).body;

beforeAll(async () => {
  simulator = await createSimulator({ stateDir: null, seed: 'demo', port: 0 });
});
afterAll(() => simulator.close());

describe('a synced user of the demo company', () => {
  const id = demoId('camille.roux');

  it('changes nothing in a cycle that finds everything in step', async () => {
    expect(await sync()).toEqual({ created: 0, updated: 0, matched: [], restored: 0, deleted: 0, errors: [] });
  });

  it('cannot be changed in the cloud where Active Directory is the master', async () => {
    const { status, body } = await graph('PATCH', `/users/${id}`, { department: 'Cloud' });
    expect([status, body.error.code]).toEqual([400, 'Request_BadRequest']);
  });

  it('comes back from the bin with the next cycle, under the old id and with every membership', async () => {
    const before = (await graph('GET', `/users/${id}/memberOf?$select=id`)).body.value;
    expect((await graph('DELETE', `/users/${id}`)).status).toBe(204);
    expect(await sync()).toMatchObject({ created: 0, restored: 1, matched: [{ id, how: 'hard' }] });
    expect((await graph('GET', `/users/${id}/memberOf?$select=id`)).body.value).toEqual(before);
    expect((await graph('GET', `/users/${id}`)).body.userPrincipalName).toBe('camille.roux@contoso.com');
  });

  it('recreated after a purge under its anchor is taken over by the next cycle and keeps its cloud links (H03, H04)', async () => {
    const anchor = (await graph('GET', `/users/${id}?$select=onPremisesImmutableId`)).body.onPremisesImmutableId;
    await graph('DELETE', `/users/${id}`);
    expect((await graph('DELETE', `/directory/deletedItems/${id}`)).status).toBe(204);
    const made = await graph('POST', '/users', {
      accountEnabled: true,
      displayName: 'Camille (restored)',
      mailNickname: 'camille.roux',
      userPrincipalName: 'camille.roux@contoso.com',
      onPremisesImmutableId: anchor,
      passwordProfile: { password: 'Once-only-7391' },
    });
    expect(made.status).toBe(201);
    const reference = { '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${made.body.id}` };
    const group = demoId('group:people-files');
    expect((await graph('POST', `/groups/${group}/members/$ref`, reference)).status).toBe(204);
    expect(await sync()).toMatchObject({
      created: 0,
      matched: [{ anchor, id: made.body.id, how: 'hard' }],
      errors: [],
    });
    const select = '$select=displayName,department,onPremisesSyncEnabled';
    const after = (await graph('GET', `/users/${made.body.id}?${select}`)).body;
    expect(after).toMatchObject({ displayName: 'Camille Roux', department: 'Operations', onPremisesSyncEnabled: true });
    const groups = (await graph('GET', `/users/${made.body.id}/memberOf?$select=id`)).body.value;
    expect(groups.map((one: { id: string }) => one.id)).toContain(group);
  });
});
