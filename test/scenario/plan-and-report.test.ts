/** R09: what a dry run plans is, step by step, what a real run over the unchanged tenant then reports. */
import { beforeEach, expect, it } from 'vitest';
import { type Company, foundCompany, givePasskey, picture, roles, skus } from '../support/company.ts';
import { line, planned, reported } from '../support/plan-lines.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
beforeEach(async () => {
  company = await foundCompany(system);
});

const lastPlan = async (): Promise<Json> =>
  (await system.api('GET', '/connectors/default/jobs?kind=plan&top=1')).body.value[0];

/** What is done to each object, in the words of the plan. */
const acted = (objects: readonly (readonly [id: string, actions: readonly string[]])[]): Json => {
  const done: Record<string, string[]> = {};
  for (const [id, actions] of objects)
    for (const action of actions) if (action !== 'skip') done[id] = [...new Set([...(done[id] ?? []), action])].sort();
  return done;
};

/** @param apply whether the real run is given the plan, or is asked for the same. */
async function expectSame(request: Json, apply: 'plan' | 'request'): Promise<string[]> {
  await system.forgetStats();
  const id = await system.startRestore({ ...request, dryRun: true });
  expect(await system.waitForJob(id)).toMatchObject({ status: 'completed' });
  expect(await system.writes()).toBe(0);
  const { value: steps } = (await system.api('GET', `/jobs/${id}/plan?top=1000`)).body;
  const { report } = await system.restore(apply === 'plan' ? { planId: id } : { ...request, dryRun: false });
  expect(reported(report.objects).sort()).toEqual(planned(steps).sort());
  expect(acted(report.objects.map(({ id, actions }: Json) => [id, actions]))).toEqual(
    acted(steps.map(({ objectId, action }: Json) => [objectId, [action]])),
  );
  return planned(steps);
}

it.each(['plan', 'request'] as const)(
  'R09 of users (by the %s) that are gone, binned, changed, unchanged and unknown, with all that they had',
  async (apply) => {
    const { anna, bob, carla, dora, emil, project } = company;
    await givePasskey(system, carla);
    await directory.link(`/groups/${project}`, 'members', dora);
    await system.snapshot('full');
    await directory.purge(`/users/${carla}`);
    await directory.bin(`/users/${bob}`);
    await system.graph('PATCH', `/users/${dora}`, { department: 'Noise', city: null });
    await directory.unlink(`/groups/${project}`, 'members', dora);
    await directory.photo(dora, picture(3));
    const nobody = '00000000-0000-4000-8000-000000000000';
    const lines = await expectSame({ users: [anna, bob, carla, dora, emil, nobody] }, apply);
    expect(lines).toEqual(
      expect.arrayContaining([
        line(dora, 'memberOf', project),
        line(dora, 'manager', carla),
        line(bob, 'object', 'undelete'),
      ]),
    );
  },
);

it.each(['plan', 'request'] as const)(
  'R09 R37 of a user and a group (by the %s) in the bin, of whose other ends some are gone for good, others recreated',
  async (apply) => {
    const { anna, bob, carla, dora, emil, project, team, licensed, berlin } = company;
    await directory.link(`/groups/${team}`, 'members', dora);
    await directory.link(`/groups/${team}`, 'members', emil);
    await system.snapshot('full');
    await directory.bin(`/users/${bob}`);
    await directory.bin(`/groups/${team}`);
    await directory.bin(`/users/${emil}`);
    for (const gone of [anna, carla]) await directory.purge(`/users/${gone}`);
    for (const gone of [project, licensed]) await directory.purge(`/groups/${gone}`);
    await directory.bin(`/directory/administrativeUnits/${berlin}`);
    await system.restore({ users: [carla], groups: [licensed] });
    const lines = await expectSame({ users: [bob], groups: [team] }, apply);
    expect(lines).toEqual(
      expect.arrayContaining([
        line(bob, 'manager', anna, 'linked-object-missing'),
        line(bob, 'memberOf', project, 'linked-object-missing'),
        line(bob, 'memberOf', licensed),
        line(team, 'members', carla),
        line(team, 'members', emil, 'linked-object-missing'),
      ]),
    );
  },
);

