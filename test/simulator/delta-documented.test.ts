/** The exchanges that Microsoft's pages on delta show, each in data of our own. */
import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, metadata, readDelta, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const purge = async (id: string) => {
  await graph.graph('DELETE', `/directoryObjects/${id}`);
  await graph.graph('DELETE', `/directory/deletedItems/${id}`);
};

describe('the walk through users (L:delta-query-users)', () => {
  it('answers with context, link and value: nextLinks carry only $skiptoken, the deltaLink only $deltatoken', async () => {
    await graph.door('POST', '/settings', { pageSize: { delta: 1 } });
    const one = await created(graph, '/users', aUser({ displayName: 'Ada Fern', givenName: 'Ada', surname: 'Fern' }));
    const two = await created(graph, '/users', aUser({ displayName: 'Meeting Room' }));
    const first = await graph.graph('GET', '/users/delta?$select=displayName,givenName,surname');
    expect(first.status).toBe(200);
    expect(first.body['@odata.context']).toBe(`${metadata}users(displayName,givenName,surname)`);
    expect(first.body['@odata.nextLink']).toMatch(/\/v1\.0\/users\/delta\?\$skiptoken=[\w-]+$/);
    expect(first.body.value).toEqual([{ displayName: 'Ada Fern', givenName: 'Ada', surname: 'Fern', id: one }]);
    const last = await graph.graph('GET', first.body['@odata.nextLink']);
    expect(last.body['@odata.deltaLink']).toMatch(/\/v1\.0\/users\/delta\?\$deltatoken=[\w-]+$/);
    expect(last.body.value).toEqual([{ displayName: 'Meeting Room', id: two }]);
    const quiet = await graph.graph('GET', last.body['@odata.deltaLink']);
    expect(quiet.body.value).toEqual([]);
    expect(quiet.body['@odata.deltaLink']).toMatch(/\$deltatoken=/);
  });

  it('answers the qualified name of the function as the short one', async () => {
    const id = await created(graph, '/users', aUser());
    for (const path of ['/users/delta', '/users/delta()', '/users/microsoft.graph.delta()', '/users/delta/']) {
      const { status, body } = await graph.graph('GET', path);
      expect([path, status, body.value?.map((user: Json) => user.id)]).toEqual([path, 200, [id]]);
    }
  });
});

describe('the examples of user: delta (L:api/user-delta)', () => {
  it('tell the default set without $select: what was set of it, and nothing else', async () => {
    const body = aUser({
      businessPhones: ['+47 22 00 00 01'],
      givenName: 'Ida',
      jobTitle: 'Archivist',
      mobilePhone: '+47 90 00 00 01',
      officeLocation: '3/14',
      preferredLanguage: 'nb-NO',
      surname: 'Lund',
      city: 'Bergen',
    });
    const id = await created(graph, '/users', body);
    const { body: page } = await graph.graph('GET', '/users/delta');
    expect(page['@odata.context']).toBe(`${metadata}users`);
    expect(Object.keys(page.value[0]).sort()).toEqual([
      'businessPhones',
      'displayName',
      'givenName',
      'id',
      'jobTitle',
      'mobilePhone',
      'officeLocation',
      'preferredLanguage',
      'surname',
      'userPrincipalName',
    ]);
    expect(page.value[0].id).toBe(id);
  });

  it('tell with return=minimal only what changed; the header may come at any deltaLink and changes nothing else', async () => {
    const id = await created(graph, '/users', aUser({ jobTitle: 'Clerk', mobilePhone: '+47 90 00 00 02' }));
    const { link } = await readDelta(graph, '/users/delta?$select=displayName,jobTitle,mobilePhone');
    await graph.graph('PATCH', `/users/${id}`, { displayName: 'Anew', jobTitle: null });
    const minimal = { headers: { prefer: 'return=minimal' } };
    const answer = await graph.graph('GET', link, undefined, minimal);
    expect(answer.body.value).toEqual([{ id, displayName: 'Anew', jobTitle: null }]);
    expect(answer.headers.get('preference-applied')).toBe('return=minimal');
    const later = await graph.graph('GET', answer.body['@odata.deltaLink']);
    expect([later.body.value, later.headers.get('preference-applied')]).toEqual([[], null]);
    expect((await graph.graph('GET', link)).body.value).toEqual([
      { id, displayName: 'Anew', jobTitle: null, mobilePhone: '+47 90 00 00 02' },
    ]);
  });

  it('take fifty ids, with a slash after delta as the page writes it', async () => {
    const [one, two] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    await created(graph, '/users', aUser());
    const { value } = await readDelta(graph, `/users/delta/?$filter=id eq '${one}' or id eq '${two}'`);
    expect(value.map(({ id }) => id)).toEqual([one, two]);
    const fifty = Array.from({ length: 50 }, () => `id eq '${one}'`).join(' or ');
    expect((await graph.graph('GET', `/users/delta?$filter=${fifty}`)).status).toBe(200);
    const other = await graph.graph('GET', "/users/delta?$filter=displayName eq 'x'");
    expect([other.status, other.body.error.code]).toEqual([400, 'Request_UnsupportedQuery']);
  });
});

