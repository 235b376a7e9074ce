import { describe, expect, it } from 'vitest';
import { aUser, created, type Json, useSimulated } from './simulated.ts';

const graph = useSimulated();

const password = { password: 'Amber-Lantern-7', forceChangePasswordNextSignIn: false };
const patch = async (id: string, body: object) => (await graph.graph('PATCH', `/users/${id}`, body)).status;
const read = async (id: string, names: string): Promise<Json> =>
  (await graph.graph('GET', `/users/${id}?$select=${names}`)).body;
const signIn = (userPrincipalName: string, secret: string) =>
  graph.door('POST', '/sign-in', { userPrincipalName, password: secret });

describe('creating a user by identities (L:api/user-post-users, L:api/resources/objectidentity)', () => {
  const local = (more: object = {}) => ({
    displayName: 'Mira Sand',
    identities: [{ signInType: 'emailAddress', issuer: 'contoso.com', issuerAssignedId: 'mira@fabrikam.example' }],
    passwordProfile: password,
    passwordPolicies: 'DisablePasswordExpiration',
    ...more,
  });

  it('answers a plain creation with the context of one user and the default properties', async () => {
    const { status, body, headers } = await graph.graph('POST', '/users', aUser({ passwordProfile: password }));
    expect(status).toBe(201);
    expect(body['@odata.context']).toBe('https://graph.microsoft.com/v1.0/$metadata#users/$entity');
    expect(body).not.toHaveProperty('identities');
    expect(headers.get('location')).toBe(`${graph.url}/v1.0/users/${body.id}`);
    expect(headers.get('content-type')).toContain('application/json');
  });

  it('takes several identities, a social one among them, and shows them', async () => {
    const identities = [
      { signInType: 'userName', issuer: 'contoso.com', issuerAssignedId: 'mirasand' },
      { signInType: 'emailAddress', issuer: 'contoso.com', issuerAssignedId: 'mira@fabrikam.example' },
      { signInType: 'federated', issuer: 'social.example', issuerAssignedId: 'c0ffee12' },
    ];
    const { status, body } = await graph.graph('POST', '/users', local({ identities }));
    expect(status).toBe(201);
    expect(body).toMatchObject({ displayName: 'Mira Sand', passwordPolicies: 'DisablePasswordExpiration' });
    expect(body.identities.slice(0, 3)).toEqual(identities);
  });

  it('names a local account after its id and answers with the default properties', async () => {
    const { status, body } = await graph.graph('POST', '/users', local({ mail: 'mira@contoso.com' }));
    expect([status, body.mail]).toEqual([201, 'mira@contoso.com']);
    expect(body.userPrincipalName).toBe(`${body.id}@contoso.com`);
    expect(body).not.toHaveProperty('identities');
    expect((await read(body.id, 'identities')).identities).toEqual([
      { signInType: 'emailAddress', issuer: 'contoso.com', issuerAssignedId: 'mira@fabrikam.example' },
      { signInType: 'userPrincipalName', issuer: 'contoso.com', issuerAssignedId: `${body.id}@contoso.com` },
    ]);
  });

  it('requires nothing of a social identity', async () => {
    const identities = [{ signInType: 'federated', issuer: 'social.example', issuerAssignedId: 'a1' }];
    expect((await graph.graph('POST', '/users', { identities })).status).toBe(201);
  });

  it.each([
    ['a local account whose password expires', { passwordPolicies: null }],
    ['a local account without password', { passwordProfile: undefined }],
    [
      'a local account of another issuer',
      { identities: [{ signInType: 'userName', issuer: 'x.example', issuerAssignedId: 'm' }] },
    ],
    [
      'an email address that is none',
      { identities: [{ signInType: 'emailAddress', issuer: 'contoso.com', issuerAssignedId: 'm' }] },
    ],
    [
      'a user name of other signs',
      { identities: [{ signInType: 'userName', issuer: 'contoso.com', issuerAssignedId: '_m.' }] },
    ],
    [
      'an assigned id of 65 signs',
      { identities: [{ signInType: 'federated', issuer: 'x', issuerAssignedId: 'm'.repeat(65) }] },
    ],
    [
      'an issuer of 513 signs',
      { identities: [{ signInType: 'federated', issuer: 'x'.repeat(513), issuerAssignedId: 'm' }] },
    ],
  ])('refuses %s', async (_, more) => {
    const { status, body } = await graph.graph('POST', '/users', local(more));
    expect([status, body.error.code]).toEqual([400, 'Request_BadRequest']);
  });

  it('gives the same identity to one user only', async () => {
    await created(graph, '/users', local());
    const { status, body } = await graph.graph('POST', '/users', local());
    expect(status).toBe(400);
    expect(body.error.details[0]).toMatchObject({ code: 'ObjectConflict', target: 'identities' });
  });
});

