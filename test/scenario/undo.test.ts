/** A restore taken back: created people go into the bin, whoever came out of it goes back, values and links are as they were. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Company, foundCompany, picture, roles, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
});

const startUndo = (id: string, body?: unknown) => system.api('POST', `/jobs/${id}/undo`, body);
async function undo(id: string, body?: unknown): Promise<{ readonly job: Json; readonly report?: Json }> {
  const { status, body: answer } = await startUndo(id, body);
  expect(status, JSON.stringify(answer)).toBe(202);
  const job = await system.waitForJob(answer.jobId, 120_000);
  return (body as Json)?.dryRun ? { job } : { job, report: await system.report(answer.jobId) };
}

/**
 * The tenant as the simulator tells it, but for what an undo cannot know: whom the restore created (they lie in the bin, with what links to
 * them), ids of assignments, and times.
 */
async function tenant(created: readonly string[] = []): Promise<Json> {
  const isCreated = (text: unknown) => created.some((one) => String(text).includes(one));
  const plain = (value: Json): Json => {
    if (Array.isArray(value))
      return value
        .filter((one) => !isCreated(one))
        .map(plain)
        .sort(byText);
    if (typeof value !== 'object' || value === null) return value;
    const kept = Object.entries(value).flatMap(([name, inner]): [string, Json][] => {
      if (name === 'deletedDateTime') return [['isDeleted', true]];
      const told = plain(inner);
      const isEmptied = isEmpty(told) && !isEmpty(inner);
      return name === 'lastUpdatedDateTime' || isEmptied ? [] : [[name, told]];
    });
    return Object.fromEntries(kept);
  };
  const kinds = await system.control('GET', '/dump');
  return Object.fromEntries(
    Object.entries<Json>(kinds).flatMap(([kind, objects]): [string, Json][] => {
      if (!Array.isArray(objects)) return [[kind, plain(objects)]];
      const known = objects
        .filter(({ id, key, principalId }) => !isCreated(id) && !isCreated(key) && !isCreated(principalId))
        .map(({ id, key, ...more }) => (more.principalId === undefined ? { id, key, ...more } : more));
      return known.length === 0 ? [] : [[kind, plain(known)]];
    }),
  );
}

const isEmpty = (value: Json): boolean => typeof value === 'object' && Object.keys(value ?? {}).length === 0;

const byText = (left: Json, right: Json): number => JSON.stringify(left).localeCompare(JSON.stringify(right));