describe('the manager in users/delta (graph-facts 2.2)', () => {
  it('is told alone where only it is selected: the one that went as removed, the one that came', async () => {
    const [user, first, second] = [
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
    ];
    await graph.graph('PUT', `/users/${user}/manager/$ref`, ref(first));
    const { link, value } = await readDelta(graph, '/users/delta?$select=manager');
    const entry = (id: string) => ({ '@odata.type': '#microsoft.graph.user', id });
    expect(value[0]).toEqual({ id: user, 'manager@delta': [entry(first)] });
    await graph.graph('PUT', `/users/${user}/manager/$ref`, ref(second));
    const changed = await readDelta(graph, link);
    expect(changed.value).toEqual([
      { id: user, 'manager@delta': [{ ...entry(first), '@removed': { reason: 'deleted' } }, entry(second)] },
    ]);
    await graph.graph('DELETE', `/users/${user}/manager/$ref`);
    expect((await readDelta(graph, changed.link)).value).toEqual([
      { id: user, 'manager@delta': [{ ...entry(second), '@removed': { reason: 'deleted' } }] },
    ]);
  });
});

describe('the walk through groups (L:delta-query-groups, L:api/group-delta)', () => {
  it('names properties in the context, and relations only beside the objects', async () => {
    const user = await created(graph, '/users', aUser());
    const all = await created(graph, '/groups', aGroup({ displayName: 'Everybody', description: 'All of us' }));
    const hr = await created(graph, '/groups', aGroup({ displayName: 'sg-People', description: 'Staff' }));
    await graph.graph('POST', `/groups/${all}/members/$ref`, ref(user));
    const { body } = await graph.graph('GET', '/groups/delta?$select=displayName,description,members');
    expect(body['@odata.context']).toBe(`${metadata}groups(displayName,description)`);
    expect(body.value).toEqual([
      {
        displayName: 'Everybody',
        description: 'All of us',
        id: all,
        'members@delta': [{ '@odata.type': '#microsoft.graph.user', id: user }],
      },
      { displayName: 'sg-People', description: 'Staff', id: hr },
    ]);
    const members = await graph.graph('GET', '/groups/delta?$select=members');
    expect(members.body['@odata.context']).toBe(`${metadata}groups`);
    expect(members.body.value[1]).toEqual({ id: hr });
  });

  it('tells one group a page while its members fill it, changes included, and the others after it', async () => {
    const people: string[] = [];
    for (let at = 0; at < 5; at += 1) people.push(await created(graph, '/users', aUser()));
    const large = await created(graph, '/groups', aGroup());
    const small = await created(graph, '/groups', aGroup());
    const { link } = await readDelta(graph, '/groups/delta?$select=displayName,members');
    await graph.door('POST', '/settings', { pageSize: { links: 2 } });
    for (const id of people) await graph.graph('POST', `/groups/${large}/members/$ref`, ref(id));
    await graph.graph('POST', `/groups/${small}/members/$ref`, ref(people[0] ?? ''));
    const pages: Json[][] = [];
    for (let next = link; next !== undefined; ) {
      const { body } = await graph.graph('GET', next);
      pages.push(body.value);
      next = body['@odata.nextLink'];
    }
    expect(pages.map((page) => page.map(({ id }) => (id === large ? 'large' : 'small')))).toEqual([
      ['large'],
      ['large'],
      ['large', 'small'],
    ]);
    expect(pages.flatMap(([slice]) => slice['members@delta'].map(({ id }: Json) => id))).toEqual(people);
  });

  it('says changed for a group in the bin, deleted for one that is gone, and nothing of its members', async () => {
    const user = await created(graph, '/users', aUser());
    const unified = await created(graph, '/groups', {
      ...aGroup({ groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false }),
      'members@odata.bind': [`https://graph.microsoft.com/v1.0/users/${user}`],
    });
    const { link } = await readDelta(graph, '/groups/delta');
    await graph.graph('DELETE', `/groups/${unified}`);
    const binned = await readDelta(graph, link);
    expect(binned.value).toEqual([{ id: unified, '@removed': { reason: 'changed' } }]);
    await graph.graph('POST', `/directory/deletedItems/${unified}/restore`);
    const restored = await readDelta(graph, binned.link);
    expect(restored.value[0]).toMatchObject({ id: unified, 'members@delta': [{ id: user }] });
    expect('@removed' in restored.value[0]).toBe(false);
    await purge(unified);
    expect((await readDelta(graph, restored.link)).value).toEqual([{ id: unified, '@removed': { reason: 'deleted' } }]);
  });

  it('tells the purge of a member as a removal, or not at all where the switch follows the later text', async () => {
    const [kept, gone] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const group = await created(graph, '/groups', aGroup());
    for (const id of [kept, gone]) await graph.graph('POST', `/groups/${group}/members/$ref`, ref(id));
    const { link } = await readDelta(graph, '/groups/delta?$select=members');
    await purge(gone);
    const removed = { '@odata.type': '#microsoft.graph.user', id: gone, '@removed': { reason: 'deleted' } };
    expect((await readDelta(graph, link)).value).toEqual([{ id: group, 'members@delta': [removed] }]);
    await graph.door('POST', '/settings', { deltaOverlooksPurgedMembers: true });
    expect((await readDelta(graph, link)).value).toEqual([]);
    await graph.graph('DELETE', `/groups/${group}/members/${kept}/$ref`);
    expect((await readDelta(graph, link)).value[0]['members@delta']).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: kept, '@removed': { reason: 'deleted' } },
    ]);
  });
});