it.each(['plan', 'request'] as const)(
  'R09 R46 of a binned user (by the %s) whose licensing group is gone for good, and comes back in the same job under another id',
  async (apply) => {
    const { bob, licensed } = company;
    await system.snapshot('full');
    await directory.bin(`/users/${bob}`);
    await directory.purge(`/groups/${licensed}`);
    const lines = await expectSame({ users: [bob], groups: [licensed] }, apply);
    expect(lines).toEqual(
      expect.arrayContaining([line(bob, 'memberOf', licensed), line(bob, 'licenses', skus.team, 'licence-inherited')]),
    );
  },
);

it.each(['plan', 'request'] as const)(
  'R09 R33 of a group whose members (by the %s) are lost, and one of whom somebody made again and put back',
  async (apply) => {
    const { bob, carla, dora, project } = company;
    await system.snapshot('full');
    for (const gone of [bob, carla]) await directory.purge(`/users/${gone}`);
    const again = await directory.user('Carla');
    await directory.link(`/groups/${project}`, 'members', again);
    await directory.manager(dora, again);
    const lines = await expectSame({ users: [bob, carla, dora], groups: [project], links: 'rollback' }, apply);
    expect(lines).toContain(line(bob, 'memberOf', project));
    expect(
      lines.filter((one) => one.includes(`${carla} memberOf ${project}`) || one.includes(`${dora} manager`)),
    ).toEqual([]);
  },
);

it.each([
  ['plan', 'fail'],
  ['request', 'fail'],
  ['plan', 'rename'],
  ['request', 'rename'],
] as const)(
  'R09 R20 of users (by the %s, told to %s) whose names and addresses others have by now',
  async (apply, onNameConflict) => {
    const { anna, bob, carla, dora, emil } = company;
    const finn = await directory.user('Finn', { mail: 'finn@contoso.com' });
    for (const [one, name] of [
      [bob, 'bob'],
      [carla, 'carla'],
      [emil, 'emil'],
    ] as const)
      await system.graph('PATCH', `/users/${one}`, { mail: `${name}@contoso.com` });
    await system.snapshot('full');
    await directory.bin(`/users/${bob}`);
    await directory.bin(`/users/${carla}`);
    await system.graph('PATCH', `/users/${dora}`, { userPrincipalName: 'other@contoso.com', city: 'Rome' });
    for (const name of ['Bob', 'Dora']) await directory.user(name);
    const stranger = await directory.user('Stranger', { mail: 'carla@contoso.com' });
    await directory.purge(`/users/${finn}`);
    await directory.microsoft365Group('Finn', { mailNickname: 'finn' });
    // Of these two each has what the other lost: both are in the job, so that neither is in the way for long.
    await directory.purge(`/users/${anna}`);
    await system.graph('PATCH', `/users/${emil}`, { userPrincipalName: 'anna@contoso.com' });
    const lines = await expectSame(
      { users: [anna, bob, carla, dora, emil, finn], onNameConflict, links: 'skip' },
      apply,
    );
    expect(lines).toEqual(
      expect.arrayContaining([
        line(anna, 'object', 'create'),
        line(dora, 'attribute', 'userPrincipalName', 'name-conflict'),
        line(emil, 'attribute', 'userPrincipalName'),
        ...(onNameConflict === 'fail'
          ? [
              line(bob, 'object', '', 'name-conflict'),
              line(carla, 'object', '', 'proxy-conflict'),
              line(finn, 'object', '', 'proxy-conflict'),
            ]
          : [
              line(finn, 'attribute', 'mail', 'proxy-conflict'),
              line(bob, 'attribute', 'userPrincipalName', 'name-conflict'),
              line(carla, 'attribute', 'proxyAddresses', 'proxy-conflict'),
              line(carla, 'attribute', 'mail', 'proxy-conflict'),
            ]),
      ]),
    );
    const steps = (await system.api('GET', `/jobs/${(await lastPlan()).id}/plan?top=1000`)).body.value;
    if (onNameConflict === 'fail')
      expect(steps.find(({ objectId }: Json) => objectId === carla)).toMatchObject({
        note: expect.stringContaining(stranger),
      });
  },
);

