/** Life and death: what the bin keeps, what it frees, how it gives back and when it lets go (graph-facts 5). */
import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, metadata, readList, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const bin = '/directory/deletedItems';
const status = async (method: string, path: string, body?: unknown) => (await graph.graph(method, path, body)).status;
const restore = (id: string, body?: unknown) => graph.graph('POST', `${bin}/${id}/restore`, body);
const ids = (list: readonly Json[]) => list.map(({ id }) => id);

describe('deleting (L:user-delete, L:group-delete, E:architecture/recover-from-deletions)', () => {
  it('puts users, cloud security groups, Microsoft 365 groups and units into the bin', async () => {
    const made = {
      user: await created(graph, '/users', aUser()),
      group: await created(graph, '/groups', aGroup()),
      unified: await created(graph, '/groups', {
        ...aGroup({ groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false }),
      }),
      unit: await created(graph, '/directory/administrativeUnits', { displayName: 'North' }),
    };
    expect(await status('DELETE', `/users/${made.user}`)).toBe(204);
    expect(await status('DELETE', `/groups/${made.group}`)).toBe(204);
    expect(await status('DELETE', `/groups/${made.unified}`)).toBe(204);
    expect(await status('DELETE', `/directory/administrativeUnits/${made.unit}`)).toBe(204);
    expect(ids(await readList(graph, `${bin}/microsoft.graph.user`))).toEqual([made.user]);
    expect(ids(await readList(graph, `${bin}/microsoft.graph.group`))).toEqual([made.group, made.unified]);
    expect(ids(await readList(graph, `${bin}/microsoft.graph.administrativeUnit`))).toEqual([made.unit]);
    for (const path of [`/users/${made.user}`, `/groups/${made.group}`, `/directoryObjects/${made.unit}`]) {
      expect(await status('GET', path)).toBe(404);
      expect(await status('DELETE', path)).toBe(404);
    }
  });

  it('is for good for synced groups and devices', async () => {
    const group = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.group',
      ...aGroup({ onPremisesSyncEnabled: true }),
    });
    const device = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.device',
      displayName: 'Laptop',
    });
    for (const { id } of [group, device]) {
      await graph.graph('DELETE', `/directoryObjects/${id}`);
      expect(await status('GET', `/directoryObjects/${id}`)).toBe(404);
      expect(await status('GET', `${bin}/${id}`)).toBe(404);
    }
  });

  it('prefixes the name with the id without dashes, so that somebody else may take it', async () => {
    const body = aUser();
    const id = await created(graph, '/users', body);
    await graph.graph('DELETE', `/users/${id}`);
    const mangled = `${id.replaceAll('-', '')}${body.userPrincipalName}`;
    const { body: shown } = await graph.graph('GET', `${bin}/${id}?$select=userPrincipalName,deletedDateTime`);
    expect(shown.userPrincipalName).toBe(mangled);
    expect(shown.deletedDateTime).toMatch(/^\d{4}-\d\d-\d\dT[\d:]+(\.\d+)?Z$/);
    expect(await created(graph, '/users', body)).not.toBe(id);
  });
});

