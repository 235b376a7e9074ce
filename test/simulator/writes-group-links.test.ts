import { describe, expect, it } from 'vitest';
import {
  type Answer,
  aGroup,
  aTeam,
  aUser,
  created,
  createdUsers,
  idsOf,
  type Json,
  ref,
  useSimulated,
} from './simulated.ts';

const graph = useSimulated();

const urls = (ids: readonly string[]): readonly string[] =>
  ids.map((id) => `https://graph.microsoft.com/v1.0/users/${id}`);
const post = (body: object): Promise<Answer> => graph.graph('POST', '/groups', body);

describe('members (L:api/group-post-members, L:api/group-delete-members)', () => {
  const bind = (ids: readonly string[], collection = 'directoryObjects') => ({
    'members@odata.bind': ids.map((id) => `https://graph.microsoft.com/v1.0/${collection}/${id}`),
  });

  it('adds three by one update, and one by reference, each with 204 and nothing in it', async () => {
    const group = await created(graph, '/groups', aGroup());
    const [one = '', ...three] = await createdUsers(graph, 4);
    for (const answer of [
      await graph.graph('PATCH', `/groups/${group}`, bind(three)),
      await graph.graph('POST', `/groups/${group}/members/$ref`, ref(one)),
    ]) {
      expect([answer.status, answer.body]).toEqual([204, '']);
    }
    expect(await idsOf(graph, `/groups/${group}/members`)).toEqual([...three, one]);
  });

  it('admits each documented type to a security group, under the documented paths', async () => {
    const group = await created(graph, '/groups', aGroup());
    const inner = await created(graph, '/groups', aGroup());
    const make = async (type: string) =>
      (await graph.door('POST', '/objects', { '@odata.type': `#microsoft.graph.${type}`, displayName: type })).id;
    const add = async (path: string): Promise<number> =>
      (
        await graph.graph('POST', `/groups/${group}/members/$ref`, {
          '@odata.id': `https://graph.microsoft.com/v1.0/${path}`,
        })
      ).status;
    expect(await add(`groups/${inner}`)).toBe(204);
    expect(await add(`devices/${await make('device')}`)).toBe(204);
    expect(await add(`servicePrincipals/${await make('servicePrincipal')}`)).toBe(204);
    expect(await add(`servicePrincipal/${await make('servicePrincipal')}`)).toBe(204);
    expect(await add(`orgContact/${await make('orgContact')}`)).toBe(204);
    expect(await add(`directoryObjects/${await make('application')}`)).toBe(400);
  });

  it.each(['device', 'servicePrincipal', 'orgContact', 'group'])(
    'admits no %s to a Microsoft 365 group',
    async (type) => {
      const group = await created(graph, '/groups', aTeam());
      const { id } = await graph.door('POST', '/objects', {
        '@odata.type': `#microsoft.graph.${type}`,
        displayName: type,
        ...(type === 'group' ? { securityEnabled: true, mailEnabled: false, groupTypes: [] } : {}),
      });
      expect((await graph.graph('POST', `/groups/${group}/members/$ref`, ref(id))).status).toBe(400);
    },
  );

  it('deletes the member itself when $ref is left out, if the app may', async () => {
    const group = await created(graph, '/groups', aGroup());
    const [user = ''] = await createdUsers(graph, 1);
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user));
    const remove = (): Promise<Answer> =>
      graph.graph('DELETE', `/groups/${group}/members/${user}`, undefined, { as: 'app' });
    await graph.door('POST', '/settings', { permissions: ['GroupMember.ReadWrite.All'] });
    expect((await remove()).status).toBe(403);
    await graph.door('POST', '/settings', { permissions: ['GroupMember.ReadWrite.All', 'User.ReadWrite.All'] });
    expect((await remove()).status).toBe(204);
    expect((await graph.graph('GET', `/users/${user}`)).status).toBe(404);
    expect(await idsOf(graph, '/directory/deletedItems/microsoft.graph.user')).toEqual([user]);
  });
});

describe('owners (L:api/group-post-owners, L:api/group-delete-owners, graph-facts 1.2)', () => {
  const own = (group: string, id: string): Promise<Answer> =>
    graph.graph('POST', `/groups/${group}/owners/$ref`, {
      '@odata.id': `https://graph.microsoft.com/v1.0/users/${id}`,
    });
  const disown = (group: string, id: string): Promise<Answer> =>
    graph.graph('DELETE', `/groups/${group}/owners/${id}/$ref`);

  it('keeps the last owner of a Microsoft 365 group, and of any where the switch says so', async () => {
    const [mail, security] = [await created(graph, '/groups', aTeam()), await created(graph, '/groups', aGroup())];
    const [one = '', two = ''] = await createdUsers(graph, 2);
    for (const [group, owner] of [
      [mail, one],
      [mail, two],
      [security, one],
    ] as const) {
      expect((await own(group, owner)).status).toBe(204);
    }
    expect((await disown(mail, one)).status).toBe(204);
    const refused = await disown(mail, two);
    expect([refused.status, refused.body.error.code, refused.body.error.message]).toEqual([
      400,
      'Request_BadRequest',
      'The group must have at least one owner, hence this owner cannot be removed.',
    ]);
    await graph.door('POST', '/settings', { securityGroupKeepsLastOwner: true });
    expect((await disown(security, one)).status).toBe(400);
    await graph.door('POST', '/settings', { securityGroupKeepsLastOwner: false });
    expect((await disown(security, one)).status).toBe(204);
  });

  it('answers 404 for an owner who is not there, or is none', async () => {
    const group = await created(graph, '/groups', aGroup());
    const [user = ''] = await createdUsers(graph, 1);
    expect((await own(group, '11111111-2222-4333-8444-555555555555')).status).toBe(404);
    expect((await disown(group, user)).status).toBe(404);
  });

  it('takes a hundred owners and no more', async () => {
    const group = await created(graph, '/groups', aGroup());
    for (const owner of await createdUsers(graph, 100)) expect((await own(group, owner)).status).toBe(204);
    const [late = ''] = await createdUsers(graph, 1);
    const { status, body } = await own(group, late);
    expect([status, body.error.code, body.error.message]).toEqual([
      403,
      'Directory_QuotaExceeded',
      "Unable to perform operation as '101' would exceed the maximum quota count '100' for forward-link 'owners'.",
    ]);
  });
});