it.each(['plan', 'request'] as const)(
  'R09 of a user (by the %s) who has another id by now, while the other ends of the links of then are still in the bin',
  async (apply) => {
    const { anna, bob, project, berlin } = company;
    await system.snapshot('full');
    await directory.purge(`/users/${bob}`);
    await directory.bin(`/users/${anna}`);
    await directory.bin(`/groups/${project}`);
    await directory.bin(`/directory/administrativeUnits/${berlin}`);
    await system.restore({ users: [bob] });
    const lines = await expectSame({ users: [anna, bob], groups: [project], administrativeUnits: [berlin] }, apply);
    expect(lines).toEqual(
      expect.arrayContaining([
        line(bob, 'manager', anna),
        line(bob, 'sponsors', anna),
        line(bob, 'memberOf', project),
        line(bob, 'ownedObjects', project),
        line(bob, 'administrativeUnits', berlin),
        line(bob, 'roleAssignments', roles.helpdesk),
      ]),
    );
  },
);

it.each(['plan', 'request'] as const)(
  'R09 R41 R42 R43 R46 of everything (by the %s): what nobody could write comes back with whom it rests with in the bin, or not at all',
  async (apply) => {
    const { bob, dora, licensed, berlin } = company;
    const group = async (displayName: string, more: Json): Promise<string> =>
      (await system.control('POST', '/objects', { '@odata.type': '#microsoft.graph.group', displayName, ...more })).id;
    const mail = { mailNickname: 'press.list', mail: 'press.list@contoso.com', mailEnabled: true, groupTypes: [] };
    await group('Press list', { ...mail, securityEnabled: true, members: [bob] });
    const sales = await directory.securityGroup('Sales', {
      groupTypes: ['DynamicMembership'],
      membershipRule: 'user.department -eq "Sales"',
      membershipRuleProcessingState: 'On',
    });
    const onPremises = (name: string, anchor: string, more: Json = {}) =>
      system.control('POST', '/on-premises/users', {
        anchor,
        displayName: name,
        userPrincipalName: `${name}@contoso.com`,
        ...more,
      });
    await onPremises('eva', 'RXZh');
    await onPremises('jan', 'SmFu', { managerAnchor: 'RXZh' });
    await system.control('POST', '/on-premises/groups', { displayName: 'Plant', members: ['SmFu'] });
    await system.control('POST', '/on-premises/sync');
    const [{ id: jan }] = await directory.usersNamed('jan@contoso.com');
    const [{ id: eva }] = await directory.usersNamed('eva@contoso.com');
    const [plant] = (await directory.ids(`/users/${jan}/memberOf?$select=id`)) as [string];
    await directory.link(`/directory/administrativeUnits/${berlin}`, 'members', plant);
    await directory.link(`/groups/${licensed}`, 'members', dora);
    await system.snapshot('full');
    for (const user of [bob, eva]) await directory.bin(`/users/${user}`);
    for (const one of [sales, licensed]) await directory.bin(`/groups/${one}`);
    await system.control('DELETE', `/objects/${plant}`);
    const everything = { users: 'all', groups: 'all', administrativeUnits: 'all' };
    const lines = await expectSame(everything, apply);
    expect(lines).toEqual(
      expect.arrayContaining([
        line(plant, 'object', '', 'group-on-premises'),
        line(jan, 'memberOf', plant, 'linked-object-missing'),
        line(berlin, 'members', plant, 'linked-object-missing'),
      ]),
    );
    expect(lines.filter((one) => /licence-inherited|group-dynamic|user-on-premises/.test(one))).toEqual([]);
  },
);