describe('reading the bin (L:api/directory-deleteditems-list, -get)', () => {
  it('needs a type in a list, and takes an id with or without one', async () => {
    const id = await created(graph, '/groups', aGroup({ displayName: 'Choir' }));
    await graph.graph('DELETE', `/groups/${id}`);
    expect(await status('GET', bin)).toBe(400);
    const list = await graph.graph('GET', `${bin}/microsoft.graph.group`);
    expect(list.body['@odata.context']).toBe(`${metadata}groups`);
    const one = await graph.graph('GET', `${bin}/${id}`);
    expect(one.body).toMatchObject({ '@odata.context': `${metadata}directoryObjects/$entity`, displayName: 'Choir' });
    expect(await status('GET', `${bin}/${id}/microsoft.graph.group`)).toBe(200);
    expect(await status('GET', `${bin}/microsoft.graph.user/${id}`)).toBe(404);
    const alive = await created(graph, '/groups', aGroup());
    expect(await status('GET', `${bin}/${alive}`)).toBe(404);
  });

  it('shows a security group as not security enabled, which groupTypes [] betrays', async () => {
    const id = await created(graph, '/groups', aGroup());
    await graph.graph('DELETE', `/groups/${id}`);
    const expected = { id, securityEnabled: false, mailEnabled: false, groupTypes: [] };
    expect((await graph.graph('GET', `${bin}/${id}`)).body).toMatchObject(expected);
    expect((await readList(graph, `${bin}/microsoft.graph.group`))[0]).toMatchObject(expected);
    await restore(id);
    expect((await graph.graph('GET', `/groups/${id}`)).body.securityEnabled).toBe(true);
  });

  it('filters, sorts, counts, selects and pages; by deletedDateTime only as an advanced query', async () => {
    const made: string[] = [];
    for (const displayName of ['Bravo', 'Alpha', 'Charlie'])
      made.push(await created(graph, '/users', aUser({ displayName })));
    for (const id of [...made].reverse()) {
      await graph.graph('DELETE', `/users/${id}`);
      await graph.door('POST', '/clock', { advance: 'PT1M' });
    }
    const users = `${bin}/microsoft.graph.user`;
    const eventual = { headers: { ConsistencyLevel: 'eventual' } };
    const byName = await graph.graph('GET', `${users}?$orderby=displayName&$select=displayName`);
    expect(byName.body.value.map(({ displayName }: Json) => displayName)).toEqual(['Alpha', 'Bravo', 'Charlie']);
    expect(await status('GET', `${users}?$orderby=deletedDateTime desc`)).toBe(400);
    const byTime = await graph.graph(
      'GET',
      `${users}?$count=true&$orderby=deletedDateTime asc&$select=id,displayName,deletedDateTime`,
      undefined,
      eventual,
    );
    expect(byTime.body['@odata.context']).toBe(`${metadata}users(id,displayName,deletedDateTime)`);
    expect(byTime.body['@odata.count']).toBe(3);
    expect(ids(byTime.body.value)).toEqual([...made].reverse());
    const count = await graph.graph('GET', `${users}/$count`, undefined, eventual);
    expect([count.status, String(count.body)]).toEqual([200, '3']);
    const found = await graph.graph('GET', `${users}?$filter=displayName eq 'Alpha'`);
    expect(ids(found.body.value)).toEqual([made[1]]);
    const page = await graph.graph('GET', `${users}?$top=2`);
    expect(page.body.value).toHaveLength(2);
    expect(ids(await readList(graph, `${users}?$top=2`))).toEqual(made);
  });

  it('lists what a user owned, groups or applications (L:api/directory-deleteditems-getuserownedobjects)', async () => {
    const [owner, other] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const groups: string[] = [];
    for (let at = 0; at < 3; at += 1) {
      const id = await created(graph, '/groups', aGroup());
      await graph.graph('POST', `/groups/${id}/owners/$ref`, ref(at < 2 ? owner : other));
      groups.push(id);
    }
    for (const id of groups.slice(1)) await graph.graph('DELETE', `/groups/${id}`);
    const ask = (body: object) => graph.graph('POST', `${bin}/getUserOwnedObjects`, body);
    const { status: code, body } = await ask({ userId: owner, type: 'Group' });
    expect([code, ids(body.value)]).toEqual([200, [groups[1]]]);
    expect(body.value[0]).toMatchObject({
      '@odata.type': '#microsoft.graph.group',
      deletedDateTime: expect.any(String),
      securityEnabled: false,
    });
    expect((await ask({ userId: owner, type: 'Application' })).body.value).toEqual([]);
    expect((await ask({ userId: owner, type: 'Device' })).status).toBe(400);
    expect((await ask({ type: 'Group' })).status).toBe(400);
  });
});

