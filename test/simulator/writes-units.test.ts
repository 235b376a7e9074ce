import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, idsOf, metadata, ref, refusal, useSimulated } from './simulated.ts';

const graph = useSimulated();

const units = '/directory/administrativeUnits';
const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8';
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const aUnit = (more: object = {}): Promise<string> => created(graph, units, { displayName: 'Harbour', ...more });

describe('units (L:api/directory-post-administrativeunits, L:api/administrativeunit-update)', () => {
  it('answers a dynamic unit as it was sent, and its members follow the rule', async () => {
    const norwegian = await created(graph, '/users', aUser({ country: 'Norway' }));
    const other = await created(graph, '/users', aUser({ country: 'Peru' }));
    const sent = {
      displayName: 'Norwegian harbours',
      description: 'All of them',
      membershipType: 'Dynamic',
      membershipRule: '(user.country -eq "Norway")',
      membershipRuleProcessingState: 'On',
      visibility: 'HiddenMembership',
    };
    const { status, body } = await graph.graph('POST', units, sent);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.context': `${metadata}administrativeUnits/$entity`,
      deletedDateTime: null,
      ...sent,
    });
    expect(await idsOf(graph, `${units}/${body.id}/members`)).toEqual([norwegian]);
    await graph.graph('PATCH', `/users/${other}`, { country: 'Norway' });
    expect(await idsOf(graph, `${units}/${body.id}/members`)).toEqual([norwegian, other]);
    expect((await graph.graph('POST', `${units}/${body.id}/members/$ref`, ref(other))).status).toBe(403);
    expect((await graph.graph('DELETE', `${units}/${body.id}/members/${other}/$ref`)).status).toBe(403);
  });

  it('makes a unit dynamic later, with 204 and nothing in it', async () => {
    const [unit, user] = [await aUnit(), await created(graph, '/users', aUser({ country: 'Chile' }))];
    const answer = await graph.graph('PATCH', `${units}/${unit}`, {
      displayName: 'Chilean harbours',
      membershipType: 'Dynamic',
      membershipRule: '(user.country -eq "Chile")',
      membershipRuleProcessingState: 'On',
      visibility: 'HiddenMembership',
    });
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect(await idsOf(graph, `${units}/${unit}/members`)).toEqual([user]);
  });

  it('marks restricted management for good', async () => {
    const { status, body } = await graph.graph('POST', units, {
      displayName: 'Vault',
      isMemberManagementRestricted: true,
    });
    expect([status, body.isMemberManagementRestricted]).toEqual([201, true]);
    expect((await graph.graph('PATCH', `${units}/${body.id}`, { isMemberManagementRestricted: false })).status).toBe(
      400,
    );
  });

  it.each([
    ['without a name', { description: 'x' }],
    ['of an unknown visibility', { displayName: 'x', visibility: 'Secret' }],
    ['of an unknown membership', { displayName: 'x', membershipType: 'Loose' }],
    ['with a rule that is none', { displayName: 'x', membershipType: 'Dynamic', membershipRule: 'everybody' }],
    ['with an unknown property', { displayName: 'x', colour: 'red' }],
  ])('refuses a unit %s', async (_, body) => {
    expect(refusal(await graph.graph('POST', units, body)).slice(0, 2)).toEqual([400, 'Request_BadRequest']);
  });
});

describe('members of units (L:api/administrativeunit-post-members, L:api/administrativeunit-delete-members)', () => {
  it('adds users, groups and devices by reference, and removes them', async () => {
    const unit = await aUnit();
    const { id: device } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.device',
      displayName: 'Sextant',
    });
    const [user, group] = [await created(graph, '/users', aUser()), await created(graph, '/groups', aGroup())];
    for (const path of [`users/${user}`, `groups/${group}`, `devices/${device}`]) {
      const body = { '@odata.id': `https://graph.microsoft.com/v1.0/${path}` };
      const answer = await graph.graph('POST', `${units}/${unit}/members/$ref`, body);
      expect([answer.status, answer.body]).toEqual([204, '']);
    }
    expect(await idsOf(graph, `${units}/${unit}/members`)).toEqual([user, group, device]);
    expect((await graph.graph('DELETE', `${units}/${unit}/members/${group}/$ref`)).status).toBe(204);
    expect((await graph.graph('DELETE', `${units}/${unit}/members/${group}/$ref`)).status).toBe(404);
  });

  it('creates a group inside the unit, if it is told to be one', async () => {
    const unit = await aUnit();
    const body = { '@odata.type': '#microsoft.graph.group', ...aGroup({ groupTypes: ['Unified'], mailEnabled: true }) };
    const made = await graph.graph('POST', `${units}/${unit}/members`, body);
    expect([made.status, made.body['@odata.context'], made.body.visibility]).toEqual([
      201,
      `${metadata}groups/$entity`,
      'Public',
    ]);
    expect(await idsOf(graph, `${units}/${unit}/members`)).toEqual([made.body.id]);
    expect((await graph.graph('POST', `${units}/${unit}/members`, aGroup())).status).toBe(400);
    const user = { '@odata.type': '#microsoft.graph.user', ...aUser() };
    expect((await graph.graph('POST', `${units}/${unit}/members`, user)).status).toBe(400);
    expect(await idsOf(graph, '/groups')).toEqual([made.body.id]);
  });

  it('admits only cloud security groups to a restricted unit', async () => {
    const unit = await aUnit({ isMemberManagementRestricted: true });
    const add = async (id: string) => (await graph.graph('POST', `${units}/${unit}/members/$ref`, ref(id))).status;
    expect(await add(await created(graph, '/groups', aGroup()))).toBe(204);
    expect(await add(await created(graph, '/groups', aGroup({ groupTypes: ['Unified'], mailEnabled: true })))).toBe(
      400,
    );
    const { id: synced } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.group',
      ...aGroup({ onPremisesSyncEnabled: true }),
    });
    expect(await add(synced)).toBe(400);
  });

  it('leaves usage location, licences and group membership of a restricted user open to an app, and nothing else', async () => {
    const [unit, user, boss] = [
      await aUnit({ isMemberManagementRestricted: true }),
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
    ];
    const group = await created(graph, '/groups', aGroup());
    await graph.graph('POST', `${units}/${unit}/members/$ref`, ref(user));
    const app = async (method: string, path: string, body?: object) =>
      (await graph.graph(method, path, body, { as: 'app' })).status;
    expect(await app('PATCH', `/users/${user}`, { usageLocation: 'NO' })).toBe(204);
    expect(await app('POST', `/users/${user}/assignLicense`, { addLicenses: [], removeLicenses: [] })).toBe(200);
    expect(await app('POST', `/groups/${group}/members/$ref`, ref(user))).toBe(204);
    expect(await app('PATCH', `/users/${user}`, { usageLocation: 'NO', city: 'Oslo' })).toBe(403);
    expect(await app('PUT', `/users/${user}/manager/$ref`, ref(boss))).toBe(403);
    expect(await app('POST', `/users/${user}/sponsors/$ref`, ref(boss))).toBe(403);
  });

  it('puts an object into thirty units at most', async () => {
    const user = await created(graph, '/users', aUser());
    for (let made = 0; made < 30; made += 1) {
      expect((await graph.graph('POST', `${units}/${await aUnit()}/members/$ref`, ref(user))).status).toBe(204);
    }
    const late = await graph.graph('POST', `${units}/${await aUnit()}/members/$ref`, ref(user));
    expect(refusal(late).slice(0, 2)).toEqual([403, 'Directory_QuotaExceeded']);
  });
});

