/** Reads as Microsoft's pages show them, in a company of our own: what comes, under which context, and what is refused. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, ref, type Simulated, startSimulated } from './simulated.ts';

const eventual = { headers: { ConsistencyLevel: 'eventual' } };
const metadata = 'https://graph.microsoft.com/v1.0/$metadata#';
let simulated: Simulated;
const ids: Record<string, string> = {};
const get = (path: string, options = {}) => simulated.graph('GET', path, undefined, options);
const names = ({ body }: Json): string[] => body.value.map(({ displayName }: Json) => displayName);

beforeAll(async () => {
  simulated = await startSimulated();
  const person = async (name: string, more: object = {}) => {
    ids[name] = await created(
      simulated,
      '/users',
      aUser({
        displayName: name,
        mailNickname: name.toLowerCase(),
        userPrincipalName: `${name.toLowerCase()}@contoso.com`,
        ...more,
      }),
    );
  };
  await person('Ada', { department: 'Board', mail: 'ada@contoso.com', usageLocation: 'DE' });
  await person('Alma', {
    department: 'Sales',
    mail: 'alma@contoso.com',
    otherMails: ['alma@example.com'],
    city: 'Riga',
  });
  await person('Bela', {
    department: 'Sales',
    accountEnabled: false,
    onPremisesExtensionAttributes: { extensionAttribute1: 'west' },
  });
  await person('Cleo', { department: 'Sales', userType: 'Guest' });
  for (const [who, manager] of [
    ['Cleo', 'Bela'],
    ['Bela', 'Alma'],
    ['Alma', 'Ada'],
  ] as const)
    await simulated.graph('PUT', `/users/${ids[who]}/manager/$ref`, ref(ids[manager] ?? ''));
  ids.team = await created(simulated, '/groups', aGroup({ displayName: 'Team', description: 'every seller' }));
  ids.outer = await created(simulated, '/groups', aGroup({ displayName: 'Outer' }));
  for (const name of ['Alma', 'Bela'])
    await simulated.graph('POST', `/groups/${ids.team}/members/$ref`, ref(ids[name] ?? ''));
  await simulated.graph('POST', `/groups/${ids.outer}/members/$ref`, ref(ids.team));
  await simulated.graph('POST', `/groups/${ids.team}/owners/$ref`, ref(ids.Ada ?? ''));
});
afterAll(() => simulated.close());

describe('List users (L:api/user-list)', () => {
  it('gives the default properties, null where nothing is known', async () => {
    const { body } = await get('/users');
    expect(body['@odata.context']).toBe(`${metadata}users`);
    expect(Object.keys(body.value[0]).sort()).toEqual(
      [
        'businessPhones',
        'displayName',
        'givenName',
        'id',
        'jobTitle',
        'mail',
        'mobilePhone',
        'officeLocation',
        'preferredLanguage',
        'surname',
        'userPrincipalName',
      ].sort(),
    );
    expect(body.value[0]).toMatchObject({ businessPhones: [], jobTitle: null });
  });

  it('finds by sign-in name, with issuer and name both', async () => {
    const filter = "identities/any(c:c/issuerAssignedId eq 'ada@contoso.com' and c/issuer eq 'contoso.com')";
    const answer = await get(`/users?$select=displayName,id&$filter=${filter}`);
    expect(answer.body).toEqual({
      '@odata.context': `${metadata}users(displayName,id)`,
      value: [{ displayName: 'Ada', id: ids.Ada }],
    });
  });

  it('shows and filters the last sign-in', async () => {
    await simulated.door('PATCH', `/objects/${ids.Alma}`, {
      signInActivity: { lastSignInDateTime: '2019-05-01T00:00:00Z' },
    });
    const selected = await get('/users?$select=displayName,userPrincipalName,signInActivity');
    expect(selected.body['@odata.context']).toBe(`${metadata}users(displayName,userPrincipalName,signInActivity)`);
    const stale = await get(
      '/users?$select=displayName&$filter=signInActivity/lastSignInDateTime le 2019-06-01T00:00:00Z',
    );
    expect(names(stale)).toEqual(['Alma']);
  });

  it('counts as plain text, for callers that accept an eventual index', async () => {
    const { status, body, headers } = await get('/users/$count', eventual);
    expect([status, body, headers.get('content-type')]).toEqual([200, '4', 'text/plain']);
    expect((await get('/users/$count')).status).toBe(400);
  });

  it('filters and sorts together, ends with, and denies, as advanced queries', async () => {
    for (const [query, expected] of [
      ["$filter=startswith(displayName,'a')&$orderby=displayName&$count=true", ['Ada', 'Alma']],
      [
        "$count=true&$filter=endswith(mail,'a@contoso.com')&$orderby=userPrincipalName&$select=displayName",
        ['Ada', 'Alma'],
      ],
      ['$count=true&$filter=accountEnabled ne true&$select=displayName', ['Bela']],
      ["$count=true&$filter=NOT(startswith(displayName,'A'))&$select=displayName", ['Bela', 'Cleo']],
      ['$count=true&$filter=assignedLicenses/$count eq 0&$select=displayName', ['Ada', 'Alma', 'Bela', 'Cleo']],
      ['$count=true&$filter=city eq null&$select=displayName', ['Ada', 'Bela', 'Cleo']],
      ["$count=true&$filter=onPremisesExtensionAttributes/extensionAttribute1 eq 'west'&$select=displayName", ['Bela']],
    ] as const) {
      const answer = await get(`/users?${query}`, eventual);
      expect(names(answer), query).toEqual(expected);
      expect(answer.body['@odata.count'], query).toBe(expected.length);
      const plain = await get(`/users?${query}`);
      expect([plain.status, plain.body.error?.code], query).toEqual([400, 'Request_UnsupportedQuery']);
    }
  });

  it('searches one property or several, and only as an advanced query', async () => {
    const one = await get(
      '/users?$search="displayName:al"&$orderby=displayName&$count=true&$select=displayName',
      eventual,
    );
    expect(names(one)).toEqual(['Alma']);
    const either =
      '/users?$search="displayName:al" OR "displayName:cl"&$orderby=displayName&$count=true&$select=displayName';
    expect(names(await get(either, eventual))).toEqual(['Alma', 'Cleo']);
    const { status, body } = await get('/users?$search="displayName:al"');
    expect([status, body.error.code]).toEqual([400, 'Request_UnsupportedQuery']);
    expect(body.error.message).toContain('ConsistencyLevel: eventual');
  });

  it('filters collections and lists of values without being advanced', async () => {
    expect(names(await get("/users?$select=displayName&$filter=otherMails/any(x:x eq 'alma@example.com')"))).toEqual([
      'Alma',
    ]);
    expect(names(await get("/users?$select=displayName&$filter=department in ('Board','Nowhere')"))).toEqual(['Ada']);
    const licensed =
      '/users?$select=displayName&$filter=assignedLicenses/any(s:s/skuId eq 184efa21-98c3-4e5d-95ab-d07053a96e67)';
    expect(names(await get(licensed))).toEqual([]);
  });

  it('answers 501 to what only one user can be asked for, and 400 to what is no property', async () => {
    expect((await get('/users?$select=aboutMe')).status).toBe(501);
    expect((await get('/users?$select=shoeSize')).status).toBe(400);
    expect((await get('/users?$skip=2')).status).toBeGreaterThanOrEqual(400);
    expect((await get("/users?$filter=aboutMe eq 'x'")).body.error.code).toBe('Request_UnsupportedQuery');
  });
});

describe('managers and reports (L:api/user-list-manager, user-list-directreports)', () => {
  it('tells the chain of managers up to the root, of one user and as an advanced query', async () => {
    const path = `/users/${ids.Cleo}?$expand=manager($levels=max;$select=id,displayName)&$select=id,displayName`;
    const { body } = await get(path, eventual);
    expect(body.manager).toMatchObject({
      displayName: 'Bela',
      manager: { displayName: 'Alma', manager: { displayName: 'Ada' } },
    });
    expect(body.manager.manager.manager).not.toHaveProperty('manager');
    const two = await get(path.replace('max', '2'), eventual);
    expect(two.body.manager.manager).toMatchObject({ displayName: 'Alma' });
    expect(two.body.manager.manager).not.toHaveProperty('manager');
    expect((await get(path)).status).toBe(400);
    expect((await get('/users?$expand=manager($levels=max)', eventual)).status).toBe(400);
    expect((await get(path.replace('max', '1001'), eventual)).status).toBe(400);
  });

  it('tells the direct reports with their types, and how many', async () => {
    const { body } = await get(`/users/${ids.Alma}/directReports?$select=id,displayName`);
    expect(body.value).toEqual([{ '@odata.type': '#microsoft.graph.user', id: ids.Bela, displayName: 'Bela' }]);
    expect((await get(`/users/${ids.Alma}/directReports/$count`, eventual)).body).toBe('1');
    expect((await get(`/users/${ids.Ada}/manager`)).status).toBe(404);
  });
});

describe('memberships (L:api/user-list-memberof, group-list-members, group-list-transitivemembers)', () => {
  it('casts, counts, searches and filters the groups of a user', async () => {
    const cast = await get(`/users/${ids.Alma}/memberOf/microsoft.graph.group?$select=id,displayName`);
    expect(cast.body).toEqual({
      '@odata.context': `${metadata}groups(id,displayName)`,
      value: [{ id: ids.team, displayName: 'Team' }],
    });
    const searched = `/users/${ids.Alma}/memberOf/microsoft.graph.group?$count=true&$orderby=displayName&$search="displayName:te"&$select=displayName,id`;
    expect((await get(searched, eventual)).body).toMatchObject({ '@odata.count': 1 });
    expect((await get(searched)).status).toBe(400);
    expect((await get(`/users/${ids.Alma}/memberOf/$count`, eventual)).body).toBe('1');
    const transitive = await get(`/users/${ids.Alma}/transitiveMemberOf/microsoft.graph.group?$select=displayName`);
    expect(names(transitive).sort()).toEqual(['Outer', 'Team']);
  });

  it('counts, casts and filters the members of a group, directly and transitively', async () => {
    expect((await get(`/groups/${ids.team}/members/$count`, eventual)).body).toBe('2');
    const users = `/groups/${ids.team}/members/microsoft.graph.user?$count=true&$orderby=displayName&$filter=startswith(displayName,'a')&$select=displayName`;
    expect(names(await get(users, eventual))).toEqual(['Alma']);
    expect((await get(users)).status).toBe(400);
    const all = await get(`/groups/${ids.outer}/transitiveMembers?$select=id,displayName`);
    expect(all.body['@odata.context']).toBe(`${metadata}directoryObjects(id,displayName)`);
    expect(names(all).sort()).toEqual(['Alma', 'Bela', 'Team']);
    const references = await get(`/groups/${ids.team}/members/$ref`);
    expect(references.body['@odata.context']).toBe(`${metadata}Collection($ref)`);
    const expanded = await get(`/groups/${ids.team}?$expand=members($select=id,displayName)&$select=id`);
    expect(expanded.body.members).toHaveLength(2);
  });

  it('tells ids alone to getMemberGroups and checkMemberGroups, transitively', async () => {
    const groups = await simulated.graph('POST', `/users/${ids.Alma}/getMemberGroups`, { securityEnabledOnly: true });
    expect(groups.body['@odata.context']).toBe(`${metadata}Collection(Edm.String)`);
    expect(groups.body.value.sort()).toEqual([ids.team, ids.outer].sort());
    const checked = await simulated.graph('POST', `/users/${ids.Alma}/checkMemberGroups`, {
      groupIds: [ids.outer, ids.Ada],
    });
    expect(checked.body.value).toEqual([ids.outer]);
  });
});

describe('groups, roles and the rest (L:api/group-list, directoryrole-get, rbacapplication-list-roleassignments)', () => {
  it('filters, searches and counts groups', async () => {
    expect(names(await get("/groups?$select=displayName&$filter=groupTypes/any(c:c eq 'Unified')"))).toEqual([]);
    const searched = '/groups?$search="displayName:te" AND "description:every"&$count=true&$select=displayName';
    expect(names(await get(searched, eventual))).toEqual(['Team']);
    expect((await get('/groups/$count', eventual)).body).toBe('2');
    expect((await get('/groups?$filter=hasMembersWithLicenseErrors eq true&$select=id')).body.value).toEqual([]);
  });

  it('finds a directory role by its template, in three forms of address', async () => {
    const roleTemplateId = '729827e3-9c14-49f7-bb1b-9608f156bbb8';
    await simulated.graph('POST', '/directoryRoles', { roleTemplateId });
    const { body } = await get(`/directoryRoles?$filter=roleTemplateId eq '${roleTemplateId}'`);
    expect(body.value).toHaveLength(1);
    for (const path of [`roleTemplateId=${roleTemplateId}`, `(roleTemplateId='${roleTemplateId}')`]) {
      const role = await get(`/directoryRoles${path.startsWith('(') ? '' : '/'}${path}`);
      expect(role.body).toMatchObject({ '@odata.context': `${metadata}directoryRoles/$entity`, id: body.value[0].id });
    }
  });

  it('filters role assignments, and expands their ends', async () => {
    const roleDefinitionId = '4a5d8f65-41da-4de4-8968-e035b65339cf';
    await simulated.graph('POST', '/roleManagement/directory/roleAssignments', {
      principalId: ids.Ada,
      roleDefinitionId,
      directoryScopeId: '/',
    });
    const root = '/roleManagement/directory/roleAssignments';
    const held = await get(`${root}?$filter=roleDefinitionId eq '${roleDefinitionId}'&$expand=principal`);
    expect(held.body['@odata.context']).toBe(`${metadata}roleManagement/directory/roleAssignments`);
    expect(held.body.value).toMatchObject([
      { principalId: ids.Ada, principal: { '@odata.type': '#microsoft.graph.user', id: ids.Ada } },
    ]);
    const defined = await get(`${root}?$filter=principalId eq '${ids.Ada}'&$expand=roleDefinition`);
    expect(defined.body.value[0].roleDefinition).toMatchObject({ displayName: 'Reports Reader', isBuiltIn: true });
  });

  it('gets objects of any type by id, of the types asked for', async () => {
    const some = { ids: [ids.Ada, ids.team], types: ['user'] };
    const { body } = await simulated.graph('POST', '/directoryObjects/getByIds', some);
    expect(body.value).toMatchObject([{ '@odata.type': '#microsoft.graph.user', id: ids.Ada }]);
    const one = await get(`/directoryObjects/${ids.team}`);
    expect(one.body).toMatchObject({
      '@odata.context': `${metadata}directoryObjects/$entity`,
      '@odata.type': '#microsoft.graph.group',
    });
  });
});
