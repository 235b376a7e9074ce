import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, createdUsers, readList, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const ids = (list: ReadonlyArray<{ id: string }>): readonly string[] => list.map(({ id }) => id);
const bind = (members: readonly string[]): Record<string, unknown> => ({
  'members@odata.bind': members.map((id) => `https://graph.microsoft.com/v1.0/directoryObjects/${id}`),
});

describe('kinds of groups (graph-facts 3.2, 4.4)', () => {
  it('takes owners and members at creation, twenty together at most', async () => {
    const [owner = '', ...members] = await createdUsers(graph, 4);
    const id = await created(
      graph,
      '/groups',
      aGroup({ ...bind(members), 'owners@odata.bind': [`${graph.url}/v1.0/users/${owner}`] }),
    );
    expect(ids(await readList(graph, `/groups/${id}/members?$select=id`))).toEqual(members);
    expect(ids(await readList(graph, `/groups/${id}/owners?$select=id`))).toEqual([owner]);
    const many = bind(Array.from({ length: 21 }, () => owner));
    expect((await graph.graph('POST', '/groups', aGroup(many))).status).toBe(400);
  });

  it('gives a Microsoft 365 group a mailbox, and refuses distribution lists', async () => {
    const unified = await graph.graph(
      'POST',
      '/groups',
      aGroup({ groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false, mailNickname: 'team' }),
    );
    expect(unified.body).toMatchObject({
      mail: 'team@contoso.com',
      proxyAddresses: ['SMTP:team@contoso.com'],
      visibility: 'Public',
    });
    expect((await graph.graph('POST', '/groups', aGroup({ mailEnabled: true }))).status).toBe(400);
  });

  it('lets nobody write members of dynamic, Exchange-owned and synced groups', async () => {
    const [user = ''] = await createdUsers(graph, 1);
    const dynamic = await created(
      graph,
      '/groups',
      aGroup({ groupTypes: ['DynamicMembership'], membershipRule: 'user.department -eq "None"' }),
    );
    const { id: list } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.group',
      ...aGroup({ mailEnabled: true }),
    });
    const { id: synced } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.group',
      ...aGroup({ onPremisesSyncEnabled: true }),
    });
    const status = async (id: string) => (await graph.graph('POST', `/groups/${id}/members/$ref`, ref(user))).status;
    expect([await status(dynamic), await status(list), await status(synced)]).toEqual([403, 400, 400]);
    await graph.door('POST', '/settings', { dynamicGroupMembersBadRequest: true, mailGroupMembersForbidden: true });
    expect([await status(dynamic), await status(list)]).toEqual([400, 403]);
  });

  it('keeps the members of a dynamic group in step with its rule', async () => {
    const id = await created(
      graph,
      '/groups',
      aGroup({
        groupTypes: ['DynamicMembership'],
        membershipRule: '(user.department -eq "Sales") -and (user.accountEnabled -eq true)',
      }),
    );
    const user = await created(graph, '/users', aUser({ department: 'sales' }));
    expect(ids(await readList(graph, `/groups/${id}/members`))).toEqual([user]);
    await graph.graph('PATCH', `/users/${user}`, { department: 'Art' });
    expect(await readList(graph, `/groups/${id}/members`)).toEqual([]);
    await graph.graph('PATCH', `/groups/${id}`, { membershipRule: 'user.department -startsWith "Ar"' });
    expect(ids(await readList(graph, `/groups/${id}/members`))).toEqual([user]);
  });

  it('says which rules it cannot follow, and which are none', async () => {
    const status = async (membershipRule: string) =>
      (await graph.graph('POST', '/groups', aGroup({ groupTypes: ['DynamicMembership'], membershipRule }))).status;
    expect(await status('device.deviceOwnership -eq "Company"')).toBe(501);
    expect(await status('whatever')).toBe(400);
  });

  it('nests security groups, but nothing but users in a Microsoft 365 group', async () => {
    const [outer, inner] = [await created(graph, '/groups', aGroup()), await created(graph, '/groups', aGroup())];
    const unified = await created(graph, '/groups', aGroup({ groupTypes: ['Unified'], mailEnabled: true }));
    const [user = ''] = await createdUsers(graph, 1);
    expect((await graph.graph('POST', `/groups/${outer}/members/$ref`, ref(inner))).status).toBe(204);
    expect((await graph.graph('POST', `/groups/${inner}/members/$ref`, ref(user))).status).toBe(204);
    expect((await graph.graph('POST', `/groups/${unified}/members/$ref`, ref(inner))).status).toBe(400);
    expect(ids(await readList(graph, `/users/${user}/memberOf`))).toEqual([inner]);
    expect(ids(await readList(graph, `/users/${user}/transitiveMemberOf/microsoft.graph.group`))).toEqual([
      inner,
      outer,
    ]);
    expect(ids(await readList(graph, `/groups/${outer}/transitiveMembers`))).toEqual([inner, user]);
  });

  it('keeps isAssignableToRole as it was made, and the last owner of a Microsoft 365 group', async () => {
    const assignable = await created(graph, '/groups', aGroup({ isAssignableToRole: true }));
    expect((await graph.graph('PATCH', `/groups/${assignable}`, { isAssignableToRole: false })).status).toBe(400);
    const [owner = ''] = await createdUsers(graph, 1);
    const unified = await created(graph, '/groups', aGroup({ groupTypes: ['Unified'], mailEnabled: true }));
    await graph.graph('POST', `/groups/${unified}/owners/$ref`, ref(owner));
    expect((await graph.graph('DELETE', `/groups/${unified}/owners/${owner}/$ref`)).status).toBe(400);
  });
});

