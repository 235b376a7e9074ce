import { describe, expect, it } from 'vitest';
import { type Answer, aUser, created, idsOf, metadata, readList, refusal, useSimulated } from './simulated.ts';

const graph = useSimulated();

const units = '/directory/administrativeUnits';
const roles = '/roleManagement/directory';
const helpdesk = '729827e3-9c14-49f7-bb1b-9608f156bbb8';
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const applicationAdministrator = '9b895d92-2cd3-44c7-9d02-a6ac2d5ea5c3';
const aUnit = (more: object = {}): Promise<string> => created(graph, units, { displayName: 'Harbour', ...more });

describe('role definitions (L:api/rbacapplication-post-roledefinitions, unifiedroledefinition-update)', () => {
  const permissions = [{ allowedResourceActions: ['microsoft.directory/applications/basic/read'] }];

  it('makes a custom role under its own template id, changes and deletes it', async () => {
    const { status, body } = await graph.graph('POST', `${roles}/roleDefinitions`, {
      description: 'Reads applications',
      displayName: 'Application Reader',
      rolePermissions: permissions,
      isEnabled: true,
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.context': `${metadata}roleManagement/directory/roleDefinitions/$entity`,
      isBuiltIn: false,
      isEnabled: true,
      templateId: body.id,
      version: null,
      rolePermissions: [{ ...permissions[0], condition: null }],
    });
    const path = `${roles}/roleDefinitions/${body.id}`;
    const answer = await graph.graph('PATCH', path, { description: 'Still reads', rolePermissions: permissions });
    expect([answer.status, answer.body]).toEqual([204, '']);
    expect((await graph.graph('DELETE', path)).status).toBe(204);
    expect((await graph.graph('GET', path)).status).toBe(404);
  });

  it.each(['displayName', 'isEnabled', 'rolePermissions'])('wants %s', async (name) => {
    const body = { displayName: 'x', isEnabled: true, rolePermissions: permissions, [name]: undefined };
    expect((await graph.graph('POST', `${roles}/roleDefinitions`, body)).status).toBe(400);
  });

  it('assigns no role that is switched off', async () => {
    const user = await created(graph, '/users', aUser());
    const role = await created(graph, `${roles}/roleDefinitions`, {
      displayName: 'x',
      isEnabled: false,
      rolePermissions: permissions,
    });
    const body = { roleDefinitionId: role, principalId: user, directoryScopeId: '/' };
    expect((await graph.graph('POST', `${roles}/roleAssignments`, body)).status).toBe(400);
  });
});

describe('role assignments (L:api/rbacapplication-post-roleassignments, E:role-based-access-control/manage-roles-portal)', () => {
  const assign = (roleDefinitionId: string, principalId: string, directoryScopeId = '/'): Promise<Answer> =>
    graph.graph('POST', `${roles}/roleAssignments`, {
      '@odata.type': '#microsoft.graph.unifiedRoleAssignment',
      roleDefinitionId,
      principalId,
      directoryScopeId,
    });

  it('assigns for the tenant, a unit and an application', async () => {
    const [unit, user] = [await aUnit(), await created(graph, '/users', aUser())];
    const { id: app } = await graph.door('POST', '/objects', {
      '@odata.type': '#microsoft.graph.application',
      displayName: 'Ledger',
    });
    for (const [role, scope] of [
      [globalAdministrator, '/'],
      [helpdesk, `/administrativeUnits/${unit}`],
      [applicationAdministrator, `/${app}`],
    ] as const) {
      const { status, body } = await assign(role, user, scope);
      expect(status).toBe(201);
      expect(body).toMatchObject({
        '@odata.context': `${metadata}roleManagement/directory/roleAssignments/$entity`,
        roleDefinitionId: role,
        principalId: user,
        directoryScopeId: scope,
      });
    }
    expect(await idsOf(graph, `${roles}/roleAssignments`)).toHaveLength(3);
  });

  it('refuses a built-in role that its scope cannot limit', async () => {
    const [unit, user] = [await aUnit(), await created(graph, '/users', aUser())];
    expect(refusal(await assign(globalAdministrator, user, `/administrativeUnits/${unit}`))).toEqual([
      400,
      'Request_BadRequest',
      'The given built-in role is not supported to be assigned to a single resource scope.',
    ]);
  });

  it('answers 404 for a principal, a role or a unit that is not there', async () => {
    const nobody = '11111111-2222-4333-8444-555555555555';
    const user = await created(graph, '/users', aUser());
    expect((await assign(helpdesk, nobody)).status).toBe(404);
    expect((await assign(nobody, user)).status).toBe(404);
    expect((await assign(helpdesk, user, `/administrativeUnits/${nobody}`)).status).toBe(404);
  });

  it('gives one principal a hundred built-in roles below the tenant, and no more (graph-facts 1.2)', async () => {
    const user = await created(graph, '/users', aUser());
    for (let made = 0; made < 100; made += 1) {
      expect((await assign(helpdesk, user, `/administrativeUnits/${await aUnit()}`)).status).toBe(201);
    }
    const late = await assign(helpdesk, user, `/administrativeUnits/${await aUnit()}`);
    expect(refusal(late).slice(0, 2)).toEqual([403, 'Directory_QuotaExceeded']);
    expect((await assign(helpdesk, user)).status).toBe(201);
  });
});

