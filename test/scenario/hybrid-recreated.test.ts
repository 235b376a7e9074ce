/** Synced users that are gone for good, from Entra alone or from Active Directory too, and the synchronization that follows. */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { roles, skuSettings, skus } from '../support/company.ts';
import { onPremisesOf } from '../support/on-premises.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const onPremises = onPremisesOf(system);

/** Built in, and without Microsoft's label of a privileged one. */
const plainRole = roles.reportsReader;
const account = { department: 'Music', jobTitle: 'Cellist', onPremisesSamAccountName: 'ines' };

let ines: string;
let anchor: string;
let choir: string;
let chief: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('POST', '/settings', skuSettings());
  const { id, anchor: chiefAnchor } = await onPremises.synced('Chief');
  chief = id;
  ({ id: ines, anchor } = await onPremises.synced('Ines', { ...account, managerAnchor: chiefAnchor }));
  await system.graph('PATCH', `/users/${ines}`, { usageLocation: 'DE' });
  choir = await directory.securityGroup('Choir');
  const unit = await directory.unit('Berlin');
  await directory.link(`/groups/${choir}`, 'members', ines);
  await directory.link(`/groups/${choir}`, 'owners', ines);
  await directory.link(`/directory/administrativeUnits/${unit}`, 'members', ines);
  await directory.assignRole(ines, plainRole);
  await directory.assignLicences(`/users/${ines}`, [skus.suite]);
});

const whats = (job: Json): string => job.followUps.map(({ what }: Json) => what).join('\n');

it('H03 H04 H14 makes a cloud user with all relations, asks for a sync, and keeps the relations when that has come', async () => {
  await system.snapshot('full');
  const before = await directory.portrait(ines);
  await directory.purge(`/users/${ines}`);

  const { plan, steps } = await planned({ users: [ines] });
  expect(plan.warnings).toMatchObject([{ code: 'hybrid-recreated', objectIds: [ines] }]);
  expect(steps[0]).toMatchObject({ action: 'create', note: expect.stringContaining('synchronization must follow') });

  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('completed');
  const [{ newId, note }] = report.objects;
  expect(report.objects).toMatchObject([{ id: ines, result: 'created', hybrid: 'recreated' }]);
  expect(newId).not.toBe(ines);
  expect(note).toMatch(/Only synchronization or Active Directory can bring: .*onPremisesSamAccountName/);
  expect(whats(job)).toContain('Run a directory synchronization');
  expect(await directory.portrait(newId)).toEqual(before);
  expect(await directory.get(`/users/${newId}?$select=onPremisesImmutableId,onPremisesSyncEnabled`)).toMatchObject({
    onPremisesImmutableId: anchor,
    onPremisesSyncEnabled: null,
  });
  await expectUnchangedAgain(system, { users: [ines] });

  await system.control('PATCH', `/on-premises/users/${encodeURIComponent(anchor)}`, { department: 'Strings' });
  expect(await onPremises.sync()).toMatchObject({ created: 0, matched: [{ id: newId, how: 'hard' }], errors: [] });
  expect(await directory.portrait(newId)).toEqual({
    ...before,
    attributes: { ...before.attributes, department: 'Strings' },
  });
  expect(await directory.get(`/users/${newId}?$select=onPremisesSamAccountName,onPremisesSyncEnabled`)).toMatchObject({
    onPremisesSamAccountName: 'ines',
    onPremisesSyncEnabled: true,
  });
  const { job: later, report: proof } = await expectNothingLeftToDo(system, { users: [ines] });
  expect(proof.objects).toMatchObject([{ newId, hybrid: 'taken-over' }]);
  expect(whats(later)).not.toContain('synchronization');
});

it('H05 holds privileged roles back until the sync has taken the recreated user over; restoring again hands them back', async () => {
  const admins = await directory.securityGroup('Admins', { isAssignableToRole: true });
  await directory.link(`/groups/${admins}`, 'members', ines);
  await directory.assignRole(admins, roles.helpdesk);
  await directory.assignRole(ines, roles.helpdesk);
  await system.snapshot('full');
  const before = await directory.portrait(ines);
  await directory.purge(`/users/${ines}`);

  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('incomplete');
  const [{ newId, links }] = report.objects;
  for (const [relation, targetId] of [
    ['roleAssignments', roles.helpdesk],
    ['memberOf', admins],
  ])
    expect(links).toContainEqual(
      expect.objectContaining({ relation, targetId, result: 'skipped', reason: 'not-tried' }),
    );
  expect(whats(job)).toMatch(/gives back the role Helpdesk Administrator/);
  expect(whats(job)).toMatch(/gives back the role-assignable group Admins/);
  expect((await directory.portrait(newId)).roles).toEqual([`${plainRole} /`]);
  await expectNothingLeftToDo(system, { users: [ines] });

  expect(await onPremises.sync()).toMatchObject({ matched: [{ id: newId, how: 'hard' }], errors: [] });
  const second = await system.restore({ users: [ines] });
  expect(second.job.status).toBe('completed');
  expect(await directory.portrait(newId)).toEqual(before);
  await expectUnchangedAgain(system, { users: [ines] });
});

