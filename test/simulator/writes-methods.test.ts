import { beforeEach, describe, expect, it } from 'vitest';
import { type Answer, aUser, created, type Json, readList, useSimulated } from './simulated.ts';

const graph = useSimulated();
let user = '';
beforeEach(async () => {
  user = await created(graph, '/users', aUser({ userPrincipalName: 'cook@contoso.com' }));
});

const mobile = '3179e48a-750b-4051-897c-87b9720928f7';
const alternate = 'b6332ec1-7057-4abe-9331-3d72feddfe41';
const office = 'e37fc753-ff3b-4958-9484-eaa9425c82bc';
const email = '3ddfcfc8-9383-446f-83cc-3ab9be4be18f';
const metadata = () => `https://graph.microsoft.com/v1.0/$metadata#users('${user}')/authentication/`;
const call = (method: string, path: string, body?: object): Promise<Answer> =>
  graph.graph(method, `/users/cook@contoso.com/authentication/${path}`, body);
const refusal = ({ status, body }: Answer): Json => [status, body.error?.code];

describe('phones (L:api/authentication-post-phonemethods, phoneauthenticationmethod-update, -delete)', () => {
  const add = (phoneType: string, phoneNumber = '+47 99112233') =>
    call('POST', 'phoneMethods', { phoneNumber, phoneType });

  it('registers one phone of each type under its fixed id', async () => {
    const { status, body } = await add('mobile', '+1 5555550133');
    expect(status).toBe(201);
    expect(body).toEqual({
      '@odata.context': `${metadata()}phoneMethods/$entity`,
      id: mobile,
      phoneNumber: '+1 5555550133',
      phoneType: 'mobile',
      smsSignInState: 'notAllowedByPolicy',
    });
    expect((await add('alternateMobile')).body).toMatchObject({ id: alternate, smsSignInState: 'notSupported' });
    expect((await add('office', '+1 5555550133x12')).body.id).toBe(office);
    expect((await add('office')).status).toBe(400);
    const { body: list } = await call('GET', 'phoneMethods');
    expect(list['@odata.context']).toBe(`${metadata()}phoneMethods`);
    expect(list.value.map((row: Json) => [row.id, row['@odata.type']])).toEqual([
      [mobile, undefined],
      [alternate, undefined],
      [office, undefined],
    ]);
  });

  it('wants a mobile phone before an alternate one', async () => {
    expect(refusal(await add('alternateMobile'))).toEqual([400, 'badRequest']);
  });

  it('changes the number and never the type, and deletes', async () => {
    await add('mobile');
    const answer = await call('PATCH', `phoneMethods/${mobile}`, { phoneNumber: '+47 99112244', phoneType: 'mobile' });
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect((await call('GET', `phoneMethods/${mobile}`)).body.phoneNumber).toBe('+47 99112244');
    expect((await call('PATCH', `phoneMethods/${mobile}`, { phoneType: 'office' })).status).toBe(400);
    expect((await call('DELETE', `phoneMethods/${mobile}`)).status).toBe(204);
    expect((await call('GET', `phoneMethods/${mobile}`)).status).toBe(404);
  });

  it.each([
    ['a number without country', { phoneNumber: '99112233', phoneType: 'mobile' }],
    ['a number without space', { phoneNumber: '+4799112233', phoneType: 'mobile' }],
    ['an unknown type', { phoneNumber: '+47 99112233', phoneType: 'car' }],
    ['no number', { phoneType: 'mobile' }],
    ['no type', { phoneNumber: '+47 99112233' }],
    ['the state of SMS sign-in', { phoneNumber: '+47 99112233', phoneType: 'mobile', smsSignInState: 'ready' }],
  ])('refuses %s', async (_, body) => {
    expect(refusal(await call('POST', 'phoneMethods', body))).toEqual([400, 'badRequest']);
  });
});

describe('email (L:api/authentication-post-emailmethods, emailauthenticationmethod-update, -delete)', () => {
  it('registers one address, changes and deletes it', async () => {
    const { status, body } = await call('POST', 'emailMethods', { emailAddress: 'cook@home.example' });
    expect([status, body]).toEqual([
      201,
      { '@odata.context': `${metadata()}emailMethods/$entity`, id: email, emailAddress: 'cook@home.example' },
    ]);
    expect((await call('POST', 'emailMethods', { emailAddress: 'two@home.example' })).status).toBe(400);
    expect((await call('PATCH', `emailMethods/${email}`, { emailAddress: 'new@home.example' })).status).toBe(204);
    expect((await call('GET', `emailMethods/${email}`)).body.emailAddress).toBe('new@home.example');
    expect((await call('DELETE', `emailMethods/${email}`)).status).toBe(204);
    expect((await call('DELETE', `emailMethods/${email}`)).status).toBe(404);
    expect((await call('POST', 'emailMethods', { emailAddress: 'nowhere' })).status).toBe(400);
  });
});

