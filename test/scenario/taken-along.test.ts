/** A group that is made again takes its first owners and members along: Graph counts no write for them (graph-facts 4.4, 11). */
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let people: string[];
beforeEach(async () => {
  await system.control('POST', '/reset');
  people = [];
  for (let at = 0; at < 24; at += 1) people.push(await directory.user(`Person ${at}`));
  people.sort();
});

const choir = async (owners: readonly string[], members: readonly string[]): Promise<string> => {
  const group = await directory.securityGroup('Choir');
  for (const owner of owners) await directory.link(`/groups/${group}`, 'owners', owner);
  for (const member of members) await directory.link(`/groups/${group}`, 'members', member);
  return group;
};
const ids = (path: string) => directory.ids(`${path}?$select=id`);

/** The product's writes, by the route they went to. */
const writes = async (): Promise<Record<string, number>> => {
  const { byRoute } = await system.control('GET', '/stats');
  return Object.fromEntries(
    byRoute.filter((one: Json) => one.writes > 0).map((one: Json) => [`${one.method} ${one.route}`, one.writes]),
  );
};

it.each([
  ['alone', {}],
  ['with everybody', { users: 'all', dryRun: false }],
])('R22 R25 R38 the first twenty go along with it (%s), the rest in one further write', async (_, more) => {
  const owners = people.slice(0, 3);
  const group = await choir(owners, people);
  await system.snapshot('full');
  await directory.purge(`/groups/${group}`);
  const request = { groups: [group], ...more };
  await system.forgetStats();
  const { job, report } = await system.restore(request);
  expect(job).toMatchObject({ status: 'completed', counts: { created: 1 } });
  expect(await writes()).toEqual({ 'POST /groups': 1, 'PATCH /groups/{id}': 1 });
  const again = report.objects.find((object: Json) => object.id === group).newId;
  expect(await ids(`/groups/${again}/owners`)).toEqual(owners);
  expect(await ids(`/groups/${again}/members`)).toEqual(people);
  const links = report.objects.flatMap((object: Json) => object.links);
  expect(links).toHaveLength(27);
  for (const link of links) expect(link).toMatchObject({ action: 'link', result: 'done' });
  await expectUnchangedAgain(system, request);
});

it('R37 only such go along as are there, the others are linked once they have come, or are named', async () => {
  const [lost = '', binned = '', gone = '', ...others] = people.slice(0, 8);
  const group = await choir([lost], [lost, binned, gone, ...others]);
  await system.snapshot('full');
  await directory.purge(`/groups/${group}`);
  await directory.purge(`/users/${lost}`);
  await directory.bin(`/users/${binned}`);
  await directory.purge(`/users/${gone}`);
  const request = { groups: [group], users: [lost, binned] };
  const { job, report } = await system.restore(request);
  expect(job.status).toBe('incomplete');
  const row = (id: string) => report.objects.find((object: Json) => object.id === id);
  expect(row(group).links.filter((link: Json) => link.result !== 'done')).toMatchObject([
    { relation: 'members', targetId: gone, reason: 'linked-object-missing' },
  ]);
  expect(await ids(`/groups/${row(group).newId}/members`)).toEqual([row(lost).newId, binned, ...others].sort());
  expect(await ids(`/groups/${row(group).newId}/owners`)).toEqual([row(lost).newId]);
});

it('R30 R52 a refusal of one that goes along costs nothing but a second try', async () => {
  const group = await choir([], people.slice(0, 4));
  await system.snapshot('full');
  await directory.purge(`/groups/${group}`);
  await system.control('POST', '/faults', [
    { match: { method: 'POST', path: '/groups' }, effect: 'status', status: 404, code: 'Request_ResourceNotFound' },
  ]);
  const { job, report } = await system.restore({ groups: [group] });
  expect(job).toMatchObject({ status: 'completed', counts: { created: 1 } });
  expect(await ids(`/groups/${report.objects[0].newId}/members`)).toEqual(people.slice(0, 4));
  expect((await directory.all(`/groups?$filter=displayName eq 'Choir'`)).length).toBe(1);
});

it('nobody goes along with a group whose rule finds its members, nor where links are not asked for', async () => {
  const group = await choir([people[0] ?? ''], people.slice(0, 2));
  await system.snapshot('full');
  await directory.purge(`/groups/${group}`);
  const { report } = await system.restore({ groups: [group], links: 'skip' });
  expect(await ids(`/groups/${report.objects[0].newId}/members`)).toEqual([]);
  expect((await system.restore({ groups: [group], linkKinds: ['owners'] })).job.status).toBe('completed');
  expect(await ids(`/groups/${report.objects[0].newId}/owners`)).toEqual([people[0]]);
  expect(await ids(`/groups/${report.objects[0].newId}/members`)).toEqual([]);
});