describe('restoring (L:api/directory-deleteditems-restore)', () => {
  it('gives back the name, and answers 200 with the object under its type', async () => {
    const body = aUser({ givenName: 'Liv' });
    const id = await created(graph, '/users', body);
    await graph.graph('DELETE', `/users/${id}`);
    const answer = await restore(id);
    expect([answer.status, answer.body]).toEqual([
      200,
      expect.objectContaining({
        '@odata.context': `${metadata}directoryObjects/$entity`,
        '@odata.type': '#microsoft.graph.user',
        id,
        givenName: 'Liv',
        userPrincipalName: body.userPrincipalName,
      }),
    ]);
    expect(await status('GET', `/users/${body.userPrincipalName}`)).toBe(200);
    expect((await restore(id)).status).toBe(404);
  });

  it('refuses while somebody has the name, unless a new one is given', async () => {
    const body = aUser();
    const id = await created(graph, '/users', body);
    await graph.graph('DELETE', `/users/${id}`);
    await created(graph, '/users', body);
    const refused = await restore(id);
    expect([refused.status, refused.body.error.code]).toEqual([400, 'Request_BadRequest']);
    expect(refused.body.error.details[0]).toMatchObject({ code: 'ObjectConflict', target: 'userPrincipalName' });
    expect((await restore(id, { newUserPrincipalName: 'someone@nowhere.example' })).status).toBe(400);
    const renamed = await restore(id, { newUserPrincipalName: 'again@contoso.com' });
    expect(renamed.body).toMatchObject({ id, userPrincipalName: 'again@contoso.com' });
  });

  it('refuses while somebody has a proxy address, unless it may take it away', async () => {
    const proxies = ['SMTP:kari@contoso.com', 'smtp:kari.berg@contoso.com'];
    const { id } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.user',
      ...aUser(),
      proxyAddresses: proxies,
    });
    await graph.graph('DELETE', `/users/${id}`);
    await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.user',
      ...aUser(),
      proxyAddresses: ['smtp:KARI.BERG@contoso.com'],
    });
    const refused = await restore(id);
    expect([refused.status, refused.body.error.details[0].target]).toEqual([400, 'proxyAddresses']);
    expect((await restore(id, { autoReconcileProxyConflict: true })).status).toBe(200);
    const { body } = await graph.graph('GET', `/users/${id}?$select=proxyAddresses`);
    expect(body.proxyAddresses).toEqual(['SMTP:kari@contoso.com']);
  });

  it('takes no other parameter, no wrong type, and a new name for users only', async () => {
    const [user, group] = [await created(graph, '/users', aUser()), await created(graph, '/groups', aGroup())];
    await graph.graph('DELETE', `/users/${user}`);
    await graph.graph('DELETE', `/groups/${group}`);
    expect((await restore(user, { userPrincipalName: 'x@contoso.com' })).status).toBe(400);
    expect((await restore(user, { autoReconcileProxyConflict: 'yes' })).status).toBe(400);
    expect((await restore(group, { newUserPrincipalName: 'x@contoso.com' })).status).toBe(400);
    expect((await restore(user, {})).status).toBe(200);
  });
});

describe('applications and service principals (L:api/directory-deleteditems-restore)', () => {
  it('lie in the bin under their types, come back one by one, and can be purged', async () => {
    const make = async (type: string): Promise<string> =>
      (await graph.door('POST', '/objects', { '@odata.type': `#microsoft.graph.${type}`, displayName: 'Ledger' })).id;
    const [app, principal] = [await make('application'), await make('servicePrincipal')];
    for (const id of [app, principal]) expect(await status('DELETE', `/directoryObjects/${id}`)).toBe(204);
    expect(ids(await readList(graph, `${bin}/microsoft.graph.application`))).toEqual([app]);
    expect(ids(await readList(graph, `${bin}/microsoft.graph.servicePrincipal`))).toEqual([principal]);
    expect((await restore(app)).body['@odata.type']).toBe('#microsoft.graph.application');
    expect(await status('GET', `/servicePrincipals/${principal}`)).toBe(404);
    expect(await status('DELETE', `${bin}/${principal}`)).toBe(204);
    expect(await status('GET', `${bin}/${principal}`)).toBe(404);
  });
});

