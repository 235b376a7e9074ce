import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, readList, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const e3 = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const visio = 'c5928f49-12ba-48f7-ada3-0d743a3601d5';
const plan = '57ff2da0-773e-42df-b2af-ffb7a2317929';
const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8';
const buy = (enabled: number) =>
  graph.door('POST', '/settings', {
    skus: [
      {
        skuId: e3,
        skuPartNumber: 'SPE_E3',
        enabled,
        servicePlans: [{ servicePlanId: plan, servicePlanName: 'TEAMS1' }],
      },
      { skuId: visio, skuPartNumber: 'VISIOCLIENT', enabled },
    ],
  });
const license = (id: string, add: readonly object[], remove: readonly string[] = [], kind = 'users') =>
  graph.graph('POST', `/${kind}/${id}/assignLicense`, { addLicenses: add, removeLicenses: remove });
const licenses = async (id: string): Promise<Json> =>
  (await graph.graph('GET', `/users/${id}?$select=assignedLicenses,licenseAssignmentStates`)).body;
const consumed = async (): Promise<number> => (await graph.graph('GET', '/subscribedSkus')).body.value[0].consumedUnits;

describe('licences (graph-facts 3.3, 4.4, 9)', () => {
  it('assigns with disabled plans, counts the seat, and frees it while the user is in the bin', async () => {
    await buy(2);
    const id = await created(graph, '/users', aUser({ usageLocation: 'NO' }));
    expect((await license(id, [{ skuId: e3, disabledPlans: [plan] }])).status).toBe(200);
    expect((await licenses(id)).assignedLicenses).toEqual([{ skuId: e3, disabledPlans: [plan] }]);
    expect((await licenses(id)).licenseAssignmentStates).toMatchObject([
      { skuId: e3, assignedByGroup: null, state: 'Active', error: 'None' },
    ]);
    const details = await readList(graph, `/users/${id}/licenseDetails`);
    expect(details[0].servicePlans[0]).toMatchObject({ servicePlanName: 'TEAMS1', provisioningStatus: 'Disabled' });
    expect(await consumed()).toBe(1);
    await graph.graph('DELETE', `/users/${id}`);
    expect(await consumed()).toBe(0);
    await graph.graph('POST', `/directory/deletedItems/${id}/restore`);
    expect(await consumed()).toBe(1);
  });

  it('refuses without usage location, without seats, of unknown SKUs and plans, and a call with one key only', async () => {
    await buy(1);
    const [nowhere, first, second] = [
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser({ usageLocation: 'FR' })),
      await created(graph, '/users', aUser({ usageLocation: 'FR' })),
    ];
    const message = async (call: Promise<Json>): Promise<string> => (await call).body.error.message;
    expect(await message(license(nowhere, [{ skuId: e3, disabledPlans: [] }]))).toContain('invalid usage location');
    await license(first, [{ skuId: e3, disabledPlans: [] }]);
    expect(await message(license(second, [{ skuId: e3, disabledPlans: [] }]))).toBe(
      `Subscription with SKU ${e3} does not have any available licenses.`,
    );
    expect((await license(second, [{ skuId: helpdesk, disabledPlans: [] }])).status).toBe(400);
    expect((await license(second, [{ skuId: visio, disabledPlans: [plan] }])).status).toBe(400);
    expect((await license(second, [], [e3])).status).toBe(400);
    expect((await graph.graph('POST', `/users/${second}/assignLicense`, { addLicenses: [] })).status).toBe(400);
  });

  it('hands a group licence to members before the write answers, and takes it back with the membership', async () => {
    await buy(1);
    const [one, two] = [
      await created(graph, '/users', aUser({ usageLocation: 'NO' })),
      await created(graph, '/users', aUser({ usageLocation: 'NO' })),
    ];
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(one));
    expect((await license(group, [{ skuId: e3, disabledPlans: [] }], [], 'groups')).status).toBe(202);
    expect((await licenses(one)).licenseAssignmentStates).toMatchObject([
      { skuId: e3, assignedByGroup: group, state: 'Active' },
    ]);
    const removal = await license(one, [], [e3]);
    expect(removal.body.error.message).toContain('inherited from a group membership');
    await graph.graph('POST', `/groups/${group}/members/$ref`, ref(two));
    expect((await licenses(two)).licenseAssignmentStates).toMatchObject([
      { assignedByGroup: group, state: 'Error', error: 'CountViolation' },
    ]);
    await graph.graph('DELETE', `/groups/${group}/members/${one}/$ref`);
    expect(await licenses(one)).toMatchObject({ assignedLicenses: [], licenseAssignmentStates: [] });
  });
});

