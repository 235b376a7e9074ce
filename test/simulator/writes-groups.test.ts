import { describe, expect, it } from 'vitest';
import { kindOf } from '../../src/dev/simulator/resources/kinds.ts';
import { type Answer, aGroup, aTeam, aUser, created, createdUsers, idsOf, useSimulated } from './simulated.ts';

const graph = useSimulated();

const urls = (ids: readonly string[]): readonly string[] =>
  ids.map((id) => `https://graph.microsoft.com/v1.0/users/${id}`);
const post = (body: object): Promise<Answer> => graph.graph('POST', '/groups', body);
const patch = async (id: string, body: object): Promise<number> =>
  (await graph.graph('PATCH', `/groups/${id}`, body)).status;

describe('creating a group (L:api/group-post-groups)', () => {
  it('answers a Microsoft 365 group with its mailbox and every default property', async () => {
    const { status, body, headers } = await post(aTeam({ mailNickname: 'sailors', description: 'Who sails' }));
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`${graph.url}/v1.0/groups/${body.id}`);
    expect(body).toMatchObject({
      '@odata.context': 'https://graph.microsoft.com/v1.0/$metadata#groups/$entity',
      deletedDateTime: null,
      classification: null,
      description: 'Who sails',
      groupTypes: ['Unified'],
      mail: 'sailors@contoso.com',
      mailEnabled: true,
      mailNickname: 'sailors',
      proxyAddresses: ['SMTP:sailors@contoso.com'],
      resourceBehaviorOptions: [],
      resourceProvisioningOptions: [],
      securityEnabled: false,
      visibility: 'Public',
      onPremisesProvisioningErrors: [],
    });
    expect(Object.keys(body).filter((name) => !name.startsWith('@'))).toEqual(kindOf('group').defaults);
  });

  it('takes an owner and members with a security group, whose visibility stays null', async () => {
    const [owner = '', ...members] = await createdUsers(graph, 3);
    const { status, body } = await post(
      aGroup({ groupTypes: [], 'owners@odata.bind': urls([owner]), 'members@odata.bind': urls(members) }),
    );
    expect(status).toBe(201);
    expect(body).toMatchObject({ groupTypes: [], mail: null, isAssignableToRole: null, visibility: null });
    expect(body.securityIdentifier).toMatch(/^S-1-12-1-\d+-\d+-\d+-\d+$/);
    expect(await idsOf(graph, `/groups/${body.id}/owners`)).toEqual([owner]);
    expect(await idsOf(graph, `/groups/${body.id}/members`)).toEqual(members);
  });

  it('keeps a role-assignable group private, security-enabled and free of rules', async () => {
    const [owner = ''] = await createdUsers(graph, 1);
    const roles = { isAssignableToRole: true, securityEnabled: true };
    const { status, body } = await post(aTeam({ ...roles, 'owners@odata.bind': urls([owner]) }));
    expect([status, body.isAssignableToRole, body.visibility]).toEqual([201, true, 'Private']);
    expect((await post(aTeam({ ...roles, visibility: 'Public' }))).status).toBe(400);
    expect((await post(aTeam({ isAssignableToRole: true }))).status).toBe(400);
    const rule = { groupTypes: ['DynamicMembership'], membershipRule: 'user.city -eq "Oslo"' };
    expect((await post(aGroup({ ...roles, ...rule }))).status).toBe(400);
    expect(await patch(body.id, { visibility: 'Public' })).toBe(400);
  });

  it('makes nothing when one of its owners or members is not there', async () => {
    const [owner = ''] = await createdUsers(graph, 1);
    const missing = '11111111-2222-4333-8444-555555555555';
    const refused = await post(aGroup({ 'owners@odata.bind': urls([owner]), 'members@odata.bind': urls([missing]) }));
    expect([refused.status, refused.body.error.code]).toEqual([404, 'Request_ResourceNotFound']);
    expect(await idsOf(graph, '/groups')).toEqual([]);
  });

  it.each(['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled'])('wants %s', async (name) => {
    const { status, body } = await post({ ...aGroup(), [name]: undefined });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'Request_BadRequest', details: [{ target: name }] });
  });

  it.each([
    ['a name of 257 signs', { displayName: 'x'.repeat(257) }],
    ['a nickname of 65 signs', { mailNickname: 'x'.repeat(65) }],
    ['a nickname with a space', { mailNickname: 'two words' }],
    ['a nickname with an at sign', { mailNickname: 'a@b' }],
    ['a nickname beyond ASCII', { mailNickname: 'zoë' }],
    ['an unknown type', { groupTypes: ['Club'] }],
    ['an unknown visibility', { visibility: 'Secret' }],
    ['neither mail nor security', { securityEnabled: false }],
    ['a rule without its type', { membershipRule: 'user.city -eq "Oslo"' }],
    ['a read-only property', { mail: 'a@contoso.com' }],
    ['an unknown property', { colour: 'red' }],
    ['a mail setting', { hideFromOutlookClients: true }],
  ])('refuses %s', async (_, more) => {
    const { status, body } = await post(aGroup(more));
    expect([status, body.error.code]).toEqual([400, 'Request_BadRequest']);
  });

  it('gives a nickname to one Microsoft 365 group, and to any number of security groups', async () => {
    const holder = await created(graph, '/groups', aTeam({ mailNickname: 'crew' }));
    const { status, body } = await post(aTeam({ mailNickname: 'Crew' }));
    expect(status).toBe(400);
    expect(body.error.details).toMatchObject([
      { code: 'ObjectConflict', target: 'mailNickname' },
      { code: 'ConflictingObjects', target: `Group_${holder}` },
    ]);
    expect((await post(aGroup({ mailNickname: 'crew' }))).status).toBe(201);
  });
});

