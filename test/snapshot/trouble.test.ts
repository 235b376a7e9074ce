/** Against the whole system: a snapshot meets tokens that are no good and rights that are missing. */
import { beforeAll, expect, it } from 'vitest';
import { type Company, foundCompany } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
let company: Company;
beforeAll(async () => {
  company = await foundCompany(system);
});

const start = async (mode: string) =>
  (await system.api('POST', '/connectors/default/snapshots', { mode })).body.jobId as string;
const kinds = async (id: string): Promise<Json> =>
  (await system.api('GET', `/connectors/default/snapshots/${id}`)).body.kinds;

it('begins anew, source by source, where Graph has forgotten its delta tokens', async () => {
  await system.snapshot('full');
  await system.directory.purge(`/users/${company.emil}`);
  // A delta token of the directory lives for a month at most (graph-facts 2.1).
  await system.control('POST', '/clock', { advance: 'P40D' });
  const { id } = await system.snapshot('incremental');
  expect((await kinds(id)).users).toMatchObject({ count: 4, added: 0, removed: 1, readInFull: true });
  const { id: next } = await system.snapshot('incremental');
  expect((await kinds(next)).users).toMatchObject({ count: 4, changed: 0, readInFull: false });
});

it('R60 is partial and says so where photos are forbidden; fails where everything is, and the next one is free to run', async () => {
  await system.control('POST', '/faults', [
    { match: { pathPattern: '^/users/[^/]+/photo' }, times: 100_000, effect: 'status', status: 403 },
  ]);
  const partial = await start('full');
  expect(await system.waitForJob(partial)).toMatchObject({
    status: 'incomplete',
    snapshotId: partial,
    warnings: [{ code: 'forbidden', message: expect.stringContaining('photos') }],
  });
  await system.control('DELETE', '/faults');

  // The first request for the organization is the probe of the start.
  const refuse = { times: 100_000, effect: 'status', status: 403 };
  await system.control('POST', '/faults', [
    { match: { pathPattern: '^/(users|groups|directory|roleManagement|subscribedSkus|domains)' }, ...refuse },
    { match: { path: '/organization' }, nth: 2, ...refuse },
  ]);
  const failed = await start('full');
  const job = await system.waitForJob(failed);
  expect(job).toMatchObject({ status: 'failed', error: { code: 'forbidden', message: expect.any(String) } });
  expect((await system.api('GET', `/connectors/default/snapshots/${failed}`)).status).toBe(404);
  await system.control('DELETE', '/faults');
  const { id } = await system.snapshot();
  expect((await system.api('GET', '/connectors/default/snapshots/latest')).body.id).toBe(id);
});

it('R60 R48 says which kind it has no right to read, and shows that kind as unknown, not as empty', async () => {
  const permissions = [
    'User.Read.All',
    'Group.Read.All',
    'RoleManagement.Read.Directory',
    'LicenseAssignment.Read.All',
    'Organization.Read.All',
    'Domain.Read.All',
    'ProfilePhoto.Read.All',
    'UserAuthenticationMethod.Read.All',
    'AppRoleAssignment.ReadWrite.All',
    'Application.Read.All',
  ];
  await system.control('POST', '/settings', { permissions });
  const job = await system.waitForJob(await start('full'));
  await system.control('POST', '/settings', { permissions: 'all' });
  expect(job).toMatchObject({ status: 'incomplete', snapshotId: job.id });
  expect(job.warnings).toEqual([
    { code: 'forbidden', message: expect.stringMatching(/^extensionProperties: .*permission/) },
    { code: 'forbidden', message: expect.stringMatching(/^administrativeUnits: .*permission/) },
  ]);
  const path = `/connectors/default/snapshots/${job.id}`;
  expect((await system.api('GET', `${path}/administrativeUnits`)).body).toMatchObject({ code: 'not-captured' });
  const carla = (await system.api('GET', `${path}/users/${company.carla}`)).body;
  expect(carla.notCaptured).toContain('administrativeUnits');
  expect(carla.relationships).not.toHaveProperty('administrativeUnits');
  expect(carla.relationships.memberOf).toHaveLength(3);
});

it('begins a kind anew where Graph forgets a page half-way, and has everything once', async () => {
  await system.control('POST', '/settings', { pageSize: { delta: 2, list: 2 } });
  await system.control('POST', '/faults', [
    { match: { path: '/users' }, nth: 5, effect: 'status', status: 410, code: 'syncStateNotFound' },
    { match: { path: '/groups/delta' }, nth: 2, effect: 'status', status: 410, code: 'syncStateNotFound' },
  ]);
  const { id } = await system.snapshot('full');
  expect(await system.control('GET', '/faults')).toMatchObject([{ met: 1 }, { met: 1 }]);
  await system.control('DELETE', '/faults');
  await system.control('POST', '/settings', { pageSize: { delta: 200, list: 999 } });
  for (const kind of ['users', 'groups']) {
    expect((await kinds(id))[kind]).toMatchObject({ readInFull: true });
    const { value } = (await system.api('GET', `/connectors/default/snapshots/${id}/${kind}`)).body;
    const there = await system.directory.ids(`/${kind}?$select=id`);
    expect(value.map((one: Json) => one.id).sort()).toEqual([...there].sort());
  }
});
