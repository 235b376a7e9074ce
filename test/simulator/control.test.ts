import { beforeEach, describe, expect, it } from 'vitest';
import { createControl } from '../../src/dev/simulator/control/control.ts';
import { createSimulation, type Simulation } from '../../src/dev/simulator/simulation.ts';
import { createTenantClock } from '../../src/dev/simulator/tenant/clock.ts';
import { Tenant } from '../../src/dev/simulator/tenant/tenant.ts';

interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers of many doors, looked into by the tests
  readonly body: any;
}

let simulation: Simulation;
let call: (method: string, path: string, body?: unknown) => Promise<Answer>;
beforeEach(() => {
  simulation = createSimulation(new Tenant(createTenantClock()), () => undefined);
  const control = createControl(simulation);
  call = (method, path, body) => control({ method, path, text: body === undefined ? '' : JSON.stringify(body) });
});

describe('the control doors (contract 3)', () => {
  it('refuse unknown doors, methods, fields and bodies that are no JSON, and change nothing', async () => {
    expect((await call('GET', '/nothing')).status).toBe(404);
    expect((await call('PUT', '/clock')).status).toBe(405);
    const bad = await createControl(simulation)({ method: 'POST', path: '/seed', text: '{' });
    expect(bad.status).toBe(400);
    for (const [path, body] of [
      ['/seed', { users: 1, people: 2 }],
      ['/seed', {}],
      ['/clock', { now: 'yesterday' }],
      ['/clock', { advance: 'P1Y' }],
      ['/settings', { throtling: 'S' }],
      ['/settings', { pageSize: { detla: 5 } }],
      ['/settings', { throttling: 'XL' }],
      ['/settings', { directoryRoles: ['Supreme Administrator'] }],
      ['/faults', [{ match: {}, effect: 'explode' }]],
      ['/faults', [{ match: { url: '/users' }, effect: 'delay' }]],
      ['/faults', [{ match: { pathPattern: '(' }, effect: 'delay' }]],
      ['/objects', { displayName: 'typeless' }],
      ['/objects', { '@odata.type': '#microsoft.graph.user', nickname: 'x' }],
      ['/sign-in', { userPrincipalName: 'a@b.c' }],
      ['/on-premises/users', { userPrincipalName: 'a@contoso.com', displayName: 'A', shoeSize: 41 }],
    ] as const) {
      const { status, body: answer } = await call('POST', path, body);
      expect([path, status]).toEqual([path, 400]);
      expect(answer.error.message).not.toBe('');
    }
    expect((await call('GET', '/faults')).body).toEqual([]);
  });

  it('names an unknown field', async () => {
    expect((await call('POST', '/settings', { throtling: 'S' })).body.error.message).toContain('throtling');
  });

  it('set the clock, which ticks on, and advance it by a duration', async () => {
    await call('POST', '/clock', { now: '2030-01-01T00:00:00Z' });
    const { body } = await call('POST', '/clock', { advance: 'P31D' });
    expect(body.now).toMatch(/^2030-02-01T00:00:0/);
    expect((await call('GET', '/clock')).body.now).toMatch(/^2030-02-01T00:00:0/);
  });

  it('merge settings and go back to the defaults on reset', async () => {
    const before = (await call('GET', '/settings')).body;
    expect(before).toMatchObject({ throttling: 'off', permissions: 'all', managerBindOnCreate: false });
    await call('POST', '/settings', { throttling: 'S', pageSize: { delta: 5 } });
    const { body } = await call('POST', '/settings', { latencyMs: 3, managerBindOnCreate: true });
    expect(body).toMatchObject({ throttling: 'S', latencyMs: 3, managerBindOnCreate: true });
    expect(body.pageSize).toEqual({ ...before.pageSize, delta: 5 });
    await call('POST', '/clock', { now: '2031-01-01T00:00:00Z' });
    await call('POST', '/seed', { users: 3 });
    await call('POST', '/reset');
    expect((await call('GET', '/settings')).body).toEqual(before);
    expect((await call('GET', '/clock')).body.now).not.toMatch(/^2031/);
    expect((await call('GET', '/dump')).body).not.toContain('"user"');
  });

  it('keep faults in order with how often they were met', async () => {
    await call('POST', '/faults', [{ match: { path: '/users' }, effect: 'delay', ms: 0 }]);
    await call('POST', '/faults', [{ match: { method: 'get' }, nth: 2, effect: 'status', status: 503 }]);
    simulation.faults.meet('GET', '/users');
    expect((await call('GET', '/faults')).body).toEqual([
      { match: { path: '/users' }, effect: 'delay', ms: 0, met: 1 },
      { match: { method: 'GET' }, nth: 2, effect: 'status', status: 503, met: 0 },
    ]);
    await call('DELETE', '/faults');
    expect((await call('GET', '/faults')).body).toEqual([]);
  });
});

describe('objects through the door', () => {
  const list = { displayName: 'List', mailEnabled: true, securityEnabled: false, groupTypes: [], mailNickname: 'list' };

  it('make what Graph lets nobody write, patch it and remove it for good', async () => {
    const user = { '@odata.type': '#microsoft.graph.user', displayName: 'U', userPrincipalName: 'u@contoso.com' };
    const { status, body: made } = await call('POST', '/objects', user);
    expect(status).toBe(201);
    const members = [made.id];
    const group = await call('POST', '/objects', { '@odata.type': '#microsoft.graph.group', ...list, members });
    expect([...simulation.tenant.targets('members', group.body.id).keys()]).toEqual(members);
    await call('PATCH', `/objects/${made.id}`, { onPremisesSyncEnabled: true });
    expect(simulation.tenant.get(made.id)?.properties.onPremisesSyncEnabled).toBe(true);
    expect((await call('DELETE', `/objects/${made.id}`)).status).toBe(200);
    expect(simulation.tenant.get(made.id)).toBeUndefined();
    expect(simulation.tenant.targets('members', group.body.id).size).toBe(0);
    expect((await call('DELETE', `/objects/${made.id}`)).status).toBe(404);
  });

  it('leave nothing behind when a member is not there', async () => {
    const members = ['00000000-0000-4000-8000-000000000000'];
    const { status } = await call('POST', '/objects', { '@odata.type': '#microsoft.graph.group', ...list, members });
    expect(status).toBe(404);
    expect(simulation.tenant.ofType('group')).toHaveLength(0);
  });

  it('change objects without a delta record, as a native recovery does (R61)', async () => {
    const { body } = await call('POST', '/objects', { '@odata.type': '#microsoft.graph.group', ...list });
    const changes = simulation.tenant.changes.length;
    await call('POST', '/native-recovery', { objects: [{ id: body.id, changes: { displayName: 'Recovered' } }] });
    expect(simulation.tenant.get(body.id)?.properties.displayName).toBe('Recovered');
    expect(simulation.tenant.changes).toHaveLength(changes);
  });
});