describe('updating a group (L:api/group-update)', () => {
  it('takes new texts and keeps what the group is', async () => {
    const id = await created(graph, '/groups', aGroup());
    const answer = await graph.graph('PATCH', `/groups/${id}`, {
      description: 'Renamed',
      displayName: 'Renamed',
      mailNickname: 'renamed-group',
    });
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect((await graph.graph('GET', `/groups/${id}`)).body).toMatchObject({
      displayName: 'Renamed',
      mailNickname: 'renamed-group',
    });
    expect(await patch(id, { mailEnabled: true })).toBe(400);
    expect(await patch(id, { groupTypes: ['Unified'] })).toBe(400);
    expect(await patch(id, { securityEnabled: false })).toBe(400);
    expect(await patch(id, { displayName: null })).toBe(400);
    expect(await patch(id, { mailEnabled: false, groupTypes: [] })).toBe(204);
  });

  it('turns assigned members into a rule and back', async () => {
    const id = await created(graph, '/groups', aGroup());
    const oslo = await created(graph, '/users', aUser({ city: 'Oslo' }));
    expect(await patch(id, { groupTypes: ['DynamicMembership'] })).toBe(400);
    expect(await patch(id, { groupTypes: ['DynamicMembership'], membershipRule: 'user.city -eq "Oslo"' })).toBe(204);
    expect(await idsOf(graph, `/groups/${id}/members`)).toEqual([oslo]);
    expect(await patch(id, { groupTypes: [] })).toBe(204);
    expect((await graph.graph('DELETE', `/groups/${id}/members/${oslo}/$ref`)).status).toBe(204);
  });

  it('hides members from the beginning or never', async () => {
    const open = await created(graph, '/groups', aTeam());
    expect(await patch(open, { visibility: 'HiddenMembership' })).toBe(400);
    expect(await patch(open, { visibility: 'Private' })).toBe(204);
  });

  it('takes behaviours at creation alone', async () => {
    const id = await created(graph, '/groups', aTeam({ resourceBehaviorOptions: ['WelcomeEmailDisabled'] }));
    expect(await patch(id, { resourceBehaviorOptions: ['HideGroupInOutlook'] })).toBe(400);
    expect((await graph.graph('GET', `/groups/${id}`)).body.resourceBehaviorOptions).toEqual(['WelcomeEmailDisabled']);
  });

  it('takes a uniqueName once', async () => {
    const id = await created(graph, '/groups', aGroup());
    expect(await patch(id, { uniqueName: 'crew-of-the-north' })).toBe(204);
    expect(await patch(id, { uniqueName: 'another' })).toBe(400);
    expect((await graph.graph('GET', "/groups(uniqueName='crew-of-the-north')?$select=id")).body.id).toBe(id);
    expect((await post(aGroup({ uniqueName: 'Crew-of-the-North' }))).body.error.details[0]).toMatchObject({
      code: 'ObjectConflict',
      target: 'uniqueName',
    });
  });

  it('answers 200 to mail settings, which stand alone and which no app may set', async () => {
    const [mail, security] = [await created(graph, '/groups', aTeam()), await created(graph, '/groups', aGroup())];
    const hidden = { hideFromOutlookClients: true };
    expect(await patch(mail, hidden)).toBe(200);
    expect((await graph.graph('GET', `/groups/${mail}?$select=hideFromOutlookClients`)).body).toMatchObject(hidden);
    expect(await patch(mail, { ...hidden, description: 'x' })).toBe(400);
    expect(await patch(security, hidden)).toBe(400);
    const app = async () => (await graph.graph('PATCH', `/groups/${mail}`, hidden, { as: 'app' })).status;
    expect(await app()).toBe(403);
    await graph.door('POST', '/settings', { groupMailSettingsByApps: true });
    expect(await app()).toBe(200);
  });

  it('takes a dot in a new nickname only where the switch says so', async () => {
    const id = await created(graph, '/groups', aGroup({ mailNickname: 'a.b' }));
    expect(await patch(id, { mailNickname: 'a.b', description: 'the same nickname' })).toBe(204);
    expect(await patch(id, { mailNickname: 'a.c' })).toBe(400);
    await graph.door('POST', '/settings', { mailNicknameDotOnUpdate: true });
    expect(await patch(id, { mailNickname: 'a.c' })).toBe(204);
  });
});

