/** What changed between two snapshots, or since one: of one person, and of the whole directory. */
import { beforeAll, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo } from '../support/again.ts';
import { type Company, foundCompany, picture, roles, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const snapshots = '/connectors/default/snapshots';
let company: Company;
let before: Json;
let after: Json;

const ids = (related: readonly Json[]): string[] => related.map(({ id }) => id).sort();
const relation = (comparison: Json, name: string): Json =>
  comparison.relationships.find((one: Json) => one.relation === name) ?? { added: [], removed: [] };
const attribute = (comparison: Json, name: string): Json =>
  comparison.attributes.find((one: Json) => one.name === name);
const get = async (path: string): Promise<Json> => {
  const { status, body } = await system.api('GET', path);
  expect(status, JSON.stringify(body)).toBe(200);
  return body;
};

beforeAll(async () => {
  company = await foundCompany(system);
  const { bob, carla, dora, emil, project, team, licensed, berlin } = company;
  before = await system.snapshot('full');
  const { graph, directory } = system;
  await graph('PATCH', `/users/${carla}`, { department: 'Support', city: null });
  await graph('DELETE', `/groups/${project}/members/${carla}/$ref`);
  await graph('DELETE', `/groups/${project}/owners/${carla}/$ref`);
  await directory.manager(carla, bob);
  await graph('DELETE', `/directory/administrativeUnits/${berlin}/members/${carla}/$ref`);
  await graph('POST', `/users/${carla}/assignLicense`, { addLicenses: [], removeLicenses: [skus.suite] });
  await directory.link(`/users/${carla}`, 'sponsors', dora);
  await directory.photo(carla, picture(9));
  await directory.assignRole(emil, roles.reportsReader);
  await directory.link(`/groups/${team}`, 'members', emil);
  await graph('DELETE', `/users/${dora}`);
  await directory.user('Fred', {});
  await graph('PATCH', `/groups/${licensed}`, { description: 'for teams' });
  after = await system.snapshot('incremental');
}, 120_000);

describe('one person in two snapshots (R06)', () => {
  it('R06 shows both values of each changed attribute, and what was added and removed by name and id', async () => {
    const { anna, bob, carla, dora, project, berlin } = company;
    const found = await get(`${snapshots}/${before.id}/users/carla@contoso.com/compare?with=${after.id}`);
    expect(found).toMatchObject({ left: before.id, right: after.id, kind: 'users' });
    expect(found.leftObject).toMatchObject({ id: carla, displayName: 'Carla' });
    expect(attribute(found, 'department')).toEqual({
      name: 'department',
      left: 'Sales',
      right: 'Support',
      restorable: true,
    });
    expect(attribute(found, 'city')).toEqual({ name: 'city', left: 'Berlin', right: null, restorable: true });
    expect(attribute(found, 'photo').left).not.toBe(attribute(found, 'photo').right);
    expect(found.attributes.map(({ name }: Json) => name).sort()).toEqual(['city', 'department', 'photo']);
    expect(relation(found, 'memberOf')).toMatchObject({
      added: [],
      removed: [{ id: project, displayName: 'Project Falcon' }],
    });
    expect(ids(relation(found, 'ownedObjects').removed)).toEqual([project]);
    expect(relation(found, 'manager')).toMatchObject({
      added: [{ id: bob, displayName: 'Bob' }],
      removed: [{ id: anna }],
    });
    expect(ids(relation(found, 'administrativeUnits').removed)).toEqual([berlin]);
    expect(ids(relation(found, 'licenses').removed)).toEqual([skus.suite]);
    expect(ids(relation(found, 'directReports').removed)).toEqual([dora]);
    // Dora is in the bin: she sponsors, and is shown by, nobody until she is back.
    expect(relation(found, 'sponsors').added).toEqual([]);
    expect(found.notCompared).toEqual([]);
  });

  it('R06 turns around with its sides, and finds nothing between a snapshot and itself', async () => {
    const { carla, project } = company;
    const back = await get(`${snapshots}/${after.id}/users/${carla}/compare?with=${before.id}`);
    expect(attribute(back, 'department')).toMatchObject({ left: 'Support', right: 'Sales' });
    expect(ids(relation(back, 'memberOf').added)).toEqual([project]);
    const same = await get(`${snapshots}/latest/users/${carla}/compare?with=latest`);
    expect(same).toMatchObject({ attributes: [], relationships: [] });
  });

  it('shows a person that only one side has, and answers 404 for nobody', async () => {
    const { dora, carla } = company;
    const lost = await get(`${snapshots}/${before.id}/users/${dora}/compare?with=${after.id}`);
    expect(lost).toMatchObject({ leftObject: { id: dora }, rightObject: null });
    expect(attribute(lost, 'userPrincipalName')).toMatchObject({
      left: 'dora@contoso.com',
      right: null,
      restorable: true,
    });
    expect(attribute(lost, 'createdDateTime')).toMatchObject({ restorable: false, reason: 'attribute-read-only' });
    expect(ids(relation(lost, 'manager').removed)).toEqual([carla]);
    const nobody = '00000000-0000-4000-8000-000000000000';
    expect((await system.api('GET', `${snapshots}/latest/users/${nobody}/compare?with=live`)).status).toBe(404);
    expect((await system.api('GET', `${snapshots}/latest/users/${carla}/compare`)).status).toBe(400);
    expect((await system.api('GET', `${snapshots}/latest/users/${carla}/compare?with=no-such`)).status).toBe(404);
  });
});

describe('one person and live (R07)', () => {
  it('R07 has the same form as with a snapshot, and says the same while nothing has changed since', async () => {
    const { carla, emil } = company;
    for (const id of [carla, emil]) {
      const path = `${snapshots}/${before.id}/users/${id}/compare?with=`;
      const [snapshot, live] = [await get(`${path}${after.id}`), await get(`${path}live`)];
      expect(live.right).toBe('live');
      expect(live.attributes).toEqual(snapshot.attributes);
      const named = (one: Json) =>
        one.relationships.map(({ relation: name, added, removed }: Json) => [name, ids(added), ids(removed)]);
      expect(named(live)).toEqual(named(snapshot));
    }
    const binned = await get(`${snapshots}/${before.id}/users/${company.dora}/compare?with=live`);
    expect(binned.rightObject).toMatchObject({ state: 'deleted' });
    expect(binned.relationships).toEqual([]);
  });

  it('R07 marks what a restore cannot write, for groups as for users', async () => {
    const { licensed } = company;
    const found = await get(`${snapshots}/${before.id}/groups/${licensed}/compare?with=live`);
    expect(found.attributes).toEqual([{ name: 'description', left: null, right: 'for teams', restorable: true }]);
    const anchor = (
      await system.control('POST', '/on-premises/users', {
        userPrincipalName: 'greta@contoso.com',
        displayName: 'Greta',
        department: 'Board',
      })
    ).anchor;
    await system.control('POST', '/on-premises/sync');
    const synced = await system.snapshot();
    await system.control('PATCH', `/on-premises/users/${encodeURIComponent(anchor)}`, { department: 'Research' });
    await system.control('POST', '/on-premises/sync');
    const greta = await get(`${snapshots}/${synced.id}/users/greta@contoso.com/compare?with=live`);
    expect(attribute(greta, 'department')).toEqual({
      name: 'department',
      left: 'Board',
      right: 'Research',
      restorable: false,
      reason: 'user-on-premises-attribute',
    });
  });
});

describe('the whole directory', () => {
  it('counts and names what is new, gone and altered, by kind, page by page', async () => {
    const { anna, bob, carla, dora, emil, project, team, licensed, berlin } = company;
    const all = await get(`${snapshots}/${before.id}/compare?with=${after.id}`);
    const fred = all.value.find(({ displayName }: Json) => displayName === 'Fred');
    expect(fred).toMatchObject({ kind: 'users', change: 'added' });
    expect(all.counts).toEqual({
      users: { added: 1, modified: 4, missing: 1 },
      groups: { added: 0, modified: 3, missing: 0 },
      administrativeUnits: { added: 0, modified: 1, missing: 0 },
    });
    const of = (change: string): string[] => ids(all.value.filter((one: Json) => one.change === change));
    expect(of('missing')).toEqual([dora]);
    // Anna lost a report and sponsors nobody less; Bob gained a report.
    expect(of('modified')).toEqual([anna, bob, carla, emil, project, team, licensed, berlin].sort());

    const met: Json[] = [];
    for (let path = `${snapshots}/${before.id}/compare?with=${after.id}&kind=users&top=2`; path !== ''; ) {
      const page = await get(path);
      expect(page.counts).toEqual({ users: all.counts.users });
      met.push(...page.value);
      path = page.nextLink === undefined ? '' : String(page.nextLink).replace(/^.*\/api/, '');
    }
    expect(met).toEqual(all.value.filter(({ kind }: Json) => kind === 'users'));
  });

  it('compares with live without taking a snapshot, and says the same as the next snapshot would', async () => {
    const listed = (await get(snapshots)).value.length;
    const since = await get(`${snapshots}/${before.id}/compare?with=live&top=3`);
    expect((await get(snapshots)).value).toHaveLength(listed);
    const next = await get(String(since.nextLink).replace(/^.*\/api/, ''));
    expect(next.counts).toEqual(since.counts);
    const truth = await system.snapshot();
    const all = await get(`${snapshots}/${before.id}/compare?with=${truth.id}&top=6`);
    expect([...since.value, ...next.value].slice(0, 6)).toEqual(all.value);
    expect(since.counts).toEqual(all.counts);
    const unchanged = await get(`${snapshots}/latest/compare?with=live`);
    expect(unchanged).toMatchObject({ right: 'live', counts: {}, value: [] });
  });

  it('refuses what is no other side, no kind and no cursor', async () => {
    const path = `${snapshots}/latest/compare`;
    for (const [query, status] of [
      ['', 400],
      ['?with=no-such', 404],
      ['?with=live&kind=planets', 404],
      ['?with=live&cursor=zzz', 400],
      ['?with=live&what=1', 400],
    ] as const) {
      expect((await system.api('GET', `${path}${query}`)).status, query).toBe(status);
    }
  });
});

describe('from a comparison to a restore, and the history of one person', () => {
  it('R08 restores from that snapshot and in that scope without asking again', async () => {
    const { carla, dora } = company;
    const { restoreRequest } = await get(`${snapshots}/${before.id}/compare?with=live&kind=users`);
    expect(restoreRequest).toMatchObject({ snapshotId: before.id });
    expect(restoreRequest.users).toEqual(expect.arrayContaining([carla, dora]));
    const { job } = await system.restore({ ...restoreRequest, links: 'rollback' });
    expect(job).toMatchObject({ status: 'completed', snapshotId: before.id });
    const left = await get(`${snapshots}/${before.id}/users/${carla}/compare?with=live`);
    expect(left).toMatchObject({ attributes: [], relationships: [] });
    await expectNothingLeftToDo(system, { ...restoreRequest, links: 'rollback' });
  });

  it('R29 reads the old id and the new id of a recreated person as one line of versions', async () => {
    const { carla } = company;
    await system.graph('DELETE', `/users/${carla}`);
    await system.graph('DELETE', `/directory/deletedItems/${carla}`);
    const gone = await system.snapshot();
    const { report } = await system.restore({ snapshotId: before.id, users: [carla] });
    const { newId } = report.objects[0];
    expect(newId).not.toBe(carla);
    const back = await system.snapshot();
    const history = await get(`${snapshots}/latest/users/${newId}/versions`);
    expect(await get(`${snapshots}/${before.id}/users/${carla}/versions`)).toEqual(history);
    const told = history.value.map(({ snapshotId, objectId, change }: Json) => [snapshotId, objectId, change]);
    expect(told[0]).toEqual([back.id, newId, 'added']);
    expect(told[1]).toEqual([gone.id, carla, 'removed']);
    expect(told.at(-2)).toEqual([after.id, carla, 'modified']);
    expect(told.at(-1)).toEqual([before.id, carla, 'added']);
    const altered = history.value.at(-2);
    expect(altered.attributes).toEqual(expect.arrayContaining(['city', 'department', 'photo']));
    expect(altered.relationships).toEqual(expect.arrayContaining(['manager', 'memberOf']));

    const across = await get(`${snapshots}/${before.id}/users/${carla}/compare?with=${back.id}`);
    expect(across).toMatchObject({ leftObject: { id: carla }, rightObject: { id: newId } });
    expect(across.relationships).toEqual([]);
    const whole = await get(`${snapshots}/${before.id}/compare?with=${back.id}&kind=users`);
    expect(whole.value.find(({ id }: Json) => id === carla)).toMatchObject({ change: 'modified', newId });
    expect(
      (await system.api('GET', `${snapshots}/latest/users/${newId.replaceAll(/[0-9]/g, '0')}/versions`)).status,
    ).toBe(404);
  });
  it('R29 reads one line of versions also of a person who was lost again, and recreated from the same snapshot', async () => {
    const emil = company.emil;
    const restored = async (lost: string): Promise<string> => {
      await system.directory.purge(`/users/${lost}`);
      const { report } = await system.restore({ snapshotId: before.id, users: [emil] });
      await system.snapshot();
      return report.objects[0].newId;
    };
    const first = await restored(emil);
    const second = await restored(first);
    expect(new Set([emil, first, second]).size).toBe(3);
    const history = await get(`${snapshots}/latest/users/${second}/versions`);
    expect(new Set(history.value.map(({ objectId }: Json) => objectId))).toEqual(new Set([emil, first, second]));
    expect(history.value.map(({ change }: Json) => change)).not.toContain('removed');
    for (const id of [emil, first]) expect(await get(`${snapshots}/latest/users/${id}/versions`)).toEqual(history);
  });
});