describe('links (graph-facts 4.4, 9)', () => {
  it('adds up to twenty members at once, all or none', async () => {
    const group = await created(graph, '/groups', aGroup());
    const [first = '', ...others] = await createdUsers(graph, 4);
    expect((await graph.graph('PATCH', `/groups/${group}`, bind([first]))).status).toBe(204);
    const again = await graph.graph('PATCH', `/groups/${group}`, bind([...others, first]));
    expect(again.status).toBe(400);
    expect(again.body.error.message).toContain(
      "added object references already exist for the following modified properties: 'members'",
    );
    expect(ids(await readList(graph, `/groups/${group}/members`))).toEqual([first]);
    const missing = await graph.graph(
      'PATCH',
      `/groups/${group}`,
      bind([...others, '11111111-2222-4333-8444-555555555555']),
    );
    expect([missing.status, missing.body.error.code]).toEqual([404, 'Request_ResourceNotFound']);
    expect((await graph.graph('PATCH', `/groups/${group}`, bind(others))).status).toBe(204);
    expect(ids(await readList(graph, `/groups/${group}/members`))).toEqual([first, ...others]);
    expect((await graph.graph('PATCH', `/groups/${group}`, bind(Array.from({ length: 21 }, () => first)))).status).toBe(
      400,
    );
  });

  it('takes an owner one by one, and binds owners on update only where the switch says so', async () => {
    const [group, owner = ''] = [await created(graph, '/groups', aGroup()), ...(await createdUsers(graph, 1))];
    const body = { 'owners@odata.bind': [`https://graph.microsoft.com/v1.0/users/${owner}`] };
    expect((await graph.graph('PATCH', `/groups/${group}`, body)).status).toBe(400);
    expect((await graph.graph('POST', `/groups/${group}/owners/$ref`, ref(owner))).status).toBe(204);
    expect((await graph.graph('POST', `/groups/${group}/owners/$ref`, ref(owner))).body.error.message).toContain(
      "'owners'",
    );
    expect(ids(await readList(graph, `/users/${owner}/ownedObjects?$select=id`))).toEqual([group]);
  });

  it('answers 404 for a member that is none, and 400 for a member written without $ref', async () => {
    const [group, user = ''] = [await created(graph, '/groups', aGroup()), ...(await createdUsers(graph, 1))];
    expect((await graph.graph('DELETE', `/groups/${group}/members/${user}/$ref`)).status).toBe(404);
    expect((await graph.graph('POST', `/groups/${group}/members`, ref(user))).body.error.message).toContain(
      'contained entities',
    );
  });

  it('sets, replaces and removes a manager, and says so when there is none', async () => {
    const [user = '', one = '', two = ''] = await createdUsers(graph, 3);
    const manager = (id: string) =>
      graph.graph('PUT', `/users/${user}/manager/$ref`, {
        '@odata.id': `https://graph.microsoft.com/v1.0/users/${id}`,
      });
    expect((await manager(one)).status).toBe(204);
    expect((await manager(two)).status).toBe(204);
    expect((await graph.graph('GET', `/users/${user}/manager`)).body).toMatchObject({
      '@odata.type': '#microsoft.graph.user',
      id: two,
    });
    expect(ids(await readList(graph, `/users/${two}/directReports`))).toEqual([user]);
    expect(await readList(graph, `/users/${one}/directReports`)).toEqual([]);
    expect((await graph.graph('DELETE', `/users/${user}/manager/$ref`)).status).toBe(204);
    expect((await graph.graph('GET', `/users/${user}/manager`)).body.error.code).toBe('Request_ResourceNotFound');
  });

  it('hides a deleted member, keeps the link, and shows it again after the restore', async () => {
    const [user = '', boss = ''] = await createdUsers(graph, 2);
    const group = await created(graph, '/groups', aGroup(bind([user])));
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'North' });
    await graph.graph('POST', `/administrativeUnits/${unit}/members/$ref`, ref(user));
    await graph.graph('PUT', `/users/${user}/manager/$ref`, ref(boss));
    await graph.graph('DELETE', `/users/${user}`);
    expect(await readList(graph, `/groups/${group}/members`)).toEqual([]);
    expect(await readList(graph, `/users/${boss}/directReports`)).toEqual([]);
    await graph.graph('POST', `/directory/deletedItems/${user}/restore`);
    expect(ids(await readList(graph, `/groups/${group}/members`))).toEqual([user]);
    expect(ids(await readList(graph, `/users/${user}/memberOf`))).toEqual([group, unit]);
    expect((await graph.graph('GET', `/users/${user}/manager`)).body.id).toBe(boss);
  });
});

