/** The day this product is for: two people deleted, one of them for good, and everything about them back. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Company, foundCompany } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const rowOf = (report: Json, id: string): Json => report.objects.find((object: Json) => object.id === id);

describe('two deleted users of one company', () => {
  let company: Company;
  beforeEach(async () => {
    company = await foundCompany(system);
  });

  it('R04 R16 R24 R25 brings both back in one job, the binned one under its old id, the purged one under a new one', async () => {
    const { bob, carla, dora, emil } = company;
    const before = { bob: await directory.portrait(bob), carla: await directory.portrait(carla) };
    const created = (await directory.get(`/users/${bob}?$select=createdDateTime`)).createdDateTime;
    await system.snapshot('full');
    await directory.bin(`/users/${bob}`);
    await directory.purge(`/users/${carla}`);

    const request = { users: [bob, 'carla@contoso.com'] };
    const { job, report } = await system.restore(request);

    expect(report.objects).toHaveLength(2);
    expect(job).toMatchObject({ status: 'completed', counts: { created: 1, undeleted: 1 } });
    expect(rowOf(report, bob)).toMatchObject({ result: 'undeleted', verification: { matched: true } });
    const row = rowOf(report, carla);
    expect(row).toMatchObject({ kind: 'users', result: 'created', verification: { matched: true } });
    expect(row.newId).toMatch(/^[0-9a-f-]{36}$/);
    expect(row.newId).not.toBe(carla);

    expect(await directory.portrait(bob)).toEqual(before.bob);
    expect((await directory.get(`/users/${bob}?$select=createdDateTime`)).createdDateTime).toBe(created);
    expect(await directory.portrait(row.newId)).toEqual(before.carla);
    expect((await directory.find(`/users/${dora}/manager?$select=id`)).id, 'R26 the manager of Dora').toBe(row.newId);
    expect((await directory.find(`/users/${emil}/manager?$select=id`)).id, 'the manager of Emil').toBe(bob);
    expect(await directory.usersNamed('carla@contoso.com')).toHaveLength(1);
    expect(await directory.usersNamed('bob@contoso.com')).toHaveLength(1);
    await expectUnchangedAgain(system, request);
  });

  it('R16 lays attributes, licences and links of the snapshot over an undeleted user that was changed before it was deleted', async () => {
    const { bob, project, team } = company;
    const before = await directory.portrait(bob);
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${bob}`, { department: 'Nowhere', jobTitle: null });
    await directory.unlink(`/groups/${project}`, 'members', bob);
    await directory.unlink(`/groups/${team}`, 'owners', bob);
    await system.graph('DELETE', `/users/${bob}/manager/$ref`);
    await directory.bin(`/users/${bob}`);

    const { job, report } = await system.restore({ users: [bob] });

    expect(job.status).toBe('completed');
    expect(rowOf(report, bob).result).toBe('undeleted');
    expect(await directory.portrait(bob)).toEqual(before);
    await expectUnchangedAgain(system, { users: [bob] });
  });

  it('R38 links users and a group that were both purged to each other under their new ids', async () => {
    const { bob, carla, project } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${bob}`);
    await directory.purge(`/users/${carla}`);
    await directory.purge(`/groups/${project}`);

    const request = { users: [bob, carla], groups: [project] };
    const { job, report } = await system.restore(request);

    expect(job).toMatchObject({ status: 'completed', counts: { created: 3 } });
    const people = [rowOf(report, bob).newId, rowOf(report, carla).newId].sort();
    const group = rowOf(report, project).newId;
    expect(group).not.toBe(project);
    expect(await directory.ids(`/groups/${group}/members?$select=id`)).toEqual(people);
    expect(await directory.ids(`/groups/${group}/owners?$select=id`)).toEqual(people);
    for (const person of [bob, carla]) {
      expect(rowOf(report, person).links).toContainEqual({
        action: 'link',
        relation: 'ownedObjects',
        targetId: project,
        newTargetId: group,
        targetName: 'Project Falcon',
        result: 'done',
      });
    }
    const named = await directory.all(`/groups?$filter=${encodeURIComponent("displayName eq 'Project Falcon'")}`);
    expect(named).toHaveLength(1);
    await expectUnchangedAgain(system, request);
  });

  it('R37 names both ends of a link whose other end is gone, and does everything else of the user', async () => {
    const { bob, anna, project, team, berlin } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${bob}`);
    await directory.purge(`/groups/${project}`);
    await directory.purge(`/users/${anna}`);

    const { job, report } = await system.restore({ users: [bob] });

    expect(job.status).toBe('incomplete');
    const row = rowOf(report, bob);
    expect(row.result).toBe('partial');
    const missing = row.links.filter((link: Json) => link.reason === 'linked-object-missing');
    for (const link of row.links) expect(link, 'no other end has a new id').not.toHaveProperty('newTargetId');
    expect(missing).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          relation: 'memberOf',
          targetId: project,
          targetName: 'Project Falcon',
          result: 'skipped',
        }),
        expect.objectContaining({ relation: 'manager', targetId: anna, targetName: 'Anna', result: 'skipped' }),
      ]),
    );
    expect(await directory.ids(`/users/${row.newId}/memberOf/microsoft.graph.group?$select=id`)).toContain(team);
    expect(await directory.ids(`/directory/administrativeUnits/${berlin}/members?$select=id`)).toContain(row.newId);
    await system.forgetStats();
    await system.restore({ users: [bob] });
    expect(await system.writes()).toBe(0);
  });
});
