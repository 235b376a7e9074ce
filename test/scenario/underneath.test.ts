/** What changes underneath a job: seats that run out, targets that are deleted between plan and write, a snapshot that breaks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { skuSettings, skus } from '../support/company.ts';
import { storedBlobs } from '../support/stored-blobs.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let ada: string;
let ben: string;
let choir: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('POST', '/settings', skuSettings(2));
  ada = await directory.user('Ada', { department: 'Music', usageLocation: 'DE' });
  ben = await directory.user('Ben', { department: 'Music', usageLocation: 'DE' });
  choir = await directory.securityGroup('Choir');
  for (const user of [ada, ben]) await directory.link(`/groups/${choir}`, 'members', user);
});

const planned = async (request: Json): Promise<string> => {
  const id = await system.startRestore({ ...request, dryRun: true });
  expect(await system.waitForJob(id)).toMatchObject({ status: 'completed' });
  return id;
};
const linksOf = (report: Json, id: string): Json[] => report.objects.find((object: Json) => object.id === id).links;
const whatOf = (report: Json, id: string): Json[] =>
  linksOf(report, id).map(({ relation, result, reason }) => [relation, reason ?? result]);

describe('R46 seats', () => {
  const strip = (user: string) =>
    system.graph('POST', `/users/${user}/assignLicense`, { addLicenses: [], removeLicenses: [skus.suite] });
  let carla: string;
  beforeEach(async () => {
    for (const user of [ada, ben]) await directory.assignLicences(`/users/${user}`, [skus.suite]);
    await system.snapshot('full');
    for (const user of [ada, ben]) await strip(user);
    carla = await directory.user('Carla', { usageLocation: 'DE' });
  });

  it('R10 that are too few are counted before the first write; as many users as there are seats get theirs, and the rest is named', async () => {
    await directory.assignLicences(`/users/${carla}`, [skus.suite]);
    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.preflight).toEqual([
      {
        code: 'licence-no-seats',
        message: `SKU ${skus.suite}: 2 seats are needed, 1 are free.`,
        objectIds: [ada, ben],
      },
    ]);
    expect(job.status).toBe('incomplete');
    const told = [ada, ben].flatMap((user) => whatOf(report, user)).map(([, how]) => how);
    expect(told.sort()).toEqual(['done', 'licence-no-seats']);
    await strip(carla);
    expect((await system.restore({ users: [ada, ben] })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users: [ada, ben] });
  });

  it('that somebody takes between plan and write are named at those who come too late', async () => {
    const planId = await planned({ users: [ada, ben] });
    await directory.assignLicences(`/users/${carla}`, [skus.suite]);
    const { job, report } = await system.restore({ planId });
    expect(job.status).toBe('incomplete');
    const told = [ada, ben].flatMap((user) => whatOf(report, user)).map(([, how]) => how);
    expect(told.sort()).toEqual(['done', 'licence-no-seats']);
    await expectNothingLeftToDo(system, { users: [ada, ben] });
  });
});

describe('what is deleted for good between plan and write', () => {
  beforeEach(async () => {
    await system.snapshot('full');
    for (const user of [ada, ben]) {
      await system.graph('PATCH', `/users/${user}`, { department: 'Noise' });
      await directory.unlink(`/groups/${choir}`, 'members', user);
    }
  });

  it('R37 is named: the other end of a link, and plan-drift where it is an object of the plan; a new plan brings all back', async () => {
    const planId = await planned({ users: [ada, ben] });
    await directory.purge(`/users/${ben}`);
    await directory.purge(`/groups/${choir}`);
    const { job, report } = await system.restore({ planId });
    expect(job.status).toBe('incomplete');
    expect(report.objects).toMatchObject([
      { id: ada, result: 'partial', attributes: [{ name: 'department', result: 'done' }] },
      { id: ben, result: 'skipped', reason: 'plan-drift' },
    ]);
    expect(whatOf(report, ada)).toEqual([['memberOf', 'linked-object-missing']]);
    const request = { users: [ada, ben], groups: [choir] };
    expect((await system.restore(request)).job).toMatchObject({ status: 'completed', counts: { created: 2 } });
    await expectUnchangedAgain(system, request);
  });

  it('R52 does not take the others along: a user who goes while links are written is missed by the proof', async () => {
    await system.control('POST', '/settings', { latencyMs: 200 });
    const id = await system.startRestore({ users: [ada, ben] });
    while ((await system.api('GET', `/jobs/${id}`)).body.phase !== 'linking') await sleep(10);
    await directory.purge(`/users/${ben}`);
    await system.control('POST', '/settings', { latencyMs: 0 });
    const job = await system.waitForJob(id, 120_000);
    const report = await system.report(id);
    expect(job.status).toBe('incomplete');
    const [first, second] = [ada, ben].map((user) => report.objects.find((object: Json) => object.id === user));
    expect(first).toMatchObject({ result: 'updated', verification: { matched: true } });
    expect(second.result).toBe('partial');
    expect(second.verification.matched).toBe(false);
    expect((await system.restore({ users: [ada, ben] })).job).toMatchObject({
      status: 'completed',
      counts: { created: 1 },
    });
    await expectUnchangedAgain(system, { users: [ada, ben] });
  }, 180_000);
});

describe('a snapshot that breaks', () => {
  it('is refused with corrupt-snapshot where its manifest tells, or a shard of who is named, and ends a job that meets it later; nothing is written', async () => {
    const { id } = await system.snapshot('full');
    await system.graph('PATCH', `/users/${ada}`, { department: 'Noise' });
    const blobs = storedBlobs(system);
    const manifest = `default/snapshots/${id}.json`;
    const whole = await blobs.get(manifest);
    await blobs.put(manifest, whole.subarray(0, whole.length / 2));
    await system.forgetStats();
    expect(
      (await system.api('POST', '/connectors/default/restores', { users: [ada], snapshotId: id })).body,
    ).toMatchObject({
      code: 'corrupt-snapshot',
    });
    await blobs.put(manifest, whole);

    const shards = await blobs.names('default/shards/');
    const sound = new Map<string, Buffer>();
    for (const name of shards) sound.set(name, await blobs.get(name));
    for (const [name, bytes] of sound) await blobs.put(name, bytes.subarray(0, bytes.length - 3));
    const refused = await system.api('POST', '/connectors/default/restores', { users: [ada], snapshotId: id });
    expect(refused).toMatchObject({ status: 409, body: { code: 'corrupt-snapshot' } });
    const { job } = await system.restore({ users: 'all', snapshotId: id, dryRun: false });
    expect(job).toMatchObject({ status: 'failed', error: { code: 'corrupt-snapshot' } });
    expect(await system.writes()).toBe(0);
    for (const [name, bytes] of sound) await blobs.put(name, bytes);
  });

  it('or is of a newer format is refused by that name', async () => {
    const { id } = await system.snapshot('full');
    const blobs = storedBlobs(system);
    const manifest = `default/snapshots/${id}.json`;
    const whole = await blobs.get(manifest);
    const newer = whole.toString().replace(/"(formatVersion|format)": ?(\d+)/, (_, name) => `"${name}": 99`);
    expect(newer).not.toBe(whole.toString());
    await blobs.put(manifest, Buffer.from(newer));
    const { body } = await system.api('POST', '/connectors/default/restores', { users: [ada], snapshotId: id });
    expect(body).toMatchObject({ code: 'corrupt-snapshot', detail: expect.stringContaining('has format 99') });
    await blobs.put(manifest, whole);
  });
});
