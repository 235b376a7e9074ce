/** Somebody or something stands in the way of coming back. */
import { beforeEach, expect, it } from 'vitest';
import { expectNothingLeftToDo, expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let ada: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  ada = await directory.user('Ada', { department: 'Music' });
});

it('R20 names the holder of a binned user’s name and writes nothing; with "rename" the user comes back under another name', async () => {
  await system.snapshot('full');
  await directory.bin(`/users/${ada}`);
  const usurper = await directory.user('Ada');

  await system.forgetStats();
  const first = await system.restore({ users: [ada] });
  expect(first.report.objects).toMatchObject([
    { result: 'failed', reason: 'name-conflict', note: expect.stringContaining(usurper) },
  ]);
  expect(first.job.status).toBe('failed');
  expect(await directory.find(`/users/${ada}?$select=id`)).toBeUndefined();

  const { job, report } = await system.restore({ users: [ada], onNameConflict: 'rename' });
  expect(job.status).toBe('incomplete');
  expect(report.objects).toMatchObject([{ id: ada, newId: ada, actions: ['undelete'] }]);
  expect(report.objects[0].attributes).toContainEqual({
    name: 'userPrincipalName',
    result: 'skipped',
    reason: 'name-conflict',
  });
  const back = await directory.get(`/users/${ada}?$select=userPrincipalName,department`);
  expect(back).toMatchObject({
    department: 'Music',
    userPrincipalName: expect.stringMatching(/^ada\.restored\..+@contoso\.com$/),
  });
});

it('R20 names the holder of a binned user’s address and writes nothing; with "rename" the user comes back without it', async () => {
  const mira = await directory.user('Mira', { mail: 'mira@contoso.com' });
  await system.snapshot('full');
  await directory.bin(`/users/${mira}`);
  const usurper = await directory.user('Other', { mail: 'mira@contoso.com' });
  const first = await system.restore({ users: [mira] });
  expect(first.report.objects).toMatchObject([
    { result: 'failed', reason: 'proxy-conflict', note: expect.stringContaining(usurper) },
  ]);
  expect(await directory.find(`/users/${mira}?$select=id`)).toBeUndefined();

  const { job, report } = await system.restore({ users: [mira], onNameConflict: 'rename' });
  expect(job.status).toBe('incomplete');
  expect(report.objects).toMatchObject([{ id: mira, newId: mira, actions: ['undelete'] }]);
  const { proxyAddresses } = await directory.get(`/users/${mira}?$select=proxyAddresses`);
  expect(JSON.stringify(proxyAddresses).toLowerCase()).not.toContain('mira@contoso.com');
});

