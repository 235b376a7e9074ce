/** Against the whole system: what an incremental snapshot holds is what a full one taken right after it holds. */
import { expect, it } from 'vitest';
import { foundCompany, picture, skus } from '../support/company.ts';
import { everything } from '../support/everything.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
it('after edits, deletions, returns and changed links of every sort', async () => {
  const { anna, bob, carla, dora, emil, project, team, licensed, berlin } = await foundCompany(system);
  const first = await system.snapshot('full');
  const before = await everything(system, first.id);

  await system.graph('PATCH', `/users/${dora}`, { department: 'Marketing', city: null, businessPhones: [] });
  await directory.manager(emil, dora);
  await system.graph('DELETE', `/users/${dora}/manager/$ref`);
  await directory.bin(`/users/${bob}`);
  await directory.purge(`/users/${carla}`);
  await directory.unlink(`/groups/${team}`, 'owners', bob).catch(() => undefined);
  await directory.link(`/groups/${project}`, 'members', emil);
  await directory.link(`/groups/${project}`, 'members', licensed);
  const fresh = await directory.securityGroup('Fresh');
  for (const member of [anna, dora]) await directory.link(`/groups/${fresh}`, 'members', member);
  await directory.link(`/directory/administrativeUnits/${berlin}`, 'members', dora);
  await directory.link(`/users/${emil}`, 'sponsors', anna);
  await directory.assignLicences(`/users/${anna}`, [skus.team]);
  const flora = await directory.user('Flora');
  await directory.photo(flora, picture(7));

  const second = await system.snapshot('incremental');
  const incremental = await everything(system, second.id);
  const third = await system.snapshot('full');
  expect(incremental).toEqual(await everything(system, third.id));
  // One group more, one user less, and the four role assignments of the two who are gone.
  expect(Object.keys(incremental).length).toBe(Object.keys(before).length + 1 - 1 - 4);
  expect(incremental[`users/${emil}`].relationships).toMatchObject({
    manager: { id: dora },
    memberOf: [{ id: project }],
    sponsors: [{ id: anna }],
  });
  expect(incremental[`users/${dora}`].attributes).not.toHaveProperty('city');
  const list = (await system.api('GET', '/connectors/default/snapshots')).body.value;
  expect(list.map(({ mode }: Json) => mode)).toEqual(['full', 'incremental', 'full']);
  expect(list[1].kinds.users).toMatchObject({ added: 1, removed: 2, count: 4 });

  await system.graph('POST', `/directory/deletedItems/${bob}/restore`);
  const fourth = await everything(system, (await system.snapshot('incremental')).id);
  const { attributes, relationships } = before[`users/${bob}`];
  expect(fourth[`users/${bob}`].attributes).toMatchObject({ jobTitle: attributes.jobTitle, city: attributes.city });
  expect(fourth[`users/${bob}`].relationships.manager).toEqual(relationships.manager);
  expect(fourth).toEqual(await everything(system, (await system.snapshot('full')).id));
}, 90_000);