describe('undo of a restore', () => {
  it('puts back values, links, roles, licences and photos of the living, bins again who was binned and who was made', async () => {
    const { anna, bob, carla, dora, emil, project } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${bob}`);
    await directory.bin(`/users/${carla}`);
    await system.graph('PATCH', `/users/${dora}`, { department: 'Purchase', jobTitle: null, city: 'Hamburg' });
    await directory.photo(dora, picture(9));
    await directory.manager(dora, emil);
    await directory.link(`/groups/${project}`, 'members', dora);
    await directory.assignRole(dora, roles.reportsReader);
    await directory.assignLicences(`/users/${dora}`, [skus.suite]);
    await directory.manager(emil, anna);
    const before = await tenant();
    const request = { users: [bob, carla, dora, emil], links: 'rollback', allowPrivilegedRemoval: true };
    const { job, report } = await system.restore(request);
    expect(job, JSON.stringify(report)).toMatchObject({ status: 'completed', counts: { created: 1, undeleted: 1 } });
    const made = report.objects.find((object: Json) => object.id === bob).newId;

    const dry = await undo(job.id, { dryRun: true });
    expect(dry.job).toMatchObject({ kind: 'undo', status: 'completed', counts: { deleted: 2 }, undoes: job.id });
    const { value: plan } = (await system.api('GET', `/jobs/${dry.job.id}/plan`)).body;
    expect(
      plan
        .filter(({ action }: Json) => action === 'delete')
        .map(({ objectId }: Json) => objectId)
        .sort(),
    ).toEqual([bob, carla].sort());

    const undone = await undo(job.id, { reason: 'The wrong snapshot' });
    expect(undone.job, JSON.stringify(undone.report)).toMatchObject({
      kind: 'undo',
      status: 'completed',
      reason: 'The wrong snapshot',
      undoes: job.id,
      counts: { deleted: 2 },
    });
    expect(undone.report.objects.every(({ verification }: Json) => verification.matched)).toBe(true);
    const links = undone.report.objects.flatMap((object: Json) => object.links);
    const managers = links.filter(({ relation }: Json) => relation === 'manager');
    expect(managers).toContainEqual(expect.objectContaining({ targetId: emil, targetName: 'Emil' }));
    expect(await tenant([made])).toEqual(before);

    const again = await startUndo(job.id);
    const detail = expect.stringContaining(undone.job.id);
    expect(again).toMatchObject({ status: 409, body: { code: 'conflict', detail, jobId: undone.job.id } });
    expect(await startUndo(undone.job.id)).toMatchObject({ status: 400 });
  }, 180_000);

  it('is not undone itself: the restore, started again, gives the same people back under the same ids, with all they had', async () => {
    const { bob, carla, dora, emil } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${bob}`);
    await directory.bin(`/users/${carla}`);
    await system.graph('PATCH', `/users/${dora}`, { department: 'Purchase' });
    await directory.manager(dora, emil);
    const request = { users: [bob, carla, dora], links: 'rollback', allowPrivilegedRemoval: true };
    const first = await system.restore(request);
    expect(first.job.status, JSON.stringify(first.report)).toBe('completed');
    const restored = await tenant();
    await undo(first.job.id);
    expect(await tenant()).not.toEqual(restored);

    const again = await system.restore(request);
    expect(again.job, JSON.stringify(again.report)).toMatchObject({
      status: 'completed',
      counts: { created: 0, undeleted: 2 },
    });
    const ids = ({ report }: { report: Json }) => report.objects.map(({ newId }: Json) => newId);
    expect(ids(again)).toEqual(ids(first));
    expect(await tenant()).toEqual(restored);
  }, 180_000);

  it('leaves alone what somebody has changed since, with all that hangs on it, and says plan-drift', async () => {
    const { anna, bob, dora, emil, project } = company;
    await system.snapshot('full');
    for (const one of [dora, emil]) await system.graph('PATCH', `/users/${one}`, { department: 'Purchase' });
    await directory.manager(emil, anna);
    await directory.photo(bob, picture(7));
    const { job } = await system.restore({ users: [bob, dora, emil] });
    expect(job.status).toBe('completed');
    await directory.photo(bob, picture(8));
    const chosen = await directory.photoOf(bob);
    await system.graph('PATCH', `/users/${dora}`, { department: 'Legal' });
    await directory.manager(emil, dora);
    await directory.link(`/groups/${project}`, 'members', emil);

    const undone = await undo(job.id);
    expect(undone.job.status).toBe('incomplete');
    const told = Object.fromEntries(undone.report.objects.map((object: Json) => [object.id, object]));
    expect(told[dora]).toMatchObject({ result: 'skipped', reason: 'plan-drift' });
    expect(told[bob].attributes).toMatchObject([{ name: 'photo', result: 'skipped', reason: 'plan-drift' }]);
    expect(await directory.photoOf(bob)).toBe(chosen);
    expect(told[emil].links).toMatchObject([{ relation: 'manager', result: 'skipped', reason: 'plan-drift' }]);
    const departments = await Promise.all([dora, emil].map((one) => directory.get(`/users/${one}?$select=department`)));
    expect(departments.map(({ department }) => department)).toEqual(['Legal', 'Purchase']);
    expect((await directory.get(`/users/${emil}/manager?$select=id`)).id).toBe(dora);
    expect(await directory.ids(`/groups/${project}/members?$select=id`)).toContain(emil);

    // What could not be taken back can be tried again, and costs nothing while it is as it is.
    await system.forgetStats();
    expect((await undo(job.id)).job.status).toBe('incomplete');
    expect(await system.writes()).toBe(0);
  }, 180_000);

  it('takes back groups, units and their members, and what was made of them', async () => {
    const { project, team, berlin } = company;
    await system.snapshot('full');
    await directory.purge(`/groups/${project}`);
    await directory.bin(`/groups/${team}`);
    await system.graph('PATCH', `/directory/administrativeUnits/${berlin}`, { description: 'Moved' });
    await directory.unlink(`/directory/administrativeUnits/${berlin}`, 'members', company.bob);
    const before = await tenant();
    const { job, report } = await system.restore({ groups: [project, team], administrativeUnits: [berlin] });
    expect(job, JSON.stringify(report)).toMatchObject({ status: 'completed', counts: { created: 1, undeleted: 1 } });
    const made = report.objects.find((object: Json) => object.id === project).newId;
    expect(await directory.ids(`/groups/${made}/members?$select=id`)).not.toEqual([]);

    await system.forgetStats();
    const undone = await undo(job.id);
    expect(undone.job, JSON.stringify(undone.report)).toMatchObject({ status: 'completed', counts: { deleted: 2 } });
    // Two objects into the bin, a description, a member: the links of the group that was made go with it.
    expect(await system.writes()).toBe(4);
    expect(await tenant([made])).toEqual(before);
  }, 180_000);

  it('takes back a custom role with those who came back with it, and leaves no assignment behind', async () => {
    const { bob } = company;
    const role = await system.graph('POST', '/roleManagement/directory/roleDefinitions', {
      displayName: 'Reader of groups',
      isEnabled: true,
      rolePermissions: [{ allowedResourceActions: ['microsoft.directory/groups/standard/read'] }],
    });
    await directory.assignRole(bob, role.id);
    await directory.assignRole(company.dora, role.id);
    await system.snapshot('full');
    await directory.purge(`/users/${bob}`);
    for (const { id } of await directory.all(
      `/roleManagement/directory/roleAssignments?$filter=roleDefinitionId eq '${role.id}'`,
    ))
      await system.graph('DELETE', `/roleManagement/directory/roleAssignments/${id}`);
    await system.graph('DELETE', `/roleManagement/directory/roleDefinitions/${role.id}`);
    const before = await tenant();
    const { job, report } = await system.restore({ users: [bob, company.dora], roleDefinitions: [role.id] });
    expect(job, JSON.stringify(report)).toMatchObject({ status: 'completed', counts: { created: 2, updated: 1 } });
    const made = report.objects.map(({ newId }: Json) => newId).filter((id: string) => id !== company.dora);

    const undone = await undo(job.id);
    expect(undone.job, JSON.stringify(undone.report)).toMatchObject({ status: 'completed', counts: { deleted: 2 } });
    expect(await tenant(made)).toEqual(before);
  }, 120_000);

  it('R52 costs what Graph will not tell of one object that object alone; once more, it is taken back too', async () => {
    const { bob, carla, project } = company;
    await system.snapshot('full');
    for (const user of [bob, carla]) {
      await system.graph('PATCH', `/users/${user}`, { department: 'Noise' });
      await directory.unlink(`/groups/${project}`, 'members', user);
    }
    const before = await tenant();
    const { job: done } = await system.restore({ users: [bob, carla] });
    for (const path of [`/users/${carla}`, `/users/${carla}/memberOf`])
      await system.control('POST', '/faults', [
        {
          match: { method: 'GET', path },
          times: 10_000,
          effect: 'status',
          status: 403,
          code: 'Authorization_RequestDenied',
        },
      ]);
    const { job, report } = await undo(done.id);
    await system.control('DELETE', '/faults');
    expect(job.status).toBe('incomplete');
    const [his, hers] = [bob, carla].map((id) => report.objects.find((object: Json) => object.id === id));
    expect(his).toMatchObject({ result: 'updated', verification: { matched: true } });
    expect(hers).toMatchObject({ result: 'failed', reason: 'graph-error', note: expect.stringContaining('403') });
    expect((await undo(done.id)).job.status).toBe('completed');
    expect(await tenant()).toEqual(before);
  });

  it('R57 and a restore of the same objects do not run side by side, whichever came first', async () => {
    const { dora, emil } = company;
    await system.snapshot('full');
    for (const one of [dora, emil]) await system.graph('PATCH', `/users/${one}`, { department: 'Purchase' });
    const { job } = await system.restore({ users: [dora, emil] });
    await system.control('POST', '/settings', { latencyMs: 200 });
    const { jobId } = (await startUndo(job.id)).body;
    const restores = '/connectors/default/restores';
    const refused = await system.api('POST', restores, { users: [emil] });
    expect(refused).toMatchObject({ status: 409, body: { code: 'job-running', jobId } });
    expect(await startUndo(job.id)).toMatchObject({ status: 409, body: { code: 'job-running', jobId } });
    expect((await system.api('POST', `/jobs/${jobId}/cancel`)).status).toBe(202);
    expect(await system.waitForJob(jobId)).toMatchObject({ status: 'cancelled' });

    const running = await system.startRestore({ users: [dora] });
    expect(await startUndo(job.id)).toMatchObject({ status: 409, body: { jobId: running } });
    await system.control('POST', '/settings', { latencyMs: 0 });
    await system.waitForJob(running);
    expect((await undo(job.id)).job.status).toBe('completed');
    const departments = await Promise.all([dora, emil].map((one) => directory.get(`/users/${one}?$select=department`)));
    expect(departments.map(({ department }) => department)).toEqual(['Purchase', 'Purchase']);
  }, 120_000);

  it('is refused with clear words for what is no restore', async () => {
    const snapshot = await system.snapshot('full');
    expect(await startUndo(snapshot.id)).toMatchObject({
      status: 400,
      body: { detail: expect.stringContaining('wrote nothing') },
    });
    const plan = await system.startRestore({ users: [company.dora], dryRun: true });
    await system.waitForJob(plan);
    expect(await startUndo(plan)).toMatchObject({ status: 400 });
    expect(await startUndo('nobody-knows-it')).toMatchObject({ status: 404 });
    expect(await startUndo(plan, { dryrun: true })).toMatchObject({ status: 400 });
  }, 60_000);
});