it('R09 R13 R20 does not try to give a live user a name or an address that somebody else has by now, and names the holder at every run', async () => {
  const mira = await directory.user('Mira', { mail: 'mira@contoso.com' });
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${ada}`, { userPrincipalName: 'ada.married@contoso.com', department: 'Noise' });
  const away = { mail: 'mira.away@contoso.com', proxyAddresses: ['SMTP:mira.away@contoso.com'] };
  await system.control('PATCH', `/objects/${mira}`, away);
  const usurper = await directory.user('Ada');
  const other = await system.control('POST', '/objects', {
    '@odata.type': '#microsoft.graph.user',
    displayName: 'Other',
    userPrincipalName: 'other@contoso.com',
    proxyAddresses: ['smtp:mira@contoso.com'],
  });
  const request = { users: [ada, mira] };
  const dry = await system.startRestore({ ...request, dryRun: true });
  await system.waitForJob(dry);
  const planned = (await system.api('GET', `/jobs/${dry}/plan`)).body.value;

  await system.forgetStats();
  const { job, report } = await system.restore(request);
  expect(await system.writes()).toBe(1);
  expect(job.status).toBe('incomplete');
  const named = (name: string, reason: string, holder: string) =>
    expect.objectContaining({ name, result: 'failed', reason, note: `In the way: ${holder}.` });
  expect(report.objects).toMatchObject([
    { id: ada, attributes: expect.arrayContaining([named('userPrincipalName', 'name-conflict', usurper)]) },
    { id: mira, attributes: expect.arrayContaining([named('mail', 'proxy-conflict', other.id)]) },
  ]);
  expect(planned).toContainEqual(
    expect.objectContaining({ action: 'skip', attributes: ['userPrincipalName'], reason: 'name-conflict' }),
  );
  const again = await expectNothingLeftToDo(system, request);
  expect(again.report.objects.map(({ attributes }: Json) => attributes)).toEqual(
    report.objects.map(({ attributes }: Json) => attributes.filter(({ result }: Json) => result !== 'done')),
  );

  await directory.purge(`/users/${usurper}`);
  await system.restore(request);
  expect(await directory.get(`/users/${ada}?$select=userPrincipalName`)).toMatchObject({
    userPrincipalName: 'ada@contoso.com',
  });
});

it('R13 R20 leaves a user whom "rename" brought back under another name as he is, run after run, while somebody has the own one', async () => {
  const request = { users: [ada], onNameConflict: 'rename' };
  await system.snapshot('full');
  await directory.bin(`/users/${ada}`);
  const usurper = await directory.user('Ada');
  await system.restore(request);
  const { job, report } = await expectNothingLeftToDo(system, request);
  expect(job.status).toBe('incomplete');
  expect(report.objects[0].attributes).toContainEqual(
    expect.objectContaining({ name: 'userPrincipalName', reason: 'name-conflict', note: `In the way: ${usurper}.` }),
  );
});

it('R13 R20 sends nothing for a user in the bin whose name somebody has, nor for who waits for a name that stays taken', async () => {
  const [ben, cem] = [await directory.user('Ben'), await directory.user('Cem')];
  await system.snapshot('full');
  await directory.bin(`/users/${cem}`);
  await directory.user('Cem');
  // Ada is to get her name from Ben, whose own one a stranger has.
  await system.graph('PATCH', `/users/${ada}`, { userPrincipalName: 'away@contoso.com' });
  await system.graph('PATCH', `/users/${ben}`, { userPrincipalName: 'ada@contoso.com' });
  await directory.user('Ben');
  const { report } = await expectNothingLeftToDo(system, { users: [ada, ben, cem] });
  const taken = [expect.objectContaining({ name: 'userPrincipalName', reason: 'name-conflict' })];
  expect(report.objects).toMatchObject([
    { id: ada, result: 'partial', attributes: taken },
    { id: ben, result: 'partial', attributes: taken },
    { id: cem, result: 'failed', reason: 'name-conflict' },
  ]);
});

it('R09 R20 asks once for the names of many', async () => {
  const people = [ada, ...(await Promise.all(['Ben', 'Cem', 'Dina', 'Edda', 'Fay'].map((who) => directory.user(who))))];
  await system.snapshot('full');
  const asked = async (changes: (at: number) => Json): Promise<number> => {
    for (const [at, id] of people.entries()) await system.graph('PATCH', `/users/${id}`, changes(at));
    await system.forgetStats();
    await system.waitForJob(await system.startRestore({ users: people, dryRun: true }));
    return (await system.control('GET', '/stats')).requests;
  };
  const without = await asked(() => ({ department: 'Noise' }));
  expect(await asked((at) => ({ userPrincipalName: `away${at}@contoso.com` }))).toBe(without + 1);
  expect((await system.restore({ users: people })).job.status).toBe('completed');
});

it('R20 brings a user back under the snapshot’s name at once when somebody has the one he was deleted with', async () => {
  await system.snapshot('full');
  await system.graph('PATCH', `/users/${ada}`, { userPrincipalName: 'ada.married@contoso.com' });
  await directory.bin(`/users/${ada}`);
  await directory.user('Other', { userPrincipalName: 'ada.married@contoso.com' });
  const { job, report } = await system.restore({ users: [ada] });
  expect(job.status).toBe('completed');
  expect(report.objects).toMatchObject([{ id: ada, result: 'undeleted', actions: ['undelete', 'update'] }]);
  expect(report.objects[0].attributes).toContainEqual({ name: 'userPrincipalName', result: 'done' });
  expect(await directory.get(`/users/${ada}?$select=userPrincipalName`)).toMatchObject({
    userPrincipalName: 'ada@contoso.com',
  });
  await expectUnchangedAgain(system, { users: [ada] });
});

it('R20 R24 names the holder of a lost user’s address and creates nothing; with "rename" the user is made without it', async () => {
  const mira = await directory.user('Mira', { mail: 'mira@contoso.com' });
  await system.snapshot('full');
  await directory.purge(`/users/${mira}`);
  const usurper = await directory.user('Other', { mail: 'mira@contoso.com' });
  const first = await system.restore({ users: [mira] });
  expect(first.report.objects).toMatchObject([
    { result: 'failed', reason: 'proxy-conflict', note: expect.stringContaining(usurper) },
  ]);
  expect(await directory.usersNamed('mira@contoso.com')).toEqual([]);

  const { job, report } = await system.restore({ users: [mira], onNameConflict: 'rename' });
  expect(job.status).toBe('incomplete');
  expect(report.objects).toMatchObject([{ id: mira, result: 'partial', actions: ['create'] }]);
  expect(report.objects[0].attributes).toContainEqual({ name: 'mail', result: 'skipped', reason: 'proxy-conflict' });
  expect(await directory.usersNamed('mira@contoso.com')).toMatchObject([{ id: report.objects[0].newId }]);
});

it('R20 gives everybody the own name back, whoever of them has it now, in whatever order they come', async () => {
  const people = [ada, await directory.user('Ben'), await directory.user('Cem'), await directory.user('Dina')];
  const names = ['ada', 'ben', 'cem', 'dina'].map((name) => `${name}@contoso.com`);
  await system.snapshot('full');
  // Each moves on by one name; the first of them is gone by then.
  await directory.purge(`/users/${ada}`);
  for (const [at, person] of people.entries())
    if (at > 0) await system.graph('PATCH', `/users/${person}`, { userPrincipalName: names[at - 1] });
  const request = { users: people };
  const { job, report } = await system.restore(request);
  expect(job.status, JSON.stringify(report.objects)).toBe('completed');
  expect(report.objects.map(({ result }: Json) => result)).toEqual(['created', 'updated', 'updated', 'updated']);
  for (const [at, { newId: person }] of report.objects.entries())
    expect(await directory.get(`/users/${person}?$select=userPrincipalName`)).toMatchObject({
      userPrincipalName: names[at],
    });
  await expectUnchangedAgain(system, request);
}, 90_000);

it('R37 waits for nobody whom it could not bring back: links to them are named at once', async () => {
  const ben = await directory.user('Ben');
  await directory.manager(ben, ada);
  const choir = await directory.securityGroup('Choir');
  await directory.link(`/groups/${choir}`, 'members', ada);
  await system.snapshot('full');
  await directory.unlink(`/groups/${choir}`, 'members', ada);
  await system.graph('DELETE', `/users/${ben}/manager/$ref`);
  await directory.bin(`/users/${ada}`);
  await directory.user('Ada');
  const began = performance.now();
  const { report } = await system.restore({ users: [ada, ben], groups: [choir] });
  expect(performance.now() - began).toBeLessThan(15_000);
  const lost = { targetId: ada, result: 'skipped', reason: 'linked-object-missing' };
  expect(report.objects).toMatchObject([
    { id: choir, links: [{ relation: 'members', ...lost }] },
    { id: ada, result: 'failed', reason: 'name-conflict' },
    { id: ben, links: [{ relation: 'manager', ...lost }] },
  ]);
}, 90_000);

it('R15 R33 does not take another person of the snapshot for the lost one, whoever has the name now', async () => {
  const ben = await directory.user('Ben');
  await system.snapshot('full');
  await directory.purge(`/users/${ada}`);
  await system.graph('PATCH', `/users/${ben}`, { userPrincipalName: 'ada@contoso.com' });
  await system.forgetStats();
  const { report } = await system.restore({ users: [ada] });
  expect(report.objects).toMatchObject([
    { result: 'failed', reason: 'name-conflict', note: expect.stringContaining(ben) },
  ]);
  expect(await system.writes()).toBe(0);
  await expectNothingLeftToDo(system, { users: [ada] });
});

it('R15 R32 takes a user whom somebody made again under the same name for the lost one', async () => {
  await system.snapshot('full');
  await directory.purge(`/users/${ada}`);
  const again = await directory.user('Ada');
  const { report } = await system.restore({ users: [ada] });
  expect(report.objects).toMatchObject([{ id: ada, newId: again, result: 'updated' }]);
  expect(await directory.get(`/users/${again}?$select=department`)).toMatchObject({ department: 'Music' });
  expect(await directory.usersNamed('ada@contoso.com')).toHaveLength(1);
  await expectUnchangedAgain(system, { users: [ada] });
});

it('R33 takes a guest who was invited again under another name for the lost one, by the mail outside, but never a member or one of two', async () => {
  const guest = async (name: string, userType = 'Guest') => {
    const userPrincipalName = `${name}_fabrikam.com#EXT#@contoso.com`;
    const mail = 'eve@fabrikam.com';
    const body = { displayName: 'Eve', mailNickname: name, accountEnabled: true, userType, userPrincipalName, mail };
    return (await system.control('POST', '/objects', { '@odata.type': '#microsoft.graph.user', ...body })).id;
  };
  const eve = await guest('eve');
  const choir = await directory.securityGroup('Choir');
  await directory.link(`/groups/${choir}`, 'members', eve);
  await system.snapshot('full');
  await directory.purge(`/users/${eve}`);
  await guest('member', 'Member');
  const [again, third] = [await guest('again'), await guest('third')];
  await system.forgetStats();
  const { report } = await system.restore({ users: [eve] });
  const [unclear] = report.objects;
  expect(unclear).toMatchObject({ result: 'failed', reason: 'ambiguous-match' });
  for (const one of [again, third]) expect(unclear.note).toContain(one);
  expect(await system.writes()).toBe(0);

  await directory.purge(`/users/${third}`);
  expect((await system.restore({ users: [eve] })).report.objects).toMatchObject([{ id: eve, newId: again }]);
  expect(await directory.ids(`/groups/${choir}/members?$select=id`)).toEqual([again]);
  await expectUnchangedAgain(system, { users: [eve] });
});