describe('what not everybody may see or write (graph-facts 4.2, 7)', () => {
  it('keeps members of a restricted unit from an app without a role there', async () => {
    const [user = ''] = await createdUsers(graph, 1);
    const unit = await created(graph, '/directory/administrativeUnits', {
      displayName: 'Vault',
      isMemberManagementRestricted: true,
    });
    await graph.graph('POST', `/directory/administrativeUnits/${unit}/members/$ref`, ref(user));
    expect((await graph.graph('PATCH', `/users/${user}`, { jobTitle: 'x' }, { as: 'app' })).status).toBe(403);
    expect((await graph.graph('DELETE', `/users/${user}`, undefined, { as: 'app' })).status).toBe(403);
    expect(
      (await graph.graph('GET', `/users/${user}?$select=isManagementRestricted`)).body.isManagementRestricted,
    ).toBe(true);
    expect(
      (await graph.graph('PATCH', `/directory/administrativeUnits/${unit}`, { isMemberManagementRestricted: false }))
        .status,
    ).toBe(400);
  });

  it('shows hidden members only with the permission for them', async () => {
    const [user = ''] = await createdUsers(graph, 1);
    const team = aGroup({ groupTypes: ['Unified'], mailEnabled: true, visibility: 'HiddenMembership' });
    const group = await created(graph, '/groups', { ...team, ...bind([user]) });
    const status = async () => (await graph.graph('GET', `/groups/${group}/members`, undefined, { as: 'app' })).status;
    await graph.door('POST', '/settings', { permissions: ['Group.Read.All'] });
    expect(await status()).toBe(403);
    await graph.door('POST', '/settings', { permissions: ['Group.Read.All', 'Member.Read.Hidden'] });
    expect(await status()).toBe(200);
  });
});

describe('a tenant that is not everywhere at once (contract 3, graph-facts 4.4)', () => {
  it('refuses links to and from new objects as documented, until replication is done', async () => {
    const [old = ''] = await createdUsers(graph, 1);
    const group = await created(graph, '/groups', aGroup());
    await graph.door('POST', '/settings', { replicationDelayMs: 5_000 });
    await graph.door('POST', '/clock', { advance: 'PT10S' });
    const [fresh = ''] = await createdUsers(graph, 1);
    const late = await created(graph, '/groups', aGroup());
    const link = (source: string, target: string) => graph.graph('POST', `/groups/${source}/members/$ref`, ref(target));
    expect((await link(group, fresh)).status).toBe(404);
    expect((await link(late, old)).body.error.message).toContain(
      "The source resource object or one of the objects being referenced don't exist",
    );
    expect(ids(await readList(graph, '/users?$select=id'))).toEqual([old]);
    expect((await graph.graph('PATCH', `/users/${fresh}`, { jobTitle: 'New' })).status).toBe(204);
    await graph.door('POST', '/clock', { advance: 'PT10S' });
    expect([(await link(group, fresh)).status, (await link(late, old)).status]).toEqual([204, 204]);
    expect(ids(await readList(graph, '/users?$select=id'))).toEqual([old, fresh]);
  });
});

describe('deleting groups and units (graph-facts 5)', () => {
  it('bins security and Microsoft 365 groups and units; a unit cannot be purged', async () => {
    const [user = ''] = await createdUsers(graph, 1);
    const group = await created(graph, '/groups', aGroup(bind([user])));
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'North' });
    await graph.graph('DELETE', `/groups/${group}`);
    await graph.graph('DELETE', `/directory/administrativeUnits/${unit}`);
    expect(ids(await readList(graph, '/directory/deletedItems/microsoft.graph.group'))).toEqual([group]);
    expect((await graph.graph('DELETE', `/directory/deletedItems/${unit}`)).status).toBe(400);
    await graph.graph('POST', `/directory/deletedItems/${unit}/restore`);
    await graph.graph('POST', `/directory/deletedItems/${group}/restore`);
    expect(ids(await readList(graph, `/groups/${group}/members`))).toEqual([user]);
  });

  it('refuses a unit member twice as a conflicting object', async () => {
    const [user = ''] = await createdUsers(graph, 1);
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'North' });
    const add = () => graph.graph('POST', `/directory/administrativeUnits/${unit}/members/$ref`, ref(user));
    expect((await add()).status).toBe(204);
    expect((await add()).body.error.message).toContain('A conflicting object');
  });
});
