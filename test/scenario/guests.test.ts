/** People from outside: only an invitation makes them, and only they can accept it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { graphPermissions } from '../../src/graph/permissions.ts';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const guestSelect =
  '$select=id,userPrincipalName,mail,userType,creationType,externalUserState,displayName,department,accountEnabled';

let guest: string;
let choir: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  guest = await invited('guest@partner.com');
  choir = await directory.securityGroup('Choir');
  await directory.link(`/groups/${choir}`, 'members', guest);
});

async function invited(invitedUserEmailAddress: string, more: Json = {}): Promise<string> {
  const { invitedUser } = await system.graph('POST', '/invitations', {
    invitedUserEmailAddress,
    invitedUserDisplayName: 'Guest of Partner',
    inviteRedirectUrl: 'https://example.com',
    ...more,
  });
  return invitedUser.id;
}
async function planned(request: Json): Promise<{ readonly job: Json; readonly steps: Json[] }> {
  const id = await system.startRestore({ ...request, dryRun: true });
  const job = await system.waitForJob(id);
  return { job, steps: (await system.api('GET', `/jobs/${id}/plan`)).body.value };
}
const routes = async (): Promise<Json> => {
  const { byRoute } = await system.control('GET', '/stats');
  return Object.fromEntries(
    byRoute
      .filter(({ writes }: Json) => writes > 0)
      .map(({ method, route, writes }: Json) => [`${method} ${route}`, writes]),
  );
};
const allGuests = async (): Promise<Json[]> =>
  (await directory.all(`/users?${guestSelect}`)).filter(({ creationType }: Json) => creationType === 'Invitation');

it('R24 R25 a guest who is gone for good is invited anew by one write, with all links and without a password', async () => {
  const before = await directory.get(`/users/${guest}?${guestSelect}`);
  await system.snapshot('full');
  await directory.purge(`/users/${guest}`);
  const { job: preview, steps } = await planned({ users: [guest] });
  expect(preview.preflight).toEqual([]);
  expect(steps).toMatchObject([
    { action: 'create', note: expect.stringContaining('invited anew') },
    { action: 'link', relation: 'memberOf', targetId: choir },
  ]);

  await system.forgetStats();
  const { job, report } = await system.restore({ users: [guest] });
  expect(await routes()).toEqual({ 'POST /invitations': 1, 'PATCH /groups/{id}': 1 });
  expect(job.status).toBe('completed');
  const [object] = report.objects;
  expect(object).toMatchObject({ id: guest, result: 'created', external: true, actions: ['create', 'link'] });
  expect(object.attributes.map(({ name }: Json) => name)).not.toContain('passwordProfile');
  expect(await directory.get(`/users/${object.newId}?${guestSelect}`)).toEqual({ ...before, id: object.newId });
  expect(await directory.ids(`/groups/${choir}/members?$select=id`)).toEqual([object.newId]);
  expect(report.followUps).toMatchObject([
    { id: 'invitations', what: expect.stringContaining('accept the invitation anew'), objectIds: [object.newId] },
  ]);
  expect(await system.api('POST', `/jobs/${job.id}/credentials/${object.newId}`)).toMatchObject({ status: 404 });
  await expectUnchangedAgain(system, { users: [guest] });
});

it('R24 lays all other attributes over the new guest in one write, the name too; the request decides whether it is enabled', async () => {
  const name = 'renamed_partner.com#EXT#@contoso.com';
  await system.graph('PATCH', `/users/${guest}`, { department: 'Music', userPrincipalName: name, otherMails: [] });
  await system.snapshot('full');
  await directory.purge(`/users/${guest}`);
  await system.forgetStats();
  const request = { users: [guest], newUsers: { accountEnabled: false, temporaryAccessPass: true } };
  const { job, report } = await system.restore(request);
  expect(await routes()).toEqual({ 'POST /invitations': 1, 'PATCH /users/{id}': 1, 'PATCH /groups/{id}': 1 });
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  const [{ newId }] = report.objects;
  expect(await directory.get(`/users/${newId}?${guestSelect},otherMails`)).toMatchObject({
    userPrincipalName: name,
    department: 'Music',
    accountEnabled: false,
    externalUserState: 'PendingAcceptance',
    otherMails: [],
  });
  await expectUnchangedAgain(system, request);
});

it('R24 a member from outside is invited as one', async () => {
  const member = await invited('colleague@partner.com', { invitedUserType: 'Member' });
  await system.snapshot('full');
  await directory.purge(`/users/${member}`);
  const { job, report } = await system.restore({ users: [member] });
  expect(job.status).toBe('completed');
  expect(await directory.get(`/users/${report.objects[0].newId}?${guestSelect}`)).toMatchObject({
    userType: 'Member',
    creationType: 'Invitation',
  });
});

it('R24 a guest whose account is the tenant’s own is made like everybody', async () => {
  const own = await directory.user('Temp', { userType: 'Guest' });
  await system.snapshot('full');
  await directory.purge(`/users/${own}`);
  const { job, report } = await system.restore({ users: [own] });
  expect(job.status).toBe('completed');
  expect(report.followUps).toMatchObject([{ id: 'passwords', objectIds: [report.objects[0].newId] }]);
});

it('R16 a guest in the bin is undeleted, and invited by nobody', async () => {
  await system.snapshot('full');
  await directory.bin(`/users/${guest}`);
  const { job, report } = await system.restore({ users: [guest] });
  expect(job.status).toBe('completed');
  expect(report).toMatchObject({ objects: [{ id: guest, result: 'undeleted' }], followUps: [] });
});

it('R33 a guest whom somebody has invited again is the lost one, and is invited no more', async () => {
  await system.snapshot('full');
  await directory.purge(`/users/${guest}`);
  const again = await invited('guest@partner.com', { invitedUserDisplayName: 'Another name' });
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [guest] });
  expect(job.status).toBe('completed');
  expect(report).toMatchObject({ objects: [{ id: guest, newId: again, result: 'updated' }], followUps: [] });
  expect(await routes()).not.toHaveProperty(['POST /invitations']);
  await expectUnchangedAgain(system, { users: [guest] });
});

it('an undo takes the guest away again that a restore has invited', async () => {
  await system.graph('PATCH', `/users/${guest}`, { department: 'Music' });
  await system.snapshot('full');
  await directory.purge(`/users/${guest}`);
  const { job } = await system.restore({ users: [guest] });
  const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
  expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed', counts: { deleted: 1 } });
  expect(await allGuests()).toEqual([]);
});

describe('trouble with an invitation', () => {
  beforeEach(async () => {
    await system.graph('PATCH', `/users/${guest}`, { department: 'Music' });
    await system.snapshot('full');
    await directory.purge(`/users/${guest}`);
  });

  it('R36 one whose answer was lost is found, and nothing is lacking', async () => {
    await system.control('POST', '/faults', [
      { match: { method: 'POST', path: '/invitations' }, effect: 'drop-response' },
    ]);
    const { job, report } = await system.restore({ users: [guest] });
    expect(job.status).toBe('completed');
    expect(report.objects).toMatchObject([{ id: guest, result: 'created' }]);
    expect(report.followUps).toMatchObject([{ id: 'invitations', objectIds: [report.objects[0].newId] }]);
    expect(await allGuests()).toMatchObject([{ id: report.objects[0].newId, department: 'Music' }]);
    await expectUnchangedAgain(system, { users: [guest] });
  }, 90_000);

  it('waits for a guest that Graph does not show yet', async () => {
    await system.control('POST', '/settings', { replicationDelayMs: 1_500 });
    const { job, report } = await system.restore({ users: [guest] });
    expect(job.status, JSON.stringify(report.objects)).toBe('completed');
    await system.control('POST', '/settings', { replicationDelayMs: 0 });
    expect(await allGuests()).toHaveLength(1);
  }, 90_000);

  it('R10 the permission that it takes is named before the first write, and once more where it was lacking', async () => {
    const names = graphPermissions.map(({ name }) => name);
    const held = names.filter((name) => name !== 'User.Invite.All' && name !== 'User.ReadWrite.All');
    await system.control('POST', '/settings', { permissions: [...held, 'User.ReadUpdate.All'] });
    const { job, report } = await system.restore({ users: [guest] });
    await system.control('POST', '/settings', { permissions: 'all' });
    expect(job.preflight).toMatchObject([
      { code: 'permission-missing', message: expect.stringContaining('User.Invite.All'), objectIds: [guest] },
    ]);
    expect(report.objects).toMatchObject([
      { result: 'failed', reason: 'graph-error', note: 'The app lacks the permission User.Invite.All.' },
    ]);
  });

  it.each(['fail', 'rename'])(
    'R20 names who has the address by now and invites nobody, with onNameConflict %s',
    async (onNameConflict) => {
      const holder = await directory.user('Holder', { mail: 'guest@partner.com' });
      const request = { users: [guest], onNameConflict };
      const told = { reason: 'proxy-conflict', note: `In the way: ${holder}.` };
      expect((await planned(request)).steps).toMatchObject([{ action: 'skip', ...told }]);
      const { report } = await system.restore(request);
      expect(report.objects).toMatchObject([{ result: 'failed', ...told }]);
      expect(await allGuests()).toEqual([]);
    },
  );
});
