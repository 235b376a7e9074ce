import { describe, expect, it } from 'vitest';
import { graphType } from '../../src/dev/simulator/schema/schema.ts';
import { aUser, created, useSimulated } from './simulated.ts';

const graph = useSimulated();

describe('creating a user (graph-facts 4.1)', () => {
  it('answers 201 with the default properties and a Location', async () => {
    const answer = await graph.graph('POST', '/users', aUser({ jobTitle: 'Smith', department: 'Forge' }));
    expect(answer.status).toBe(201);
    expect(Object.keys(answer.body).sort()).toEqual(
      [
        '@odata.context',
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
    expect(answer.body).toMatchObject({ jobTitle: 'Smith', businessPhones: [], mail: null });
    expect(answer.headers.get('location')).toContain(`/users/${answer.body.id}`);
  });

  it.each(['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName', 'passwordProfile'])(
    'wants %s',
    async (name) => {
      const { [name]: _, ...body } = aUser();
      const { status, body: answer } = await graph.graph('POST', '/users', body);
      expect(status).toBe(400);
      expect(answer.error).toMatchObject({ code: 'Request_BadRequest', details: [{ target: name }] });
    },
  );

  it.each([
    ['an unknown property', { favouriteColour: 'red' }],
    ['a read-only one', { proxyAddresses: ['SMTP:a@contoso.com'] }],
    ['a wrong type', { jobTitle: 7 }],
    ['a name that is too long', { displayName: 'x'.repeat(257) }],
    ['a department that is too long', { department: 'x'.repeat(65) }],
    ['an empty text', { jobTitle: '' }],
    ['two business phones', { businessPhones: ['1', '2'] }],
    ['a usage location that is no country', { usageLocation: 'Norway' }],
    ['an anchor with $', { onPremisesImmutableId: 'a$b=' }],
    ['a domain that is not verified', { userPrincipalName: 'a@fabrikam.com' }],
    ['accents in the name', { userPrincipalName: 'zoë@contoso.com' }],
    ['a weak password', { passwordProfile: { password: 'password' } }],
    ['manager@odata.bind', { 'manager@odata.bind': 'https://graph.microsoft.com/v1.0/users/x' }],
  ])('refuses %s with 400', async (_, more) => {
    expect((await graph.graph('POST', '/users', aUser(more))).status).toBe(400);
  });

  it('takes a weak password when the strong ones are switched off, and never a short one', async () => {
    const weak = {
      passwordPolicies: 'DisablePasswordExpiration, DisableStrongPassword',
      passwordProfile: { password: 'password' },
    };
    expect((await graph.graph('POST', '/users', aUser(weak))).status).toBe(201);
    expect(
      (await graph.graph('POST', '/users', aUser({ ...weak, passwordProfile: { password: 'short' } }))).status,
    ).toBe(400);
  });

  it('wants an anchor in a federated domain', async () => {
    await graph.door('POST', '/settings', { domains: [{ id: 'contoso.com', federated: true }] });
    expect((await graph.graph('POST', '/users', aUser())).status).toBe(400);
    expect((await graph.graph('POST', '/users', aUser({ onPremisesImmutableId: 'AAAA' }))).status).toBe(201);
  });

  it.each(['userPrincipalName', 'onPremisesImmutableId'])(
    'refuses a %s that another has, as ObjectConflict',
    async (name) => {
      const first = aUser({ onPremisesImmutableId: 'kept==' });
      const holder = await created(graph, '/users', first);
      const { status, body } = await graph.graph('POST', '/users', aUser({ [name]: first[name] }));
      expect(status).toBe(400);
      expect(body.error.message).toBe(`Another object with the same value for property ${name} already exists.`);
      expect(body.error.details).toMatchObject([
        { code: 'ObjectConflict', target: name },
        { code: 'ConflictingObjects', target: `User_${holder}` },
      ]);
    },
  );

  it('makes the mail a proxy address, which nobody else can have then', async () => {
    const id = await created(graph, '/users', aUser({ mail: 'one@contoso.com' }));
    const { body } = await graph.graph('GET', `/users/${id}?$select=proxyAddresses`);
    expect(body.proxyAddresses).toEqual(['SMTP:one@contoso.com']);
    const clash = await graph.graph('POST', '/users', aUser({ mail: 'One@contoso.com' }));
    expect(clash.body.error.details[0]).toMatchObject({ code: 'ObjectConflict', target: 'proxyAddresses' });
  });

  it('binds a manager only where the switch says so', async () => {
    const boss = await created(graph, '/users', aUser());
    await graph.door('POST', '/settings', { managerBindOnCreate: true });
    const id = await created(
      graph,
      '/users',
      aUser({ 'manager@odata.bind': `https://graph.microsoft.com/v1.0/users/${boss}` }),
    );
    expect((await graph.graph('GET', `/users/${id}/manager?$select=id`)).body.id).toBe(boss);
  });
});

describe('reading a user (graph-facts 3.2)', () => {
  it('is found by id and by name, and has exactly the properties and types of the schema', async () => {
    const body = aUser({ employeeOrgData: { division: 'North' }, otherMails: ['x@example.com'], usageLocation: 'NO' });
    const id = await created(graph, '/users', body);
    const names = [...graphType('user').properties.keys()];
    const byName = await graph.graph('GET', `/users/${body.userPrincipalName}?$select=${names.join(',')}`);
    expect(byName.status).toBe(200);
    expect(byName.body.id).toBe(id);
    expect(
      Object.keys(byName.body)
        .filter((name) => !name.startsWith('@'))
        .sort(),
    ).toEqual([...names].sort());
    expect(byName.body).toMatchObject({
      employeeOrgData: { division: 'North', costCenter: null },
      userType: 'Member',
      assignedLicenses: [],
    });
    expect(byName.body.identities).toEqual([
      { signInType: 'userPrincipalName', issuer: 'contoso.com', issuerAssignedId: body.userPrincipalName },
    ]);
  });

  it('refuses an unknown property in $select with 400', async () => {
    expect((await graph.graph('GET', '/users?$select=id,shoeSize')).status).toBe(400);
  });

  it('answers 501 to a list that selects what is kept outside the directory', async () => {
    const id = await created(graph, '/users', aUser());
    expect((await graph.graph('GET', '/users?$select=id,aboutMe')).status).toBe(501);
    expect((await graph.graph('GET', `/users/${id}?$select=aboutMe`)).status).toBe(200);
  });

  it('answers 404 Request_ResourceNotFound for nobody', async () => {
    const { status, body } = await graph.graph('GET', '/users/0d4f2a1e-7f3b-4b58-9a55-2f5f4d1c6b11');
    expect([status, body.error.code]).toEqual([404, 'Request_ResourceNotFound']);
  });
});

describe('updating a user (graph-facts 4.2, 4.3)', () => {
  it('answers 204, keeps null apart from never set, and merges extension attributes', async () => {
    const id = await created(graph, '/users', aUser({ onPremisesExtensionAttributes: { extensionAttribute1: 'a' } }));
    expect(
      (
        await graph.graph('PATCH', `/users/${id}`, {
          jobTitle: 'Baker',
          onPremisesExtensionAttributes: { extensionAttribute2: 'b' },
        })
      ).status,
    ).toBe(204);
    await graph.graph('PATCH', `/users/${id}`, { jobTitle: null });
    const { body } = await graph.graph('GET', `/users/${id}?$select=jobTitle,onPremisesExtensionAttributes`);
    expect(body.jobTitle).toBeNull();
    expect(body.onPremisesExtensionAttributes).toMatchObject({ extensionAttribute1: 'a', extensionAttribute2: 'b' });
  });

  it.each(['displayName', 'mail', 'usageLocation', 'userPrincipalName'])('does not clear %s', async (name) => {
    const id = await created(graph, '/users', aUser({ mail: 'some@contoso.com', usageLocation: 'FR' }));
    expect((await graph.graph('PATCH', `/users/${id}`, { [name]: null })).status).toBe(400);
  });

  it.each(['aboutMe', 'birthday', 'employeeHireDate'])('refuses %s from an app with 403', async (name) => {
    const id = await created(graph, '/users', aUser());
    const value = name === 'aboutMe' ? 'text' : '2026-01-01T00:00:00Z';
    expect((await graph.graph('PATCH', `/users/${id}`, { [name]: value }, { as: 'app' })).status).toBe(403);
  });

  it('refuses any mastered property of a synced user, the whole PATCH, and takes usageLocation', async () => {
    const id = await created(graph, '/users', aUser());
    await graph.door('PATCH', `/objects/${id}`, { onPremisesSyncEnabled: true });
    const refused = await graph.graph('PATCH', `/users/${id}`, { usageLocation: 'FR', jobTitle: 'x' });
    expect(refused.status).toBe(400);
    expect(refused.body.error.message).toContain('on-premises mastered Directory Sync objects');
    expect((await graph.graph('PATCH', `/users/${id}`, { usageLocation: 'FR' })).status).toBe(204);
  });

  it('refuses a sensitive action on a privileged user to an app whose role is too low', async () => {
    const id = await created(graph, '/users', aUser());
    await graph.graph('POST', '/roleManagement/directory/roleAssignments', {
      roleDefinitionId: '62e90394-69f5-4237-9190-012177145e10',
      principalId: id,
      directoryScopeId: '/',
    });
    await graph.door('POST', '/settings', { directoryRoles: ['User Administrator'] });
    const refused = await graph.graph('PATCH', `/users/${id}`, { accountEnabled: false }, { as: 'app' });
    expect([refused.status, refused.body.error.code]).toEqual([403, 'Authorization_RequestDenied']);
    expect((await graph.graph('PATCH', `/users/${id}`, { jobTitle: 'x' }, { as: 'app' })).status).toBe(204);
    await graph.door('POST', '/settings', { directoryRoles: ['Privileged Authentication Administrator'] });
    expect((await graph.graph('PATCH', `/users/${id}`, { accountEnabled: false }, { as: 'app' })).status).toBe(204);
  });
});

describe('the bin of users (graph-facts 5)', () => {
  it('mangles the name, which is free then, and gives everything back', async () => {
    const body = aUser({ jobTitle: 'Diver', mail: 'diver@contoso.com' });
    const id = await created(graph, '/users', body);
    expect((await graph.graph('DELETE', `/users/${id}`)).status).toBe(204);
    expect((await graph.graph('GET', `/users/${id}`)).status).toBe(404);
    const { body: list } = await graph.graph(
      'GET',
      '/directory/deletedItems/microsoft.graph.user?$select=id,userPrincipalName,deletedDateTime',
    );
    expect(list.value).toMatchObject([{ id, userPrincipalName: `${id.replaceAll('-', '')}${body.userPrincipalName}` }]);
    const restored = await graph.graph('POST', `/directory/deletedItems/${id}/restore`);
    expect(restored.status).toBe(200);
    expect(restored.body).toMatchObject({
      '@odata.type': '#microsoft.graph.user',
      id,
      userPrincipalName: body.userPrincipalName,
      jobTitle: 'Diver',
    });
  });

  it('refuses a restore whose name was taken, unless it brings a new one', async () => {
    const body = aUser();
    const id = await created(graph, '/users', body);
    await graph.graph('DELETE', `/users/${id}`);
    await created(graph, '/users', aUser({ userPrincipalName: body.userPrincipalName }));
    const clash = await graph.graph('POST', `/directory/deletedItems/${id}/restore`);
    expect(clash.body.error.details[0]).toMatchObject({ code: 'ObjectConflict', target: 'userPrincipalName' });
    const renamed = await graph.graph('POST', `/directory/deletedItems/${id}/restore`, {
      newUserPrincipalName: 'again@contoso.com',
    });
    expect(renamed.body.userPrincipalName).toBe('again@contoso.com');
  });

  it('drops a taken proxy address only when asked to reconcile', async () => {
    const id = await created(graph, '/users', aUser({ mail: 'wanted@contoso.com' }));
    await graph.graph('DELETE', `/users/${id}`);
    await created(graph, '/users', aUser({ mail: 'wanted@contoso.com' }));
    expect((await graph.graph('POST', `/directory/deletedItems/${id}/restore`)).status).toBe(400);
    expect(
      (await graph.graph('POST', `/directory/deletedItems/${id}/restore`, { autoReconcileProxyConflict: true })).status,
    ).toBe(200);
    expect((await graph.graph('GET', `/users/${id}?$select=proxyAddresses`)).body.proxyAddresses).toEqual([]);
  });

  it('forgets a user who is purged, or has lain there for thirty days of the tenant clock', async () => {
    const [purged, old, young] = [
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
    ];
    await graph.graph('DELETE', `/users/${purged}`);
    expect((await graph.graph('DELETE', `/directory/deletedItems/${purged}`)).status).toBe(204);
    expect((await graph.graph('GET', `/directory/deletedItems/${purged}`)).status).toBe(404);
    await graph.graph('DELETE', `/users/${old}`);
    await graph.door('POST', '/clock', { advance: 'P29D' });
    await graph.graph('DELETE', `/users/${young}`);
    await graph.door('POST', '/clock', { advance: 'P2D' });
    expect((await graph.graph('GET', `/directory/deletedItems/${old}`)).status).toBe(404);
    expect((await graph.graph('GET', `/directory/deletedItems/${young}`)).status).toBe(200);
  });
});
