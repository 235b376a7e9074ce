/** What Graph refuses about somebody who was made a moment ago: waited for where it may be replication, and only there. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DirectoryGateway, Write, WriteResult } from '../../src/directory/gateway.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { type Simulated, startSimulated } from '../simulator/simulated.ts';
import { roles, skuSettings, skus } from '../support/company.ts';

let tenant: Simulated;
let gateway: DirectoryGateway;
let user: string;
beforeEach(async () => {
  tenant = await startSimulated();
  gateway = createGraphGateway({
    cloud: 'global',
    endpoint: tenant.url,
    credential: { kind: 'development', token: 'app' },
    limits: { backoffMs: 50, replicationMs: 6_000 },
  });
  await tenant.door('POST', '/settings', skuSettings(0));
  const [made] = await gateway.apply([
    {
      write: 'create',
      kind: 'users',
      body: {
        accountEnabled: true,
        displayName: 'Ada',
        mailNickname: 'ada',
        userPrincipalName: 'ada@contoso.com',
        usageLocation: 'DE',
        passwordProfile: { password: 'Once-and-4-all' },
      },
    },
  ]);
  user = (made?.ok ? made.id : undefined) ?? '';
});
afterEach(() => tenant.close());

async function timed(write: Write): Promise<{ readonly result: WriteResult | undefined; readonly ms: number }> {
  const began = performance.now();
  const [result] = await gateway.apply([write]);
  return { result, ms: performance.now() - began };
}

const day = 86_400_000;
const tenantNow = async (): Promise<number> => Date.parse((await tenant.door('GET', '/clock')).now);

const licence = (skuId: string): Write => ({
  write: 'license',
  kind: 'users',
  id: user,
  add: [{ skuId, disabledPlans: [] }],
  remove: [],
});

it('does not wait for a seat that is not there', async () => {
  const { result, ms } = await timed(licence(skus.suite));
  expect(result).toMatchObject({ ok: false, problem: 'refused' });
  expect(ms).toBeLessThan(900);
});

it('R45 does not wait for an end that has passed by the clock of the tenant', async () => {
  const endDateTime = new Date((await tenantNow()) + 10 * day).toISOString();
  await tenant.door('POST', '/clock', { advance: 'P20D' });
  const { result, ms } = await timed({
    write: 'assign-role',
    principalId: user,
    roleDefinitionId: roles.reportsReader,
    directoryScopeId: '/',
    holding: 'eligible',
    startDateTime: new Date(await tenantNow()).toISOString(),
    endDateTime,
  });
  expect(result).toMatchObject({ ok: false, problem: 'refused' });
  expect(ms).toBeLessThan(900);
});

it('does not wait for a right, nor for a limit', async () => {
  const group = (
    await tenant.graph('POST', '/groups', {
      displayName: 'Choir',
      mailNickname: 'choir',
      mailEnabled: false,
      securityEnabled: true,
    })
  ).body.id;
  for (const code of ['Authorization_RequestDenied', 'Directory_QuotaExceeded']) {
    await tenant.door('DELETE', '/faults');
    await tenant.door('POST', '/faults', [
      { match: { method: 'PATCH', path: '/groups/*' }, effect: 'status', status: 403, code },
    ]);
    const { result, ms } = await timed({ write: 'link', relation: 'members', source: group, targets: [user] });
    expect(result).toMatchObject({ ok: false, graphCode: code });
    expect(ms).toBeLessThan(900);
  }
});

it('waits a while where both ends are shown and Graph does not say what it dislikes', async () => {
  const group = (
    await tenant.graph('POST', '/groups', {
      displayName: 'Choir',
      mailNickname: 'choir',
      mailEnabled: false,
      securityEnabled: true,
    })
  ).body.id;
  const refusal = { match: { method: 'PATCH', path: '/groups/*' }, effect: 'status', status: 400 };
  await tenant.door('POST', '/faults', [{ ...refusal, times: 1_000 }]);
  const shown = await timed({ write: 'link', relation: 'members', source: group, targets: [user] });
  expect(shown.result).toMatchObject({ ok: false, problem: 'refused' });
  expect(shown.ms).toBeGreaterThan(900);
  expect(shown.ms).toBeLessThan(5_000);
  await tenant.door('DELETE', '/faults');
  await tenant.door('POST', '/faults', [{ ...refusal, times: 2 }]);
  expect((await timed({ write: 'link', relation: 'members', source: group, targets: [user] })).result).toEqual({
    ok: true,
  });
});