describe('updating identities (L:api/user-update)', () => {
  const name = (id: string) => ({ signInType: 'userPrincipalName', issuer: 'contoso.com', issuerAssignedId: id });
  const social = { signInType: 'federated', issuer: 'social.example', issuerAssignedId: 'b2' };

  it('replaces the collection, which has to hold the user principal name, and renames with it', async () => {
    const id = await created(graph, '/users', aUser());
    expect(await patch(id, { identities: [social] })).toBe(400);
    expect(await patch(id, { identities: [social, name('renamed@contoso.com')] })).toBe(204);
    expect(await read(id, 'userPrincipalName,identities')).toMatchObject({
      userPrincipalName: 'renamed@contoso.com',
      identities: [social, name('renamed@contoso.com')],
    });
    expect(await patch(id, { identities: [name('renamed@elsewhere.example')] })).toBe(400);
    expect(await patch(id, { userPrincipalName: 'again@contoso.com' })).toBe(204);
    expect((await read(id, 'identities')).identities).toEqual([social, name('again@contoso.com')]);
    expect(await patch(id, { identities: [name('again@contoso.com')] })).toBe(204);
    expect((await read(id, 'identities')).identities).toEqual([name('again@contoso.com')]);
  });

  it('adds no local account to a user who has none', async () => {
    const id = await created(graph, '/users', aUser({ userPrincipalName: 'plain@contoso.com' }));
    const local = { signInType: 'userName', issuer: 'contoso.com', issuerAssignedId: 'plain' };
    expect(await patch(id, { identities: [local, name('plain@contoso.com')] })).toBe(400);
  });
});