describe('custom roles of one principal (graph-facts 1.2)', () => {
  it('are 150 at most, wherever they hold', async () => {
    const user = await created(graph, '/users', aUser());
    const roleDefinitionId = await created(graph, `${roles}/roleDefinitions`, {
      displayName: 'Lookout',
      isEnabled: true,
      rolePermissions: [{ allowedResourceActions: ['microsoft.directory/users/standard/read'] }],
    });
    const give = async (): Promise<Answer> => {
      const directoryScopeId = `/administrativeUnits/${await aUnit()}`;
      return graph.graph('POST', `${roles}/roleAssignments`, { roleDefinitionId, principalId: user, directoryScopeId });
    };
    for (let made = 0; made < 150; made += 1) expect((await give()).status).toBe(201);
    expect(refusal(await give()).slice(0, 2)).toEqual([403, 'Directory_QuotaExceeded']);
  });
});

describe('role schedules (L:api/rbacapplication-post-roleeligibilityschedulerequests, -roleassignmentschedulerequests)', () => {
  const ask = (family: string, more: object): Promise<Answer> =>
    graph.graph('POST', `${roles}/${family}ScheduleRequests`, {
      action: 'adminAssign',
      justification: 'Watch on deck',
      roleDefinitionId: helpdesk,
      directoryScopeId: '/',
      ...more,
    });
  const shown = {
    approvalId: null,
    customData: null,
    appScopeId: null,
    isValidationOnly: false,
    ticketInfo: { ticketNumber: null, ticketSystem: null },
    createdBy: { application: null, device: null, user: { displayName: null } },
  };

  it('makes a principal eligible until a day, and revokes that', async () => {
    const user = await created(graph, '/users', aUser());
    const scheduleInfo = {
      startDateTime: '2022-04-10T00:00:00Z',
      expiration: { type: 'afterDateTime', endDateTime: '2190-04-10T00:00:00Z' },
    };
    const { status, body } = await ask('roleEligibility', { principalId: user, scheduleInfo });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      '@odata.context': `${metadata}roleManagement/directory/roleEligibilityScheduleRequests/$entity`,
      ...shown,
      status: 'Provisioned',
      action: 'adminAssign',
      targetScheduleId: body.id,
      justification: 'Watch on deck',
      scheduleInfo: { recurrence: null, expiration: { ...scheduleInfo.expiration, duration: null } },
    });
    expect(Date.parse(body.scheduleInfo.startDateTime)).toBeGreaterThan(Date.parse('2026-01-01'));
    expect(await readList(graph, `${roles}/roleEligibilitySchedules`)).toMatchObject([
      { id: body.id, createdUsing: body.id, memberType: 'Direct', status: 'Provisioned', principalId: user },
    ]);
    expect(await readList(graph, `${roles}/roleEligibilityScheduleInstances`)).toMatchObject([
      { roleEligibilityScheduleId: body.id, memberType: 'Direct', endDateTime: '2190-04-10T00:00:00Z' },
    ]);
    const revoked = await ask('roleEligibility', {
      principalId: user,
      action: 'adminRemove',
      justification: undefined,
    });
    expect(revoked.status).toBe(201);
    expect(revoked.body).toMatchObject({
      ...shown,
      status: 'Revoked',
      completedDateTime: null,
      targetScheduleId: null,
      justification: null,
      scheduleInfo: null,
    });
    expect(await readList(graph, `${roles}/roleEligibilitySchedules`)).toEqual([]);
  });

  it('refuses what is there already, and the removal of what is not', async () => {
    const user = await created(graph, '/users', aUser());
    const scheduleInfo = { expiration: { type: 'NoExpiration' } };
    expect((await ask('roleAssignment', { principalId: user, scheduleInfo })).body.scheduleInfo.expiration.type).toBe(
      'noExpiration',
    );
    expect(refusal(await ask('roleAssignment', { principalId: user, scheduleInfo }))).toEqual([
      400,
      'RoleAssignmentExists',
      'The Role assignment already exists.',
    ]);
    expect(refusal(await ask('roleEligibility', { principalId: user, action: 'adminRemove' }))).toEqual([
      400,
      'RoleAssignmentDoesNotExist',
      'The Role assignment does not exist.',
    ]);
  });

  it.each(['roleEligibility', 'roleAssignment'])(
    'gives one that is there another end, by adminUpdate: %s',
    async (family) => {
      const user = await created(graph, '/users', aUser());
      await graph.door('POST', '/clock', { now: '2026-03-01T10:00:00Z' });
      const update = (expiration: object) =>
        ask(family, { principalId: user, action: 'adminUpdate', scheduleInfo: { expiration } });
      const forGood = { type: 'noExpiration' };
      expect(refusal(await update(forGood)).slice(0, 2)).toEqual([400, 'RoleAssignmentDoesNotExist']);
      const assigned = await ask(family, { principalId: user, scheduleInfo: { expiration: forGood } });
      const ends = async () =>
        (await readList(graph, `${roles}/${family}Schedules`)).map(({ scheduleInfo }) => scheduleInfo.expiration);
      for (const endDateTime of ['2026-03-03T10:00:00Z', '2026-03-05T10:00:00Z', '2026-03-02T10:00:00Z', null]) {
        const expiration = endDateTime === null ? forGood : { type: 'afterDateTime', endDateTime };
        const { status, body } = await update(expiration);
        expect([status, body]).toMatchObject([
          201,
          { action: 'adminUpdate', status: 'Provisioned', targetScheduleId: assigned.body.targetScheduleId },
        ]);
        expect(await ends()).toEqual([{ ...expiration, endDateTime, duration: null }]);
      }
      expect((await update({ type: 'afterDateTime', endDateTime: '2026-02-01T10:00:00Z' })).status).toBe(400);
      await update({ type: 'afterDateTime', endDateTime: '2026-03-02T10:00:00Z' });
      const active = family === 'roleAssignment' ? 1 : 0;
      expect(await readList(graph, `${roles}/roleAssignments`)).toHaveLength(active);
      expect(await readList(graph, `/users/${user}/memberOf/microsoft.graph.directoryRole`)).toHaveLength(active);
      await graph.door('POST', '/clock', { advance: 'P2D' });
      expect(await ends()).toEqual([]);
      expect(await readList(graph, `/users/${user}/memberOf/microsoft.graph.directoryRole`)).toEqual([]);
    },
  );

  it('lets an active role that is to begin anew later rest until then', async () => {
    const user = await created(graph, '/users', aUser());
    await graph.door('POST', '/clock', { now: '2026-03-01T10:00:00Z' });
    await graph.graph('POST', `${roles}/roleAssignments`, {
      roleDefinitionId: helpdesk,
      principalId: user,
      directoryScopeId: '/',
    });
    const scheduleInfo = { startDateTime: '2026-03-02T10:00:00Z', expiration: { type: 'noExpiration' } };
    await ask('roleAssignment', { principalId: user, action: 'adminUpdate', scheduleInfo });
    const held = async () => [
      (await readList(graph, `${roles}/roleAssignmentSchedules`)).length,
      (await readList(graph, `${roles}/roleAssignments`)).length,
      (await readList(graph, `/users/${user}/memberOf/microsoft.graph.directoryRole`)).length,
    ];
    expect(await held()).toEqual([1, 0, 0]);
    await graph.door('POST', '/clock', { advance: 'P1DT1H' });
    expect(await held()).toEqual([1, 1, 1]);
  });

  it('begins and ends an active role on the tenant clock, and the membership of its directory role with it', async () => {
    const user = await created(graph, '/users', aUser());
    const { now } = await graph.door('GET', '/clock');
    const startDateTime = new Date(Date.parse(now) + 86_400_000).toISOString();
    const expiration = { type: 'AfterDuration', duration: 'P2D' };
    const { body } = await ask('roleAssignment', { principalId: user, scheduleInfo: { startDateTime, expiration } });
    expect(body.scheduleInfo.expiration).toEqual({ type: 'afterDuration', endDateTime: null, duration: 'P2D' });
    const seen = async () => [
      (await readList(graph, `${roles}/roleAssignmentSchedules`)).length,
      (await readList(graph, `${roles}/roleAssignmentScheduleInstances`)).length,
      (await readList(graph, `${roles}/roleAssignments`)).length,
      (await readList(graph, `/users/${user}/memberOf/microsoft.graph.directoryRole`)).length,
    ];
    expect(await seen()).toEqual([1, 0, 0, 0]);
    await graph.door('POST', '/clock', { advance: 'P1DT1H' });
    expect(await seen()).toEqual([1, 1, 1, 1]);
    await graph.door('POST', '/clock', { advance: 'P2D' });
    expect(await seen()).toEqual([0, 0, 0, 0]);
  });

  it.each([
    ['no schedule', { scheduleInfo: undefined }, 400],
    [
      'an end before the start',
      { scheduleInfo: { expiration: { type: 'afterDateTime', endDateTime: '2020-01-01T00:00:00Z' } } },
      400,
    ],
    ['a validation only', { isValidationOnly: true, scheduleInfo: {} }, 501],
    ['an action of the user', { action: 'selfActivate', scheduleInfo: {} }, 501],
    ['an unknown property', { colour: 'red', scheduleInfo: {} }, 400],
  ])('refuses %s', async (_, more, status) => {
    const user = await created(graph, '/users', aUser());
    expect((await ask('roleAssignment', { principalId: user, ...more })).status).toBe(status);
    expect(await readList(graph, `${roles}/roleAssignments`)).toEqual([]);
  });
});