describe('creating or updating by uniqueName (L:api/group-upsert)', () => {
  const upsert = (body: object, prefer?: string) =>
    graph.graph('PATCH', "/groups(uniqueName='deck')", body, {
      headers: prefer === undefined ? {} : { prefer },
    });

  it('creates what is missing when it is asked to, updates what is there, and answers 404 else', async () => {
    expect((await upsert(aTeam())).status).toBe(404);
    const made = await upsert(aTeam({ mailNickname: 'deck' }), 'create-if-missing');
    expect([made.status, made.body.uniqueName, made.body.mail]).toEqual([201, 'deck', 'deck@contoso.com']);
    expect(made.body['@odata.context']).toBe('https://graph.microsoft.com/v1.0/$metadata#groups/$entity');
    const again = await upsert({ description: 'swabbed' }, 'create-if-missing');
    expect([again.status, again.body]).toEqual([204, '']);
    expect((await upsert({ displayName: 'Deck' })).status).toBe(204);
    expect((await graph.graph('GET', `/groups/${made.body.id}`)).body).toMatchObject({
      description: 'swabbed',
      displayName: 'Deck',
    });
  });

  it('binds owners and members of the group it creates', async () => {
    const [owner = '', member = ''] = await createdUsers(graph, 2);
    const { status, body } = await upsert(
      aGroup({ 'owners@odata.bind': urls([owner]), 'members@odata.bind': urls([member]) }),
      'create-if-missing',
    );
    expect(status).toBe(201);
    expect(await idsOf(graph, `/groups/${body.id}/owners`)).toEqual([owner]);
    expect(await idsOf(graph, `/groups/${body.id}/members`)).toEqual([member]);
  });
});