describe('undo of a job that ended badly', () => {
  it('takes back what a cancelled restore has done, and nothing else', async () => {
    await system.control('POST', '/seed', { users: 60, groups: 5, linksPerUser: 2, seed: 3 });
    const users = await directory.ids('/users?$select=id&$top=999');
    await system.snapshot('full');
    for (const id of users) await system.graph('PATCH', `/users/${id}`, { department: `Lost ${id.slice(0, 4)}` });
    const before = await tenant();
    await system.control('POST', '/settings', { latencyMs: 100 });
    const id = await system.startRestore({ users });
    while ((await system.api('GET', `/jobs/${id}`)).body.progress.done < 10) await sleep(20);
    expect((await startUndo(id)).status).toBe(409);
    await system.api('POST', `/jobs/${id}/cancel`);
    await system.control('POST', '/settings', { latencyMs: 0 });
    expect(await system.waitForJob(id)).toMatchObject({ status: 'cancelled' });
    expect(await tenant()).not.toEqual(before);

    expect((await undo(id)).job.status).toBe('completed');
    expect(await tenant()).toEqual(before);
  }, 180_000);

  it('takes back all that was done although the host died in the middle of the restore, and of its undo', async () => {
    await system.control('POST', '/seed', { users: 60, groups: 5, linksPerUser: 2, seed: 4 });
    const users = await directory.ids('/users?$select=id&$top=999');
    await system.snapshot('full');
    for (const [index, id] of users.entries()) {
      if (index % 3 === 0) await directory.purge(`/users/${id}`);
      else if (index % 3 === 1) await directory.bin(`/users/${id}`);
      else await system.graph('PATCH', `/users/${id}`, { department: 'Lost' });
    }
    const before = await tenant();
    const killedIn = async (id: string) => {
      while ((await system.api('GET', `/jobs/${id}`)).body.progress.done < 20) await sleep(20);
      process.kill(system.system.pids.host, 'SIGKILL');
      await sleep(200);
      await system.system.restartHost();
    };
    await system.control('POST', '/settings', { latencyMs: 100 });
    const id = await system.startRestore({ users });
    await killedIn(id);
    expect(await system.waitForJob(id, 120_000)).toMatchObject({ status: 'completed' });
    const { objects } = await system.report(id);
    const made = objects.filter(({ result }: Json) => result === 'created').map(({ newId }: Json) => newId);
    expect(made).toHaveLength(20);

    const { jobId } = (await startUndo(id)).body;
    await killedIn(jobId);
    await system.control('POST', '/settings', { latencyMs: 0 });
    expect(await system.waitForJob(jobId, 120_000)).toMatchObject({ status: 'completed', counts: { deleted: 40 } });
    expect(await tenant(made)).toEqual(before);
  }, 240_000);
});
