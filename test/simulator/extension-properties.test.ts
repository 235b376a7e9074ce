/** Directory extensions as Graph has them (L:api/resources/extensionproperty, graph-facts 2.1, 4.2). */
import { beforeEach, describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, readDelta, useSimulated } from './simulated.ts';

const graph = useSimulated();
let app: string;
beforeEach(async () => {
  const appId = '4d405aa8-baa0-4fb4-94d3-e0571fd9fd71';
  const body = { '@odata.type': '#microsoft.graph.application', appId, displayName: 'Payroll' };
  app = (await graph.door('POST', '/objects', body)).id;
});

const post = (body: object, as?: 'app') =>
  graph.graph('POST', `/applications/${app}/extensionProperties`, body, as === undefined ? {} : { as });
const define = async (name: string, more: object = {}): Promise<Json> =>
  (await post({ name, dataType: 'String', targetObjects: ['User'], ...more })).body;
const patch = async (path: string, body: object) => (await graph.graph('PATCH', path, body)).status;
const available = async () =>
  (await graph.graph('POST', '/directoryObjects/getAvailableExtensionProperties', {})).body.value as Json[];

describe('a definition', () => {
  it('is named after its application, told of the whole tenant and with its application, and goes again', async () => {
    const { id, name } = await define('costCentre', { targetObjects: ['User', 'Group'] });
    expect(name).toBe('extension_4d405aa8baa04fb494d3e0571fd9fd71_costCentre');
    expect(await available()).toMatchObject([{ id, name, appDisplayName: 'Payroll', isSyncedFromOnPremises: false }]);
    const expanded = await graph.graph('GET', '/applications?$select=id&$expand=extensionProperties($select=name)');
    expect(expanded.body.value).toEqual([{ id: app, extensionProperties: [{ id, name }] }]);
    expect((await graph.graph('DELETE', `/applications/${app}/extensionProperties/${id}`)).status).toBe(204);
    expect(await available()).toEqual([]);
  });

  it.each([
    ['of an unknown type', { dataType: 'Colour' }],
    ['for what cannot be extended', { targetObjects: ['Subscription'] }],
    ['without a name', { name: null }],
    ['with what is no property of it', { colour: 'red' }],
  ])('is refused %s', async (_, wrong) => {
    expect((await post({ name: 'a', dataType: 'String', targetObjects: ['User'], ...wrong })).status).toBe(400);
  });

  it('is told by no getAvailableExtensionProperties in a tenant of more than a thousand service principals', async () => {
    await define('costCentre');
    const principal = { '@odata.type': '#microsoft.graph.servicePrincipal', displayName: 'App' };
    for (let at = 0; at < 1_001; at += 1) await graph.door('POST', '/objects', principal);
    expect(await available()).toEqual([]);
    expect((await graph.graph('GET', `/applications/${app}/extensionProperties`)).body.value).toHaveLength(1);
  });

  it('takes a permission to read and another one to make', async () => {
    await graph.door('POST', '/settings', { permissions: ['Application.Read.All'] });
    const as = 'app' as const;
    expect((await graph.graph('GET', `/applications/${app}/extensionProperties`, undefined, { as })).status).toBe(200);
    expect((await post({ name: 'a', dataType: 'String', targetObjects: ['User'] }, as)).status).toBe(403);
    const asked = graph.graph('POST', '/directoryObjects/getAvailableExtensionProperties', {}, { as });
    expect((await asked).status).toBe(403);
  });
});

describe('a value', () => {
  it('is written and shown by its full name, to those who ask, and cleared by null', async () => {
    const { name } = await define('costCentre');
    const { name: many } = await define('skills', { isMultiValued: true });
    const id = await created(graph, '/users', aUser({ [name]: 'K-7' }));
    const read = async () => (await graph.graph('GET', `/users/${id}?$select=${name},${many}`)).body;
    expect(await read()).toMatchObject({ [name]: 'K-7' });
    expect((await graph.graph('GET', `/users/${id}`)).body).not.toHaveProperty(name);
    expect(await patch(`/users/${id}`, { [name]: null, [many]: ['a', 'b'] })).toBe(204);
    expect(await read()).not.toHaveProperty(name);
    expect(await read()).toMatchObject({ [many]: ['a', 'b'] });
    expect(await patch(`/users/${id}`, { [many]: null })).toBe(204);
    expect(await read()).not.toHaveProperty(many);
  });

  it('of a wrong type, of an unknown definition, or of another kind of object is refused', async () => {
    const { name } = await define('costCentre');
    const { name: count } = await define('count', { dataType: 'Integer' });
    const id = await created(graph, '/users', aUser());
    const group = await created(graph, '/groups', aGroup());
    expect(await patch(`/users/${id}`, { [name]: 7 })).toBe(400);
    expect(await patch(`/users/${id}`, { [name]: 'x'.repeat(257) })).toBe(400);
    expect(await patch(`/users/${id}`, { [count]: 'seven' })).toBe(400);
    expect(await patch(`/users/${id}`, { [`${name}2`]: 'K-7' })).toBe(400);
    expect(await patch(`/groups/${group}`, { [name]: 'K-7' })).toBe(400);
    expect((await graph.graph('GET', `/users?$select=id,${name}2`)).status).toBe(400);
    expect((await graph.graph('GET', `/groups/delta?$select=id,${name}`)).status).toBe(400);
  });

  it('is hidden while its definition is gone', async () => {
    const { id: definition, name } = await define('costCentre');
    const user = await created(graph, '/users', aUser({ [name]: 'K-7' }));
    await graph.graph('DELETE', `/applications/${app}/extensionProperties/${definition}`);
    expect((await graph.graph('GET', `/users/${user}?$select=id,${name}`)).status).toBe(400);
    await define('costCentre');
    expect((await graph.graph('GET', `/users/${user}?$select=${name}`)).body).toMatchObject({ [name]: 'K-7' });
  });

  it('of a synced user belongs to synchronization if that brought the definition, and to the cloud otherwise', async () => {
    const { name } = await define('costCentre');
    const { name: synced } = await define('badge', { isSyncedFromOnPremises: true });
    const id = await created(graph, '/users', aUser());
    await graph.door('PATCH', `/objects/${id}`, { onPremisesSyncEnabled: true, [synced]: 'B-1' });
    expect(await patch(`/users/${id}`, { [name]: 'K-7' })).toBe(204);
    expect(await patch(`/users/${id}`, { [synced]: 'B-2' })).toBe(400);
  });

  it('that changes is told by delta with every other extension of the same data type', async () => {
    const [one, other] = [(await define('one')).name, (await define('other')).name];
    const { name: count } = await define('count', { dataType: 'Integer' });
    const id = await created(graph, '/users', aUser({ [one]: 'a', [other]: 'b', [count]: 3 }));
    const first = await readDelta(graph, `/users/delta?$select=displayName,${one},${other},${count}`);
    expect(first.value).toMatchObject([{ [one]: 'a', [other]: 'b', [count]: 3 }]);
    await patch(`/users/${id}`, { [one]: 'c' });
    const told = await graph.graph('GET', first.link, undefined, { headers: { Prefer: 'return=minimal' } });
    expect(told.body.value).toEqual([{ id, [one]: 'c', [other]: 'b' }]);
    await patch(`/users/${id}`, { [one]: null });
    const next = await graph.graph('GET', told.body['@odata.deltaLink'], undefined, {
      headers: { Prefer: 'return=minimal' },
    });
    expect(next.body.value).toEqual([{ id, [one]: null, [other]: 'b' }]);
  });
});
