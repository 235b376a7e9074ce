/** What a tenant lets its synchronization do: the resource Graph shows, quarantine, and the protections since 2026-07-01 (graph-facts 6). */
import { describe, expect, it } from 'vitest';
import { aUser, created, type Json, readList, useSimulated } from './simulated.ts';

const graph = useSimulated();

const path = '/directory/onPremisesSynchronization';
const anchor = 'AAECAwQFBgcICQoLDA0ODw==';
const read = async (): Promise<Json> => (await graph.graph('GET', path)).body.value[0];
const patch = async (body: unknown): Promise<number> =>
  (await graph.graph('PATCH', `${path}/${(await read()).id}`, body)).status;
const sync = (): Promise<Json> => graph.door('POST', '/on-premises/sync');
const account = (more: object = {}): Promise<Json> =>
  graph.door('POST', '/on-premises/users', {
    anchor,
    userPrincipalName: 'ann@contoso.com',
    displayName: 'Ann',
    ...more,
  });
const userAt = async (name: string, select: string): Promise<Json> =>
  (await graph.graph('GET', `/users/${encodeURIComponent(name)}?$select=id,${select}`)).body;

describe('the resource (L:api/onpremisesdirectorysynchronization-get, -update)', () => {
  it('shows every feature and the prevention of accidental deletions, alone or in a list of one', async () => {
    const one = await read();
    expect(one.configuration).toEqual({
      accidentalDeletionPrevention: { synchronizationPreventionType: 'enabledForCount', alertThreshold: 500 },
    });
    expect(Object.keys(one.features)).toHaveLength(20);
    expect(one.features).toMatchObject({ softMatchOnUpnEnabled: true, blockSoftMatchEnabled: false });
    const { body } = await graph.graph('GET', `${path}/${one.id}`);
    expect(body['@odata.context']).toBe(
      'https://graph.microsoft.com/v1.0/$metadata#directory/onPremisesSynchronization/$entity',
    );
    expect(body.features).toEqual(one.features);
    expect((await graph.graph('GET', `${path}/${one.id}?$select=id`)).body).not.toHaveProperty('features');
  });

  it('changes what the body names, and nothing else', async () => {
    const configuration = { accidentalDeletionPrevention: { alertThreshold: 20 } };
    expect(await patch({ configuration, features: { blockSoftMatchEnabled: true, groupWriteBackEnabled: true } })).toBe(
      204,
    );
    const { features, configuration: now } = await read();
    expect(features).toMatchObject({
      blockSoftMatchEnabled: true,
      groupWriteBackEnabled: true,
      blockCloudObjectTakeoverThroughHardMatchEnabled: false,
    });
    expect(now.accidentalDeletionPrevention).toEqual({
      synchronizationPreventionType: 'enabledForCount',
      alertThreshold: 20,
    });
    expect(await graph.door('GET', '/settings')).toMatchObject({ blockSoftMatch: true, blockHardMatch: false });
  });

  it.each([
    ['an unknown feature', { features: { teleportEnabled: true } }],
    ['a feature that is no boolean', { features: { blockSoftMatchEnabled: 'yes' } }],
    ['a feature that is nothing', { features: { blockSoftMatchEnabled: null } }],
    ['password writeback', { features: { passwordWritebackEnabled: true } }],
    [
      'an unknown kind of prevention',
      { configuration: { accidentalDeletionPrevention: { synchronizationPreventionType: 'x' } } },
    ],
    ['an unknown property', { colour: 'red' }],
    ['nothing', {}],
  ])('refuses %s', async (_, body) => {
    expect(await patch(body)).toBe(400);
  });

  it('is nobody else’s, and asks for its own permission', async () => {
    expect((await graph.graph('PATCH', `${path}/${anchor}`, { features: {} })).status).toBe(404);
    const asApp = async (method: string, where: string, body?: unknown) =>
      (await graph.graph(method, where, body, { as: 'app' })).status;
    const { id } = await read();
    await graph.door('POST', '/settings', { permissions: ['OnPremDirectorySynchronization.Read.All'] });
    expect(await asApp('GET', path)).toBe(200);
    expect(await asApp('PATCH', `${path}/${id}`, { features: { blockSoftMatchEnabled: true } })).toBe(403);
    await graph.door('POST', '/settings', { permissions: ['OnPremDirectorySynchronization.ReadWrite.All'] });
    expect(await asApp('PATCH', `${path}/${id}`, { features: { blockSoftMatchEnabled: true } })).toBe(204);
  });
});