describe('what the bin keeps (E:architecture/recover-from-deletions, properties maintained)', () => {
  const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';
  const readers = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';

  it('of a user: memberships, roles, licences, manager both ways, ownership, units, sponsors, photo and methods', async () => {
    await graph.door('POST', '/settings', { skus: [{ skuId, skuPartNumber: 'SPE_E3', enabled: 1 }] });
    const [id, boss, report] = [
      await created(graph, '/users', aUser({ usageLocation: 'NO', jobTitle: 'Potter' })),
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
    ];
    const group = await created(graph, '/groups', aGroup());
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'East' });
    const links: ReadonlyArray<readonly [string, string, object]> = [
      ['POST', `/groups/${group}/members/$ref`, ref(id)],
      ['POST', `/groups/${group}/owners/$ref`, ref(id)],
      ['POST', `/directory/administrativeUnits/${unit}/members/$ref`, ref(id)],
      ['PUT', `/users/${id}/manager/$ref`, ref(boss)],
      ['PUT', `/users/${report}/manager/$ref`, ref(id)],
      ['POST', `/users/${id}/sponsors/$ref`, ref(boss)],
      ['POST', `/users/${id}/assignLicense`, { addLicenses: [{ skuId, disabledPlans: [] }], removeLicenses: [] }],
      [
        'POST',
        '/roleManagement/directory/roleAssignments',
        { principalId: id, roleDefinitionId: readers, directoryScopeId: '/' },
      ],
      ['POST', `/users/${id}/authentication/phoneMethods`, { phoneNumber: '+47 90000004', phoneType: 'mobile' }],
    ];
    for (const [method, path, body] of links) expect([200, 201, 204]).toContain(await status(method, path, body));
    await graph.graph('PUT', `/users/${id}/photo/$value`, new Uint8Array([0xff, 0xd8, 0xff, 0xd9]), {
      headers: { 'content-type': 'image/jpeg' },
    });
    const before = (await graph.door('GET', '/dump')) as Json;
    await graph.graph('DELETE', `/users/${id}`);
    expect(await readList(graph, `/groups/${group}/members`)).toEqual([]);
    expect(await readList(graph, `/groups/${group}/owners`)).toEqual([]);
    expect(await status('GET', `/users/${report}/manager`)).toBe(404);
    expect(await readList(graph, `/users/${boss}/directReports`)).toEqual([]);
    await restore(id);
    expect(await graph.door('GET', '/dump')).toEqual(before);
    expect(ids(await readList(graph, `/groups/${group}/members`))).toEqual([id]);
    expect((await graph.graph('GET', `/users/${report}/manager`)).body.id).toBe(id);
    expect((await graph.graph('GET', `/users/${id}?$select=assignedLicenses`)).body.assignedLicenses).toHaveLength(1);
  });

  it('of a group and of a unit: members, owners and what they belong to', async () => {
    const user = await created(graph, '/users', aUser());
    const [inner, outer] = [await created(graph, '/groups', aGroup()), await created(graph, '/groups', aGroup())];
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'East' });
    await graph.graph('POST', `/groups/${inner}/members/$ref`, ref(user));
    await graph.graph('POST', `/groups/${inner}/owners/$ref`, ref(user));
    await graph.graph('POST', `/groups/${outer}/members/$ref`, ref(inner));
    await graph.graph('POST', `/directory/administrativeUnits/${unit}/members/$ref`, ref(inner));
    const before = await graph.door('GET', '/dump');
    await graph.graph('DELETE', `/directory/administrativeUnits/${unit}`);
    await graph.graph('DELETE', `/groups/${inner}`);
    expect(await readList(graph, `/users/${user}/memberOf`)).toEqual([]);
    expect(await readList(graph, `/groups/${outer}/members`)).toEqual([]);
    await restore(inner);
    await restore(unit);
    expect(await graph.door('GET', '/dump')).toEqual(before);
  });

  it('frees the seat of a binned user, and gives the licence back even if none is left', async () => {
    await graph.door('POST', '/settings', { skus: [{ skuId, skuPartNumber: 'SPE_E3', enabled: 1 }] });
    const [one, two] = [
      await created(graph, '/users', aUser({ usageLocation: 'NO' })),
      await created(graph, '/users', aUser({ usageLocation: 'NO' })),
    ];
    const assign = (id: string) =>
      status('POST', `/users/${id}/assignLicense`, { addLicenses: [{ skuId, disabledPlans: [] }], removeLicenses: [] });
    const consumed = async () => (await graph.graph('GET', '/subscribedSkus')).body.value[0].consumedUnits;
    expect([await assign(one), await consumed()]).toEqual([200, 1]);
    expect(await assign(two)).toBe(400);
    await graph.graph('DELETE', `/users/${one}`);
    expect([await consumed(), await assign(two), await consumed()]).toEqual([0, 200, 1]);
    expect((await restore(one)).status).toBe(200);
    const { body } = await graph.graph('GET', `/users/${one}?$select=assignedLicenses`);
    expect([body.assignedLicenses.length, await consumed()]).toEqual([1, 2]);
  });
});

