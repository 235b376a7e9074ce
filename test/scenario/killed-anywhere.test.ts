/** The host dies while one call of each kind is on its way, and Graph does the work all the same: nothing twice, nothing lost. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Company, foundCompany, picture, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
  await system.control('DELETE', '/faults');
}, 60_000);

const nameOf = async (user: string): Promise<string> =>
  (await directory.get(`/users/${user}?$select=userPrincipalName`)).userPrincipalName;

it.each([
  ['planning', 'GET', '/users/*/memberOf'],
  ['a create', 'POST', '/users'],
  ['an undelete', 'POST', '/directory/deletedItems/*/restore'],
  ['an update', 'PATCH', '/users/*'],
  ['members', 'PATCH', '/groups/*'],
  ['licences', 'POST', '/users/*/assignLicense'],
  ['a role', 'POST', '/roleManagement/directory/roleAssignments'],
  ['a photo', 'PUT', '/users/*/photo/$value'],
])(
  'R36 killed during %s, it goes on where it was',
  async (_what, method, path) => {
    const { anna, bob, carla, dora, project } = company;
    await system.snapshot('full');
    const [before, name] = [await directory.portrait(carla), await nameOf(carla)];
    const binned = await directory.portrait(bob);
    await directory.purge(`/users/${carla}`);
    await system.graph('PATCH', `/users/${bob}`, { city: 'Rom' });
    await directory.bin(`/users/${bob}`);
    await system.graph('PATCH', `/users/${dora}`, { department: 'Noise' });
    await directory.photo(anna, picture(3));
    await system.graph('POST', `/users/${anna}/assignLicense`, {
      addLicenses: [{ skuId: skus.team }],
      removeLicenses: [],
    });

    await system.control('POST', '/faults', [{ match: { method, path }, effect: 'delay', ms: 1_500 }]);
    const users = [anna, bob, carla, dora];
    const id = await system.startRestore({ users });
    for (let met = 0; met === 0; [{ met }] = await system.control('GET', '/faults')) await sleep(20);
    process.kill(system.system.pids.host, 'SIGKILL');
    await sleep(1_800);
    await system.system.restartHost();

    const job = await system.waitForJob(id, 120_000);
    const report = await system.report(id);
    expect(job.status, JSON.stringify(report.objects)).toBe('completed');
    const results = Object.fromEntries(report.objects.map(({ id, result }: Json) => [id, result]));
    expect(results).toMatchObject({ [bob]: 'undeleted', [carla]: 'created', [dora]: 'updated' });
    expect(await directory.usersNamed(name)).toHaveLength(1);
    const { newId } = report.objects.find((object: Json) => object.id === carla);
    expect({ ...(await directory.portrait(newId)), attributes: {} }).toEqual({ ...before, attributes: {} });
    expect(await directory.portrait(bob)).toEqual(binned);
    expect(await directory.ids(`/groups/${project}/members?$select=id`)).toContain(newId);
    await expectUnchangedAgain(system, { users });
  },
  180_000,
);