describe('updating a user (L:api/user-update, graph-facts 4.2)', () => {
  it('takes a phone and an office, by id and by name', async () => {
    const id = await created(graph, '/users', aUser({ userPrincipalName: 'desk@contoso.com' }));
    const answer = await graph.graph('PATCH', '/users/desk@contoso.com', {
      businessPhones: ['+44 20 5550 0199'],
      officeLocation: 'North/12',
    });
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect(await read(id, 'businessPhones,officeLocation')).toMatchObject({
      businessPhones: ['+44 20 5550 0199'],
      officeLocation: 'North/12',
    });
  });

  it('sets a password, or only says that it must be changed', async () => {
    const id = await created(
      graph,
      '/users',
      aUser({ userPrincipalName: 'lee@contoso.com', passwordProfile: password }),
    );
    expect(await patch(id, { passwordProfile: { forceChangePasswordNextSignIn: true } })).toBe(204);
    expect(await signIn('lee@contoso.com', password.password)).toEqual({ accepted: true, mustChangePassword: true });
    expect(
      await patch(id, { passwordProfile: { password: 'Violet-Anchor-8', forceChangePasswordNextSignIn: false } }),
    ).toBe(204);
    expect((await signIn('lee@contoso.com', password.password)).accepted).toBe(false);
    expect(await signIn('lee@contoso.com', 'Violet-Anchor-8')).toEqual({ accepted: true, mustChangePassword: false });
  });

  it('sets no password for a user of a federated domain', async () => {
    const id = await created(graph, '/users', aUser());
    await graph.door('POST', '/settings', { domains: [{ id: 'contoso.com', federated: true }] });
    expect(await patch(id, { passwordProfile: password })).toBe(400);
    expect(await patch(id, { jobTitle: 'Pilot' })).toBe(204);
  });

  it('keeps what SharePoint holds in an update of its own, and out of a creation', async () => {
    const id = await created(graph, '/users', aUser());
    expect(await patch(id, { aboutMe: 'Sails', jobTitle: 'Pilot' })).toBe(400);
    expect(await patch(id, { aboutMe: 'Sails', skills: ['knots'] })).toBe(204);
    expect(await read(id, 'aboutMe,skills')).toMatchObject({ aboutMe: 'Sails', skills: ['knots'] });
    expect((await graph.graph('POST', '/users', aUser({ aboutMe: 'Sails' }))).status).toBe(400);
  });

  it('lets an administrator set the hire date, but no app', async () => {
    const id = await created(graph, '/users', aUser());
    const body = { employeeHireDate: '2026-02-01T00:00:00Z' };
    expect((await graph.graph('PATCH', `/users/${id}`, body, { as: 'app' })).status).toBe(403);
    expect(await patch(id, body)).toBe(204);
  });

  it('nulls the half of employeeOrgData that is left out', async () => {
    const id = await created(graph, '/users', aUser({ employeeOrgData: { division: 'Sea', costCenter: '42' } }));
    expect(await patch(id, { employeeOrgData: { costCenter: '43' } })).toBe(204);
    expect((await read(id, 'employeeOrgData')).employeeOrgData).toEqual({ division: null, costCenter: '43' });
  });

  it('says which property another user has, and names that user', async () => {
    const holder = await created(graph, '/users', aUser({ userPrincipalName: 'taken@contoso.com' }));
    const id = await created(graph, '/users', aUser());
    const { status, body } = await graph.graph('PATCH', `/users/${id}`, { userPrincipalName: 'Taken@contoso.com' });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'Request_BadRequest',
      message: 'Another object with the same value for property userPrincipalName already exists.',
      details: [
        { code: 'ObjectConflict', target: 'userPrincipalName' },
        { code: 'ConflictingObjects', target: `User_${holder}` },
      ],
    });
  });
});