describe('temporary access passes (L:api/authentication-post-temporaryaccesspassmethods)', () => {
  it('shows the code once, and from when to when it can be used, on the tenant clock', async () => {
    const { now } = await graph.door('GET', '/clock');
    const startDateTime = new Date(Date.parse(now) + 3_600_000).toISOString();
    const { status, body } = await call('POST', 'temporaryAccessPassMethods', {
      startDateTime,
      lifetimeInMinutes: 60,
      isUsableOnce: false,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.type': '#microsoft.graph.temporaryAccessPassAuthenticationMethod',
      startDateTime: `${startDateTime.slice(0, 19)}Z`,
      lifetimeInMinutes: 60,
      isUsableOnce: false,
      isUsable: false,
      methodUsabilityReason: 'NotYetValid',
    });
    expect(body.temporaryAccessPass).toMatch(/^.{8}$/);
    expect(Date.parse(body.createdDateTime)).not.toBeNaN();
    const seen = async () => (await call('GET', `temporaryAccessPassMethods/${body.id}`)).body;
    expect((await seen()).temporaryAccessPass).toBeNull();
    await graph.door('POST', '/clock', { advance: 'PT1H1M' });
    expect(await seen()).toMatchObject({ isUsable: true, methodUsabilityReason: 'EnabledByPolicy' });
    await graph.door('POST', '/clock', { advance: 'PT1H' });
    expect(await seen()).toMatchObject({ isUsable: false, methodUsabilityReason: 'Expired' });
  });

  it('replaces the pass before', async () => {
    const first = await call('POST', 'temporaryAccessPassMethods', {});
    const second = await call('POST', 'temporaryAccessPassMethods', { isUsableOnce: true });
    expect([first.body.lifetimeInMinutes, second.status]).toEqual([60, 201]);
    const path = '/users/cook@contoso.com/authentication/temporaryAccessPassMethods';
    expect((await readList(graph, path)).map(({ id }) => id)).toEqual([second.body.id]);
    expect((await call('DELETE', `temporaryAccessPassMethods/${second.body.id}`)).status).toBe(204);
  });

  it.each([9, 43_201])('refuses a lifetime of %i minutes', async (lifetimeInMinutes) => {
    const { status, body } = await call('POST', 'temporaryAccessPassMethods', { lifetimeInMinutes });
    expect([status, body.error.code, body.error.message]).toEqual([
      400,
      'badRequest',
      'Invalid LifetimeInMinutes specified. The valid range between 10 and 43200.',
    ]);
  });

  it('cannot be changed', async () => {
    const { body } = await call('POST', 'temporaryAccessPassMethods', {});
    expect((await call('PATCH', `temporaryAccessPassMethods/${body.id}`, { isUsableOnce: true })).status).toBe(405);
  });
});

describe('every method (L:api/authentication-list-methods, authentication-list-passwordmethods)', () => {
  it('shows one password without its secret, in its own collection and among all', async () => {
    const id = '28c10230-6103-485e-b985-444c60001490';
    const shown = { id, password: null, createdDateTime: null };
    expect((await call('GET', 'passwordMethods')).body).toEqual({
      '@odata.context': `${metadata()}passwordMethods`,
      value: [shown],
    });
    expect((await call('GET', `passwordMethods/${id}`)).body).toMatchObject(shown);
    expect((await call('GET', `methods/${id}`)).body).toMatchObject({
      '@odata.type': '#microsoft.graph.passwordAuthenticationMethod',
      ...shown,
    });
    expect((await call('POST', 'passwordMethods', { password: 'Blue-Kettle-42' })).status).toBe(405);
    expect((await call('DELETE', `passwordMethods/${id}`)).status).toBe(405);
  });

  it('lists what is bound to a device under its type, deletes it, and adds none', async () => {
    const { id } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.fido2AuthenticationMethod',
      userId: user,
      displayName: 'Blue key',
      model: 'NFC',
    });
    const { body } = await call('GET', 'methods');
    expect(body['@odata.context']).toBe(`${metadata()}methods`);
    expect(body.value[1]).toMatchObject({
      '@odata.type': '#microsoft.graph.fido2AuthenticationMethod',
      id,
      displayName: 'Blue key',
    });
    expect((await call('POST', 'fido2Methods', { displayName: 'Red key' })).status).toBe(405);
    expect((await call('PATCH', `fido2Methods/${id}`, { displayName: 'Red key' })).status).toBe(405);
    expect((await call('DELETE', `fido2Methods/${id}`)).status).toBe(204);
  });

  it('takes no query options', async () => {
    const answer = await call('GET', 'methods?$select=id');
    expect([answer.status, answer.body.error.message]).toEqual([501, expect.stringContaining('$select')]);
  });
});

