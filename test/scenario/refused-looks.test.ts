/** A look that Graph refuses, in whatever way, costs what it was for: never the job, nor what was done before it (R52, R54). */
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('DELETE', '/faults');
});

const refuse = (match: object, status: number, more: object = {}) =>
  system.control('POST', '/faults', [{ match, times: 10_000, effect: 'status', status, ...more }]);

it.each([400, 501])(
  'R52 a %i while a refused link is looked into costs that link alone',
  async (status) => {
    const [ada, ben] = [await directory.user('Ada'), await directory.user('Ben')];
    const choir = await directory.securityGroup('Choir');
    await directory.link(`/groups/${choir}`, 'members', ada);
    await system.snapshot('full');
    await directory.unlink(`/groups/${choir}`, 'members', ada);
    await directory.purge(`/users/${ben}`);
    await refuse({ method: 'PATCH', path: `/groups/${choir}` }, 400, { code: 'Request_BadRequest' });
    await refuse({ method: 'GET', path: '/groups/*/memberOf' }, status);

    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.status, JSON.stringify(job)).toBe('incomplete');
    expect(report.objects).toMatchObject([
      { id: ada, result: 'partial', links: [{ relation: 'memberOf', targetId: choir, result: 'failed' }] },
      { id: ben, result: 'created' },
    ]);
    await system.control('DELETE', '/faults');
    expect((await system.restore({ users: [ada, ben] })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users: [ada, ben] });
  },
  120_000,
);

it.each([400, 501])(
  'R52 H05 a %i where the rules of synchronization are asked for keeps nobody from coming back',
  async (status) => {
    await system.control('POST', '/on-premises/users', { userPrincipalName: 'ines@contoso.com', displayName: 'Ines' });
    await system.control('POST', '/on-premises/sync');
    const [{ id: ines }] = await directory.usersNamed('ines@contoso.com');
    await system.snapshot('full');
    await directory.purge(`/users/${ines}`);
    await refuse({ method: 'GET', path: '/directory/onPremisesSynchronization' }, status);
    const { report } = await system.restore({ users: [ines] });
    expect(report.objects).toMatchObject([{ id: ines, result: 'created' }]);
  },
  120_000,
);

it('R52 a 404 for an envelope makes nobody seem gone, wherever in a job it comes', async () => {
  const users = [await directory.user('Ada', { department: 'Music' }), await directory.user('Ben')];
  const choir = await directory.securityGroup('Choir');
  for (const user of users) await directory.link(`/groups/${choir}`, 'members', user);
  await system.snapshot('full');
  for (let nth = 1; nth <= 8; nth += 1) {
    await system.graph('PATCH', `/users/${users[0]}`, { department: `Noise ${nth}` });
    await refuse({ method: 'POST', path: '/$batch' }, 404, { nth, times: 1 });
    const { job, report } = await system.restore({ users, groups: [choir] });
    expect(job.status, `the envelope ${nth}: ${JSON.stringify(report.objects)}`).toBe('completed');
    expect(job.counts).toMatchObject({ updated: 1, unchanged: 2 });
    await system.control('DELETE', '/faults');
  }
}, 300_000);

it.each([
  [403, 3],
  [403, 4],
  [409, 3],
])(
  'R16 R53 R54 an undelete stays done where a look at it afterwards is answered %i at the look number %i',
  async (status, nth) => {
    const dora = await directory.user('Dora', { department: 'Sales' });
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${dora}`, { department: 'Noise' });
    await directory.bin(`/users/${dora}`);
    await refuse({ method: 'GET', path: `/users/${dora}` }, status, { nth, times: 1 });

    const { job, report } = await system.restore({ users: [dora] });
    expect(['completed', 'incomplete'], JSON.stringify(job)).toContain(job.status);
    const [row]: Json[] = report.objects;
    expect(['undeleted', 'partial'], JSON.stringify(row)).toContain(row.result);
    expect(row).toMatchObject({ newId: dora, actions: expect.arrayContaining(['undelete', 'update']) });
    expect(row.attributes).toContainEqual({ name: 'department', result: 'done' });
    await system.control('DELETE', '/faults');
    await expectUnchangedAgain(system, { users: [dora] });
  },
  120_000,
);