describe('custom security attributes (L:custom-security-attributes-examples)', () => {
  const written = '#Microsoft.DirectoryServices.CustomSecurityAttributeValue';
  const shown = '#microsoft.graph.customSecurityAttributeValue';
  const assign = (id: string, values: object, set = 'Harbour') =>
    patch(id, { customSecurityAttributes: { [set]: { '@odata.type': written, ...values } } });

  it('assigns a text, a number, a boolean and collections, and shows them under their set', async () => {
    const id = await created(graph, '/users', aUser());
    expect(await read(id, 'customSecurityAttributes')).toMatchObject({ customSecurityAttributes: null });
    expect(await assign(id, { Opened: '2026-03-01' })).toBe(204);
    expect(await assign(id, { 'Berths@odata.type': '#Int32', Berths: 12 })).toBe(204);
    expect(await assign(id, { 'Piers@odata.type': '#Collection(String)', Piers: ['East', 'West'] })).toBe(204);
    expect(await assign(id, { 'Codes@odata.type': '#Collection(Int32)', Codes: [7] })).toBe(204);
    expect(await assign(id, { Lit: true })).toBe(204);
    expect(await assign(id, { Badge: 'QX1' }, 'Staff')).toBe(204);
    expect((await read(id, 'customSecurityAttributes')).customSecurityAttributes).toEqual({
      Harbour: {
        '@odata.type': shown,
        Opened: '2026-03-01',
        'Berths@odata.type': '#Int32',
        Berths: 12,
        'Piers@odata.type': '#Collection(String)',
        Piers: ['East', 'West'],
        'Codes@odata.type': '#Collection(Int32)',
        Codes: [7],
        Lit: true,
      },
      Staff: { '@odata.type': shown, Badge: 'QX1' },
    });
  });

  it('removes a single value by null, a collection by an empty one, and the set with its last value', async () => {
    const id = await created(graph, '/users', aUser());
    await assign(id, { Opened: '2026-03-01', 'Piers@odata.type': '#Collection(String)', Piers: ['East'] });
    expect(await assign(id, { Opened: null })).toBe(204);
    expect((await read(id, 'customSecurityAttributes')).customSecurityAttributes.Harbour).not.toHaveProperty('Opened');
    expect(await assign(id, { 'Piers@odata.type': '#Collection(String)', Piers: [] })).toBe(204);
    expect((await read(id, 'customSecurityAttributes')).customSecurityAttributes).toBeNull();
  });

  it.each([
    ['a number without its type', { Berths: 12 }],
    ['a collection without its type', { Piers: ['East'] }],
    ['a collection of another type', { 'Piers@odata.type': '#Collection(Int32)', Piers: ['East'] }],
    ['a text of 65 signs', { Opened: 'x'.repeat(65) }],
    ['another type than before', { Lit: 'yes' }],
  ])('refuses %s', async (_, values) => {
    const id = await created(graph, '/users', aUser());
    await assign(id, { Lit: true });
    expect(await assign(id, values)).toBe(400);
  });

  it('refuses a set without its type', async () => {
    const id = await created(graph, '/users', aUser());
    expect(await patch(id, { customSecurityAttributes: { Harbour: { Lit: true } } })).toBe(400);
  });

  it('are told by no delta', async () => {
    const { status, body } = await graph.graph('GET', '/users/delta?$select=id,customSecurityAttributes');
    expect([status, body.error.code]).toEqual([400, 'BadRequest']);
  });

  it('wants a permission of its own from an app', async () => {
    const id = await created(graph, '/users', aUser());
    const body = { customSecurityAttributes: { Harbour: { '@odata.type': written, Lit: true } } };
    await graph.door('POST', '/settings', { permissions: ['User.ReadWrite.All'] });
    expect((await graph.graph('PATCH', `/users/${id}`, body, { as: 'app' })).status).toBe(403);
    await graph.door('POST', '/settings', { permissions: ['CustomSecAttributeAssignment.ReadWrite.All'] });
    expect((await graph.graph('PATCH', `/users/${id}`, body, { as: 'app' })).status).toBe(204);
  });
});

describe('sessions and deletion (L:api/user-revokesigninsessions, L:api/user-delete)', () => {
  it('revokes sessions with a boolean as the answer', async () => {
    const id = await created(graph, '/users', aUser());
    await graph.door('POST', '/clock', { advance: 'PT1H' });
    const { status, body } = await graph.graph('POST', `/users/${id}/revokeSignInSessions`);
    expect([status, body]).toEqual([
      200,
      { '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#Edm.Boolean', value: true },
    ]);
    const { now } = await graph.door('GET', '/clock');
    const { signInSessionsValidFromDateTime: since } = await read(id, 'signInSessionsValidFromDateTime');
    expect(Date.parse(now) - Date.parse(since)).toBeLessThan(60_000);
  });

  it('deletes with 204 and nothing in it, once', async () => {
    const id = await created(graph, '/users', aUser());
    const answer = await graph.graph('DELETE', `/users/${id}`);
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect((await graph.graph('DELETE', `/users/${id}`)).status).toBe(404);
  });
});

describe('the form of names and passwords (E:concept-sspr-policy)', () => {
  const status = async (body: Record<string, unknown>) => (await graph.graph('POST', '/users', aUser(body))).status;

  it('takes 64 characters before the @ and no dot right before it', async () => {
    expect(await status({ userPrincipalName: `${'a'.repeat(64)}@contoso.com` })).toBe(201);
    expect(await status({ userPrincipalName: `${'b'.repeat(65)}@contoso.com` })).toBe(400);
    expect(await status({ userPrincipalName: 'ends.@contoso.com' })).toBe(400);
  });

  it('takes no letters beyond ASCII in a password', async () => {
    const profile = (secret: string) => ({ passwordProfile: { ...password, password: secret } });
    expect(await status({ userPrincipalName: 'umlaut@contoso.com', ...profile('Bäume-Lantern-7') })).toBe(400);
    expect(await status({ userPrincipalName: 'plain@contoso.com', ...profile('Baum-Lantern-7') })).toBe(201);
  });
});
