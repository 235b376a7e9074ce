/** Every refusal that Graph knows (graph-facts 9), met by every write of one user in the middle of a job: the job ends, and names what it could not do. */
import { beforeEach, expect, it } from 'vitest';
import { reasons } from '../../src/restore/reasons.ts';
import { expectUnchangedAgain } from '../support/again.ts';
import { picture, roles, skuSettings, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;

let ada: string;
let ben: string;
/** Gone for good, and in the bin. */
let carla: string;
let dora: string;
let choir: string;
beforeEach(async () => {
  await system.control('POST', '/reset');
  await system.control('DELETE', '/faults');
  await system.control('POST', '/settings', skuSettings());
  const voice = { department: 'Music', mobilePhone: '+49 30 1', usageLocation: 'DE' };
  ada = await directory.user('Ada', voice);
  ben = await directory.user('Ben', voice);
  choir = await directory.securityGroup('Choir');
  const everything = async (user: string, group: string) => {
    await directory.link(`/groups/${group}`, 'members', user);
    await directory.link(`/groups/${group}`, 'owners', user);
    await directory.link(`/users/${user}`, 'sponsors', user === ada ? ben : ada);
    await directory.manager(user, user === ada ? ben : ada);
    await directory.assignLicences(`/users/${user}`, [skus.suite]);
    await directory.photo(user, picture(1));
  };
  await everything(ada, choir);
  const others = await directory.securityGroup('Orchestra');
  await everything(ben, others);
  await directory.assignRole(ada, roles.reportsReader);
  [carla, dora] = [await directory.user('Carla', voice), await directory.user('Dora', voice)];
  await system.snapshot('full');
  await directory.purge(`/users/${carla}`);
  await directory.bin(`/users/${dora}`);
  for (const [user, group] of [
    [ada, choir],
    [ben, others],
  ] as const) {
    await system.graph('PATCH', `/users/${user}`, { department: 'Noise', mobilePhone: null });
    for (const relation of ['members', 'owners']) await directory.unlink(`/groups/${group}`, relation, user);
    await directory.unlink(`/users/${user}`, 'sponsors', user === ada ? ben : ada);
    await system.graph('DELETE', `/users/${user}/manager/$ref`);
    await system.graph('POST', `/users/${user}/assignLicense`, { addLicenses: [], removeLicenses: [skus.suite] });
    await directory.photo(user, picture(2));
  }
  const held = `/roleManagement/directory/roleAssignments?$filter=principalId eq '${ada}'`;
  for (const { id } of (await system.graph('GET', held)).value)
    await system.graph('DELETE', `/roleManagement/directory/roleAssignments/${id}`);
}, 60_000);

/** Meets every write to Ada, to the group that is hers alone, every role, creation and undeletion. */
const refuse = (status: number, code: string, times = 10_000) =>
  system.control(
    'POST',
    '/faults',
    ['PATCH', 'PUT', 'POST'].map((method) => ({
      match: { method, pathPattern: `^/(users$|users/${ada}|groups/${choir}|roleManagement|directory/deletedItems)` },
      times,
      effect: 'status',
      status,
      code,
    })),
  );

it.each([
  [400, 'Request_BadRequest'],
  [403, 'Authorization_RequestDenied'],
  [403, 'Directory_QuotaExceeded'],
  [405, 'Request_BadRequest'],
  [409, 'Request_MultipleObjectsWithSameKeyValue'],
  [424, 'FailedDependency'],
  [501, 'NotImplemented'],
])(
  'R52 R54 a final %i %s costs what it met, each with its reason, and no one else',
  async (status, code) => {
    await refuse(status, code);
    const users = [ada, ben, carla, dora];
    const { job, report } = await system.restore({ users });
    expect(job.status).toBe('incomplete');
    const [hers, his, ...lost] = users.map((id) => report.objects.find((object: Json) => object.id === id));
    expect(his).toMatchObject({ result: 'updated', verification: { matched: true } });
    expect(hers.result).toBe('partial');
    for (const one of lost) {
      expect(one.result).toBe('failed');
      expect(reasons).toContain(one.reason);
    }
    const things: Json[] = [...hers.attributes, ...hers.links];
    const named = things.map(({ name, relation }) => name ?? relation).sort();
    expect(named).toEqual([
      'department',
      'licenses',
      'manager',
      'memberOf',
      'mobilePhone',
      'ownedObjects',
      'photo',
      'roleAssignments',
      'sponsors',
    ]);
    for (const thing of things) {
      expect(thing.result, JSON.stringify(thing)).not.toBe('done');
      expect(reasons).toContain(thing.reason);
    }
    await system.control('DELETE', '/faults');
    expect((await system.restore({ users })).job.status).toBe('completed');
    await expectUnchangedAgain(system, { users });
  },
  120_000,
);

it.each([
  [404, 'Request_ResourceNotFound'],
  [409, 'Directory_ConcurrencyViolation'],
  [503, 'ServiceUnavailable'],
  [504, 'UnknownError'],
])(
  'R52 a %i %s that passes costs nothing',
  async (status, code) => {
    await refuse(status, code, 1);
    const users = [ada, ben];
    const { job, report } = await system.restore({ users });
    expect(job.status, JSON.stringify(report.objects)).toBe('completed');
    await expectUnchangedAgain(system, { users });
  },
  120_000,
);
