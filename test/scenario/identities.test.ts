/** What a user may sign in with beside the user principal name: local names, accounts elsewhere (graph-facts 3.2, 4.2). */
import { beforeEach, expect, it } from 'vitest';
import { graphPermissions } from '../../src/graph/permissions.ts';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const permission = 'User.ManageIdentities.All';
const named = (name: string) => ({ signInType: 'userPrincipalName', issuer: 'contoso.com', issuerAssignedId: name });
const social = { signInType: 'federated', issuer: 'google.com', issuerAssignedId: 'ada@gmail.example' };
const local = { signInType: 'emailAddress', issuer: 'contoso.com', issuerAssignedId: 'ada@home.example' };
const name = 'ada@contoso.com';

let ada: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada', {
    identities: [social, local],
    passwordPolicies: 'DisablePasswordExpiration',
  });
  await system.snapshot('full');
});

const identitiesOf = async (user: string): Promise<Json[]> =>
  (await directory.get(`/users/${user}?$select=identities`)).identities;
const give = (identities: Json[], more: Json = {}) => system.graph('PATCH', `/users/${ada}`, { identities, ...more });
async function planned(request: Json): Promise<{ readonly job: Json; readonly steps: Json[] }> {
  const id = await system.startRestore({ ...request, dryRun: true });
  const job = await system.waitForJob(id);
  return { job, steps: (await system.api('GET', `/jobs/${id}/plan`)).body.value };
}

it('R11 R30 writes the identities of a live user back, and an undo takes them back', async () => {
  const before = await identitiesOf(ada);
  expect(before).toEqual([social, local, named(name)]);
  const changed = [{ ...social, issuerAssignedId: 'stranger@gmail.example' }, local, named(name)];
  await give(changed);
  expect((await planned({ users: [ada] })).steps).toMatchObject([{ action: 'update', attributes: ['identities'] }]);
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [ada] });
  expect(await system.writes()).toBe(1);
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  expect(await identitiesOf(ada)).toEqual(before);
  await expectUnchangedAgain(system, { users: [ada] });

  const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
  expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed' });
  expect(await identitiesOf(ada)).toEqual(changed);
});

it('R12 takes away an identity that the snapshot lacks', async () => {
  const ben = await directory.user('Ben');
  await system.snapshot('full');
  const own = named('ben@contoso.com');
  await system.graph('PATCH', `/users/${ben}`, {
    identities: [{ ...social, issuerAssignedId: 'ben@gmail.example' }, own],
  });
  expect((await system.restore({ users: [ben] })).job.status).toBe('completed');
  expect(await identitiesOf(ben)).toEqual([own]);
  await expectUnchangedAgain(system, { users: [ben] });
});

it('R11 R20 writes them with the name that the user comes to have: its own again, or another that it keeps', async () => {
  await give([local, named('other@contoso.com')], { userPrincipalName: 'other@contoso.com' });
  expect((await system.restore({ users: [ada] })).job.status).toBe('completed');
  expect(await identitiesOf(ada)).toEqual([social, local, named(name)]);

  await give([local, named('other@contoso.com')], { userPrincipalName: 'other@contoso.com' });
  await directory.user('Holder', { userPrincipalName: name });
  const { report } = await system.restore({ users: [ada] });
  expect(report.objects[0].attributes).toContainEqual({ name: 'identities', result: 'done' });
  expect(await identitiesOf(ada)).toEqual([social, local, named('other@contoso.com')]);
});

it('R16 R24 gives them to users from the bin, and to those who are made anew by one write', async () => {
  const before = await identitiesOf(ada);
  await give([local, named(name)]);
  await directory.bin(`/users/${ada}`);
  expect((await system.restore({ users: [ada] })).job.status).toBe('completed');
  expect(await identitiesOf(ada)).toEqual(before);

  await directory.purge(`/users/${ada}`);
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [ada] });
  expect(await system.writes()).toBe(1);
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  expect(await identitiesOf(report.objects[0].newId)).toEqual(before);
  await expectUnchangedAgain(system, { users: [ada] });
});

it('R30 costs identities of which another has one by now nothing but these', async () => {
  const identities = [{ ...social, issuerAssignedId: 'ben@gmail.example' }];
  const ben = await directory.user('Ben', { identities });
  await system.snapshot('full');
  await directory.purge(`/users/${ben}`);
  await directory.user('Holder', { identities });
  const { job, report } = await system.restore({ users: [ben] });
  expect(job.status).toBe('incomplete');
  expect(report.objects).toMatchObject([{ result: 'partial', actions: ['create'] }]);
  expect(report.objects[0].attributes).toContainEqual({
    name: 'identities',
    result: 'failed',
    reason: 'name-conflict',
  });
});

it('R10 names the permission that they take where they are to be written, and costs their lack nothing else', async () => {
  const held = graphPermissions.map((one) => one.name).filter((one) => one !== permission);
  await system.control('POST', '/settings', { permissions: held });
  await system.graph('PATCH', `/users/${ada}`, { department: 'Noise' });
  expect((await planned({ users: [ada] })).job.preflight).toEqual([]);

  await give([local, named(name)]);
  const { job, report } = await system.restore({ users: [ada] });
  await system.control('POST', '/settings', { permissions: 'all' });
  expect(job.preflight).toMatchObject([
    { code: 'permission-missing', message: expect.stringContaining(permission), objectIds: [ada] },
  ]);
  expect(report.objects[0].attributes).toEqual([
    { name: 'department', result: 'done' },
    {
      name: 'identities',
      result: 'failed',
      reason: 'graph-error',
      note: `The app lacks the permission ${permission}.`,
    },
  ]);
});
