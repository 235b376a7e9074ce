/** A plan that was looked at is carried out as it stands (`planId`): nothing more, nothing else, and never by accident. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectUnchangedAgain } from '../support/again.ts';
import { picture } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let ada: string;
let ben: string;
let choir: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada', { department: 'Music' });
  ben = await directory.user('Ben', { department: 'Music' });
  choir = await directory.securityGroup('Choir');
  await directory.link(`/groups/${choir}`, 'members', ada);
  await system.snapshot('full');
});

const planned = async (request: Json): Promise<string> => {
  const id = await system.startRestore({ ...request, dryRun: true });
  expect(await system.waitForJob(id)).toMatchObject({ kind: 'plan', status: 'completed' });
  return id;
};
const apply = (body: Json) => system.api('POST', '/connectors/default/restores', body);

it('leaves alone what has changed since: plan-drift', async () => {
  for (const user of [ada, ben]) await system.graph('PATCH', `/users/${user}`, { department: 'Noise' });
  const planId = await planned({ users: [ada, ben] });
  await system.graph('PATCH', `/users/${ben}`, { department: 'Silence' });

  const { job, report } = await system.restore({ planId });
  expect(job.status).toBe('incomplete');
  expect(report.objects).toMatchObject([
    { id: ada, result: 'updated' },
    { id: ben, result: 'skipped', reason: 'plan-drift' },
  ]);
  expect(await directory.get(`/users/${ben}?$select=department`)).toMatchObject({ department: 'Silence' });
  expect(await apply({ planId: 'no-such-plan' })).toMatchObject({ status: 404 });
});

describe('what stands in no plan is left, and named plan-drift', () => {
  const drift = { result: 'skipped', reason: 'plan-drift' };

  it('R40 a membership that only live has, given after a rollback was planned', async () => {
    const planId = await planned({ users: [ada], links: 'rollback' });
    const other = await directory.securityGroup('Other');
    await directory.link(`/groups/${other}`, 'members', ada);
    await system.forgetStats();
    const { job, report } = await system.restore({ planId });
    expect(await system.writes()).toBe(0);
    expect(job).toMatchObject({ status: 'incomplete', preflight: [{ code: 'plan-drift', objectIds: [ada] }] });
    expect(report.objects).toMatchObject([{ links: [{ relation: 'memberOf', targetId: other, ...drift }] }]);
    expect(await directory.ids(`/groups/${other}/members?$select=id`)).toEqual([ada]);
  });

  it('a membership that live has lost, and a photo and a manager that are others, since it was planned', async () => {
    const cem = await directory.user('Cem');
    await directory.manager(ada, ben);
    await directory.photo(ada, picture(1));
    await system.snapshot('full');
    await system.graph('DELETE', `/users/${ada}/manager/$ref`);
    await system.graph('PATCH', `/users/${ben}`, { department: 'Noise' });
    const planId = await planned({ users: [ada, ben] });
    await directory.manager(ada, cem);
    await directory.unlink(`/groups/${choir}`, 'members', ada);
    await directory.photo(ada, picture(2));
    const photo = await directory.photoOf(ada);
    const { report } = await system.restore({ planId });
    expect(report.objects).toMatchObject([
      { id: ada, attributes: [{ name: 'photo', ...drift }], verification: { matched: true } },
      { id: ben, result: 'updated' },
    ]);
    expect(report.objects[0].links).toHaveLength(2);
    for (const [relation, targetId] of [
      ['memberOf', choir],
      ['manager', ben],
    ])
      expect(report.objects[0].links).toContainEqual(expect.objectContaining({ relation, targetId, ...drift }));
    expect(await directory.portrait(ada)).toMatchObject({ manager: cem, memberOf: [], photo });
    await system.restore({ users: [ada, ben] });
    await expectUnchangedAgain(system, { users: [ada, ben] });
  });

  it('R16 of links that rested in the bin those that the snapshot lacks; those that it has are laid over all the same', async () => {
    const other = await directory.securityGroup('Other');
    await directory.link(`/groups/${other}`, 'members', ada);
    await directory.unlink(`/groups/${choir}`, 'members', ada);
    await directory.bin(`/users/${ada}`);
    const planId = await planned({ users: [ada], links: 'rollback' });
    const { report } = await system.restore({ planId });
    expect(report.objects).toMatchObject([{ id: ada, actions: ['undelete', 'link'] }]);
    expect(report.objects[0].links).toHaveLength(2);
    for (const [targetId, how] of [
      [choir, { result: 'done' }],
      [other, drift],
    ] as const)
      expect(report.objects[0].links).toContainEqual(
        expect.objectContaining({ relation: 'memberOf', targetId, ...how }),
      );
    expect((await directory.portrait(ada)).memberOf).toEqual([choir, other].sort());
  });

  it('R39 a member of a group that was lost after its sub-objects were planned', async () => {
    const planId = await planned({ groups: [choir], subObjects: 'create-missing' });
    await directory.purge(`/users/${ada}`);
    const { report } = await system.restore({ planId });
    expect(report.objects).toMatchObject([
      { id: choir, links: [{ relation: 'members', targetId: ada, reason: 'linked-object-missing' }] },
    ]);
    expect(await directory.usersNamed('ada@contoso.com')).toEqual([]);
  });
});

describe('a request beside a plan', () => {
  it('that asks for a dry run is refused, and writes nothing', async () => {
    await directory.bin(`/users/${ada}`);
    const planId = await planned({ users: [ada] });
    await system.forgetStats();
    expect(await apply({ planId, dryRun: true })).toMatchObject({ status: 400, body: { code: 'invalid-input' } });
    expect(await system.writes()).toBe(0);
    const { job } = await system.restore({ planId, dryRun: null });
    expect(job).toMatchObject({ kind: 'restore', status: 'completed', counts: { undeleted: 1 } });
    await expectUnchangedAgain(system, { users: [ada] });
  });

  it('may say again what the plan says; what differs is refused by its name', async () => {
    const { id: snapshotId, createdDateTime } = (await system.api('GET', '/connectors/default/snapshots/latest')).body;
    const request = { users: ['ADA@contoso.com', ben], links: 'rollback', newUsers: { accountEnabled: false } };
    const planId = await planned(request);
    for (const [other, name] of [
      [{ links: 'skip' }, 'links'],
      [{ users: [ada] }, 'users'],
      [{ users: 'all' }, 'users'],
      [{ groups: [choir] }, 'groups'],
      [{ attributes: ['department'] }, 'attributes'],
      [{ newUsers: { temporaryAccessPass: true } }, 'newUsers.temporaryAccessPass'],
    ] as const) {
      const answer = await apply({ planId, ...other });
      expect(answer).toMatchObject({ status: 400, body: { code: 'invalid-input', differing: [name] } });
    }
    const newer = await system.snapshot();
    expect(await apply({ planId, snapshotId: newer.id })).toMatchObject({ status: 400 });
    for (const same of [
      { ...request, snapshotId },
      { asOfDateTime: createdDateTime, users: [ben, ada] },
    ])
      expect((await system.restore({ planId, ...same, dryRun: false })).job).toMatchObject({ snapshotId });
  });

  it('R28 leaves out the password that the plan was made with, and new users have it', async () => {
    const password = 'Once-and-for-all-17!';
    await directory.purge(`/users/${ada}`);
    const planId = await planned({ users: [ada], newUsers: { password: { supplied: password } } });
    const other = { password: { supplied: 'Another-one-18!' } };
    expect(await apply({ planId, newUsers: other })).toMatchObject({ status: 400 });
    expect((await system.restore({ planId })).job).toMatchObject({ status: 'completed', counts: { created: 1 } });
    const signedIn = await system.control('POST', '/sign-in', { userPrincipalName: 'ada@contoso.com', password });
    expect(signedIn).toMatchObject({ accepted: true });
  });
});
