/** Which snapshot a restore reads, and what it does to users who are still there. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

describe('a live user', () => {
  let nina: string;
  let group: string;
  beforeEach(async () => {
    await system.control('POST', '/reset');
    nina = await directory.user('Nina', { department: 'Finance', city: 'Bonn', jobTitle: 'Clerk' });
    group = await directory.securityGroup('Ledger');
    await directory.link(`/groups/${group}`, 'members', nina);
  });

  it('R11 R13 is overwritten from the snapshot without a second user, and a second run writes nothing', async () => {
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${nina}`, { department: 'Sales', city: null });
    await directory.unlink(`/groups/${group}`, 'members', nina);

    const { job, report } = await system.restore({ users: ['nina@contoso.com'] });

    expect(job).toMatchObject({ status: 'completed', counts: { updated: 1 } });
    expect(report.objects[0]).toMatchObject({ id: nina, result: 'updated' });
    expect(report.objects[0].attributes).toEqual(
      expect.arrayContaining([
        { name: 'department', result: 'done' },
        { name: 'city', result: 'done' },
      ]),
    );
    const live = await directory.get(`/users/${nina}?$select=department,city,jobTitle`);
    expect(live).toMatchObject({ department: 'Finance', city: 'Bonn', jobTitle: 'Clerk' });
    expect(await directory.ids(`/groups/${group}/members?$select=id`)).toEqual([nina]);
    expect(await directory.all('/users?$select=id')).toHaveLength(1);
    await expectUnchangedAgain(system, { users: [nina] });
  });

  it('R13 reports a user that never changed as unchanged and sends no write', async () => {
    await system.snapshot('full');
    await system.forgetStats();
    const { job, report } = await system.restore({ users: [nina] });
    expect(job).toMatchObject({ status: 'completed', counts: { unchanged: 1 } });
    expect(report.objects).toEqual([expect.objectContaining({ id: nina, result: 'unchanged', actions: [] })]);
    expect(await system.writes()).toBe(0);
  });

  it('R01 comes from the newest complete snapshot when none is named, and the job says which', async () => {
    const complete = await system.snapshot('full');
    await system.graph('PATCH', `/users/${nina}`, { department: 'Sales' });
    // The units cannot be read any more: the next snapshot is partial and must not be a default (R60).
    await system.control('POST', '/faults', [
      {
        match: { pathPattern: '^/directory/administrativeUnits' },
        times: 100_000,
        effect: 'status',
        status: 403,
        code: 'Authorization_RequestDenied',
      },
    ]);
    const { jobId } = (await system.api('POST', '/connectors/default/snapshots', { mode: 'full' })).body;
    expect(await system.waitForJob(jobId)).toMatchObject({ status: 'incomplete' });
    await system.control('DELETE', '/faults');

    const { value: list } = (await system.api('GET', '/connectors/default/snapshots')).body;
    expect(list.slice(0, 2).map((one: Json) => [one.id, one.status])).toEqual([
      [jobId, 'partial'],
      [complete.id, 'complete'],
    ]);
    expect(list[0].missing).toEqual([expect.objectContaining({ kind: 'administrativeUnits' })]);

    const { job } = await system.restore({ users: [nina] });
    expect(job).toMatchObject({ status: 'completed', snapshotId: complete.id });
    expect((await directory.get(`/users/${nina}?$select=department`)).department).toBe('Finance');
    await expectUnchangedAgain(system, { users: [nina] });
  });

  it('R02 takes every value and link from the older snapshot that the request names, by id or by time', async () => {
    const older = await system.snapshot('full');
    await system.graph('PATCH', `/users/${nina}`, { department: 'Sales', jobTitle: null, officeLocation: '4.01' });
    const other = await directory.securityGroup('Field sales');
    await directory.unlink(`/groups/${group}`, 'members', nina);
    await directory.link(`/groups/${other}`, 'members', nina);
    const newer = await system.snapshot();
    expect(newer.id).not.toBe(older.id);

    const select = `/users/${nina}?$select=department,jobTitle,officeLocation`;
    const asThen = { department: 'Finance', jobTitle: 'Clerk', officeLocation: null };
    const request = { users: [nina], snapshotId: older.id, links: 'rollback' };
    const byId = await system.restore(request);
    expect(byId.job).toMatchObject({ status: 'completed', snapshotId: older.id });
    expect(await directory.get(select)).toMatchObject(asThen);
    expect(await directory.ids(`/users/${nina}/memberOf?$select=id`)).toEqual([group]);
    await expectUnchangedAgain(system, request);

    await system.restore({ users: [nina], snapshotId: newer.id, links: 'rollback' });
    expect(await directory.get(select)).toMatchObject({ department: 'Sales', jobTitle: null, officeLocation: '4.01' });
    expect(await directory.ids(`/users/${nina}/memberOf?$select=id`)).toEqual([other]);

    const { createdDateTime } = (await system.api('GET', `/connectors/default/snapshots/${older.id}`)).body;
    const byTime = await system.restore({ users: [nina], asOfDateTime: createdDateTime });
    expect(byTime.job.snapshotId).toBe(older.id);
    expect(await directory.get(select)).toMatchObject(asThen);
  });

  it('R03 fails as not in the snapshot when it was made later, naming the nearest that has it, and nothing is written', async () => {
    const first = await system.snapshot('full');
    const late = await directory.user('Late');
    const second = await system.snapshot();
    const third = await system.snapshot();
    const restored = async (snapshotId: string) => {
      await system.forgetStats();
      const { job, report } = await system.restore({ users: [late], snapshotId });
      expect(job.status).toBe('failed');
      expect(await system.writes()).toBe(0);
      return report.objects;
    };
    const lacking = { id: late, result: 'failed', reason: 'not-in-snapshot' };
    expect(await restored(first.id)).toMatchObject([{ ...lacking, note: expect.stringContaining(second.id) }]);
    await directory.purge(`/users/${late}`);
    const fourth = await system.snapshot();
    expect(await restored(fourth.id)).toMatchObject([{ ...lacking, note: expect.stringContaining(third.id) }]);
  });

  it('R03 finds the nearest snapshot by a user principal name as well, each name once whatever its case', async () => {
    const gone = await directory.user('Gone');
    const held = await system.snapshot();
    await directory.purge(`/users/${gone}`);
    await system.snapshot();
    const { job, report } = await system.restore({
      users: ['gone@Contoso.com', 'GONE@contoso.com', 'nobody@contoso.com'],
    });
    expect(job.status).toBe('failed');
    expect(report.objects).toMatchObject([
      { id: 'gone@Contoso.com', reason: 'not-in-snapshot', note: expect.stringContaining(held.id) },
      { id: 'nobody@contoso.com', reason: 'not-in-snapshot', note: 'No snapshot holds this object.' },
    ]);
  });
});
