import { describe, expect, it } from 'vitest';
import { type Answer, aGroup, aUser, created, type Json, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const nobody = '11111111-2222-4333-8444-555555555555';
const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8';
const office = '05e9a617-0261-4cee-bb44-138d3ef5d965';
const missing = (id: string): string =>
  `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`;
const conflicting =
  'A conflicting object with one or more of the specified property values is present in the directory.';
const seen = ({ status, body }: Answer): Json => [status, body.error?.code, body.error?.message];
const app = (method: string, path: string, body?: object): Promise<Answer> =>
  graph.graph(method, path, body, { as: 'app' });
const post = (path: string, body: object): Promise<Answer> => graph.graph('POST', path, body);
const patch = (path: string, body: object): Promise<Answer> => graph.graph('PATCH', path, body);
const person = (more: object = {}): Promise<string> => created(graph, '/users', aUser({ ...more }));
const group = (more: object = {}): Promise<string> => created(graph, '/groups', aGroup({ ...more }));
const object = async (type: string, properties: object): Promise<string> =>
  (await graph.door('POST', '/objects', { '@odata.type': `#microsoft.graph.${type}`, ...properties })).id;

describe('the body and the headers of a refusal (graph-facts 9; L:errors)', () => {
  it('has a code, a message, and an inner error with date and both request ids', async () => {
    const { status, body, headers } = await graph.graph('GET', `/users/${nobody}`, undefined, {
      headers: { 'client-request-id': 'b7a3c1d2-0000-4000-8000-000000000001' },
    });
    expect(status).toBe(404);
    expect(Object.keys(body)).toEqual(['error']);
    expect(Object.keys(body.error)).toEqual(['code', 'message', 'innerError']);
    expect(body.error.innerError).toEqual({
      date: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/),
      'request-id': headers.get('request-id'),
      'client-request-id': 'b7a3c1d2-0000-4000-8000-000000000001',
    });
    expect(headers.get('client-request-id')).toBe('b7a3c1d2-0000-4000-8000-000000000001');
    expect(headers.get('content-type')).toBe('application/json');
    expect(headers.get('x-ms-ags-diagnostic')).toContain('ServerInfo');
    expect(headers.get('date')).not.toBeNull();
  });
});

describe('links (graph-facts 9)', () => {
  it.each(['members', 'owners'])('says that %s are there already', async (relation) => {
    const [id, user] = [await group(), await person()];
    await post(`/groups/${id}/${relation}/$ref`, ref(user));
    expect(seen(await post(`/groups/${id}/${relation}/$ref`, ref(user)))).toEqual([
      400,
      'Request_BadRequest',
      `One or more added object references already exist for the following modified properties: '${relation}'.`,
    ]);
  });

  it('answers 404 for a source, a target or a link that is not there', async () => {
    const [id, user] = [await group(), await person()];
    const code = 'Request_ResourceNotFound';
    expect(seen(await post(`/groups/${nobody}/members/$ref`, ref(user)))).toEqual([404, code, missing(nobody)]);
    expect(seen(await post(`/groups/${id}/members/$ref`, ref(nobody)))).toEqual([404, code, missing(nobody)]);
    expect(seen(await graph.graph('DELETE', `/groups/${id}/members/${user}/$ref`))).toEqual([404, code, missing(user)]);
    expect(seen(await graph.graph('GET', `/users/${user}/manager`))).toEqual([404, code, missing('manager')]);
    expect(seen(await graph.graph('DELETE', `/users/${user}/manager/$ref`))).toEqual([404, code, missing('manager')]);
    expect(seen(await graph.graph('DELETE', `/users/${user}/sponsors/${nobody}/$ref`))).toEqual([
      404,
      code,
      missing(nobody),
    ]);
  });

  it.each(['members', 'owners'])('wants $ref behind %s', async (relation) => {
    expect(seen(await post(`/groups/${await group()}/${relation}`, ref(await person())))).toEqual([
      400,
      'BadRequest',
      'Write requests are only supported on contained entities',
    ]);
  });

  it('cannot reach a group that is not everywhere yet', async () => {
    const user = await person();
    await graph.door('POST', '/settings', { replicationDelayMs: 60_000 });
    expect(seen(await post(`/groups/${await group()}/members/$ref`, ref(user)))).toEqual([
      400,
      'Request_BadRequest',
      "The source resource object or one of the objects being referenced don't exist.",
    ]);
  });

  it('refuses a sixth sponsor, and one who is neither user nor group', async () => {
    const user = await person();
    for (let count = 0; count < 5; count += 1) {
      expect((await post(`/users/${user}/sponsors/$ref`, ref(await person()))).status).toBe(204);
    }
    expect(seen(await post(`/users/${user}/sponsors/$ref`, ref(await group()))).slice(0, 2)).toEqual([
      403,
      'Directory_QuotaExceeded',
    ]);
    const device = await object('device', { displayName: 'Compass' });
    expect((await post(`/users/${await person()}/sponsors/$ref`, ref(device))).status).toBe(400);
  });
});