describe('matching under the features', () => {
  it('makes no soft match while the feature of Graph blocks it, and does when it no longer does', async () => {
    const id = await created(graph, '/users', aUser({ userPrincipalName: 'ann@contoso.com' }));
    await account();
    await patch({ features: { blockSoftMatchEnabled: true } });
    expect(await sync()).toMatchObject({ matched: [], errors: [{ code: 'InvalidSoftMatch', anchor }] });
    await patch({ features: { blockSoftMatchEnabled: false } });
    expect(await sync()).toMatchObject({ matched: [{ id, how: 'soft' }], errors: [] });
  });

  it('makes no hard match while the feature of Graph blocks it', async () => {
    const id = await created(graph, '/users', aUser({ onPremisesImmutableId: anchor }));
    await account();
    await patch({ features: { blockCloudObjectTakeoverThroughHardMatchEnabled: true } });
    expect(await sync()).toMatchObject({ matched: [], errors: [{ code: 'InvalidHardMatch', anchor }] });
    await patch({ features: { blockCloudObjectTakeoverThroughHardMatchEnabled: false } });
    expect(await sync()).toMatchObject({ matched: [{ id, how: 'hard' }], errors: [] });
  });

  it('takes a name for a match only where softMatchOnUpnEnabled says so; an address still is one', async () => {
    const id = await created(graph, '/users', aUser({ userPrincipalName: 'ann@contoso.com' }));
    await graph.door('PATCH', `/objects/${id}`, { proxyAddresses: ['SMTP:ann.berg@contoso.com'] });
    await patch({ features: { softMatchOnUpnEnabled: false } });
    await account();
    expect(await sync()).toMatchObject({ matched: [], errors: [{ code: 'AttributeValueMustBeUnique', anchor }] });
    await graph.door('PATCH', `/on-premises/users/${encodeURIComponent(anchor)}`, { mail: 'ann.berg@contoso.com' });
    expect(await sync()).toMatchObject({ matched: [{ id, how: 'soft' }] });
  });
});

describe('onPremisesObjectIdentifier (E:identity/hybrid/connect/how-to-connect-install-existing-tenant)', () => {
  const mapped = '7f3f0d53-1111-4222-8333-444455556666';
  const another = '7f3f0d53-9999-4222-8333-444455556666';

  it('is stamped by the sync, hidden in v1.0, and bars another object from a hard match until it is cleared', async () => {
    await account({ onPremisesObjectIdentifier: mapped });
    await sync();
    const { id } = await userAt('ann@contoso.com', 'onPremisesSyncEnabled');
    expect((await graph.graph('GET', `/users/${id}?$select=onPremisesObjectIdentifier`)).status).toBe(400);
    await graph.door('DELETE', `/on-premises/users/${encodeURIComponent(anchor)}`);
    await sync();
    await graph.graph('POST', `/directory/deletedItems/${id}/restore`);
    await account({ onPremisesObjectIdentifier: another });
    const { errors } = await sync();
    expect(errors).toMatchObject([{ code: 'AttributeUpdateNotAllowed', anchor }]);
    expect(errors[0].message).toContain(
      '[OnPremisesObjectIdentifier cannot be changed unless its current value is null.]',
    );
    await graph.door('PATCH', `/objects/${id}`, { onPremisesObjectIdentifier: null });
    expect(await sync()).toMatchObject({ matched: [{ id, how: 'hard' }], errors: [] });
  });

  it('lets the same object come back, and any while the bypass is on', async () => {
    const id = await created(graph, '/users', aUser({ onPremisesImmutableId: anchor }));
    await graph.door('PATCH', `/objects/${id}`, { onPremisesObjectIdentifier: mapped });
    await account({ onPremisesObjectIdentifier: another });
    expect((await sync()).errors).toHaveLength(1);
    await patch({ features: { allowOnPremUpdateOfOnPremisesObjectIdentifierEnabled: true } });
    expect(await sync()).toMatchObject({ matched: [{ id, how: 'hard' }], errors: [] });
  });
});