describe('directoryObject: delta (L:api/directoryobject-delta)', () => {
  const both = "isof('microsoft.graph.user') or isof('microsoft.graph.group')";

  it('tells users and groups in one stream, each under its type, groups with their members', async () => {
    const user = await created(graph, '/users', aUser());
    const group = await created(graph, '/groups', aGroup());
    await created(graph, '/directory/administrativeUnits', { displayName: 'South' });
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user));
    const { body } = await graph.graph('GET', `/directoryObjects/delta?$filter=${both}`);
    expect(body['@odata.context']).toBe(`${metadata}directoryObjects`);
    expect(body.value.map((one: Json) => [one['@odata.type'], one.id])).toEqual([
      ['#microsoft.graph.user', user],
      ['#microsoft.graph.group', group],
    ]);
    expect(body.value[1]['members@delta']).toEqual([{ '@odata.type': '#microsoft.graph.user', id: user }]);
    await purge(user);
    const { value } = await readDelta(graph, body['@odata.deltaLink']);
    expect(value.find(({ id }) => id === user)).toMatchObject({ '@removed': { reason: 'deleted' } });
  });

  it('follows single objects by id, and with a type only those of the type', async () => {
    const user = await created(graph, '/users', aUser());
    const group = await created(graph, '/groups', aGroup());
    const ids = `id eq '${user}' or id eq '${group}'`;
    const byId = await readDelta(graph, `/directoryObjects/delta?$filter=${ids}`);
    expect(byId.value.map(({ id }) => id)).toEqual([user, group]);
    const meet = await readDelta(graph, `/directoryObjects/delta?$filter=isof('microsoft.graph.group') or ${ids}`);
    expect(meet.value.map(({ id }) => id)).toEqual([group]);
  });

  it('selects by type, and takes the options without their dollar as the page writes them', async () => {
    const user = await created(graph, '/users', aUser({ surname: 'Vik' }));
    const group = await created(graph, '/groups', aGroup({ displayName: 'Crew' }));
    const select = 'microsoft.graph.user/surname,microsoft.graph.group/displayName';
    const { body } = await graph.graph('GET', `/directoryObjects/delta?$filter=${both}&$select=${select}`);
    expect(body['@odata.context']).toBe(`${metadata}directoryObjects`);
    expect(body.value).toEqual([
      { '@odata.type': '#microsoft.graph.user', surname: 'Vik', id: user },
      { '@odata.type': '#microsoft.graph.group', displayName: 'Crew', id: group },
    ]);
    await graph.graph('PATCH', `/users/${user}`, { displayName: 'Unseen' });
    await graph.graph('PATCH', `/groups/${group}`, { displayName: 'Cast' });
    expect((await readDelta(graph, body['@odata.deltaLink'], { prefer: 'return=minimal' })).value).toEqual([
      { '@odata.type': '#microsoft.graph.group', displayName: 'Cast', id: group },
    ]);
    const dollarless = await graph.graph('GET', `/directoryObjects/delta?filter=${both}`);
    expect([dollarless.status, dollarless.body.value?.length]).toEqual([200, 2]);
    for (const wrong of ['microsoft.graph.group/surname', 'microsoft.graph.device/displayName', 'nonsense']) {
      const answer = await graph.graph('GET', `/directoryObjects/delta?$filter=${both}&$select=${wrong}`);
      expect([wrong, answer.status]).toEqual([wrong, 400]);
    }
    expect((await graph.graph('GET', '/users/delta?$select=microsoft.graph.user/surname')).status).toBe(400);
  });

  it('refuses a stream of everything, and names the type it does not know', async () => {
    expect((await graph.graph('GET', '/directoryObjects/delta')).status).toBe(400);
    const unknown = await graph.graph(
      'GET',
      "/directoryObjects/delta?$filter=isof('microsoft.graph.appRoleAssignment') or isof('microsoft.graph.user')",
    );
    expect([unknown.status, unknown.body.error.message]).toEqual([501, expect.stringContaining('appRoleAssignment')]);
  });
});