it('R19 without the bin recreates a user, but not beside a binned twin that holds the anchor', async () => {
  const anchored = await directory.user('Cem', { onPremisesImmutableId: 'Q2VtIQ==' });
  await system.snapshot('full');
  for (const user of [ada, anchored]) await directory.bin(`/users/${user}`);
  const { report } = await system.restore({ users: [ada, anchored], useRecycleBin: false });
  expect(report.objects).toMatchObject([
    { id: ada, result: 'created' },
    { id: anchored, result: 'failed', reason: 'anchor-conflict' },
  ]);
  expect(await directory.usersNamed('ada@contoso.com')).toHaveLength(1);
  await expectNothingLeftToDo(system, { users: [ada, anchored], useRecycleBin: false });
});

it('H07 H08 leaves a copy that synchronization made alone in "strict", and adopts it by its anchor otherwise', async () => {
  const group = await directory.securityGroup('Choir');
  const { anchor } = await system.control('POST', '/on-premises/users', {
    userPrincipalName: 'ines@contoso.com',
    displayName: 'Ines',
    department: 'Music',
  });
  await system.control('POST', '/on-premises/sync');
  const [{ id: ines }] = await directory.usersNamed('ines@contoso.com');
  await directory.link(`/groups/${group}`, 'members', ines);
  await system.snapshot('full');
  await directory.purge(`/users/${ines}`);
  await system.control('POST', '/on-premises/sync');
  const [{ id: copy }] = await directory.usersNamed('ines@contoso.com');
  expect(copy).not.toBe(ines);

  await system.forgetStats();
  const strict = await system.restore({ users: [ines], hybrid: 'strict' });
  expect(strict.report.objects).toMatchObject([
    { result: 'failed', reason: 'anchor-conflict', note: expect.stringContaining('synchronize') },
  ]);
  expect(strict.report.followUps).toMatchObject([
    {
      id: 'copies',
      what: expect.stringMatching(/Remove .*restore .* with relations.*synchronization/),
      objectIds: [ines],
    },
  ]);
  expect(await system.writes()).toBe(0);

  const { job, report } = await system.restore({ users: [ines], links: 'rollback' });
  expect(job).toMatchObject({ status: 'completed', links: 'rollback' });
  expect(report.objects).toMatchObject([{ id: ines, newId: copy, result: 'updated' }]);
  expect(await directory.ids(`/groups/${group}/members?$select=id`)).toEqual([copy]);
  expect(await directory.get(`/users/${copy}?$select=onPremisesImmutableId`)).toMatchObject({
    onPremisesImmutableId: anchor,
  });
  await expectUnchangedAgain(system, { users: [ines] });
});

it('R39 brings a group’s lost members back only when asked to', async () => {
  const ben = await directory.user('Ben');
  const group = await directory.securityGroup('Choir');
  for (const user of [ada, ben]) await directory.link(`/groups/${group}`, 'members', user);
  await system.snapshot('full');
  await directory.purge(`/users/${ada}`);
  await directory.purge(`/groups/${group}`);

  const alone = await system.restore({ groups: [group] });
  expect(alone.job.status).toBe('incomplete');
  expect(alone.report.objects).toHaveLength(1);
  expect(alone.report.objects[0].links).toContainEqual(
    expect.objectContaining({ relation: 'members', targetId: ada, result: 'skipped', reason: 'linked-object-missing' }),
  );

  const { job, report } = await system.restore({ groups: [group], subObjects: 'create-missing' });
  expect(job.status).toBe('completed');
  const [newGroup, newAda] = report.objects.map((object: Json) => object.newId);
  expect(report.objects).toMatchObject([{ kind: 'groups' }, { kind: 'users', id: ada, result: 'created' }]);
  expect(await directory.ids(`/groups/${newGroup}/members?$select=id`)).toEqual([newAda, ben].sort());
  await expectUnchangedAgain(system, { groups: [group] });
});