describe('quarantine (E:.../how-to-connect-syncservice-duplicate-attribute-resiliency)', () => {
  const quarantine = () =>
    patch({
      features: { quarantineUponUpnConflictEnabled: true, quarantineUponProxyAddressesConflictEnabled: true },
    });

  it('is off at first: a clash is an error and nobody comes', async () => {
    await created(
      graph,
      '/users',
      aUser({ userPrincipalName: 'ann@contoso.com', onPremisesImmutableId: 'AAAABBBBCCCC' }),
    );
    await account();
    expect(await sync()).toMatchObject({ created: 0, errors: [{ code: 'InvalidSoftMatch', anchor }] });
  });

  it('brings an account in under a placeholder, says why, and gives it its name once that is free', async () => {
    const holder = await created(
      graph,
      '/users',
      aUser({ userPrincipalName: 'ann@contoso.com', onPremisesImmutableId: 'AAAABBBBCCCC' }),
    );
    await quarantine();
    await account();
    expect(await sync()).toMatchObject({ created: 1, errors: [] });
    const users = await readList(graph, '/users?$select=id,userPrincipalName,onPremisesProvisioningErrors');
    const ann = users.find((user) => user.id !== holder);
    expect(ann.userPrincipalName).toMatch(/^ann\+\d{4}@contoso\.com$/);
    expect(ann.onPremisesProvisioningErrors).toMatchObject([
      { category: 'PropertyConflict', propertyCausingError: 'UserPrincipalName', value: 'ann@contoso.com' },
    ]);
    expect(await sync()).toMatchObject({ created: 0, updated: 0, errors: [] });
    await graph.graph('PATCH', `/users/${holder}`, { userPrincipalName: 'annabel@contoso.com' });
    expect(await sync()).toMatchObject({ updated: 1 });
    expect(await userAt('ann@contoso.com', 'onPremisesProvisioningErrors')).toMatchObject({
      id: ann.id,
      onPremisesProvisioningErrors: [],
    });
  });

  it('leaves out an address that somebody else holds', async () => {
    const holder = await created(graph, '/users', aUser());
    await graph.door('PATCH', `/objects/${holder}`, { proxyAddresses: ['smtp:shared@contoso.com'] });
    await quarantine();
    await account({ proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:shared@contoso.com'] });
    expect(await sync()).toMatchObject({ created: 1, errors: [] });
    expect(await userAt('ann@contoso.com', 'proxyAddresses,onPremisesProvisioningErrors')).toMatchObject({
      proxyAddresses: ['SMTP:ann@contoso.com'],
      onPremisesProvisioningErrors: [{ propertyCausingError: 'ProxyAddresses', value: 'smtp:shared@contoso.com' }],
    });
  });

  it('does not help against an object of another type', async () => {
    await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.group',
      displayName: 'Tax',
      mailNickname: 'tax',
      mailEnabled: true,
      securityEnabled: true,
      proxyAddresses: ['SMTP:tax@contoso.com'],
    });
    await quarantine();
    await account({ proxyAddresses: ['SMTP:ann@contoso.com', 'smtp:tax@contoso.com'] });
    expect(await sync()).toMatchObject({ created: 0, errors: [{ code: 'ObjectTypeMismatch', anchor }] });
  });
});