describe('the end (L:api/directory-deleteditems-delete)', () => {
  it('comes at once for users and groups: 204, then 404, and every link is gone', async () => {
    const user = await created(graph, '/users', aUser());
    const report = await created(graph, '/users', aUser());
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user));
    await graph.graph('PUT', `/users/${report}/manager/$ref`, ref(user));
    expect(await status('DELETE', `${bin}/${user}`)).toBe(404);
    await graph.graph('DELETE', `/users/${user}`);
    expect(await status('DELETE', `${bin}/${user}`)).toBe(204);
    expect(await status('DELETE', `${bin}/${user}`)).toBe(404);
    expect((await restore(user)).status).toBe(404);
    expect(JSON.stringify(await graph.door('GET', '/dump'))).not.toContain(user);
  });

  it('comes for a unit only after its thirty days', async () => {
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'North' });
    await graph.graph('DELETE', `/directory/administrativeUnits/${unit}`);
    expect(await status('DELETE', `${bin}/${unit}`)).toBe(400);
    expect(await status('GET', `${bin}/${unit}`)).toBe(200);
  });

  it("comes by itself after thirty days of the tenant's clock, and not before", async () => {
    const made = [
      await created(graph, '/users', aUser()),
      await created(graph, '/groups', aGroup()),
      await created(graph, '/directory/administrativeUnits', { displayName: 'North' }),
    ];
    for (const id of made) await graph.graph('DELETE', `/directoryObjects/${id}`);
    await graph.door('POST', '/clock', { advance: 'P29DT23H' });
    for (const id of made) expect(await status('GET', `${bin}/${id}`)).toBe(200);
    await graph.door('POST', '/clock', { advance: 'PT2H' });
    for (const id of made) expect(await status('GET', `${bin}/${id}`)).toBe(404);
  });

  it('of a group takes its roles, and the licences it gave', async () => {
    const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';
    await graph.door('POST', '/settings', { skus: [{ skuId, skuPartNumber: 'SPE_E3', enabled: 5 }] });
    const user = await created(graph, '/users', aUser({ usageLocation: 'NO' }));
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user));
    await graph.graph('POST', `/groups/${group}/assignLicense`, {
      addLicenses: [{ skuId, disabledPlans: [] }],
      removeLicenses: [],
    });
    const licences = async () =>
      (await graph.graph('GET', `/users/${user}?$select=assignedLicenses`)).body.assignedLicenses.length;
    expect(await licences()).toBe(1);
    await graph.graph('DELETE', `/groups/${group}`);
    expect(await licences()).toBe(0);
    await restore(group);
    expect(await licences()).toBe(1);
    await graph.graph('DELETE', `/groups/${group}`);
    await graph.graph('DELETE', `${bin}/${group}`);
    expect(await licences()).toBe(0);
  });

  it('of a group takes its licences from a member that lay in the bin, too, once that is back', async () => {
    const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';
    await graph.door('POST', '/settings', { skus: [{ skuId, skuPartNumber: 'SPE_E3', enabled: 5 }] });
    const user = await created(graph, '/users', aUser({ usageLocation: 'NO' }));
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user));
    await graph.graph('POST', `/groups/${group}/assignLicense`, { addLicenses: [{ skuId }], removeLicenses: [] });
    for (const id of [user, group]) await graph.graph('DELETE', `/directoryObjects/${id}`);
    await graph.graph('DELETE', `${bin}/${group}`);
    expect((await restore(user)).status).toBe(200);
    const { body } = await graph.graph('GET', `/users/${user}?$select=assignedLicenses`);
    expect(body.assignedLicenses).toEqual([]);
  });
});
