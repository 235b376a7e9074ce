import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, readDelta, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const users = '/users/delta?$select=displayName,jobTitle,department,manager';
const groups = '/groups/delta?$select=displayName,members,owners';
const day = (count: number) => graph.door('POST', '/clock', { advance: `P${count}D` });

describe('a round of everything (graph-facts 2.1, 2.2)', () => {
  it('pages with either a nextLink or a deltaLink, never both, and leaves out what was never set', async () => {
    await graph.door('POST', '/settings', { pageSize: { delta: 2 } });
    for (const jobTitle of ['Cook', null, undefined, 'Smith', 'Tailor']) {
      await created(graph, '/users', aUser({ department: 'Guild', ...(jobTitle === undefined ? {} : { jobTitle }) }));
    }
    const first = await graph.graph('GET', users);
    expect(first.body.value).toHaveLength(2);
    expect([first.body['@odata.nextLink'] !== undefined, first.body['@odata.deltaLink']]).toEqual([true, undefined]);
    const { value, pages } = await readDelta(graph, users);
    expect(pages).toBe(3);
    expect(value.map((user) => ('jobTitle' in user ? user.jobTitle : 'absent'))).toEqual([
      'Cook',
      null,
      'absent',
      'Smith',
      'Tailor',
    ]);
    expect(value.every((user) => typeof user.id === 'string' && user.department === 'Guild')).toBe(true);
  });

  it('tells a manager as an array of one typed id, and group links likewise', async () => {
    const [user, boss] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    await graph.graph('PUT', `/users/${user}/manager/$ref`, ref(boss));
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(user));
    await graph.graph('POST', `/groups/${group}/owners/$ref`, ref(boss));
    const told = (await readDelta(graph, users)).value.find(({ id }) => id === user);
    expect(told['manager@delta']).toEqual([{ '@odata.type': '#microsoft.graph.user', id: boss }]);
    const [whole] = (await readDelta(graph, groups)).value;
    expect(whole['members@delta']).toEqual([{ '@odata.type': '#microsoft.graph.user', id: user }]);
    expect(whole['owners@delta']).toEqual([{ '@odata.type': '#microsoft.graph.user', id: boss }]);
  });

  it('tells members without $select, and nothing of a group that has none', async () => {
    const user = await created(graph, '/users', aUser());
    const [full, empty] = [await created(graph, '/groups', aGroup()), await created(graph, '/groups', aGroup())];
    await graph.graph('POST', `/groups/${full}/members/$ref`, ref(user));
    const { value } = await readDelta(graph, '/groups/delta');
    expect(value.find(({ id }) => id === full)['members@delta']).toHaveLength(1);
    expect('members@delta' in value.find(({ id }) => id === empty)).toBe(false);
  });

  it('spreads a large group over pages: the same object with further slices', async () => {
    await graph.door('POST', '/settings', { pageSize: { links: 3 } });
    const group = await created(graph, '/groups', aGroup());
    const small = await created(graph, '/groups', aGroup());
    const members: string[] = [];
    for (let at = 0; at < 8; at += 1) members.push(await created(graph, '/users', aUser()));
    for (const id of members) await graph.graph('POST', `/groups/${group}/members/$ref`, ref(id));
    await graph.graph('POST', `/groups/${small}/members/$ref`, ref(members[0] ?? ''));
    const { value, pages } = await readDelta(graph, groups);
    expect(pages).toBeGreaterThan(2);
    const slices = value.filter(({ id }) => id === group);
    expect(slices.length).toBe(3);
    expect(slices.flatMap((slice) => slice['members@delta'].map(({ id }: Json) => id))).toEqual(members);
    const order = value.map(({ id }) => id);
    expect(order.indexOf(small)).toBeGreaterThan(order.lastIndexOf(group));
  });

  it('tells what is in the bin only where the switch says so', async () => {
    const id = await created(graph, '/users', aUser());
    await graph.graph('DELETE', `/users/${id}`);
    expect((await readDelta(graph, users)).value).toEqual([]);
    await graph.door('POST', '/settings', { deltaStartsWithBinned: true });
    expect((await readDelta(graph, users)).value).toEqual([{ id, '@removed': { reason: 'changed' } }]);
  });

  it('follows at most fifty ids, and begins with nothing at $deltatoken=latest', async () => {
    const [one] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const only = await readDelta(graph, `/users/delta?$select=displayName&$filter=id eq '${one}'`);
    expect(only.value.map(({ id }) => id)).toEqual([one]);
    const many = Array.from({ length: 51 }, () => `id eq '${one}'`).join(' or ');
    expect((await graph.graph('GET', `/users/delta?$filter=${many}`)).status).toBe(400);
    const latest = await graph.graph('GET', '/users/delta?$deltatoken=latest');
    expect(latest.body.value).toEqual([]);
    expect(latest.body['@odata.deltaLink']).toBeDefined();
  });
});

