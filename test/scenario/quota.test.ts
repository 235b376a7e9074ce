/** A restore that needs more than Graph's quotas hold: it waits as told, and nothing is sent before its time (R58). */
import { expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

it.each([
  ['writes', { resourceUnits: 8_000, seconds: 10, writes: 15, writeSeconds: 3 }],
  ['resource units', { resourceUnits: 120, seconds: 3, writes: 3_000, writeSeconds: 150 }],
])(
  'R58 restores through a quota of %s that runs dry, and answers no 429 with another call of its class before its time',
  async (_, throttling) => {
    await system.control('POST', '/reset');
    const group = await directory.securityGroup('Choir');
    const users: string[] = [];
    for (let at = 0; at < 30; at += 1) users.push(await directory.user(`Person ${at}`, { department: 'Music' }));
    for (const user of users) await directory.link(`/groups/${group}`, 'members', user);
    await system.snapshot('full');
    for (const user of users) await directory.purge(`/users/${user}`);
    await system.control('POST', '/settings', { throttling });

    await system.forgetStats();
    const { job } = await system.restore({ users });
    expect(job).toMatchObject({ status: 'completed', counts: { created: users.length } });
    const { throttled, writes } = await system.control('GET', '/stats');
    expect(throttled).toBeGreaterThan(0);
    expect(writes).toBe(users.length + Math.ceil(users.length / 20));
    expect((await system.control('GET', '/stats/order')).tooEarly).toBe(0);

    await system.control('POST', '/settings', { throttling: 'off' });
    await expectUnchangedAgain(system, { users });
  },
  120_000,
);