describe('roles (graph-facts 3.3, 4.4)', () => {
  const assign = (principalId: string, directoryScopeId = '/', roleDefinitionId = helpdesk) =>
    graph.graph('POST', '/roleManagement/directory/roleAssignments', {
      roleDefinitionId,
      principalId,
      directoryScopeId,
    });

  it('assigns for the tenant and for a unit, refuses the same twice, and activates the directory role', async () => {
    const user = await created(graph, '/users', aUser());
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'North' });
    expect((await assign(user)).status).toBe(201);
    expect((await assign(user, `/administrativeUnits/${unit}`)).status).toBe(201);
    expect((await assign(user)).body.error.message).toContain('A conflicting object');
    const rows = await readList(graph, `/roleManagement/directory/roleAssignments?$filter=principalId eq '${user}'`);
    expect(rows.map((row) => row.directoryScopeId)).toEqual(['/', `/administrativeUnits/${unit}`]);
    expect((await graph.graph('GET', `/directoryRoles/roleTemplateId=${helpdesk}`)).body.displayName).toBe(
      'Helpdesk Administrator',
    );
    expect(
      (await readList(graph, `/directoryRoles(roleTemplateId='${helpdesk}')/members`)).map(({ id }) => id),
    ).toEqual([user]);
    expect((await readList(graph, `/users/${user}/memberOf/microsoft.graph.directoryRole`))[0].roleTemplateId).toBe(
      helpdesk,
    );
    expect(await readList(graph, `/administrativeUnits/${unit}/scopedRoleMembers`)).toMatchObject([
      { roleMemberInfo: { id: user } },
    ]);
    const [whole] = rows;
    expect((await graph.graph('DELETE', `/roleManagement/directory/roleAssignments/${whole.id}`)).status).toBe(204);
    expect(await readList(graph, `/directoryRoles(roleTemplateId='${helpdesk}')/members`)).toEqual([]);
  });

  it('refuses an ordinary group, an unknown principal and a role of nobody', async () => {
    const [group, fit] = [
      await created(graph, '/groups', aGroup()),
      await created(graph, '/groups', aGroup({ isAssignableToRole: true })),
    ];
    expect((await assign(group)).status).toBe(400);
    expect((await assign(fit)).status).toBe(201);
    expect((await assign('11111111-2222-4333-8444-555555555555')).status).toBe(404);
    expect((await assign(fit, '/', '11111111-2222-4333-8444-555555555555')).status).toBe(404);
  });

  it('lets the roles of a deleted user sleep with him, and purges them with him', async () => {
    const user = await created(graph, '/users', aUser());
    await assign(user);
    await graph.graph('DELETE', `/users/${user}`);
    expect(await readList(graph, '/roleManagement/directory/roleAssignments')).toEqual([]);
    await graph.graph('POST', `/directory/deletedItems/${user}/restore`);
    expect(await readList(graph, '/roleManagement/directory/roleAssignments')).toHaveLength(1);
    await graph.graph('DELETE', `/users/${user}`);
    await graph.graph('DELETE', `/directory/deletedItems/${user}`);
    expect(await readList(graph, '/roleManagement/directory/roleAssignments')).toEqual([]);
  });

  it('makes, changes and deletes custom definitions, but no built-in one', async () => {
    const path = '/roleManagement/directory/roleDefinitions';
    const body = {
      displayName: 'Janitor',
      isEnabled: true,
      rolePermissions: [{ allowedResourceActions: ['microsoft.directory/users/standard/read'] }],
    };
    const { status, body: role } = await graph.graph('POST', path, body);
    expect([status, role.isBuiltIn, role.templateId]).toEqual([201, false, role.id]);
    expect((await graph.graph('POST', path, body)).status).toBe(400);
    expect((await graph.graph('PATCH', `${path}/${role.id}`, { description: 'Cleans' })).status).toBe(204);
    expect((await graph.graph('PATCH', `${path}/${helpdesk}`, { description: 'x' })).status).toBe(403);
    expect((await graph.graph('DELETE', `${path}/${role.id}`)).status).toBe(204);
    expect((await graph.graph('POST', path, { ...body, templateId: role.id })).body.id).toBe(role.id);
  });

  it('provisions eligible and active schedules, which end on the tenant clock', async () => {
    const user = await created(graph, '/users', aUser());
    const request = {
      action: 'adminAssign',
      principalId: user,
      roleDefinitionId: helpdesk,
      directoryScopeId: '/',
      justification: 'on call',
      scheduleInfo: { startDateTime: null, expiration: { type: 'afterDuration', duration: 'P2D' } },
    };
    const { status, body } = await graph.graph(
      'POST',
      '/roleManagement/directory/roleEligibilityScheduleRequests',
      request,
    );
    expect([status, body.status]).toEqual([201, 'Provisioned']);
    const schedules = '/roleManagement/directory/roleEligibilitySchedules';
    expect(await readList(graph, schedules)).toMatchObject([
      { principalId: user, scheduleInfo: { expiration: { type: 'afterDateTime' } } },
    ]);
    await graph.door('POST', '/clock', { advance: 'P3D' });
    expect(await readList(graph, schedules)).toEqual([]);
    const active = await graph.graph('POST', '/roleManagement/directory/roleAssignmentScheduleRequests', {
      ...request,
      scheduleInfo: { expiration: { type: 'noExpiration' } },
    });
    expect(active.status).toBe(201);
    expect(await readList(graph, '/roleManagement/directory/roleAssignments')).toHaveLength(1);
  });
});