describe('values that another object has (graph-facts 9)', () => {
  const taken = (property: string, holder: string): Json => {
    const message = `Another object with the same value for property ${property} already exists.`;
    const details = [
      { code: 'ObjectConflict', message, target: property },
      { code: 'ConflictingObjects', message, target: holder },
    ];
    return { code: 'Request_BadRequest', message, details };
  };

  it.each([
    ['userPrincipalName', { userPrincipalName: 'one@contoso.com' }],
    ['proxyAddresses', { mail: 'one@contoso.com' }],
    ['onPremisesImmutableId', { onPremisesImmutableId: 'b25l' }],
  ])('names %s and its holder, at creation and update', async (property, values) => {
    const [holder, other] = [await person(values), await person()];
    for (const answer of [await post('/users', aUser(values)), await patch(`/users/${other}`, values)]) {
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject(taken(property, `User_${holder}`));
    }
  });

  it('knows users and groups by one set of addresses', async () => {
    const holder = await group({ groupTypes: ['Unified'], mailEnabled: true, mailNickname: 'deck' });
    expect((await post('/users', aUser({ mail: 'Deck@contoso.com' }))).body.error).toMatchObject(
      taken('proxyAddresses', `Group_${holder}`),
    );
  });

  it('says "a conflicting object" of roles, unit members and activated roles', async () => {
    const [user, unit] = [await person(), await created(graph, '/directory/administrativeUnits', { displayName: 'x' })];
    const twice = async (path: string, body: object): Promise<Json> => {
      expect((await post(path, body)).status).toBeLessThan(300);
      return seen(await post(path, body));
    };
    const refused = [400, 'Request_BadRequest', conflicting];
    const assignment = { roleDefinitionId: helpdesk, principalId: user, directoryScopeId: '/' };
    expect(await twice('/roleManagement/directory/roleAssignments', assignment)).toEqual(refused);
    expect(await twice(`/directory/administrativeUnits/${unit}/members/$ref`, ref(user))).toEqual(refused);
    const template = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
    expect(await twice('/directoryRoles', { roleTemplateId: template })).toEqual(refused);
  });
});

describe('objects that Graph does not master (graph-facts 4.3, 4.4, 9)', () => {
  const mastered =
    'Unable to update the specified properties for on-premises mastered Directory Sync objects or objects currently undergoing migration.';

  it('refuses attributes, manager and members of what is synced', async () => {
    const [user, other] = [await person(), await person()];
    await graph.door('PATCH', `/objects/${user}`, { onPremisesSyncEnabled: true });
    const synced = await object('group', aGroup({ onPremisesSyncEnabled: true }));
    const refused = [400, 'Request_BadRequest', mastered];
    expect(seen(await patch(`/users/${user}`, { jobTitle: 'Cook' }))).toEqual(refused);
    expect(seen(await graph.graph('PUT', `/users/${user}/manager/$ref`, ref(other)))).toEqual(refused);
    expect(seen(await patch(`/groups/${synced}`, { description: 'x' }))).toEqual(refused);
    expect(seen(await post(`/groups/${synced}/members/$ref`, ref(other)))).toEqual(refused);
    expect(seen(await post(`/groups/${synced}/owners/$ref`, ref(other)))).toEqual(refused);
  });

  it('leaves to the cloud what is the cloud’s of a synced user', async () => {
    const [user, team, helper] = [await person(), await group(), await person()];
    await graph.door('PATCH', `/objects/${user}`, { onPremisesSyncEnabled: true });
    const unit = await created(graph, '/directory/administrativeUnits', { displayName: 'x' });
    const done = async (answer: Promise<Answer>): Promise<boolean> => (await answer).status < 300;
    expect(await done(patch(`/users/${user}`, { usageLocation: 'NO' }))).toBe(true);
    expect(await done(post(`/users/${user}/assignLicense`, { addLicenses: [], removeLicenses: [] }))).toBe(true);
    expect(await done(post(`/groups/${team}/members/$ref`, ref(user)))).toBe(true);
    expect(await done(post(`/directory/administrativeUnits/${unit}/members/$ref`, ref(user)))).toBe(true);
    const role = { roleDefinitionId: helpdesk, principalId: user, directoryScopeId: '/' };
    expect(await done(post('/roleManagement/directory/roleAssignments', role))).toBe(true);
    expect(await done(post(`/users/${user}/sponsors/$ref`, ref(helper)))).toBe(true);
    expect(await done(post(`/users/${user}/authentication/emailMethods`, { emailAddress: 'a@b.example' }))).toBe(true);
    expect(await done(post(`/users/${user}/revokeSignInSessions`, {}))).toBe(true);
    expect(await done(graph.graph('DELETE', `/users/${user}`))).toBe(true);
  });

  it.each([
    ['a distribution list', { mailEnabled: true, securityEnabled: false }],
    ['a mail-enabled security group', { mailEnabled: true, securityEnabled: true }],
  ])('refuses every write to %s', async (_, kind) => {
    const [list, user] = [await object('group', aGroup(kind)), await person()];
    const refused = [
      400,
      'Request_BadRequest',
      'Cannot Update a mail-enabled security groups and or distribution list.',
    ];
    expect(seen(await post(`/groups/${list}/members/$ref`, ref(user)))).toEqual(refused);
    expect(seen(await patch(`/groups/${list}`, { description: 'x' }))).toEqual(refused);
    expect(seen(await graph.graph('DELETE', `/groups/${list}`))).toEqual(refused);
  });

  it('refuses the members of a rule', async () => {
    const rule = { groupTypes: ['DynamicMembership'], membershipRule: 'user.city -eq "Oslo"' };
    expect(seen(await post(`/groups/${await group(rule)}/members/$ref`, ref(await person())))).toEqual([
      403,
      'Authorization_RequestDenied',
      'Insufficient privileges to complete the operation.',
    ]);
  });
});

