/** Authentication methods and app roles: shown, compared, and given back as far as Graph lets an app. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Company, foundCompany, givePasskey } from '../support/company.ts';
import { storedBlobs } from '../support/stored-blobs.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const appRoleId = '11111111-0000-4000-8000-000000000001';
let company: Company;
let app: string;
beforeEach(async () => {
  company = await foundCompany(system);
  ({ id: app } = await system.control('POST', '/objects', {
    '@odata.type': '#microsoft.graph.servicePrincipal',
    displayName: 'Payroll',
    appId: '22222222-0000-4000-8000-000000000001',
    appRoles: [
      {
        id: appRoleId,
        allowedMemberTypes: ['User'],
        displayName: 'Clerk',
        description: 'Clerk',
        isEnabled: true,
        value: 'clerk',
      },
    ],
  }));
  const { emil } = company;
  const methods = `/users/${emil}/authentication`;
  await system.graph('POST', `${methods}/phoneMethods`, { phoneNumber: '+49 3012345678', phoneType: 'mobile' });
  await system.graph('POST', `${methods}/phoneMethods`, {
    phoneNumber: '+49 3087654321',
    phoneType: 'alternateMobile',
  });
  await system.graph('POST', `${methods}/emailMethods`, { emailAddress: 'emil@example.com' });
  await system.graph('POST', `/users/${emil}/appRoleAssignments`, { principalId: emil, resourceId: app, appRoleId });
}, 60_000);

const typesOf = async (id: string): Promise<string[]> =>
  (await system.graph('GET', `/users/${id}/authentication/methods`)).value
    .map((method: Json) => String(method['@odata.type']).split('.').at(-1))
    .filter((type: string) => type !== 'passwordAuthenticationMethod')
    .sort();
const phonesAndMail = ['emailAuthenticationMethod', 'phoneAuthenticationMethod', 'phoneAuthenticationMethod'];
const linksOf = ({ report }: { report: Json }, relation: string): Json[] =>
  report.objects[0].links.filter((link: Json) => link.relation === relation);

describe('authentication methods (R50)', () => {
  it('R50 are in the snapshot and shown without secrets, and are not written back by default', async () => {
    const { emil } = company;
    await system.snapshot('full');
    const { relationships, notCaptured } = (
      await system.api('GET', `/connectors/default/snapshots/latest/users/${emil}`)
    ).body;
    expect(notCaptured).toEqual([]);
    expect(relationships.authenticationMethods.map(({ type }: Json) => type).sort()).toEqual(phonesAndMail);
    expect(JSON.stringify(relationships.authenticationMethods)).toContain('+49 3012345678');
    await directory.purge(`/users/${emil}`);
    const restored = await system.restore({ users: [emil] });
    expect(restored.job).toMatchObject({ status: 'completed', counts: { created: 1 } });
    expect(linksOf(restored, 'authenticationMethods').map(({ result, reason }) => [result, reason])).toEqual(
      phonesAndMail.map(() => ['skipped', 'auth-method-not-restorable']),
    );
    expect(await typesOf(restored.report.objects[0].newId)).toEqual([]);
  });

  it('R50 phones and email come back where the request says so, the rest is named', async () => {
    const { emil } = company;
    await givePasskey(system, emil);
    await system.snapshot('full');
    await directory.purge(`/users/${emil}`);
    const request = { users: [emil], newUsers: { authenticationMethods: true } };
    const restored = await system.restore(request);
    expect(restored.job, JSON.stringify(restored.report)).toMatchObject({ status: 'completed' });
    const { newId } = restored.report.objects[0];
    expect(await typesOf(newId)).toEqual(phonesAndMail);
    const told = linksOf(restored, 'authenticationMethods').map(({ targetName, result }) => [targetName, result]);
    expect(told.sort()).toEqual([
      ['emailAuthenticationMethod', 'done'],
      ['fido2AuthenticationMethod', 'skipped'],
      ['phoneAuthenticationMethod', 'done'],
      ['phoneAuthenticationMethod', 'done'],
    ]);
    await system.forgetStats();
    const again = await system.restore(request);
    expect(again.job.counts).toMatchObject({ unchanged: 1 });
    expect(await system.writes()).toBe(0);
    const compared = (await system.api('GET', `/connectors/default/snapshots/latest/users/${emil}/compare?with=live`))
      .body;
    expect(compared.relationships).toMatchObject([{ added: [], removed: [{ type: 'fido2AuthenticationMethod' }] }]);
  });

  it('R50 registered for a user who was live by then, they are removed when that restore is undone, and no others', async () => {
    const { emil } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${emil}`);
    const { newId } = (await system.restore({ users: [emil] })).report.objects[0];
    await system.graph('POST', `/users/${newId}/authentication/emailMethods`, { emailAddress: 'emil@example.com' });
    const { job } = await system.restore({ users: [emil], newUsers: { authenticationMethods: true } });
    expect(job.status).toBe('completed');
    expect(await typesOf(newId)).toEqual(phonesAndMail);

    const undo = await system.api('POST', `/jobs/${job.id}/undo`, {});
    const undone = await system.waitForJob(undo.body.jobId);
    const report = await system.report(undone.id);
    expect(undone.status, JSON.stringify(report.objects)).toBe('completed');
    expect(await typesOf(newId)).toEqual(['emailAuthenticationMethod']);
    expect(linksOf({ report }, 'authenticationMethods').map(({ result }) => result)).toEqual(['done', 'done']);
  });

  it.each([
    ['an app role', '/users/*/appRoleAssignments'],
    ['a phone', '/users/*/authentication/phoneMethods'],
    ['an email', '/users/*/authentication/emailMethods'],
    ['a pass', '/users/*/authentication/temporaryAccessPassMethods'],
  ])(
    'R36 an answer lost after %s was given makes no second one',
    async (_what, path) => {
      const { emil } = company;
      await system.snapshot('full');
      await directory.purge(`/users/${emil}`);
      await system.control('POST', '/faults', [{ match: { method: 'POST', path }, effect: 'drop-response' }]);
      const newUsers = { authenticationMethods: true, temporaryAccessPass: true };
      const { job, report } = await system.restore({ users: [emil], newUsers });
      expect((await system.control('GET', '/faults')).map(({ met }: Json) => met)).toEqual([1]);
      await system.control('DELETE', '/faults');
      expect(job.status, JSON.stringify(report.objects)).toBe('completed');
      const { newId } = report.objects[0];
      expect(await typesOf(newId)).toEqual([...phonesAndMail, 'temporaryAccessPassAuthenticationMethod'].sort());
      expect((await system.graph('GET', `/users/${newId}/appRoleAssignments`)).value).toHaveLength(1);
      expect((await system.api('POST', `/jobs/${job.id}/credentials/${newId}`)).body.temporaryAccessPass).toMatch(
        /^\S{8,}$/,
      );
      await expectUnchangedAgain(system, { users: [emil] });
    },
    120_000,
  );

  it('a Temporary Access Pass is issued, sealed, and handed out once with the password', async () => {
    const { emil } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${emil}`);
    const { job, report } = await system.restore({ users: [emil], newUsers: { temporaryAccessPass: true } });
    expect(job.status).toBe('completed');
    const { newId } = report.objects[0];
    expect(await typesOf(newId)).toEqual(['temporaryAccessPassAuthenticationMethod']);
    const collected = await system.api('POST', `/jobs/${job.id}/credentials/${newId}`);
    expect(collected.status).toBe(200);
    expect(collected.body.temporaryAccessPass).toMatch(/^\S{8,}$/);
    expect(collected.body.password).toMatch(/^\S{32}$/);
    expect((await system.api('POST', `/jobs/${job.id}/credentials/${newId}`)).status).toBe(410);
    const blobs = storedBlobs(system);
    for (const name of await blobs.names(`default/jobs/${job.id}/`))
      expect((await blobs.get(name)).toString('latin1'), name).not.toContain(collected.body.temporaryAccessPass);
  });
});

describe('app roles', () => {
  it('come back to a recreated person, once, and show up in comparisons and versions', async () => {
    const { emil } = company;
    const before = await system.snapshot('full');
    const { relationships } = (await system.api('GET', `/connectors/default/snapshots/latest/users/${emil}`)).body;
    expect(relationships.appRoleAssignments).toMatchObject([{ displayName: 'Payroll', appRoleId, resourceId: app }]);
    await directory.purge(`/users/${emil}`);
    const restored = await system.restore({ users: [emil] });
    expect(restored.job.status).toBe('completed');
    expect(linksOf(restored, 'appRoleAssignments')).toMatchObject([{ targetName: 'Payroll', result: 'done' }]);
    const { newId } = restored.report.objects[0];
    const held = (await system.graph('GET', `/users/${newId}/appRoleAssignments`)).value;
    expect(held.map((role: Json) => [role.resourceId, role.appRoleId])).toEqual([[app, appRoleId]]);
    await system.forgetStats();
    await system.restore({ users: [emil], snapshotId: before.id });
    expect(await system.writes()).toBe(0);

    const [{ id }] = held;
    await system.graph('DELETE', `/users/${newId}/appRoleAssignments/${id}`);
    const compared = (
      await system.api('GET', `/connectors/default/snapshots/${before.id}/users/${emil}/compare?with=live`)
    ).body;
    expect(compared.relationships.filter(({ relation }: Json) => relation === 'appRoleAssignments')).toMatchObject([
      { added: [], removed: [{ displayName: 'Payroll' }] },
    ]);
  });

  it('are taken away again when the restore of a living person is undone', async () => {
    const { emil } = company;
    await system.snapshot('full');
    const held = async () => (await system.graph('GET', `/users/${emil}/appRoleAssignments`)).value;
    const [{ id }] = await held();
    await system.graph('DELETE', `/users/${emil}/appRoleAssignments/${id}`);
    const { job } = await system.restore({ users: [emil] });
    expect(await held()).toHaveLength(1);
    const { jobId } = (await system.api('POST', `/jobs/${job.id}/undo`)).body;
    expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed', counts: { updated: 1 } });
    expect(await held()).toEqual([]);
  }, 60_000);

  it('R40 that were given since are taken away by "rollback" alone, and given again when that is undone', async () => {
    const { emil } = company;
    const held = async () => (await system.graph('GET', `/users/${emil}/appRoleAssignments`)).value.length;
    const role = { principalId: emil, resourceId: app, appRoleId };
    const [{ id }] = (await system.graph('GET', `/users/${emil}/appRoleAssignments`)).value;
    await system.graph('DELETE', `/users/${emil}/appRoleAssignments/${id}`);
    await system.snapshot('full');
    await system.graph('POST', `/users/${emil}/appRoleAssignments`, role);
    await system.restore({ users: [emil] });
    expect(await held()).toBe(1);
    const rolledBack = await system.restore({ users: [emil], links: 'rollback' });
    expect(rolledBack.job).toMatchObject({ status: 'completed', counts: { updated: 1 } });
    expect(await held()).toBe(0);
    const { jobId } = (await system.api('POST', `/jobs/${rolledBack.job.id}/undo`)).body;
    expect(await system.waitForJob(jobId)).toMatchObject({ status: 'completed' });
    expect(await held()).toBe(1);
  }, 60_000);

  it('R09 R13 R37 of an app that is gone are named as missing in plan and report, and nothing is sent for them', async () => {
    const { dora, emil } = company;
    await system.graph('POST', `/users/${dora}/appRoleAssignments`, { principalId: dora, resourceId: app, appRoleId });
    await system.snapshot('full');
    await directory.purge(`/users/${emil}`);
    await system.control('DELETE', `/objects/${app}`);
    const request = { users: [dora, emil], linkKinds: ['appRoleAssignments'] };
    const planId = await system.startRestore({ ...request, dryRun: true });
    await system.waitForJob(planId);
    const { value: steps } = (await system.api('GET', `/jobs/${planId}/plan`)).body;
    const missing = { action: 'skip', relation: 'appRoleAssignments', targetId: app, reason: 'linked-object-missing' };
    expect(steps.filter(({ relation }: Json) => relation !== undefined)).toMatchObject([
      { objectId: dora, ...missing },
      { objectId: emil, ...missing },
    ]);
    const restored = await system.restore(request);
    expect(restored.job.status).toBe('incomplete');
    for (const { links } of restored.report.objects)
      expect(links).toMatchObject([{ targetName: 'Payroll', result: 'skipped', reason: 'linked-object-missing' }]);
    await system.forgetStats();
    await system.restore(request);
    expect(await system.writes()).toBe(0);
  }, 90_000);
});

describe('a device', () => {
  it('R09 R37 that is gone is named as missing in plan and report, and nothing is sent for it', async () => {
    const { project } = company;
    const { id: device } = await system.control('POST', '/objects', {
      '@odata.type': '#microsoft.graph.device',
      displayName: 'Laptop',
      deviceId: '33333333-0000-4000-8000-000000000001',
    });
    await directory.link(`/groups/${project}`, 'members', device);
    await system.snapshot('full');
    await system.control('DELETE', `/objects/${device}`);
    const planId = await system.startRestore({ groups: [project], dryRun: true });
    await system.waitForJob(planId);
    const missing = { relation: 'members', targetId: device, reason: 'linked-object-missing' };
    expect((await system.api('GET', `/jobs/${planId}/plan`)).body.value).toMatchObject([
      { action: 'skip', ...missing },
    ]);
    await system.forgetStats();
    const { job, report } = await system.restore({ groups: [project] });
    expect(job.status).toBe('incomplete');
    expect(report.objects[0].links).toMatchObject([{ result: 'skipped', ...missing }]);
    expect(await system.writes()).toBe(0);
  }, 60_000);
});