it.each(['plan', 'request'] as const)(
  'R09 R50 of a user (by the %s) who is to have a pass, and phones registered again',
  async (apply) => {
    const { carla } = company;
    await givePasskey(system, carla);
    const mobile = { phoneNumber: '+49 3012345678', phoneType: 'mobile' };
    await system.graph('POST', `/users/${carla}/authentication/phoneMethods`, mobile);
    await system.snapshot('full');
    await directory.purge(`/users/${carla}`);
    const newUsers = { temporaryAccessPass: true, authenticationMethods: true };
    const lines = await expectSame({ users: [carla], newUsers }, apply);
    expect(lines).toContain(line(carla, 'authenticationMethods', 'temporaryAccessPass'));
  },
);

it.each(['plan', 'request'] as const)('R09 of everything (by the %s), when all is lost', async (apply) => {
  await system.snapshot('full');
  for (const { id } of await directory.all('/users?$select=id')) await directory.purge(`/users/${id}`);
  for (const { id } of await directory.all('/groups?$select=id')) await directory.purge(`/groups/${id}`);
  await directory.bin(`/directory/administrativeUnits/${company.berlin}`);
  await system.control('POST', '/clock', { advance: 'P31D' });
  await expectSame({ users: 'all', groups: 'all', administrativeUnits: 'all' }, apply);
});

it.each(['plan', 'request'] as const)('R09 R40 of a rollback (by the %s), with what it takes away', async (apply) => {
  const { anna, bob, dora, emil, project } = company;
  await system.snapshot('full');
  await directory.link(`/groups/${project}`, 'members', emil);
  await directory.manager(dora, anna);
  await directory.manager(anna, emil);
  await directory.assignLicences(`/users/${dora}`, [skus.suite]);
  await directory.bin(`/users/${bob}`);
  await directory.bin(`/groups/${company.team}`);
  const lines = await expectSame({ users: 'all', groups: 'all', links: 'rollback' }, apply);
  expect(lines).toEqual(expect.arrayContaining([line(emil, 'memberOf', project), line(anna, 'manager', emil)]));
  expect(lines).toContain(line(bob, 'object', 'undelete'));
});

it('R38 R55 tells a link between two objects of a job once: a membership on the row of who is in it, a manager on that of whose it is', async () => {
  const { bob, carla, dora, project, berlin } = company;
  await directory.link(`/directory/administrativeUnits/${berlin}`, 'members', project);
  await system.snapshot('full');
  await directory.purge(`/users/${carla}`);
  await directory.purge(`/groups/${project}`);
  const nobody = '00000000-0000-4000-8000-000000000000';
  const both = { users: [bob, carla, dora, nobody], groups: [project], administrativeUnits: [berlin] };
  await expectSame(both, 'request');

  await directory.unlink(`/directory/administrativeUnits/${berlin}`, 'members', bob);
  const { report } = await system.restore(both);
  const rowOf = (id: string) => report.objects.find((object: Json) => object.id === id);
  expect(rowOf(bob).links).toMatchObject([{ relation: 'administrativeUnits', targetId: berlin, result: 'done' }]);
  expect(rowOf(berlin)).toMatchObject({ result: 'unchanged', links: [] });

  await directory.unlink(`/directory/administrativeUnits/${berlin}`, 'members', bob);
  const alone = (await system.restore({ administrativeUnits: [berlin] })).report;
  expect(alone.objects[0].links).toMatchObject([{ relation: 'members', targetId: bob, result: 'done' }]);

  // Who is in the job and yet has no row of links leaves the telling to the other end.
  await directory.unlink(`/directory/administrativeUnits/${berlin}`, 'members', bob);
  const skipped = await system.restore({ ...both, users: [bob], linkKinds: ['members'] });
  expect(skipped.report.objects.find((object: Json) => object.id === berlin).links).toMatchObject([
    { relation: 'members', targetId: bob, result: 'done' },
  ]);
});