describe('rights that a type or a group demands beside the usual ones (L:api/group-post-members, group-post-groups)', () => {
  const asApp = async (method: string, path: string, body?: object): Promise<number> =>
    (await graph.graph(method, path, body, { as: 'app' })).status;
  const allow = (...permissions: string[]): Promise<Json> => graph.door('POST', '/settings', { permissions });

  it.each([
    ['device', 'Device.ReadWrite.All'],
    ['servicePrincipal', 'Application.ReadWrite.All'],
    ['orgContact', 'OrgContact.Read.All'],
  ])('adds a %s only with %s', async (type, permission) => {
    const group = await created(graph, '/groups', aGroup());
    const { id } = await graph.door('POST', '/objects', {
      '@odata.type': `#microsoft.graph.${type}`,
      displayName: type,
    });
    await allow('GroupMember.ReadWrite.All', 'Group.ReadWrite.All');
    expect(await asApp('POST', `/groups/${group}/members/$ref`, ref(id))).toBe(403);
    const bound = { 'members@odata.bind': [`https://graph.microsoft.com/v1.0/directoryObjects/${id}`] };
    expect(await asApp('PATCH', `/groups/${group}`, bound)).toBe(403);
    await allow('GroupMember.ReadWrite.All', permission);
    expect(await asApp('POST', `/groups/${group}/members/$ref`, ref(id))).toBe(204);
  });

  it('creates a group with users only when the app may read them', async () => {
    const [user = ''] = await createdUsers(graph, 1);
    await allow('Group.Create');
    expect(await asApp('POST', '/groups', aGroup())).toBe(201);
    expect(await asApp('POST', '/groups', aGroup({ 'members@odata.bind': urls([user]) }))).toBe(403);
    await allow('Group.Create', 'User.Read.All');
    expect(await asApp('POST', '/groups', aGroup({ 'members@odata.bind': urls([user]) }))).toBe(201);
  });

  it('guards the writes of a role-assignable group, and leaves it to be read', async () => {
    const group = await created(graph, '/groups', aGroup({ isAssignableToRole: true }));
    const [user = ''] = await createdUsers(graph, 1);
    await allow('Group.ReadWrite.All');
    expect(await asApp('GET', `/groups/${group}`)).toBe(200);
    expect(await asApp('GET', `/groups/${group}/members`)).toBe(200);
    expect(await asApp('POST', `/groups/${group}/members/$ref`, ref(user))).toBe(403);
    expect(await asApp('POST', `/groups/${group}/owners/$ref`, ref(user))).toBe(403);
    expect(await asApp('POST', '/groups', aGroup({ isAssignableToRole: true }))).toBe(403);
    await allow('Group.ReadWrite.All', 'RoleManagement.ReadWrite.Directory');
    expect(await asApp('POST', `/groups/${group}/members/$ref`, ref(user))).toBe(204);
  });
});

describe('what a tenant may hold (graph-facts 1.2)', () => {
  const code = ({ status, body }: Answer): Json => [status, body.error?.code];

  it('has five hundred role-assignable groups at most', async () => {
    for (let made = 0; made < 500; made += 1) {
      await graph.door('POST', '/objects', {
        '@odata.type': '#microsoft.graph.group',
        ...aGroup({ isAssignableToRole: true }),
      });
    }
    expect(code(await post(aGroup({ isAssignableToRole: true })))).toEqual([403, 'Directory_QuotaExceeded']);
    expect((await post(aGroup())).status).toBe(201);
  });

  it('refuses one object too many, counting what can still be restored', async () => {
    await graph.door('POST', '/settings', { objectQuota: 2 });
    const id = await created(graph, '/users', aUser());
    await created(graph, '/groups', aGroup());
    await graph.graph('DELETE', `/users/${id}`);
    const full = [403, 'Directory_QuotaExceeded'];
    expect(code(await graph.graph('POST', '/users', aUser()))).toEqual(full);
    expect(code(await post(aGroup()))).toEqual(full);
    expect(code(await graph.graph('POST', '/directory/administrativeUnits', { displayName: 'x' }))).toEqual(full);
    await graph.graph('DELETE', `/directory/deletedItems/${id}`);
    expect((await graph.graph('POST', '/users', aUser())).status).toBe(201);
  });
});
