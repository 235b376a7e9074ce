import { describe, expect, it } from 'vitest';
import { type Answer, aGroup, aUser, created, type Json, readList, useSimulated } from './simulated.ts';

const graph = useSimulated();

const office = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const visio = 'c5928f49-12ba-48f7-ada3-0d743a3601d5';
const plan = '57ff2da0-773e-42df-b2af-ffb7a2317929';
const buy = () =>
  graph.door('POST', '/settings', {
    skus: [
      {
        skuId: office,
        skuPartNumber: 'SPE_E3',
        enabled: 5,
        servicePlans: [{ servicePlanId: plan, servicePlanName: 'TEAMS1' }],
      },
      { skuId: visio, skuPartNumber: 'VISIOCLIENT', enabled: 5 },
    ],
  });
const assign = (
  path: string,
  addLicenses: readonly object[],
  removeLicenses: readonly string[] = [],
): Promise<Answer> => graph.graph('POST', `${path}/assignLicense`, { addLicenses, removeLicenses });

describe('licences of a user (L:api/user-assignlicense)', () => {
  it('adds and removes several at once, and answers with the user and its licences', async () => {
    await buy();
    const id = await created(graph, '/users', aUser({ usageLocation: 'KE', city: 'Mombasa', companyName: 'Contoso' }));
    const both = [
      { disabledPlans: [plan], skuId: office },
      { disabledPlans: [], skuId: visio },
    ];
    const added = await assign(`/users/${id}`, both);
    expect(added.status).toBe(200);
    expect(added.body).toMatchObject({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#users/$entity',
      id,
      accountEnabled: true,
      assignedLicenses: both,
      city: 'Mombasa',
      companyName: 'Contoso',
    });
    expect(added.body).not.toHaveProperty('aboutMe');
    expect(added.body).not.toHaveProperty('signInActivity');
    const removed = await assign(`/users/${id}`, [], [visio, office]);
    expect([removed.status, removed.body.assignedLicenses]).toEqual([200, []]);
  });

  it('leaves everything as it was when one of several cannot be assigned', async () => {
    await buy();
    const id = await created(graph, '/users', aUser({ usageLocation: 'KE' }));
    const unknown = '11111111-2222-4333-8444-555555555555';
    const refused = await assign(`/users/${id}`, [{ skuId: office }, { skuId: unknown }]);
    expect([refused.status, refused.body.error.code]).toEqual([400, 'Request_BadRequest']);
    expect((await graph.graph('GET', `/users/${id}?$select=assignedLicenses`)).body.assignedLicenses).toEqual([]);
  });
});

describe('a usage location that is not everywhere yet (graph-facts 4.4, 9)', () => {
  it('keeps a licence waiting only where the switch says so', async () => {
    await buy();
    const id = await created(graph, '/users', aUser());
    await graph.door('POST', '/settings', { replicationDelayMs: 5_000, licencesAwaitUsageLocation: true });
    await graph.door('POST', '/clock', { advance: 'PT1H' });
    await graph.graph('PATCH', `/users/${id}`, { usageLocation: 'NO' });
    const refused = await assign(`/users/${id}`, [{ skuId: office }]);
    expect([refused.status, refused.body.error.message]).toEqual([
      400,
      'License assignment cannot be done for user with invalid usage location.',
    ]);
    await graph.door('POST', '/clock', { advance: 'PT6S' });
    expect((await assign(`/users/${id}`, [{ skuId: office }])).status).toBe(200);
    await graph.graph('PATCH', `/users/${id}`, { usageLocation: 'SE' });
    await graph.door('POST', '/settings', { licencesAwaitUsageLocation: false });
    expect((await assign(`/users/${id}`, [{ skuId: visio }])).status).toBe(200);
  });
});

describe('licences of a group (L:api/group-assignlicense)', () => {
  it('answers 202 with the group, and where it is', async () => {
    await buy();
    const id = await created(graph, '/groups', aGroup());
    const { status, body, headers } = await assign(`/groups/${id}`, [{ skuId: office, disabledPlans: [plan] }]);
    expect(status).toBe(202);
    expect(body).toMatchObject({ id, groupTypes: [], securityEnabled: true });
    expect(headers.get('location')).toMatch(new RegExp(`/directoryObjects/${id}/Microsoft.DirectoryServices.Group$`));
    const state = (await graph.graph('GET', `/groups/${id}?$select=assignedLicenses,licenseProcessingState`)).body;
    expect(state).toMatchObject({
      assignedLicenses: [{ skuId: office, disabledPlans: [plan] }],
      licenseProcessingState: { state: 'ProcessingComplete' },
    });
    expect((await assign(`/groups/${id}`, [], [office])).status).toBe(202);
    expect((await assign(`/groups/${id}`, [], [office])).status).toBe(400);
  });

  it('licenses security-enabled groups only', async () => {
    await buy();
    const id = await created(
      graph,
      '/groups',
      aGroup({ groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false }),
    );
    expect((await assign(`/groups/${id}`, [{ skuId: office }])).status).toBe(400);
  });
});