describe('a round of changes (graph-facts 2.1, 2.2)', () => {
  it('tells the identities of a user who gets another name: they follow from it', async () => {
    const id = await created(graph, '/users', aUser());
    const { link } = await readDelta(graph, '/users/delta?$select=displayName,identities');
    await graph.graph('PATCH', `/users/${id}`, { userPrincipalName: 'renamed@contoso.com' });
    expect((await readDelta(graph, link, { prefer: 'return=minimal' })).value).toMatchObject([
      { id, identities: [{ signInType: 'userPrincipalName', issuerAssignedId: 'renamed@contoso.com' }] },
    ]);
  });

  it('tells all selected properties of what changed, or only the changed ones with return=minimal', async () => {
    const id = await created(graph, '/users', aUser({ department: 'Art', jobTitle: 'Painter' }));
    await created(graph, '/users', aUser());
    const { link } = await readDelta(graph, users);
    await graph.graph('PATCH', `/users/${id}`, { jobTitle: null });
    const full = (await readDelta(graph, link)).value;
    expect(full).toHaveLength(1);
    expect(full[0]).toMatchObject({ id, department: 'Art', jobTitle: null });
    expect((await readDelta(graph, link, { prefer: 'return=minimal' })).value).toEqual([{ id, jobTitle: null }]);
  });

  it('is not triggered by what was not selected, nor by a write that changes nothing', async () => {
    const id = await created(graph, '/users', aUser({ jobTitle: 'Painter' }));
    const { link } = await readDelta(graph, users);
    await graph.graph('PATCH', `/users/${id}`, { city: 'Oslo', jobTitle: 'Painter' });
    expect((await readDelta(graph, link)).value).toEqual([]);
  });

  it('says changed for a soft delete, deleted for a purge, and tells a restored user as a new one', async () => {
    const id = await created(graph, '/users', aUser({ department: 'Art' }));
    const start = (await readDelta(graph, users)).link;
    await graph.graph('DELETE', `/users/${id}`);
    const gone = await readDelta(graph, start);
    expect(gone.value).toEqual([{ id, '@removed': { reason: 'changed' } }]);
    await graph.graph('POST', `/directory/deletedItems/${id}/restore`);
    const back = await readDelta(graph, gone.link);
    expect(back.value).toEqual([expect.objectContaining({ id, department: 'Art' })]);
    await graph.graph('DELETE', `/users/${id}`);
    await graph.graph('DELETE', `/directory/deletedItems/${id}`);
    expect((await readDelta(graph, back.link)).value).toEqual([{ id, '@removed': { reason: 'deleted' } }]);
    expect((await readDelta(graph, start)).value).toEqual([{ id, '@removed': { reason: 'deleted' } }]);
  });

  it('tells link changes on the group, not on the member; a purged member as removed, a binned one not at all', async () => {
    const [one, two] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(one));
    const start = { users: (await readDelta(graph, users)).link, groups: (await readDelta(graph, groups)).link };
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(two));
    await graph.graph('DELETE', `/groups/${group}/members/${one}/$ref`);
    const round = await readDelta(graph, start.groups);
    expect(round.value[0]['members@delta']).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: two },
      { '@odata.type': '#microsoft.graph.user', id: one, '@removed': { reason: 'deleted' } },
    ]);
    expect((await readDelta(graph, start.users)).value).toEqual([]);
    await graph.graph('DELETE', `/users/${two}`);
    const binned = await readDelta(graph, round.link);
    expect(binned.value).toEqual([]);
    await graph.graph('DELETE', `/directory/deletedItems/${two}`);
    expect((await readDelta(graph, binned.link)).value[0]['members@delta']).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: two, '@removed': { reason: 'deleted' } },
    ]);
  });

  it('tells a changed licence as assignedLicenses, and never licenseAssignmentStates by itself', async () => {
    const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';
    await graph.door('POST', '/settings', { skus: [{ skuId, skuPartNumber: 'SPE_E3', enabled: 2 }] });
    const id = await created(graph, '/users', aUser({ usageLocation: 'NO' }));
    const { link } = await readDelta(graph, '/users/delta?$select=assignedLicenses');
    const states = (await readDelta(graph, '/users/delta?$select=licenseAssignmentStates')).link;
    await graph.graph('POST', `/users/${id}/assignLicense`, {
      addLicenses: [{ skuId, disabledPlans: [] }],
      removeLicenses: [],
    });
    expect((await readDelta(graph, link)).value).toEqual([{ id, assignedLicenses: [{ skuId, disabledPlans: [] }] }]);
    expect((await readDelta(graph, states)).value).toEqual([]);
  });

  it('tells what was emptied as empty: the last licence taken away, a collection cleared', async () => {
    const skuId = '05e9a617-0261-4cee-bb44-138d3ef5d965';
    await graph.door('POST', '/settings', { skus: [{ skuId, skuPartNumber: 'SPE_E3', enabled: 2 }] });
    const id = await created(graph, '/users', aUser({ usageLocation: 'NO', businessPhones: ['+47 22 00 00 02'] }));
    await graph.graph('POST', `/users/${id}/assignLicense`, { addLicenses: [{ skuId }], removeLicenses: [] });
    const { link } = await readDelta(graph, '/users/delta?$select=assignedLicenses,businessPhones');
    await graph.graph('POST', `/users/${id}/assignLicense`, { addLicenses: [], removeLicenses: [skuId] });
    await graph.graph('PATCH', `/users/${id}`, { businessPhones: [] });
    const empty = [{ id, assignedLicenses: [], businessPhones: [] }];
    expect((await readDelta(graph, link)).value).toEqual(empty);
    expect((await readDelta(graph, link, { prefer: 'return=minimal' })).value).toEqual(empty);
  });

  it('tells with a restored group what it lost in the same round, which nobody else would tell', async () => {
    const [stays, goes] = [await created(graph, '/users', aUser()), await created(graph, '/users', aUser())];
    const group = await created(graph, '/groups', aGroup());
    for (const id of [stays, goes]) await graph.graph('POST', `/groups/${group}/members/$ref`, ref(id));
    const { link } = await readDelta(graph, groups);
    await graph.graph('DELETE', `/groups/${group}`);
    await graph.graph('POST', `/directory/deletedItems/${group}/restore`);
    await graph.graph('DELETE', `/groups/${group}/members/${goes}/$ref`);
    expect((await readDelta(graph, link)).value[0]['members@delta']).toEqual([
      { '@odata.type': '#microsoft.graph.user', id: stays },
      { '@odata.type': '#microsoft.graph.user', id: goes, '@removed': { reason: 'deleted' } },
    ]);
  });

  it('follows units and directory roles with their members', async () => {
    const user = await created(graph, '/users', aUser());
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'North' });
    const role = await graph.graph('POST', '/directoryRoles', {
      roleTemplateId: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
    });
    const [units, roles] = [
      await readDelta(graph, '/directory/administrativeUnits/delta'),
      await readDelta(graph, '/directoryRoles/delta'),
    ];
    await graph.graph('POST', `/directory/administrativeUnits/${unit}/members/$ref`, ref(user));
    await graph.graph('POST', `/directoryRoles/${role.body.id}/members/$ref`, ref(user));
    expect((await readDelta(graph, units.link)).value[0]['members@delta']).toHaveLength(1);
    expect((await readDelta(graph, roles.link)).value[0]['members@delta']).toHaveLength(1);
  });

  it('leaves no trace of a native recovery (R61)', async () => {
    const id = await created(graph, '/users', aUser({ jobTitle: 'Baker' }));
    const { link } = await readDelta(graph, users);
    await graph.door('POST', '/native-recovery', { objects: [{ id, changes: { jobTitle: 'Cook' } }] });
    expect((await readDelta(graph, link)).value).toEqual([]);
    expect((await graph.graph('GET', `/users/${id}`)).body.jobTitle).toBe('Cook');
  });
});

