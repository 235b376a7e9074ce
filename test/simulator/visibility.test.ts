/** What an app sees and may touch with few rights (graph-facts 3.1, 4.2, 7; L:permissions-overview). */
import { beforeEach, describe, expect, it } from 'vitest';
import { appClientId } from '../../src/dev/simulator/tenant/organization.ts';
import { aGroup, aUser, created, type Json, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const grant = (...permissions: string[]) => graph.door('POST', '/settings', { permissions });
const asApp = (method: string, path: string, body?: unknown) => graph.graph(method, path, body, { as: 'app' });
const roles = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  privilegedAuthentication: '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  helpdesk: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
};

describe('members of a type the app may not read', () => {
  let group = '';
  beforeEach(async () => {
    group = await created(graph, '/groups', aGroup());
    const user = await created(graph, '/users', aUser({ displayName: 'Mara', jobTitle: 'Baker' }));
    const inner = await created(graph, '/groups', aGroup({ displayName: 'Inner' }));
    const { id: device } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.device',
      displayName: 'Laptop',
    });
    for (const id of [user, inner, device]) await graph.graph('POST', `/groups/${group}/members/$ref`, ref(id));
  });
  const byType = async (path: string): Promise<Json> => {
    const { value } = (await asApp('GET', path)).body;
    return Object.fromEntries(value.map((one: Json) => [one['@odata.type'].split('.').at(-1), one]));
  };

  it('show their type and id, and null for the rest', async () => {
    await grant('GroupMember.Read.All');
    const { user, group: inner, device } = await byType(`/groups/${group}/members`);
    expect(user).toMatchObject({ id: expect.any(String), displayName: null, jobTitle: null, businessPhones: [] });
    expect(device).toMatchObject({ id: expect.any(String), displayName: null });
    expect(inner.displayName).toBe('Inner');
    await grant('GroupMember.Read.All', 'User.Read.All', 'Device.Read.All');
    const seen = await byType(`/groups/${group}/members?$select=id,displayName`);
    expect([seen.user.displayName, seen.device.displayName]).toEqual(['Mara', 'Laptop']);
  });

  it('show the basic profile of users to User.ReadBasic.All, and groups to nobody with GroupMember.ReadBasic.All alone', async () => {
    await grant('GroupMember.ReadBasic.All', 'User.ReadBasic.All');
    const { user, group: inner } = await byType(`/groups/${group}/members`);
    expect(user).toMatchObject({ displayName: 'Mara', jobTitle: null });
    expect(inner).toMatchObject({ displayName: null });
  });

  it('show everything to Directory.Read.All', async () => {
    await grant('Directory.Read.All');
    const { user, group: inner, device } = await byType(`/groups/${group}/members`);
    expect([user.jobTitle, inner.displayName, device.displayName]).toEqual(['Baker', 'Inner', 'Laptop']);
  });
});

describe('the basic profile', () => {
  it('is all that User.ReadBasic.All shows of a user, in lists and alone', async () => {
    const id = await created(
      graph,
      '/users',
      aUser({ givenName: 'Mara', department: 'Bakery', businessPhones: ['1'] }),
    );
    await grant('User.ReadBasic.All');
    const select = '$select=id,givenName,userPrincipalName,department,businessPhones';
    const shown = { id, givenName: 'Mara', department: null, businessPhones: [] };
    expect((await asApp('GET', `/users/${id}?${select}`)).body).toMatchObject(shown);
    expect((await asApp('GET', `/users?${select}`)).body.value).toMatchObject([shown]);
    await grant('User-Phone.ReadWrite.All');
    expect((await asApp('GET', `/users/${id}?${select}`)).body).toMatchObject({ ...shown, businessPhones: ['1'] });
    await grant('User.ReadBasic.All');
    expect((await asApp('GET', '/users/delta')).status).toBe(403);
    expect((await asApp('PATCH', `/users/${id}`, { department: 'x' })).status).toBe(403);
  });
});

describe('hidden membership', () => {
  it('is shown only with Member.Read.Hidden', async () => {
    const hidden = { groupTypes: ['Unified'], mailEnabled: true, visibility: 'HiddenMembership' };
    const group = await created(graph, '/groups', aGroup(hidden));
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(await created(graph, '/users', aUser())));
    await grant('Directory.ReadWrite.All');
    expect((await asApp('GET', `/groups/${group}/members`)).status).toBe(403);
    await grant('Directory.ReadWrite.All', 'Member.Read.Hidden');
    expect((await asApp('GET', `/groups/${group}/members`)).body.value).toHaveLength(1);
  });
});

