/** Until when a role, or a place in a group that may hold roles, is held: judged by the tenant's clock. */
import { beforeEach, describe, expect, it } from 'vitest';
import { expectNothingLeftToDo } from '../support/again.ts';
import { foundCompany, roles } from '../support/company.ts';
import { planned, reported } from '../support/plan-lines.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
const ofRoles = '/roleManagement/directory';
const ofGroups = '/identityGovernance/privilegedAccess/group';

let emil = '';
let admins = '';
beforeEach(async () => {
  ({ emil } = await foundCompany(system));
  admins = await directory.securityGroup('Admins', { isAssignableToRole: true });
}, 60_000);

type Family = 'roleEligibility' | 'roleAssignment' | 'eligibility' | 'assignment';
const isOfGroups = (family: Family): boolean => !family.startsWith('role');
const doorOf = (family: Family): string => `${isOfGroups(family) ? ofGroups : ofRoles}/${family}Schedule`;
const placeOf = (family: Family) =>
  isOfGroups(family)
    ? { groupId: admins, accessId: 'member' }
    : { roleDefinitionId: roles.reportsReader, directoryScopeId: '/' };

/** Asks for what one family of schedules gives, until so many days from now by the tenant's clock; for good without. */
const ask = (family: Family, action: string, days?: number, principalId = emil) =>
  inDays(days).then((endDateTime) =>
    system.graph('POST', `${doorOf(family)}Requests`, {
      action,
      principalId,
      ...placeOf(family),
      justification: 'test',
      scheduleInfo: {
        expiration: endDateTime === undefined ? { type: 'noExpiration' } : { type: 'afterDateTime', endDateTime },
      },
    }),
  );
const inDays = async (days: number | undefined): Promise<string | undefined> => {
  if (days === undefined) return undefined;
  const { now } = await system.control('GET', '/clock');
  return `${new Date(Date.parse(now) + days * 86_400_000).toISOString().slice(0, 19)}Z`;
};
const advance = (days: number) => system.control('POST', '/clock', { advance: `P${days}D` });
const nameOf: Readonly<Record<Family, string>> = {
  roleEligibility: 'eligibleRoleAssignments',
  roleAssignment: 'roleAssignments',
  eligibility: 'eligibleGroups',
  assignment: 'memberOf',
};
const families: readonly Family[] = ['roleEligibility', 'roleAssignment', 'eligibility', 'assignment'];

async function planOf(request: Json): Promise<Json[]> {
  const id = await system.startRestore({ ...request, dryRun: true });
  expect(await system.waitForJob(id, 120_000)).toMatchObject({ status: 'completed' });
  return (await system.api('GET', `/jobs/${id}/plan?top=1000`)).body.value;
}

describe('R45 R09 R13 an end that has passed by the clock of the tenant, not of the host', () => {
  it.each(families)('is foreseen, and asks Graph for nothing: %s', async (family) => {
    await ask(family, 'adminAssign', 10);
    await system.snapshot('full');
    await directory.purge(`/users/${emil}`);
    await advance(20);
    const request = { users: [emil] };
    const steps = await planOf(request);
    const lines = planned(steps).filter((one) => one.includes(nameOf[family]));
    expect(lines).toContainEqual(expect.stringContaining('role-expired'));
    await system.forgetStats();
    const { job, report } = await system.restore(request);
    expect(job, JSON.stringify(report.objects)).toMatchObject({ status: 'completed' });
    expect(reported(report.objects).sort()).toEqual(planned(steps).sort());
    const { byRoute } = await system.control('GET', '/stats');
    const asked = byRoute.filter(({ route }: Json) => route.includes('ScheduleRequests'));
    expect(asked).toEqual([]);
    const again = await expectNothingLeftToDo(system, request);
    expect(again.job).toMatchObject({ status: 'completed' });
  });
});
