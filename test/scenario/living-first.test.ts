/** R33: whoever is live under the old id is the person, whatever an earlier restore made of them; for links to them as well. */
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let alice: string;
let bob: string;
let group: string;
let copy: string;

/** Alice is recreated beside her twin in the bin; then somebody prefers the twin. */
beforeEach(async () => {
  await system.control('POST', '/reset');
  alice = await directory.user('Alice');
  bob = await directory.user('Bob');
  group = await directory.securityGroup('Choir');
  await directory.link(`/groups/${group}`, 'members', alice);
  await directory.link(`/groups/${group}`, 'owners', alice);
  await directory.manager(bob, alice);
  await system.snapshot('full');
  await directory.bin(`/users/${alice}`);
  const { report } = await system.restore({ users: [alice], useRecycleBin: false });
  copy = report.objects[0].newId;
  expect(copy).not.toBe(alice);
});

const undelete = () => system.graph('POST', `/directory/deletedItems/${alice}/restore`, {});

it.each(['merge', 'rollback'])(
  'R33 R40 leaves her in her group, and as a manager, once her copy is gone (%s)',
  async (links) => {
    await directory.purge(`/users/${copy}`);
    await undelete();
    await expectUnchangedAgain(system, { groups: [group], links });
    // While she was away her copy had become his manager.
    expect((await system.restore({ users: [bob], links })).job.status).toBe('completed');
    expect((await directory.get(`/users/${bob}/manager?$select=id`)).id).toBe(alice);
    await expectUnchangedAgain(system, { users: [bob], groups: [group], links });
    expect(await directory.ids(`/groups/${group}/members?$select=id`)).toEqual([alice]);
    expect(await directory.ids(`/groups/${group}/owners?$select=id`)).toEqual([alice]);
  },
);

it('R33 links her, and not her copy, where both are live', async () => {
  await system.graph('PATCH', `/users/${copy}`, { userPrincipalName: 'copy@contoso.com', mailNickname: 'copy' });
  await undelete();
  await directory.unlink(`/groups/${group}`, 'members', alice);
  await directory.unlink(`/groups/${group}`, 'members', copy);
  const { job } = await system.restore({ groups: [group] });
  expect(job.status).toBe('completed');
  expect(await directory.ids(`/groups/${group}/members?$select=id`)).toEqual([alice]);
  expect((await system.restore({ users: [alice, bob], groups: [group] })).job.status).toBe('completed');
  expect((await directory.get(`/users/${bob}/manager?$select=id`)).id).toBe(alice);
});

it('R33 R39 does not take her for a missing member', async () => {
  await directory.purge(`/users/${copy}`);
  await undelete();
  await expectUnchangedAgain(system, { groups: [group], subObjects: 'create-missing' });
});