describe('sensitive actions (graph-facts 4.2)', () => {
  const assign = (principalId: string, roleDefinitionId: string) =>
    graph.graph('POST', '/roleManagement/directory/roleAssignments', {
      principalId,
      roleDefinitionId,
      directoryScopeId: '/',
    });
  const actions: ReadonlyArray<readonly [string, object]> = [
    ['accountEnabled', { accountEnabled: false }],
    ['businessPhones', { businessPhones: ['+47 1'] }],
    ['mobilePhone', { mobilePhone: '+47 2' }],
    ['onPremisesImmutableId', { onPremisesImmutableId: 'AAAABBBBCCCC' }],
    ['otherMails', { otherMails: ['me@home.example'] }],
    ['passwordProfile', { passwordProfile: { password: 'Green-Kettle-43' } }],
    ['userPrincipalName', { userPrincipalName: 'renamed@contoso.com' }],
  ];

  it.each(actions)('%s of a plain user, a helpdesk administrator and a global administrator', async (_, change) => {
    const matrix: number[][] = [];
    for (const role of [null, roles.helpdesk, roles.globalAdministrator]) {
      const id = await created(graph, '/users', aUser());
      if (role !== null) await assign(id, role);
      const row: number[] = [];
      for (const held of ['Directory Readers', 'User Administrator', 'Privileged Authentication Administrator']) {
        await graph.door('POST', '/settings', { directoryRoles: [held] });
        row.push((await asApp('PATCH', `/users/${id}`, change)).status);
      }
      await graph.door('DELETE', `/objects/${id}`);
      matrix.push(row);
    }
    // A password asks for User Administrator even where the user holds nothing (graph-facts 4.1).
    const plain = 'passwordProfile' in change ? 403 : 204;
    expect(matrix).toEqual([
      [plain, 204, 204],
      [403, 204, 204],
      [403, 403, 204],
    ]);
  });

  it('deleting and restoring are two more, and members of role-assignable groups are protected in full', async () => {
    const id = await created(graph, '/users', aUser());
    const group = await created(graph, '/groups', aGroup({ isAssignableToRole: true }));
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(id));
    await graph.door('POST', '/settings', { directoryRoles: ['User Administrator'] });
    expect((await asApp('DELETE', `/users/${id}`)).status).toBe(403);
    expect((await asApp('PATCH', `/users/${id}`, { department: 'Sales' })).status).toBe(204);
    await graph.graph('DELETE', `/users/${id}`);
    expect((await asApp('POST', `/directory/deletedItems/${id}/restore`)).status).toBe(403);
    await graph.door('POST', '/settings', { directoryRoles: ['Privileged Authentication Administrator'] });
    expect((await asApp('POST', `/directory/deletedItems/${id}/restore`)).status).toBe(200);
  });
});

describe('members of a unit with restricted management (E:role-based-access-control/admin-units-restricted-management)', () => {
  let [user, group, unit] = ['', '', ''];
  beforeEach(async () => {
    user = await created(graph, '/users', aUser({ usageLocation: 'NO' }));
    group = await created(graph, '/groups', aGroup());
    const restricted = { displayName: 'Board', isMemberManagementRestricted: true };
    unit = await created(graph, '/directory/administrativeUnits', restricted);
    for (const id of [user, group]) {
      await graph.graph('POST', `/directory/administrativeUnits/${unit}/members/$ref`, ref(id));
    }
  });
  const status = async (method: string, path: string, body?: unknown) => (await asApp(method, path, body)).status;

  it('are not the app’s to change, delete or give members, whatever its tenant-wide roles', async () => {
    const refused = await asApp('PATCH', `/users/${user}`, { city: 'Oslo' });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'Authorization_RequestDenied']);
    expect(await status('PATCH', `/groups/${group}`, { description: 'x' })).toBe(403);
    expect(await status('POST', `/groups/${group}/members/$ref`, ref(user))).toBe(403);
    expect(await status('DELETE', `/users/${user}`)).toBe(403);
    expect((await asApp('GET', `/users/${user}?$select=isManagementRestricted`)).body.isManagementRestricted).toBe(
      true,
    );
  });

  it('may be read, located and put into other groups', async () => {
    const other = await created(graph, '/groups', aGroup());
    expect(await status('GET', `/users/${user}`)).toBe(200);
    expect(await status('PATCH', `/users/${user}`, { usageLocation: 'SE' })).toBe(204);
    expect(await status('POST', `/groups/${other}/members/$ref`, ref(user))).toBe(204);
  });

  it('are the app’s to change once a role of its own is scoped to that unit, and not to another', async () => {
    const app = { '@odata.type': '#microsoft.graph.servicePrincipal', displayName: 'Restore', appId: appClientId };
    const { id: principalId } = await graph.door('POST', '/objects', app);
    const elsewhere = await created(graph, '/directory/administrativeUnits', { displayName: 'Elsewhere' });
    const assign = (at: string) =>
      graph.graph('POST', '/roleManagement/directory/roleAssignments', {
        principalId,
        roleDefinitionId: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
        directoryScopeId: `/administrativeUnits/${at}`,
      });
    expect((await assign(elsewhere)).status).toBe(201);
    expect(await status('PATCH', `/users/${user}`, { city: 'Oslo' })).toBe(403);
    expect((await assign(unit)).status).toBe(201);
    expect(await status('PATCH', `/users/${user}`, { city: 'Oslo' })).toBe(204);
  });
});
