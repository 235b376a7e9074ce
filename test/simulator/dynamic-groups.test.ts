/** Dynamic groups over HTTP: whoever fits the rule belongs, however they came to fit it (E:identity/users/groups-dynamic-membership). */
import { describe, expect, it } from 'vitest';
import { aGroup, aUser, created, type Json, readList, ref, useSimulated } from './simulated.ts';

const graph = useSimulated();

const dynamic = (membershipRule: string, more: object = {}): Promise<string> =>
  created(graph, '/groups', aGroup({ groupTypes: ['DynamicMembership'], membershipRule, ...more }));
const members = async (id: string): Promise<string[]> =>
  (await readList(graph, `/groups/${id}/members`)).map((one: Json) => one.id).sort();
const status = async (method: string, path: string, body?: unknown): Promise<number> =>
  (await graph.graph(method, path, body)).status;

describe('direct reports', () => {
  it('holds the manager and whoever reports to her, and follows a change of manager', async () => {
    const [boss, report, other] = [
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
      await created(graph, '/users', aUser()),
    ];
    await graph.graph('PUT', `/users/${report}/manager/$ref`, ref(boss));
    const group = await dynamic(`Direct Reports for "${boss}"`);
    expect(await members(group)).toEqual([boss, report].sort());
    await graph.graph('PUT', `/users/${other}/manager/$ref`, ref(boss));
    await graph.graph('DELETE', `/users/${report}/manager/$ref`);
    expect(await members(group)).toEqual([boss, other].sort());
  });

  it('takes in whom synchronization puts under the manager', async () => {
    const { anchor } = await graph.door('POST', '/on-premises/users', {
      userPrincipalName: 'boss@contoso.com',
      displayName: 'Boss',
    });
    await graph.door('POST', '/on-premises/sync');
    const boss = (await graph.graph('GET', '/users/boss@contoso.com')).body.id;
    const group = await dynamic(`Direct Reports for "${boss}"`);
    await graph.door('POST', '/on-premises/users', {
      userPrincipalName: 'clerk@contoso.com',
      displayName: 'Clerk',
      managerAnchor: anchor,
    });
    await graph.door('POST', '/on-premises/sync');
    const clerk = (await graph.graph('GET', '/users/clerk@contoso.com')).body.id;
    expect(await members(group)).toEqual([boss, clerk].sort());
  });
});

describe('rules over licences', () => {
  const [skuId, planId] = ['0d5f0e0a-0000-4000-8000-000000000001', '0d5f0e0a-0000-4000-8000-000000000002'];
  const rule = `user.assignedPlans -any (assignedPlan.servicePlanId -eq "${planId}" -and assignedPlan.capabilityStatus -eq "Enabled")`;

  it('follow a direct licence, and one that another group hands out', async () => {
    const servicePlans = [{ servicePlanId: planId, servicePlanName: 'MAIL' }];
    await graph.door('POST', '/settings', { skus: [{ skuId, skuPartNumber: 'DESK', enabled: 9, servicePlans }] });
    const [one, two] = [
      await created(graph, '/users', aUser({ usageLocation: 'NO' })),
      await created(graph, '/users', aUser({ usageLocation: 'NO' })),
    ];
    const licensed = await dynamic(rule);
    const grant = { addLicenses: [{ skuId, disabledPlans: [] }], removeLicenses: [] };
    await graph.graph('POST', `/users/${one}/assignLicense`, grant);
    expect(await members(licensed)).toEqual([one]);
    const giving = await dynamic('user.department -eq "Sales"');
    await graph.graph('POST', `/groups/${giving}/assignLicense`, grant);
    await graph.graph('PATCH', `/users/${two}`, { department: 'Sales' });
    expect(await members(licensed)).toEqual([one, two].sort());
  });
});

describe('processing state', () => {
  it('leaves the members of a paused group as they were, until it is on again', async () => {
    const group = await dynamic('user.city -eq "Oslo"');
    const user = await created(graph, '/users', aUser({ city: 'Oslo' }));
    expect(await status('PATCH', `/groups/${group}`, { membershipRuleProcessingState: 'Paused' })).toBe(204);
    await graph.graph('PATCH', `/users/${user}`, { city: 'Bergen' });
    expect(await members(group)).toEqual([user]);
    await graph.graph('PATCH', `/groups/${group}`, { membershipRuleProcessingState: 'On' });
    expect(await members(group)).toEqual([]);
  });
});

describe('the bin', () => {
  it('brings a user back into the groups whose rule he fits by now', async () => {
    const user = await created(graph, '/users', aUser({ city: 'Oslo' }));
    const before = await dynamic('user.city -eq "Oslo"');
    await graph.graph('DELETE', `/users/${user}`);
    const since = await dynamic('user.city -eq "Oslo"');
    expect([await members(before), await members(since)]).toEqual([[], []]);
    await graph.graph('POST', `/directory/deletedItems/${user}/restore`);
    expect([await members(before), await members(since)]).toEqual([[user], [user]]);
  });
});