describe('roles and units (L:api/directoryrole-delta, L:api/administrativeunit-delta)', () => {
  it('tell members by default, users and groups by their types, and the removed ones as removed', async () => {
    const [user, group] = [await created(graph, '/users', aUser()), await created(graph, '/groups', aGroup())];
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'West' });
    for (const id of [user, group]) {
      await graph.graph('POST', `/directory/administrativeUnits/${unit}/members/$ref`, ref(id));
    }
    const units = await graph.graph('GET', '/directory/administrativeUnits/delta');
    expect(units.body['@odata.context']).toMatch(/\$metadata#(directory\/)?administrativeUnits$/);
    expect(units.body.value[0]['members@delta']).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: user },
      { '@odata.type': '#microsoft.graph.group', id: group },
    ]);
    const { body: role } = await graph.graph('POST', '/directoryRoles', {
      roleTemplateId: '9f06204d-73c1-4d4c-880a-6edb90606fd8',
    });
    await graph.graph('POST', `/directoryRoles/${role.id}/members/$ref`, ref(user));
    const { link, value } = await readDelta(graph, '/directoryRoles/delta');
    expect(value.find(({ id }) => id === role.id)['members@delta']).toHaveLength(1);
    await graph.graph('DELETE', `/directoryRoles/${role.id}/members/${user}/$ref`);
    expect((await readDelta(graph, link)).value).toEqual([
      {
        ...role,
        '@odata.context': undefined,
        deletedDateTime: undefined,
        'members@delta': [{ '@odata.type': '#microsoft.graph.user', id: user, '@removed': { reason: 'deleted' } }],
      },
    ]);
  });
});

describe('the other streams (L:api/device-delta, application-delta, serviceprincipal-delta, orgcontact-delta)', () => {
  const kinds = { devices: 'device', applications: 'application', servicePrincipals: 'servicePrincipal' };

  it.each(Object.entries(kinds))('tell %s, what was selected of them, and what changed', async (collection, type) => {
    const make = (displayName: string) =>
      graph.door('POST', '/objects', { '@odata.type': `#microsoft.graph.${type}`, displayName });
    const { id } = await make('First');
    const { link, value } = await readDelta(graph, `/${collection}/delta?$select=displayName`);
    expect(value).toEqual([{ id, displayName: 'First' }]);
    await graph.door('PATCH', `/objects/${id}`, { displayName: 'Renamed' });
    const second = await make('Second');
    expect((await readDelta(graph, link)).value).toEqual([
      { id, displayName: 'Renamed' },
      { id: second.id, displayName: 'Second' },
    ]);
    const whole = await graph.graph('GET', `/${collection}/delta`);
    expect(whole.body['@odata.context']).toBe(`${metadata}${collection}`);
  });

  it('of grants are not simulated, and say so', async () => {
    const { status, body } = await graph.graph('GET', '/oauth2PermissionGrants/delta');
    expect([status, body.error.message]).toEqual([501, expect.stringContaining('oauth2PermissionGrants/delta')]);
  });

  it('follow as many ids as a URL holds, where users and groups follow fifty', async () => {
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'West' });
    const many = Array.from({ length: 60 }, () => `id eq '${unit}'`).join(' or ');
    const units = await graph.graph('GET', `/directory/administrativeUnits/delta?$filter=${many}`);
    expect([units.status, units.body.value.length]).toEqual([200, 1]);
    expect((await graph.graph('GET', `/groups/delta?$filter=${many}`)).status).toBe(400);
  });
});