it('H05 leaves an anchor out that synchronization may not match by, says so before and after, and the user is matched by name', async () => {
  await system.snapshot('full');
  await directory.purge(`/users/${ines}`);
  await system.control('POST', '/settings', { blockHardMatch: true });
  const { steps } = await planned({ users: [ines] });
  const anchorStep = { action: 'skip', attributes: ['onPremisesImmutableId'], reason: 'attribute-rejected' };
  expect(steps).toContainEqual(expect.objectContaining(anchorStep));

  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('incomplete');
  const [{ newId, note }] = report.objects;
  expect(note).toContain('soft match');
  expect(whats(job)).toContain('soft match');
  expect(await onPremises.sync()).toMatchObject({ matched: [{ anchor, id: newId, how: 'soft' }], errors: [] });
});

it('H11 warns where only some relations of a synced user are to come back', async () => {
  await system.snapshot('full');
  await directory.purge(`/users/${ines}`);
  const { plan } = await planned({ users: [ines], linkKinds: ['manager'] });
  expect(plan.warnings).toContainEqual(
    expect.objectContaining({ code: 'hybrid-without-relations', objectIds: [ines] }),
  );
});

it('H08 takes nobody for the lost user whom a sync made under the same name with another anchor', async () => {
  await system.snapshot('full');
  await system.control('DELETE', `/on-premises/users/${encodeURIComponent(anchor)}`);
  await onPremises.sync();
  await system.graph('DELETE', `/directory/deletedItems/${ines}`);
  const { id: other } = await onPremises.synced('Ines');
  await system.forgetStats();
  const { report } = await system.restore({ users: [ines] });
  expect(report.objects).toMatchObject([
    { id: ines, result: 'failed', reason: 'ambiguous-match', note: expect.stringContaining(other) },
  ]);
  expect(await system.writes()).toBe(0);
  await expectNothingLeftToDo(system, { users: [ines] });
});

it('H09 reports the anchor that a binned copy holds, and purges nothing', async () => {
  await system.snapshot('full');
  await directory.purge(`/users/${ines}`);
  await onPremises.sync();
  const copy = await onPremises.userNamed('Ines');
  await directory.bin(`/users/${copy}`);
  await system.forgetStats();
  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('failed');
  expect(report.objects).toMatchObject([
    { id: ines, result: 'failed', reason: 'anchor-conflict', note: expect.stringContaining(copy) },
  ]);
  expect(await system.writes()).toBe(0);
  expect(await directory.find(`/directory/deletedItems/${copy}`)).toMatchObject({ id: copy });
  await expectNothingLeftToDo(system, { users: [ines] });
});

it('H10 makes a cloud user when Active Directory lost it too, and later finds it synced with its relations', async () => {
  await system.snapshot('full');
  const before = await directory.portrait(ines);
  await system.control('DELETE', `/on-premises/users/${encodeURIComponent(anchor)}`);
  await onPremises.sync();
  await system.graph('DELETE', `/directory/deletedItems/${ines}`);

  const { job, report } = await system.restore({ users: [ines] });
  expect(job.status).toBe('completed');
  const [{ newId }] = report.objects;
  expect(await directory.portrait(newId)).toEqual(before);
  expect(whats(job)).toMatch(/restore the Active Directory object[\s\S]*Run a directory synchronization/);
  const waiting = await expectNothingLeftToDo(system, { users: [ines] });
  expect(waiting.report.objects).toMatchObject([{ newId, hybrid: 'awaiting-sync' }]);
  expect(whats(waiting.job)).toContain('restore the Active Directory object');

  await onPremises.account({ anchor, userPrincipalName: 'ines@contoso.com', displayName: 'Ines', ...account });
  expect(await onPremises.sync()).toMatchObject({ matched: [{ anchor, id: newId, how: 'hard' }], errors: [] });
  expect(await directory.portrait(newId)).toEqual(before);
  const { report: proof } = await expectNothingLeftToDo(system, { users: [ines] });
  expect(proof.objects).toMatchObject([{ newId, result: 'unchanged', hybrid: 'taken-over' }]);
});

it('H11 warns before a synced user is restored without its relations', async () => {
  await system.snapshot('full');
  await directory.purge(`/users/${ines}`);
  const { plan } = await planned({ users: [ines, chief], links: 'skip' });
  expect(plan.warnings).toContainEqual(
    expect.objectContaining({ code: 'hybrid-without-relations', objectIds: [ines, chief] }),
  );
  const { job } = await system.restore({ users: [ines], links: 'skip' });
  expect(job.warnings).toContainEqual(expect.objectContaining({ code: 'hybrid-without-relations' }));
  expect((await planned({ users: [ines] })).plan.warnings).not.toContainEqual(
    expect.objectContaining({ code: 'hybrid-without-relations' }),
  );
  await expectNothingLeftToDo(system, { users: [ines], links: 'skip' });
});

/** The dry run's job and steps. */
async function planned(request: Json): Promise<{ plan: Json; steps: Json[] }> {
  const plan = await system.waitForJob(await system.startRestore({ ...request, dryRun: true }));
  return { plan, steps: (await system.api('GET', `/jobs/${plan.id}/plan`)).body.value };
}
