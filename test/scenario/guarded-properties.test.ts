/** Custom security attributes and the day of leaving, of a connector that includes them: overwritten, lost with their user, out of the app's reach. */
import { beforeAll, describe, expect, it } from 'vitest';
import { graphPermissions, optionalPermissions } from '../../src/graph/permissions.ts';
import { expectUnchangedAgain } from '../support/again.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const usual = graphPermissions.map(({ name }) => name);
const { read, write } = optionalPermissions.customSecurityAttributes;
const leaving = Object.values(optionalPermissions.employeeLeaveDateTime);
const grant = (...more: string[]) =>
  system.control('POST', '/settings', { permissions: [...usual, ...leaving, ...more] });

const type = '#Microsoft.DirectoryServices.CustomSecurityAttributeValue';
const piers = (...Piers: string[]) => ({ 'Piers@odata.type': '#Collection(String)', Piers });
const berths = (Berths: number) => ({ 'Berths@odata.type': '#Int32', Berths });
const assign = (user: string, sets: Readonly<Record<string, object>>) => {
  const typed = Object.entries(sets).map(([set, values]) => [set, { '@odata.type': type, ...values }]);
  return system.graph('PATCH', `/users/${user}`, { customSecurityAttributes: Object.fromEntries(typed) });
};
const attributesOf = async (user: string): Promise<Json> =>
  (await directory.get(`/users/${user}?$select=customSecurityAttributes`)).customSecurityAttributes;

beforeAll(async () => {
  await grant(read, write);
  const [own] = (await system.api('GET', '/connectors')).body.value;
  const inclusions = ['customSecurityAttributes', 'employeeLeaveDateTime'];
  const { status, body } = await system.api('PUT', '/connectors/default', { tenantId: own.tenantId, inclusions });
  expect([status, body.inclusions]).toEqual([200, inclusions]);
});

describe('custom security attributes', () => {
  it('R11 R12 R06 overwritten by mistake come back, what was not there goes, and a comparison says so before', async () => {
    const ada = await directory.user('Ada');
    await assign(ada, { Harbour: { Lit: true, ...berths(12), ...piers('East', 'West') } });
    const before = await attributesOf(ada);
    await system.snapshot('full');
    await assign(ada, {
      Harbour: { Lit: false, Opened: '2026-03-01', ...piers() },
      Staff: { Badge: 'QX1', ...piers('S') },
    });
    const path = `/connectors/default/snapshots/latest/users/${ada}`;
    expect((await system.api('GET', path)).body.attributes.customSecurityAttributes).toEqual(before);
    const { attributes } = (await system.api('GET', `${path}/compare?with=live`)).body;
    expect(attributes).toMatchObject([{ name: 'customSecurityAttributes', left: before, restorable: true }]);
    const { job } = await system.restore({ users: [ada] });
    expect(job).toMatchObject({ status: 'completed', warnings: [] });
    expect(await attributesOf(ada)).toEqual(before);
    await expectUnchangedAgain(system, { users: [ada] });
  });

  it('R24 are given to a user who is made again, as they were when something else of the user changed', async () => {
    const ben = await directory.user('Ben');
    await system.snapshot('full');
    await assign(ben, { Harbour: berths(3) });
    await system.graph('PATCH', `/users/${ben}`, { city: 'Rom' });
    await system.snapshot('incremental');
    const before = await attributesOf(ben);
    await directory.purge(`/users/${ben}`);
    const { job, report } = await system.restore({ users: [ben] });
    expect(job.status).toBe('completed');
    expect(await attributesOf(report.objects[0].newId)).toEqual(before);
  });

  it('R10 R30 are named, with the permission, where the app may not write or even read them; the rest is restored', async () => {
    const cleo = await directory.user('Cleo', { city: 'Oslo' });
    await assign(cleo, { Harbour: { Lit: true } });
    await system.snapshot('full');
    for (const permissions of [[read], []]) {
      await assign(cleo, { Harbour: { Lit: false } });
      await system.graph('PATCH', `/users/${cleo}`, { city: 'Rom' });
      await grant(...permissions);
      const { job, report } = await system.restore({ users: [cleo] });
      expect(job.status).toBe('incomplete');
      const lacking = { code: 'permission-missing', message: expect.stringContaining(write), objectIds: [cleo] };
      expect(job.preflight).toMatchObject([lacking]);
      expect(report.objects[0].attributes).toEqual([
        { name: 'city', result: 'done' },
        {
          name: 'customSecurityAttributes',
          result: 'failed',
          reason: 'graph-error',
          note: expect.stringContaining(write),
        },
      ]);
    }
    await grant(read, write);
  });

  it('R12 R24 are given back, with the day of leaving, in one write', async () => {
    const employeeLeaveDateTime = '2026-12-31T00:00:00Z';
    const dan = await directory.user('Dan', { employeeLeaveDateTime });
    const eva = await directory.user('Eva', { employeeLeaveDateTime });
    const leaves = async (id: string) =>
      (await directory.get(`/users/${id}?$select=employeeLeaveDateTime`)).employeeLeaveDateTime;
    await system.snapshot('full');
    await system.graph('PATCH', `/users/${dan}`, { employeeLeaveDateTime: '2027-12-31T00:00:00Z', city: 'Rom' });
    await assign(dan, { Harbour: { Lit: true } });
    await directory.purge(`/users/${eva}`);
    await system.forgetStats();
    const { job, report } = await system.restore({ users: [dan, eva] });
    expect(job).toMatchObject({ status: 'completed', warnings: [] });
    // One for Dan; for Eva her creation and, since that takes no guarded property, one more.
    expect(await system.writes()).toBe(3);
    expect(await attributesOf(dan)).toBeNull();
    const ids = report.objects.map(({ newId }: Json) => newId);
    expect(await Promise.all(ids.map(leaves))).toEqual([employeeLeaveDateTime, employeeLeaveDateTime]);
    await expectUnchangedAgain(system, { users: [dan, eva] });
  });

  it('R60 that may not be read make the snapshot partial', async () => {
    await grant();
    const { body } = await system.api('POST', '/connectors/default/snapshots', { mode: 'full' });
    expect(await system.waitForJob(body.jobId)).toMatchObject({
      status: 'incomplete',
      warnings: [{ code: 'forbidden', message: expect.stringMatching(/^customSecurityAttributes: /) }],
    });
  });
});