describe('links of delta (L:delta-query-overview)', () => {
  it('carry their options: a $skiptoken takes no $select, a $deltatoken takes another one from then on', async () => {
    await graph.door('POST', '/settings', { pageSize: { delta: 1 } });
    const id = await created(graph, '/users', aUser({ jobTitle: 'Clerk' }));
    await created(graph, '/users', aUser());
    const first = await graph.graph('GET', '/users/delta?$select=displayName');
    const mixed = await graph.graph('GET', `${first.body['@odata.nextLink']}&$select=jobTitle`);
    expect([mixed.status, mixed.body.error.code]).toEqual([400, 'Request_UnsupportedQuery']);
    const { link } = await readDelta(graph, '/users/delta?$select=displayName');
    await graph.graph('PATCH', `/users/${id}`, { jobTitle: 'Head clerk' });
    expect((await readDelta(graph, link)).value).toEqual([]);
    const widened = await readDelta(graph, `${link}&$select=jobTitle`);
    expect(widened.value).toEqual([{ id, jobTitle: 'Head clerk' }]);
    await graph.graph('PATCH', `/users/${id}`, { displayName: 'Not tracked' });
    expect((await readDelta(graph, widened.link)).value).toEqual([]);
  });

  it('are refused when nobody gave them out, or when they belong to another resource', async () => {
    const { link } = await readDelta(graph, '/groups/delta');
    const token = new URL(link).searchParams.get('$deltatoken');
    for (const path of [`/users/delta?$deltatoken=${token}`, '/users/delta?$deltatoken=made-up']) {
      const { status, body } = await graph.graph('GET', path);
      expect([status, body.error.code]).toEqual([400, 'Request_UnsupportedQuery']);
    }
  });

  it('begin anew with an empty $deltatoken, which a reset names in its Location', async () => {
    const id = await created(graph, '/users', aUser());
    const { link } = await readDelta(graph, '/users/delta');
    await graph.door('POST', '/settings', { deltaExpiryGone: true });
    await graph.door('POST', '/clock', { advance: 'P8D' });
    const gone = await graph.graph('GET', link);
    expect(gone.status).toBe(410);
    const { value } = await readDelta(graph, gone.headers.get('location') ?? '');
    expect(value.map((user) => user.id)).toEqual([id]);
  });
});

describe('what delta does not track (graph-facts 2.1)', () => {
  it('is what lies outside the directory: photos, authentication methods, mailbox settings', async () => {
    const id = await created(graph, '/users', aUser());
    const { link } = await readDelta(graph, '/users/delta');
    const photo = await graph.graph('PUT', `/users/${id}/photo/$value`, new Uint8Array([0xff, 0xd8, 0xff, 0xd9]), {
      headers: { 'content-type': 'image/jpeg' },
    });
    const phone = await graph.graph('POST', `/users/${id}/authentication/phoneMethods`, {
      phoneNumber: '+47 90000003',
      phoneType: 'mobile',
    });
    expect([photo.status, phone.status]).toEqual([200, 201]);
    expect((await readDelta(graph, link)).value).toEqual([]);
    const outside = await graph.graph('GET', '/users/delta?$select=skills');
    expect(outside.status).toBe(501);
  });

  it('ignores $top, $orderby and $expand, as Graph does', async () => {
    await created(graph, '/users', aUser());
    await created(graph, '/users', aUser());
    const { status, body } = await graph.graph('GET', '/users/delta?$top=1&$orderby=displayName&$expand=manager');
    expect([status, body.value.length]).toEqual([200, 2]);
  });
});
