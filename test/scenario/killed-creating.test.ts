/** The host dies while Graph makes an object, and Graph shows it only half a minute later: the next run waits for it and makes no second one. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

it.each([
  ['security group', 'groups', '/groups', () => directory.securityGroup('Choir'), 'group'],
  [
    'unit',
    'administrativeUnits',
    '/directory/administrativeUnits',
    () => directory.unit('Choir'),
    'administrativeUnit',
  ],
  ['user', 'users', '/users', () => directory.user('Carla'), 'user'],
] as const)(
  'R36 of a %s, which is found and reported as created',
  async (_what, kind, collection, make, type) => {
    await system.control('POST', '/reset');
    await system.control('DELETE', '/faults');
    const id = await make();
    const [{ displayName }] = await directory.all(`${collection}?$select=id,displayName`);
    await system.snapshot('full');
    if (kind === 'administrativeUnits') await directory.bin(`${collection}/${id}`);
    else await directory.purge(`${collection}/${id}`);
    // Long enough for the bin to be empty, too.
    await system.control('POST', '/clock', { advance: 'P31D' });
    await system.control('POST', '/settings', { replicationDelayMs: 30_000 });
    await system.control('POST', '/faults', [
      { match: { method: 'POST', path: collection }, effect: 'delay', ms: 1_500 },
    ]);

    const jobId = await system.startRestore({ [kind]: [id] });
    for (let met = 0; met === 0; [{ met }] = await system.control('GET', '/faults')) await sleep(20);
    process.kill(system.system.pids.host, 'SIGKILL');
    await sleep(1_800);
    await system.system.restartHost();

    const job = await system.waitForJob(jobId, 240_000);
    const report = await system.report(jobId);
    expect(job.status, JSON.stringify(report.objects)).toBe('completed');
    expect(report.objects).toMatchObject([{ id, result: 'created' }]);
    await system.control('POST', '/settings', { replicationDelayMs: 0 });
    const { [type]: all } = await system.control('GET', '/dump');
    const live = all.filter((one: Json) => one.properties.displayName === displayName && !one.deletedDateTime);
    expect(live.map((one: Json) => one.id)).toEqual([report.objects[0].newId]);
    await expectUnchangedAgain(system, { [kind]: [id] });
  },
  300_000,
);