describe('photos (L:api/profilephoto-update, profilephoto-delete)', () => {
  const png = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  );
  const write = (method: string, bytes: Uint8Array = png): Promise<Answer> =>
    graph.graph(method, '/users/cook@contoso.com/photo/$value', bytes, { headers: { 'content-type': 'image/jpeg' } });

  it.each(['PUT', 'PATCH'])('writes with %s and deletes, each with 200 and nothing in it', async (method) => {
    const written = await write(method);
    expect([written.status, written.body]).toEqual([200, '']);
    expect((await graph.graph('GET', `/users/${user}/photo`)).body).toMatchObject({ width: 1, height: 1 });
    const deleted = await graph.graph('DELETE', `/users/${user}/photo/$value`);
    expect([deleted.status, deleted.body]).toEqual([200, '']);
    const missing = await graph.graph('GET', `/users/${user}/photo/$value`);
    expect(refusal(missing)).toEqual([404, 'ImageNotFound']);
  });

  it('refuses what is no picture, and what is larger than 4 MB', async () => {
    expect((await write('PUT', Buffer.from('no picture'))).status).toBe(400);
    expect((await write('PUT', Buffer.concat([png, Buffer.alloc(4 * 1024 * 1024)]))).status).toBe(413);
  });
});

describe('invitations (L:api/invitation-post)', () => {
  const asked = { invitedUserEmailAddress: 'gull@fabrikam.example', inviteRedirectUrl: 'https://app.contoso.com' };

  it('adds a pending guest and tells of it', async () => {
    const { status, body } = await graph.graph('POST', '/invitations', asked);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#invitations/$entity',
      ...asked,
      invitedUserDisplayName: null,
      invitedUserType: 'Guest',
      sendInvitationMessage: false,
      resetRedemption: false,
      status: 'PendingAcceptance',
      invitedUserMessageInfo: { messageLanguage: null, customizedMessageBody: null },
      invitedUser: { userPrincipalName: 'gull_fabrikam.example#EXT#@contoso.com' },
    });
    expect(body.inviteRedeemUrl).toContain('https://login.microsoftonline.com/redeem');
    expect(
      (await graph.graph('GET', `/users/${body.invitedUser.id}?$select=userType,mail,creationType`)).body,
    ).toMatchObject({
      userType: 'Guest',
      mail: 'gull@fabrikam.example',
      creationType: 'Invitation',
    });
  });

  it('resets a redemption to an address the guest has, and keeps its id', async () => {
    const { invitedUser } = (await graph.graph('POST', '/invitations', asked)).body;
    const reset = () =>
      graph.graph('POST', '/invitations', {
        ...asked,
        invitedUserEmailAddress: 'gull@northwind.example',
        invitedUser: { id: invitedUser.id },
        resetRedemption: true,
      });
    expect((await reset()).status).toBe(400);
    await graph.graph('PATCH', `/users/${invitedUser.id}`, {
      otherMails: ['gull@fabrikam.example', 'gull@northwind.example'],
    });
    const { status, body } = await reset();
    expect([status, body.resetRedemption, body.invitedUser.id]).toEqual([201, true, invitedUser.id]);
    expect((await graph.graph('GET', `/users/${invitedUser.id}`)).body.mail).toBe('gull@northwind.example');
  });

  it.each([
    ['no address', { invitedUserEmailAddress: undefined }],
    ['an address that is none', { invitedUserEmailAddress: 'gull' }],
    ['no redirect', { inviteRedirectUrl: undefined }],
    ['an unknown type', { invitedUserType: 'Visitor' }],
    ['an unknown property', { colour: 'red' }],
    ['a reset of nobody', { resetRedemption: true }],
  ])('refuses %s', async (_, more) => {
    expect(refusal(await graph.graph('POST', '/invitations', { ...asked, ...more }))).toEqual([
      400,
      'Request_BadRequest',
    ]);
  });
});
