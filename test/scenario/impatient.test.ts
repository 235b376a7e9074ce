/** Graph that answers 429 for longer than the app is willing to wait for one step (R52, R58). */
import { beforeEach, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem({ env: { THROTTLE_PATIENCE_SECONDS: '2' } });
const { directory } = system;

let ada: string;
let ben: string;
let choir: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada', { department: 'Music', jobTitle: 'Tenor' });
  ben = await directory.user('Ben', { department: 'Music' });
  choir = await directory.securityGroup('Choir');
  await directory.link(`/groups/${choir}`, 'members', ada);
  await system.snapshot('full');
});

const throttle = (method: string, path: string) =>
  system.control('POST', '/faults', [
    { match: { method, path }, times: 1_000, effect: 'status', status: 429, code: 'TooManyRequests', retryAfter: 1 },
  ]);

it.each([
  ['PATCH', (user: string) => `/users/${user}`],
  ['GET', (user: string) => `/users/${user}`],
])(
  'R52 R58 gives up what is throttled on and on (%s), and goes on with the rest',
  async (method, pathOf) => {
    for (const user of [ada, ben])
      await system.graph('PATCH', `/users/${user}`, { department: 'Noise', jobTitle: 'x' });
    await throttle(method, pathOf(ada));
    const { job, report } = await system.restore({ users: [ada, ben] });
    expect(job.status).toBe('incomplete');
    const [first, second] = report.objects;
    if (method === 'GET') expect(first).toMatchObject({ result: 'failed', reason: 'throttled-gave-up' });
    else
      expect(first.attributes.map(({ name, result, reason }: Json) => [name, result, reason])).toEqual([
        ['department', 'failed', 'throttled-gave-up'],
        ['jobTitle', 'failed', 'throttled-gave-up'],
      ]);
    expect(second).toMatchObject({ id: ben, result: 'updated' });

    await system.control('DELETE', '/faults');
    expect((await system.restore({ users: [ada, ben] })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users: [ada, ben] });
  },
  120_000,
);

it('R58 gives up a link that is throttled on and on', async () => {
  await directory.unlink(`/groups/${choir}`, 'members', ada);
  await system.graph('PATCH', `/users/${ada}`, { department: 'Noise' });
  await throttle('PATCH', `/groups/${choir}`);
  const { job, report } = await system.restore({ users: [ada] });
  expect(job.status).toBe('incomplete');
  expect(report.objects[0].links).toMatchObject([
    { relation: 'memberOf', targetId: choir, result: 'failed', reason: 'throttled-gave-up' },
  ]);
  expect(report.objects[0].attributes).toMatchObject([{ name: 'department', result: 'done' }]);
  await system.control('DELETE', '/faults');
  expect((await system.restore({ users: [ada] })).job.status).toBe('completed');
  await expectUnchangedAgain(system, { users: [ada] });
}, 120_000);
