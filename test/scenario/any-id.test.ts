/** A recreated object has an old id and a new one, and is one object: whichever of them a request names, whatever the snapshot calls it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { picture } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

/** Lost for good, made again, and seen by a snapshot of before and one of after. */
interface Recreated {
  readonly old: string;
  readonly new: string;
}

let earlier: string;
let later: string;
let nina: Recreated;
let team: Recreated;
beforeEach(async () => {
  await system.control('POST', '/reset');
  const user = await directory.user('Nina', { department: 'Finance' });
  await directory.photo(user, picture(1));
  const group = await directory.securityGroup('Ledger');
  await directory.link(`/groups/${group}`, 'members', user);
  earlier = (await system.snapshot('full')).id;
  await directory.purge(`/users/${user}`);
  await directory.purge(`/groups/${group}`);
  const { report } = await system.restore({ users: [user], groups: [group] });
  const newIdOf = (id: string): string => report.objects.find((one: Json) => one.id === id).newId;
  nina = { old: user, new: newIdOf(user) };
  team = { old: group, new: newIdOf(group) };
  later = (await system.snapshot()).id;
});

const onlyUser = async (): Promise<Json> => {
  const users = await directory.all('/users?$select=id,department');
  expect(users).toHaveLength(1);
  return users[0];
};

describe('a restore', () => {
  it('R02 R29 takes the older values when it names a user by the id of now, and the newer ones by the id of then', async () => {
    await system.graph('PATCH', `/users/${nina.new}`, { department: 'Sales' });
    const newest = (await system.snapshot()).id;
    for (const [named, snapshotId, held, department] of [
      [nina.new, earlier, nina.old, 'Finance'],
      [nina.old, newest, nina.new, 'Sales'],
      [nina.old.toUpperCase(), 'latest', nina.new, 'Sales'],
    ] as const) {
      const { job, report } = await system.restore({ users: [named], snapshotId });
      expect(job).toMatchObject({ status: 'completed' });
      expect(report.objects).toMatchObject([{ id: held }]);
      expect(await onlyUser()).toMatchObject({ id: nina.new, department });
    }
  });

  it('R29 R32 takes both ids of one object for one row, of any kind', async () => {
    const both = { users: [nina.old, nina.new], groups: [team.new, team.old] };
    for (const [snapshotId, held] of [
      [earlier, [team.old, nina.old]],
      [later, [team.new, nina.new]],
    ] as const) {
      const { job, report } = await system.restore({ ...both, snapshotId });
      expect(job).toMatchObject({ status: 'completed', counts: { unchanged: 2 } });
      expect(report.objects.map(({ id }: Json) => id)).toEqual(held);
    }
    expect(await directory.all('/groups?$select=id')).toHaveLength(1);
  });

  it('R29 applies a plan whose request is said again with the other id', async () => {
    await system.graph('PATCH', `/users/${nina.new}`, { department: 'Sales' });
    const planId = await system.startRestore({ users: [nina.new], snapshotId: earlier, dryRun: true });
    await system.waitForJob(planId);
    const { job } = await system.restore({ planId, users: [nina.old] });
    expect(job).toMatchObject({ status: 'completed', counts: { updated: 1 } });
  });

  it('R29 R32 R38 finds whom either snapshot made again, and never makes a second one', async () => {
    await directory.purge(`/users/${nina.new}`);
    await directory.purge(`/groups/${team.new}`);
    const again = await system.restore({ users: [nina.new], groups: [team.new], snapshotId: later });
    expect(again.job).toMatchObject({ status: 'completed', counts: { created: 2 } });
    // Another name, so that only the ledger can tell who it is.
    const third = await onlyUser();
    await system.graph('PATCH', `/users/${third.id}`, { userPrincipalName: 'other@contoso.com' });
    const first = await system.restore({ users: [nina.old], groups: [team.old], snapshotId: earlier });
    expect(first.job).toMatchObject({ status: 'completed', counts: { updated: 1, unchanged: 1 } });
    expect(await onlyUser()).toMatchObject({ id: third.id });

    await directory.purge(`/users/${third.id}`);
    const fourth = await system.restore({ users: [nina.old], snapshotId: earlier });
    expect(fourth.job).toMatchObject({ status: 'completed', counts: { created: 1 } });
    const { newId } = fourth.report.objects[0];
    await system.graph('PATCH', `/users/${newId}`, { userPrincipalName: 'other@contoso.com' });
    const last = await system.restore({ users: [third.id], snapshotId: later });
    expect(last.job).toMatchObject({ status: 'completed', counts: { updated: 1 } });
    expect(last.report.objects).toMatchObject([{ id: nina.new, newId }]);
    expect(await onlyUser()).toMatchObject({ id: newId });
    const [group] = await directory.all('/groups?$select=id');
    expect(await directory.ids(`/groups/${group?.id}/members?$select=id`)).toEqual([newId]);
  });

  it('R03 fails for whom the snapshot does not hold under any id, naming the nearest that holds it under one', async () => {
    const stranger = await directory.user('Otto');
    const { job, report } = await system.restore({ users: [stranger], snapshotId: later });
    expect(job.status).toBe('failed');
    expect(report.objects).toMatchObject([{ reason: 'not-in-snapshot', note: 'No snapshot holds this object.' }]);
    await directory.purge(`/users/${nina.new}`);
    const empty = (await system.snapshot()).id;
    const lost = await system.restore({ users: [nina.old], snapshotId: empty });
    expect(lost.report.objects).toMatchObject([{ reason: 'not-in-snapshot', note: expect.stringContaining(later) }]);
  });

  it('R57 is refused while another one restores the same object from a snapshot that calls it otherwise', async () => {
    await system.control('POST', '/faults', [
      { match: { path: `/users/${nina.new}` }, times: 1_000, effect: 'delay', ms: 3_000 },
    ]);
    await system.graph('PATCH', `/users/${nina.new}`, { department: 'Sales' });
    const first = await system.startRestore({ users: [nina.old], snapshotId: earlier });
    const second = await system.api('POST', '/connectors/default/restores', { users: [nina.new], snapshotId: later });
    expect(second).toMatchObject({ status: 409, body: { code: 'job-running', jobId: first } });
    await system.control('DELETE', '/faults');
    await system.waitForJob(first);
  });
});

describe('a snapshot', () => {
  it('R29 shows one object, and its photo, by any id it ever had', async () => {
    for (const [snapshot, held] of [
      [earlier, nina.old],
      [later, nina.new],
    ])
      for (const asked of [nina.old, nina.new, nina.new.toUpperCase()]) {
        const path = `/connectors/default/snapshots/${snapshot}/users/${asked}`;
        expect((await system.api('GET', path)).body).toMatchObject({ id: held, attributes: { department: 'Finance' } });
        expect([...(await system.api('GET', `${path}/photo`)).bytes]).toEqual([...picture(1)]);
      }
    const { body } = await system.api('GET', `/connectors/default/snapshots/${earlier}/groups/${team.new}`);
    expect(body).toMatchObject({ id: team.old, attributes: { displayName: 'Ledger' } });
    const stranger = await directory.user('Otto');
    expect((await system.api('GET', `/connectors/default/snapshots/${earlier}/users/${stranger}`)).status).toBe(404);
  });
});