describe('tokens (graph-facts 2.1)', () => {
  it('live for seven days, then are refused in the form that the switches say', async () => {
    const { link } = await readDelta(graph, users);
    await day(6);
    expect((await graph.graph('GET', link)).status).toBe(200);
    await day(2);
    expect((await graph.graph('GET', link)).body.error.code).toBe('syncStateNotFound');
    await graph.door('POST', '/settings', { deltaExpiryBadRequest: true });
    expect((await graph.graph('GET', link)).body.error).toMatchObject({
      code: 'Request_UnsupportedQuery',
      message: 'DeltaLink older than 30 days is not supported.',
    });
    await graph.door('POST', '/settings', { deltaExpiryGone: true });
    const gone = await graph.graph('GET', link);
    expect([gone.status, gone.headers.get('location')]).toEqual([410, `${graph.url}/v1.0/users/delta?$deltatoken=`]);
  });

  it('of pages live as long, and are refused as page tokens are', async () => {
    await graph.door('POST', '/settings', { pageSize: { delta: 1 } });
    for (let at = 0; at < 2; at += 1) await created(graph, '/users', aUser());
    const { body } = await graph.graph('GET', users);
    await day(8);
    const late = await graph.graph('GET', body['@odata.nextLink']);
    expect([late.status, late.body.error.code]).toEqual([400, 'Directory_ExpiredPageToken']);
    await graph.door('POST', '/settings', { deltaExpiryGone: true });
    expect((await graph.graph('GET', body['@odata.nextLink'])).status).toBe(410);
  });

  it('do not outlive a reset or a new seed', async () => {
    const { link } = await readDelta(graph, users);
    await graph.door('POST', '/seed', { users: 3 });
    expect((await graph.graph('GET', link)).status).toBe(400);
  });

  it('may be used again, and survive empty pages and repeats in any order', async () => {
    await graph.door('POST', '/settings', { deltaEmptyPages: true, deltaRepeatsObjects: true, pageSize: { delta: 2 } });
    const ids = [
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
    ];
    const first = await graph.graph('GET', users);
    expect(first.body.value).toEqual([]);
    const { value, link } = await readDelta(graph, users);
    expect(new Set(value.map(({ id }) => id))).toEqual(new Set(ids));
    expect(value.length).toBeGreaterThan(3);
    expect((await readDelta(graph, link)).value).toEqual((await readDelta(graph, link)).value);
  });

  it('tell a new object only when replication has carried it everywhere', async () => {
    await graph.door('POST', '/settings', { replicationDelayMs: 60_000 });
    const { link } = await readDelta(graph, users);
    const id = await created(graph, '/users', aUser());
    expect((await graph.graph('GET', `/users/${id}`)).status).toBe(404);
    const early = await readDelta(graph, link);
    expect(early.value).toEqual([]);
    await graph.door('POST', '/clock', { advance: 'PT2M' });
    expect((await readDelta(graph, early.link)).value.map((user) => user.id)).toEqual([id]);
    expect((await graph.graph('GET', `/users/${id}`)).status).toBe(200);
  });
});