describe('app roles, methods and invitations (graph-facts 3.4, 4.1, 4.4)', () => {
  it('assigns a declared app role once, seen from both ends', async () => {
    const user = await created(graph, '/users', aUser());
    const appRoleId = '0f5b1d2c-1111-4222-8333-444455556666';
    const { id: app } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.servicePrincipal',
      displayName: 'Payroll',
      appRoles: [{ id: appRoleId }],
    });
    const body = { principalId: user, resourceId: app, appRoleId };
    const first = await graph.graph('POST', `/users/${user}/appRoleAssignments`, body);
    expect([first.status, first.body.resourceDisplayName]).toEqual([201, 'Payroll']);
    expect((await graph.graph('POST', `/users/${user}/appRoleAssignments`, body)).status).toBe(400);
    expect(await readList(graph, `/servicePrincipals/${app}/appRoleAssignedTo`)).toMatchObject([{ principalId: user }]);
    expect((await graph.graph('DELETE', `/users/${user}/appRoleAssignments/${first.body.id}`)).status).toBe(204);
    expect(await readList(graph, `/users/${user}/appRoleAssignments`)).toEqual([]);
  });

  it('registers phone, email and pass, but nothing that is bound to a device', async () => {
    const user = await created(graph, '/users', aUser());
    const path = `/users/${user}/authentication`;
    expect(
      (await graph.graph('POST', `${path}/phoneMethods`, { phoneNumber: '+47 99112233', phoneType: 'alternateMobile' }))
        .status,
    ).toBe(400);
    expect(
      (await graph.graph('POST', `${path}/phoneMethods`, { phoneNumber: '+47 99112233', phoneType: 'mobile' })).body.id,
    ).toBe('3179e48a-750b-4051-897c-87b9720928f7');
    expect((await graph.graph('POST', `${path}/emailMethods`, { emailAddress: 'me@home.example' })).status).toBe(201);
    const pass = await graph.graph('POST', `${path}/temporaryAccessPassMethods`, { lifetimeInMinutes: 60 });
    expect(pass.body.temporaryAccessPass).toMatch(/^.{8}$/);
    expect(
      (await graph.graph('GET', `${path}/temporaryAccessPassMethods/${pass.body.id}`)).body.temporaryAccessPass,
    ).toBeNull();
    expect((await graph.graph('POST', `${path}/fido2Methods`, {})).status).toBe(405);
    expect((await readList(graph, `${path}/methods`)).map((row) => row['@odata.type'].split('.').at(-1))).toEqual([
      'passwordAuthenticationMethod',
      'phoneAuthenticationMethod',
      'emailAuthenticationMethod',
      'temporaryAccessPassAuthenticationMethod',
    ]);
    expect((await graph.graph('GET', `${path}/methods?$select=id`)).status).toBe(501);
  });

  it('invites a guest, once per address while he is there', async () => {
    const body = { invitedUserEmailAddress: 'eli@fabrikam.com', inviteRedirectUrl: 'https://contoso.com' };
    const first = await graph.graph('POST', '/invitations', body);
    expect([first.status, first.body.status]).toEqual([201, 'PendingAcceptance']);
    const guest = await graph.graph(
      'GET',
      `/users/${first.body.invitedUser.id}?$select=userType,userPrincipalName,externalUserState`,
    );
    expect(guest.body).toMatchObject({
      userType: 'Guest',
      userPrincipalName: 'eli_fabrikam.com#EXT#@contoso.com',
      externalUserState: 'PendingAcceptance',
    });
    expect((await graph.graph('POST', '/invitations', body)).body.invitedUser.id).toBe(first.body.invitedUser.id);
  });

  it('moves the source of authority of a synced user to the cloud', async () => {
    const user = await created(graph, '/users', aUser());
    await graph.door('PATCH', `/objects/${user}`, { onPremisesSyncEnabled: true });
    expect((await graph.graph('PATCH', `/users/${user}`, { jobTitle: 'x' })).status).toBe(400);
    expect((await graph.graph('PATCH', `/users/${user}/onPremisesSyncBehavior`, { isCloudManaged: true })).status).toBe(
      204,
    );
    expect(
      (await graph.graph('GET', `/users/${user}?$select=onPremisesSyncEnabled`)).body.onPremisesSyncEnabled,
    ).toBeNull();
    expect((await graph.graph('PATCH', `/users/${user}`, { jobTitle: 'x' })).status).toBe(204);
  });
});
