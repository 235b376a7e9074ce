/** What is new in the tenant is not known everywhere at once: a restore waits for its own work and loses nothing of it. */
import { expect, it } from 'vitest';
import { foundCompany } from '../support/company.ts';
import { useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

/** Everything made so far is old, everything made from now on takes its time. */
async function delayFromNow(replicationDelayMs = 4_000): Promise<void> {
  await system.control('POST', '/clock', { advance: 'PT1H' });
  await system.control('POST', '/settings', { replicationDelayMs });
}

it('R38 links a recreated user and a recreated group that Graph does not show yet', async () => {
  await system.control('POST', '/reset');
  const user = await directory.user('Olga', { usageLocation: 'DE' });
  const group = await directory.securityGroup('Choir');
  await directory.link(`/groups/${group}`, 'members', user);
  await directory.link(`/groups/${group}`, 'owners', user);
  await system.snapshot('full');
  await directory.purge(`/users/${user}`);
  await directory.purge(`/groups/${group}`);
  await delayFromNow();

  const { job, report } = await system.restore({ users: [user], groups: [group] });

  expect(job).toMatchObject({ status: 'completed', counts: { created: 2 } });
  const newId = (id: string): string => report.objects.find((row: { id: string }) => row.id === id).newId;
  expect(await directory.ids(`/groups/${newId(group)}/members?$select=id`)).toEqual([newId(user)]);
  expect(await directory.ids(`/groups/${newId(group)}/owners?$select=id`)).toEqual([newId(user)]);
}, 90_000);

it('R36 waits for a user whose create was done and not answered, though it is not shown yet', async () => {
  await system.control('POST', '/reset');
  const user = await directory.user('Olga', { usageLocation: 'DE' });
  await system.snapshot('full');
  await directory.purge(`/users/${user}`);
  await delayFromNow();
  await system.control('POST', '/faults', [{ match: { method: 'POST', path: '/users' }, effect: 'drop-response' }]);

  const { job } = await system.restore({ users: [user] });

  expect(job).toMatchObject({ status: 'completed', counts: { created: 1 } });
  expect(await directory.usersNamed('olga@contoso.com')).toHaveLength(1);
}, 90_000);

it('R36 R38 waits out half a minute of replication, with every kind of link there is', async () => {
  const company = await foundCompany(system);
  const { carla, project } = company;
  await system.snapshot('full');
  const before = await directory.portrait(carla);
  await directory.purge(`/users/${carla}`);
  await directory.purge(`/groups/${project}`);
  await delayFromNow(30_000);

  const { job, report } = await system.restore({ users: [carla], groups: [project] });

  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  const newId = (id: string): string => report.objects.find((row: { id: string }) => row.id === id).newId;
  const after = await directory.portrait(newId(carla));
  const renamed = JSON.parse(JSON.stringify(before).replaceAll(project, newId(project)));
  expect({ ...after, memberOf: [...after.memberOf].sort(), owned: [...after.owned].sort(), attributes: {} }).toEqual({
    ...renamed,
    memberOf: renamed.memberOf.sort(),
    owned: renamed.owned.sort(),
    attributes: {},
  });
}, 240_000);