describe('app roles (L:api/user-post-approleassignments, user-delete-approleassignments)', () => {
  const standard = '00000000-0000-0000-0000-000000000000';
  const anApp = async (): Promise<string> =>
    (
      await graph.door('POST', '/objects', {
        '@odata.type': '#microsoft.graph.servicePrincipal',
        displayName: 'Ledger',
      })
    ).id;

  it.each([
    ['users', 'User', aUser],
    ['groups', 'Group', aGroup],
  ] as const)('gives %s access to an app, and takes it', async (collection, principalType, make) => {
    const [principalId, resourceId] = [await created(graph, `/${collection}`, make()), await anApp()];
    const path = `/${collection}/${principalId}/appRoleAssignments`;
    const { status, body } = await graph.graph('POST', path, { principalId, resourceId, appRoleId: standard });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.context': `https://graph.microsoft.com/v1.0/$metadata#${collection}('${principalId}')/appRoleAssignments/$entity`,
      deletedDateTime: null,
      appRoleId: standard,
      principalId,
      principalType,
      resourceDisplayName: 'Ledger',
      resourceId,
    });
    const list = await graph.graph('GET', path);
    expect(list.body['@odata.context']).toContain(`#${collection}('${principalId}')/appRoleAssignments`);
    expect(list.body.value.map((row: Json) => row.id)).toEqual([body.id]);
    const deleted = await graph.graph('DELETE', `${path}/${body.id}`);
    expect([deleted.status, deleted.body]).toEqual([204, '']);
    expect((await graph.graph('DELETE', `${path}/${body.id}`)).status).toBe(404);
  });

  it('assigns from the side of the app too', async () => {
    const [principalId, resourceId] = [await created(graph, '/users', aUser()), await anApp()];
    const path = `/servicePrincipals/${resourceId}/appRoleAssignedTo`;
    const { status, body } = await graph.graph('POST', path, { principalId, resourceId, appRoleId: standard });
    expect([status, body['@odata.context']]).toEqual([
      201,
      `https://graph.microsoft.com/v1.0/$metadata#servicePrincipals('${resourceId}')/appRoleAssignedTo/$entity`,
    ]);
    expect(await readList(graph, `/users/${principalId}/appRoleAssignments`)).toHaveLength(1);
  });

  it('gives one principal 1,500 assignments and no more (graph-facts 1.2)', async () => {
    const principalId = await created(graph, '/users', aUser());
    const roles = Array.from({ length: 1501 }, (_, at) => `0f5b1d2c-1111-4222-8333-${String(at).padStart(12, '0')}`);
    const { id: resourceId } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.servicePrincipal',
      displayName: 'Ledger',
      appRoles: roles.map((id) => ({ id })),
    });
    const give = (appRoleId: string | undefined): Promise<Answer> =>
      graph.graph('POST', `/users/${principalId}/appRoleAssignments`, { principalId, resourceId, appRoleId });
    for (const role of roles.slice(0, 1500)) expect((await give(role)).status).toBe(201);
    const late = await give(roles[1500]);
    expect([late.status, late.body.error.code]).toEqual([403, 'Directory_QuotaExceeded']);
  }, 30_000);

  it('refuses what is assigned, undeclared, of another principal, or incomplete', async () => {
    const [principalId, resourceId] = [await created(graph, '/users', aUser()), await anApp()];
    const other = await created(graph, '/users', aUser());
    const ask = async (body: object) =>
      (await graph.graph('POST', `/users/${principalId}/appRoleAssignments`, body)).status;
    const whole = { principalId, resourceId, appRoleId: standard };
    expect(await ask(whole)).toBe(201);
    expect(await ask(whole)).toBe(400);
    expect(await ask({ ...whole, appRoleId: plan })).toBe(400);
    expect(await ask({ ...whole, principalId: other })).toBe(400);
    expect(await ask({ principalId, resourceId })).toBe(400);
    expect(await ask({ ...whole, resourceId: other })).toBe(404);
  });
});
