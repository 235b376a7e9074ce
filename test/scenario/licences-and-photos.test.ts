/** What hangs on a user without being a link between objects: licences and the picture. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Company, foundCompany, picture, skuSettings, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
});

const licenceLink = (report: Json, skuId: string): Json =>
  report.objects[0].links.find((link: Json) => link.relation === 'licenses' && link.targetId === skuId);

describe('licences', () => {
  it('R46 assigns a direct one after the usage location with its disabled plans, and one inherited from a group never directly', async () => {
    const { carla, licensed } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${carla}`);
    const { job, report } = await system.restore({ users: [carla] });
    expect(job.status).toBe('completed');
    const live = await directory.get(`/users/${report.objects[0].newId}?$select=usageLocation,licenseAssignmentStates`);
    expect(live.usageLocation).toBe('DE');
    expect(live.licenseAssignmentStates).toHaveLength(2);
    expect(live.licenseAssignmentStates).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ skuId: skus.suite, assignedByGroup: null, disabledPlans: [skus.suitePlan] }),
        expect.objectContaining({ skuId: skus.team, assignedByGroup: licensed }),
      ]),
    );
    await expectUnchangedAgain(system, { users: [carla] });
  });

  it('R46 without a free seat says licence-no-seats and leaves the job incomplete, all else done', async () => {
    const { carla, anna, project } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${carla}`);
    await system.control('POST', '/settings', skuSettings(2));
    await directory.assignLicences(`/users/${anna}`, [skus.suite]);
    const { job, report } = await system.restore({ users: [carla] });
    expect(job.status).toBe('incomplete');
    expect(licenceLink(report, skus.suite)).toMatchObject({ result: 'skipped', reason: 'licence-no-seats' });
    expect(report.objects[0].result).toBe('partial');
    expect(await directory.ids(`/groups/${project}/members?$select=id`)).toContain(report.objects[0].newId);
    await expectNothingLeftToDo(system, { users: [carla] });
  });

  it('R09 R46 without a usage location, which the request leaves as it is, says usage-location-missing in plan and report', async () => {
    const { carla } = company;
    await system.snapshot('full');
    await system.graph('POST', `/users/${carla}/assignLicense`, { addLicenses: [], removeLicenses: [skus.suite] });
    await system.control('PATCH', `/objects/${carla}`, { usageLocation: null });
    const request = { users: [carla], attributes: [], linkKinds: ['licenses'] };
    const planId = await system.startRestore({ ...request, dryRun: true });
    await system.waitForJob(planId);
    const missing = { targetId: skus.suite, reason: 'usage-location-missing' };
    expect((await system.api('GET', `/jobs/${planId}/plan`)).body.value).toMatchObject([
      { action: 'skip', ...missing },
    ]);
    const { job, report } = await system.restore(request);
    expect(job.status).toBe('incomplete');
    expect(licenceLink(report, skus.suite)).toMatchObject({ result: 'skipped', ...missing });
    await expectNothingLeftToDo(system, request);
    await system.restore({ users: [carla] });
    await expectUnchangedAgain(system, { users: [carla] });
  });

  it('R46 of a SKU the tenant no longer owns says licence-unknown-sku', async () => {
    const { carla } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${carla}`);
    await directory.assignLicences(`/users/${company.anna}`, []).catch(() => undefined);
    await system.graph('POST', `/users/${company.bob}/assignLicense`, {
      addLicenses: [],
      removeLicenses: [skus.suite],
    });
    await system.control('POST', '/settings', {
      skus: [{ skuId: skus.team, skuPartNumber: 'TEAMS_TEAM', enabled: 10 }],
    });
    const { job, report } = await system.restore({ users: [carla] });
    expect(job.status).toBe('incomplete');
    expect(licenceLink(report, skus.suite)).toMatchObject({ result: 'skipped', reason: 'licence-unknown-sku' });
    await expectNothingLeftToDo(system, { users: [carla] });
  });
});

it('R09 R24 R49 makes a lost user whole, picture included, whatever attributes the request names of those who are there', async () => {
  const { bob, carla } = company;
  const before = await directory.photoOf(carla);
  await system.snapshot('full');
  await directory.purge(`/users/${carla}`);
  await system.graph('PATCH', `/users/${bob}`, { city: 'Rome', jobTitle: 'Noise' });
  await directory.photo(bob, picture(77));
  const request = { users: [bob, carla], attributes: ['jobTitle'] };
  const planId = await system.startRestore({ ...request, dryRun: true });
  await system.waitForJob(planId);
  const { value: steps } = (await system.api('GET', `/jobs/${planId}/plan?top=1000`)).body;
  const objectSteps = steps.filter(({ relation }: Json) => relation === undefined);
  const of = (id: string): Json[] => objectSteps.filter(({ objectId }: Json) => objectId === id);
  expect(of(bob)).toMatchObject([{ action: 'update', attributes: ['jobTitle'] }]);
  expect(of(carla).map(({ action }) => action)).toEqual(['create', 'skip', 'photo']);

  const { job, report } = await system.restore(request);
  expect(job.status).toBe('completed');
  const made = report.objects.find(({ id }: Json) => id === carla);
  const done = made.attributes.flatMap(({ name, result }: Json) => (result === 'done' ? [name] : []));
  expect(done.sort()).toEqual([...of(carla)[0].attributes, 'photo'].sort());
  expect(made.attributes.filter(({ result }: Json) => result !== 'done')).toEqual([
    { name: 'passwordProfile', result: 'skipped', reason: 'secret-not-restorable' },
  ]);
  expect(await directory.photoOf(made.newId)).toBe(before);
  expect(await directory.get(`/users/${bob}?$select=city,jobTitle`)).toMatchObject({ city: 'Rome' });
  await expectUnchangedAgain(system, request);
});

describe('photos', () => {
  it('R49 are written when missing and when different, and a live one stays where the snapshot has none', async () => {
    const { bob, carla, dora } = company;
    const before = { bob: await directory.photoOf(bob), carla: await directory.photoOf(carla) };
    await system.snapshot('full');
    await system.graph('DELETE', `/users/${bob}/photo/$value`);
    await directory.photo(carla, picture(77));
    await directory.photo(dora, picture(88));
    const kept = await directory.photoOf(dora);
    expect(await directory.photoOf(bob)).toBeUndefined();

    const request = { users: [bob, carla, dora] };
    const { job, report } = await system.restore(request);

    expect(job.status).toBe('completed');
    const results = report.objects.map((object: Json) => [object.id, object.result, object.actions.includes('photo')]);
    expect(results.sort()).toEqual(
      [
        [bob, 'updated', true],
        [carla, 'updated', true],
        [dora, 'unchanged', false],
      ].sort(),
    );
    expect(await directory.photoOf(bob)).toBe(before.bob);
    expect(await directory.photoOf(carla)).toBe(before.carla);
    expect(await directory.photoOf(dora)).toBe(kept);
    await expectUnchangedAgain(system, request);
  });
});
