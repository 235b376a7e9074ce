/** The worst hour's most common case, one lost user: begun with after a handful of reads, and from a plan as old as the write allows. */
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Company, foundCompany } from '../support/company.ts';
import { useSystem } from '../support/system.ts';

const system = useSystem();
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
  await system.snapshot('full');
}, 60_000);

it('reads no more than twelve times before the first write', async () => {
  await system.directory.purge(`/users/${company.carla}`);
  await system.control('DELETE', '/stats');
  const { job } = await system.restore({ users: [company.carla] });
  expect(job.status).toBe('completed');
  const { requestsBeforeWrite } = await system.control('GET', '/stats/order');
  expect(requestsBeforeWrite).toBeLessThanOrEqual(12);
  await expectUnchangedAgain(system, { users: [company.carla] });
});

it('R34 R35 adopts who takes the name between plan and write, and makes no second one', async () => {
  await system.directory.purge(`/users/${company.carla}`);
  // Held back, so that the name is taken while the create is on its way.
  await system.control('POST', '/faults', [{ match: { method: 'POST', path: '/users' }, effect: 'delay', ms: 1_500 }]);
  const id = await system.startRestore({ users: [company.carla] });
  for (let met = 0; met === 0; ) [{ met }] = await system.control('GET', '/faults');
  const other = await system.directory.user('Carla');
  const job = await system.waitForJob(id);
  const [object] = (await system.report(id)).objects;
  expect(await system.directory.usersNamed('carla@contoso.com')).toHaveLength(1);
  expect([job.status, object.newId]).toEqual(['completed', other]);
});
