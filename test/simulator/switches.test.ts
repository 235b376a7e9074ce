/** One switch per uncertain fact (settings.ts): off is the cautious reading, on the other one (issue 3, item 13). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { defaultSettings, uncertainFacts } from '../../src/dev/simulator/settings.ts';
import { aGroup, aUser, created, readDelta, readList, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const turnOn = (name: keyof typeof uncertainFacts, more: object = {}) =>
  graph.door('POST', '/settings', { [name]: true, ...more });
const asApp = (method: string, path: string, body?: unknown) => graph.graph(method, path, body, { as: 'app' });
/** What the same request answers with the switch off, and then on. */
async function offAndOn(
  name: keyof typeof uncertainFacts,
  request: () => Promise<number>,
  more: object = {},
): Promise<readonly [off: number, on: number]> {
  await graph.door('POST', '/settings', more);
  const off = await request();
  await turnOn(name);
  return [off, await request()];
}

describe('the table of switches', () => {
  it('has every one off at first, with its source', () => {
    const settings = defaultSettings();
    for (const [name, text] of Object.entries(uncertainFacts)) {
      expect(settings[name as keyof typeof uncertainFacts]).toBe(false);
      expect(text).toMatch(/\((\d+(\.\d+)?|L:)/);
    }
  });

  it('has a test here for every one', () => {
    const folder = new URL('.', import.meta.url);
    const tests = readdirSync(folder)
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => readFileSync(new URL(file, folder), 'utf8'));
    const untested = Object.keys(uncertainFacts).filter((name) => !tests.some((text) => text.includes(name)));
    expect(untested).toEqual([]);
  });
});

describe('switched on', () => {
  it('ownersBindOnUpdate lets PATCH of a group take owners', async () => {
    const [group, owner] = [await created(graph, '/groups', aGroup()), await created(graph, '/users', aUser())];
    const body = { 'owners@odata.bind': [`https://graph.microsoft.com/v1.0/users/${owner}`] };
    const patch = async () => (await graph.graph('PATCH', `/groups/${group}`, body)).status;
    expect(await offAndOn('ownersBindOnUpdate', patch)).toEqual([400, 204]);
    expect(await readList(graph, `/groups/${group}/owners`)).toMatchObject([{ id: owner }]);
  });

  it('administrativeUnitMembersBindOnUpdate lets PATCH of a unit take members', async () => {
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'North' });
    const member = await created(graph, '/users', aUser());
    const body = { 'members@odata.bind': [`https://graph.microsoft.com/v1.0/users/${member}`] };
    const patch = async () => (await graph.graph('PATCH', `/directory/administrativeUnits/${unit}`, body)).status;
    expect(await offAndOn('administrativeUnitMembersBindOnUpdate', patch)).toEqual([400, 204]);
    expect(await readList(graph, `/directory/administrativeUnits/${unit}/members`)).toMatchObject([{ id: member }]);
  });

  it('sponsorsInUserDelta lets users/delta select sponsors', async () => {
    const read = async () => (await graph.graph('GET', '/users/delta?$select=id,sponsors')).status;
    expect(await offAndOn('sponsorsInUserDelta', read)).toEqual([400, 200]);
  });

  it('employeeHireDateOnCreate lets an app give the day of hiring to a new user', async () => {
    const create = async () =>
      (await asApp('POST', '/users', aUser({ employeeHireDate: '2024-03-01T00:00:00Z' }))).status;
    expect(await offAndOn('employeeHireDateOnCreate', create)).toEqual([403, 201]);
  });

  it('syncPropertiesOnCloudUsers lets names of synchronization be written on cloud users', async () => {
    const user = await created(graph, '/users', aUser());
    const patch = async () =>
      (await graph.graph('PATCH', `/users/${user}`, { onPremisesSamAccountName: 'mara' })).status;
    expect(await offAndOn('syncPropertiesOnCloudUsers', patch)).toEqual([400, 204]);
    const { body } = await graph.graph('GET', `/users/${user}?$select=onPremisesSamAccountName`);
    expect(body.onPremisesSamAccountName).toBe('mara');
  });

  it('photoCountsAsIdentity charges photos', async () => {
    const user = await created(graph, '/users', aUser());
    const read = async () => {
      await asApp('GET', `/users/${user}/photo`);
      return (await graph.door('GET', '/stats')).resourceUnits;
    };
    expect(await offAndOn('photoCountsAsIdentity', read)).toEqual([0, 1]);
  });

  it('authenticationMethodsReportLimit lets five requests in ten seconds read methods', async () => {
    const user = await created(graph, '/users', aUser());
    const read = async () => {
      let admitted = 0;
      while (admitted < 8 && (await asApp('GET', `/users/${user}/authentication/methods`)).status === 200)
        admitted += 1;
      return admitted;
    };
    expect(await offAndOn('authenticationMethodsReportLimit', read, { throttling: 'L' })).toEqual([8, 5]);
  });

  it('linkChangeTouchesMember tells the member in users/delta too', async () => {
    const user = await created(graph, '/users', aUser());
    const join = async () => {
      const { link } = await readDelta(graph, '/users/delta');
      const group = await created(graph, '/groups', aGroup());
      await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user));
      return (await readDelta(graph, link)).value.length;
    };
    expect(await offAndOn('linkChangeTouchesMember', join)).toEqual([0, 1]);
  });

  it('basicProfileRefused keeps users from User.ReadBasic.All', async () => {
    const read = async () => (await asApp('GET', '/users')).status;
    expect(await offAndOn('basicProfileRefused', read, { permissions: ['User.ReadBasic.All'] })).toEqual([200, 403]);
    await graph.door('POST', '/settings', { permissions: ['User.Read.All'] });
    expect(await read()).toBe(200);
  });

  it('hiddenMembersOmitted reads a hidden membership as empty', async () => {
    const hidden = { groupTypes: ['Unified'], mailEnabled: true, visibility: 'HiddenMembership' };
    const group = await created(graph, '/groups', aGroup(hidden));
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(await created(graph, '/users', aUser())));
    const read = async () => (await asApp('GET', `/groups/${group}/members`)).status;
    expect(await offAndOn('hiddenMembersOmitted', read, { permissions: ['Directory.Read.All'] })).toEqual([403, 200]);
    expect((await asApp('GET', `/groups/${group}/members`)).body.value).toEqual([]);
  });

  it('groupMembersOmitServicePrincipals leaves them out of the list of members', async () => {
    const group = await created(graph, '/groups', aGroup());
    const app = { '@odata.type': '#microsoft.graph.servicePrincipal', displayName: 'Payroll' };
    const { id } = await graph.door('POST', '/objects', app);
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(id));
    const count = async () => (await readList(graph, `/groups/${group}/members`)).length;
    expect(await offAndOn('groupMembersOmitServicePrincipals', count)).toEqual([1, 0]);
  });
});