describe('what cannot be exported (E:.../tshoot-connect-sync-errors)', () => {
  it('a name with characters that Entra does not take', async () => {
    await account({ userPrincipalName: 'ann berg@contoso.com' });
    expect(await sync()).toMatchObject({ created: 0, errors: [{ code: 'IdentityDataValidationFailed', anchor }] });
  });

  it('a security identifier that another user has', async () => {
    await account({ onPremisesSecurityIdentifier: 'S-1-5-21-1-2-3-1104' });
    const twin = { userPrincipalName: 'twin@contoso.com', displayName: 'Twin' };
    const made = await graph.door('POST', '/on-premises/users', {
      ...twin,
      onPremisesSecurityIdentifier: 'S-1-5-21-1-2-3-1104',
    });
    const { created: count, errors } = await sync();
    expect([count, errors.length]).toEqual([1, 1]);
    expect(errors[0]).toMatchObject({ code: 'AttributeValueMustBeUnique' });
    expect([anchor, made.anchor]).toContain(errors[0].anchor);
    expect(errors[0].message).toContain('OnPremiseSecurityIdentifier');
    expect(await sync()).toMatchObject({ created: 0, updated: 0, errors: [{ code: 'AttributeValueMustBeUnique' }] });
  });
});

describe('source of authority (graph-facts 6)', () => {
  it('switched to the cloud, a group is left alone by the next cycle; switched back, it follows again', async () => {
    await account();
    const members = [anchor];
    const { anchor: groupAnchor } = await graph.door('POST', '/on-premises/groups', { displayName: 'Bakers', members });
    await sync();
    const [group] = await readList(graph, "/groups?$filter=displayName eq 'Bakers'");
    const behavior = `/groups/${group.id}/onPremisesSyncBehavior`;
    expect((await graph.graph('GET', behavior)).body).toMatchObject({ id: group.id, isCloudManaged: false });
    expect((await graph.graph('GET', `${behavior}?$select=id`)).status).toBe(501);
    expect((await graph.graph('PATCH', behavior, { isCloudManaged: true })).status).toBe(204);
    await graph.door('POST', '/on-premises/groups', { anchor: groupAnchor, displayName: 'Bakers', members: [] });
    await sync();
    expect(await readList(graph, `/groups/${group.id}/members`)).toHaveLength(1);
    await graph.graph('PATCH', behavior, { isCloudManaged: false });
    await sync();
    expect(await readList(graph, `/groups/${group.id}/members`)).toEqual([]);
    const shown = (await graph.graph('GET', `/groups/${group.id}?$select=onPremisesSyncEnabled`)).body;
    expect(shown.onPremisesSyncEnabled).toBe(true);
  });

  it('switched back, a user is synced again by the next cycle and not before', async () => {
    await account({ department: 'HR' });
    await sync();
    const { id } = await userAt('ann@contoso.com', 'department');
    await graph.graph('PATCH', `/users/${id}/onPremisesSyncBehavior`, { isCloudManaged: true });
    expect((await graph.graph('PATCH', `/users/${id}`, { department: 'Art' })).status).toBe(204);
    await sync();
    expect(await userAt(id, 'department,onPremisesSyncEnabled')).toMatchObject({
      department: 'Art',
      onPremisesSyncEnabled: null,
    });
    await graph.graph('PATCH', `/users/${id}/onPremisesSyncBehavior`, { isCloudManaged: false });
    expect((await userAt(id, 'onPremisesSyncEnabled')).onPremisesSyncEnabled).toBeNull();
    await sync();
    expect(await userAt(id, 'department,onPremisesSyncEnabled')).toMatchObject({
      department: 'HR',
      onPremisesSyncEnabled: true,
    });
  });

  it('a synced group is deleted for good, as it is not soft-deletable (graph-facts 5)', async () => {
    await account();
    await graph.door('POST', '/on-premises/groups', { displayName: 'Bakers', members: [anchor] });
    await sync();
    const [group] = await readList(graph, "/groups?$filter=displayName eq 'Bakers'");
    expect((await graph.graph('DELETE', `/groups/${group.id}`)).status).toBe(204);
    expect(await readList(graph, '/directory/deletedItems/microsoft.graph.group')).toEqual([]);
  });

  it('tells in the organization when the last cycle ran', async () => {
    const organization = async () => (await graph.graph('GET', '/organization')).body.value[0];
    expect((await organization()).onPremisesSyncEnabled).toBeNull();
    await graph.door('POST', '/clock', { now: '2026-11-01T08:00:00Z' });
    await sync();
    expect(await organization()).toMatchObject({
      onPremisesSyncEnabled: true,
      onPremisesLastSyncDateTime: expect.stringMatching(/^2026-11-01T08:00:0/),
    });
  });
});