describe('roles scoped to a unit (L:api/administrativeunit-post-scopedrolemembers)', () => {
  it('assigns an activated role, tells whose it is, and takes it back', async () => {
    const [unit, user] = [
      await aUnit(),
      await created(graph, '/users', aUser({ userPrincipalName: 'pilot@contoso.com' })),
    ];
    const roleId = await created(graph, '/directoryRoles', { roleTemplateId: helpdesk });
    const body = { roleId, roleMemberInfo: { id: user } };
    const { status, body: made } = await graph.graph('POST', `${units}/${unit}/scopedRoleMembers`, body);
    expect(status).toBe(201);
    expect(made).toMatchObject({
      '@odata.context': `${metadata}scopedRoleMemberships/$entity`,
      administrativeUnitId: unit,
      roleId,
      roleMemberInfo: { id: user, userPrincipalName: 'pilot@contoso.com' },
    });
    expect((await graph.graph('POST', `${units}/${unit}/scopedRoleMembers`, body)).body.error.message).toBe(
      'A conflicting object with one or more of the specified property values is present in the directory.',
    );
    expect(await idsOf(graph, `${units}/${unit}/scopedRoleMembers`)).toEqual([made.id]);
    expect((await graph.graph('DELETE', `${units}/${unit}/scopedRoleMembers/${made.id}`)).status).toBe(204);
    expect(await idsOf(graph, `${units}/${unit}/scopedRoleMembers`)).toEqual([]);
  });

  it('refuses a role that is not activated, or that no unit can limit', async () => {
    const [unit, user] = [await aUnit(), await created(graph, '/users', aUser())];
    const assign = (roleId: string) =>
      graph.graph('POST', `${units}/${unit}/scopedRoleMembers`, { roleId, roleMemberInfo: { id: user } });
    expect((await assign(helpdesk)).status).toBe(404);
    expect(
      (await assign(await created(graph, '/directoryRoles', { roleTemplateId: globalAdministrator }))).status,
    ).toBe(400);
  });
});

describe('directory roles (L:api/directoryrole-post-directoryroles, directoryrole-post-members, directoryrole-delete-member)', () => {
  it('activates a role once, and gives and takes it', async () => {
    const user = await created(graph, '/users', aUser());
    const { status, body: role } = await graph.graph('POST', '/directoryRoles', { roleTemplateId: helpdesk });
    expect(status).toBe(201);
    expect(role).toMatchObject({
      '@odata.context': `${metadata}directoryRoles/$entity`,
      deletedDateTime: null,
      displayName: 'Helpdesk Administrator',
      roleTemplateId: helpdesk,
    });
    expect((await graph.graph('POST', '/directoryRoles', { roleTemplateId: helpdesk })).status).toBe(400);
    expect((await graph.graph('POST', '/directoryRoles', { roleTemplateId: helpdesk, displayName: 'x' })).status).toBe(
      400,
    );
    const members = `/directoryRoles/roleTemplateId=${helpdesk}/members`;
    expect((await graph.graph('POST', `${members}/$ref`, ref(user))).status).toBe(204);
    expect(
      (await graph.graph('POST', `/directoryRoles/${role.id}/members/$ref`, ref(user))).body.error.message,
    ).toContain("already exist for the following modified properties: 'members'");
    expect((await graph.graph('DELETE', `${members}/${user}/$ref`)).status).toBe(204);
    expect((await graph.graph('DELETE', `${members}/${user}/$ref`)).status).toBe(404);
  });
});