describe('rights (graph-facts 4.2, 9)', () => {
  const denied = [403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'];

  it('denies what the app has no permission for', async () => {
    const user = await person();
    await graph.door('POST', '/settings', { permissions: ['User.Read.All'] });
    expect(seen(await app('DELETE', `/users/${user}`))).toEqual(denied);
    expect(seen(await app('POST', '/groups', aGroup()))).toEqual(denied);
  });

  it('denies a sensitive action on somebody above the app', async () => {
    const user = await person();
    await post('/roleManagement/directory/roleAssignments', {
      roleDefinitionId: '62e90394-69f5-4237-9190-012177145e10',
      principalId: user,
      directoryScopeId: '/',
    });
    await graph.door('POST', '/settings', { directoryRoles: ['User Administrator'] });
    for (const body of [
      { accountEnabled: false },
      { businessPhones: ['1'] },
      { mobilePhone: '1' },
      { onPremisesImmutableId: 'b25l' },
      { otherMails: ['a@b.example'] },
      { passwordProfile: { password: 'Blue-Kettle-42' } },
      { userPrincipalName: 'new@contoso.com' },
    ]) {
      expect(seen(await app('PATCH', `/users/${user}`, body))).toEqual(denied);
    }
    expect(seen(await app('DELETE', `/users/${user}`))).toEqual(denied);
  });

  it.each([
    ['no token', {}, 'Access token is empty.'],
    [
      'a token that is none',
      { authorization: 'Bearer nonsense' },
      'CompactToken parsing failed with error code: 80049217',
    ],
  ])('answers 401 to %s', async (_, headers, message) => {
    const answer = await fetch(`${graph.url}/v1.0/users`, { headers });
    const body = (await answer.json()) as Json;
    expect([answer.status, body.error.code, body.error.message]).toEqual([401, 'InvalidAuthenticationToken', message]);
  });

  it('answers 401 to a token that has expired', async () => {
    await graph.door('POST', '/settings', { tokens: 'expired' });
    expect(seen(await app('GET', '/users'))).toEqual([
      401,
      'InvalidAuthenticationToken',
      'Access token has expired or is not yet valid.',
    ]);
  });
});

describe('values that do not hold (graph-facts 3.2, 9)', () => {
  it('refuses a weak password in the documented words', async () => {
    expect(seen(await post('/users', aUser({ passwordProfile: { password: 'password' } })))).toEqual([
      400,
      'Request_BadRequest',
      'The specified password does not comply with password complexity requirements. Please provide a different password.',
    ]);
  });

  it.each([
    [{ displayName: 'x'.repeat(257) }, 'displayName'],
    [{ givenName: 'x'.repeat(65) }, 'givenName'],
    [{ surname: 'x'.repeat(65) }, 'surname'],
    [{ department: 'x'.repeat(65) }, 'department'],
    [{ companyName: 'x'.repeat(65) }, 'companyName'],
    [{ mobilePhone: 'x'.repeat(65) }, 'mobilePhone'],
    [{ city: 'x'.repeat(129) }, 'city'],
    [{ country: 'x'.repeat(129) }, 'country'],
    [{ state: 'x'.repeat(129) }, 'state'],
    [{ jobTitle: 'x'.repeat(129) }, 'jobTitle'],
    [{ streetAddress: 'x'.repeat(1025) }, 'streetAddress'],
    [{ postalCode: 'x'.repeat(41) }, 'postalCode'],
    [{ employeeId: 'x'.repeat(17) }, 'employeeId'],
    [{ otherMails: Array.from({ length: 251 }, (_, at) => `a${at}@b.example`) }, 'otherMails'],
    [{ otherMails: [`${'a'.repeat(250)}@b.example`] }, 'otherMails'],
    [{ businessPhones: ['1', '2'] }, 'businessPhones'],
    [{ onPremisesExtensionAttributes: { extensionAttribute1: 'x'.repeat(1025) } }, 'onPremisesExtensionAttributes'],
    [{ mail: 'zoë@contoso.com' }, 'mail'],
    [{ otherMails: ['zoë@b.example'] }, 'otherMails'],
    [{ onPremisesImmutableId: 'a_b' }, 'onPremisesImmutableId'],
    [{ ageGroup: 'Old' }, 'ageGroup'],
    [{ consentProvidedForMinor: 'Maybe' }, 'consentProvidedForMinor'],
    [{ usageLocation: null }, 'usageLocation'],
    [{ accountEnabled: 'yes' }, 'accountEnabled'],
  ])('refuses %j', async (values, property) => {
    const { status, body } = await patch(`/users/${await person({ usageLocation: 'NO' })}`, values);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({
      code: 'Request_BadRequest',
      message: `Invalid value specified for property '${property}' of resource 'User'.`,
      details: [{ target: property }],
    });
  });

  it.each([
    'createdDateTime',
    'creationType',
    'proxyAddresses',
    'assignedLicenses',
    'securityIdentifier',
    'onPremisesSyncEnabled',
  ])('keeps %s from being written', async (name) => {
    const { status, body } = await patch(`/users/${await person()}`, { [name]: null });
    expect([status, body.error.code]).toEqual([400, 'Request_BadRequest']);
    expect(body.error.message).toContain(name);
  });
});

describe('licences (graph-facts 9)', () => {
  const license = (path: string, addLicenses: readonly object[], removeLicenses: readonly string[] = []) =>
    post(`${path}/assignLicense`, { addLicenses, removeLicenses });

  it('refuses without a usage location, without seats, and the direct removal of a group licence', async () => {
    await graph.door('POST', '/settings', { skus: [{ skuId: office, skuPartNumber: 'SPE_E3', enabled: 1 }] });
    const [nowhere, member] = [await person(), await person({ usageLocation: 'NO' })];
    const add = [{ skuId: office, disabledPlans: [] }];
    const refused = (message: string): Json => [400, 'Request_BadRequest', message];
    expect(seen(await license(`/users/${nowhere}`, add))).toEqual(
      refused('License assignment cannot be done for user with invalid usage location.'),
    );
    const team = await group({ 'members@odata.bind': [`https://graph.microsoft.com/v1.0/users/${member}`] });
    await license(`/groups/${team}`, add);
    expect(seen(await license(`/users/${member}`, [], [office]))).toEqual(
      refused('User license is inherited from a group membership and it cannot be removed directly from the user.'),
    );
    expect(seen(await license(`/users/${await person({ usageLocation: 'NO' })}`, add))).toEqual(
      refused(`Subscription with SKU ${office} does not have any available licenses.`),
    );
  });
});

describe('requests that are none (graph-facts 9)', () => {
  const send = async (method: string, path: string, body?: string): Promise<Json> => {
    const headers = { authorization: 'Bearer outside', 'content-type': 'application/json' };
    const answer = await fetch(`${graph.url}/v1.0${path}`, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
    });
    const { error } = (await answer.json()) as Json;
    return [answer.status, error.code, error.message];
  };

  it('wants a body, and one that is JSON', async () => {
    expect(await send('POST', '/users')).toEqual([
      400,
      'Request_BadRequest',
      "An unexpected 'EndOfInput' node was found when reading from the JSON reader. A 'StartObject' node was expected.",
    ]);
    expect((await send('POST', '/users', '{"displayName":')).slice(0, 2)).toEqual([400, 'Request_BadRequest']);
    expect((await send('PATCH', `/users/${await person()}`, '[]')).slice(0, 2)).toEqual([400, 'Request_BadRequest']);
  });

  it('answers 405 to a method the path does not take, and 501 to a path it does not know', async () => {
    expect(await send('PUT', '/users', '{}')).toEqual([
      405,
      'Request_BadRequest',
      'Specified HTTP method is not allowed for the request target.',
    ]);
    expect(await send('POST', '/planner/plans', '{}')).toEqual([
      501,
      'NotImplemented',
      'The simulator does not implement POST /planner/plans.',
    ]);
  });

  it('names a query option that a write does not take', async () => {
    const [status, code, message] = await send('PATCH', `/users/${await person()}?$select=id`, '{"jobTitle":"x"}');
    expect([status, code]).toEqual([501, 'NotImplemented']);
    expect(message).toContain('$select');
  });
});
