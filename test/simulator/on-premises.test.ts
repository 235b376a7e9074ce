import { beforeEach, describe, expect, it } from 'vitest';
import { createControl } from '../../src/dev/simulator/control/control.ts';
import { createSimulation, type Simulation } from '../../src/dev/simulator/simulation.ts';
import { createTenantClock } from '../../src/dev/simulator/tenant/clock.ts';
import { Tenant } from '../../src/dev/simulator/tenant/tenant.ts';

const anchor = 'AAECAwQFBgcICQoLDA0ODw==';
const other = 'EBESExQVFhcYGRobHB0eHw==';
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const ann = { anchor, userPrincipalName: 'ann@contoso.com', displayName: 'Ann', mail: 'ann@contoso.com' };

let simulation: Simulation;
// biome-ignore lint/suspicious/noExplicitAny: answers of many doors, looked into by the tests
let call: (method: string, path: string, body?: unknown) => Promise<any>;
// biome-ignore lint/suspicious/noExplicitAny: as above
const sync = (): Promise<any> => call('POST', '/on-premises/sync');
const at = (path: string): string => `/on-premises/users/${encodeURIComponent(path)}`;
const cloudUser = async (more: object = {}): Promise<string> => {
  const plain = { userPrincipalName: 'ann@contoso.com', displayName: 'Ann in the cloud', department: 'HR' };
  return (await call('POST', '/objects', { '@odata.type': '#microsoft.graph.user', ...plain, ...more })).id;
};
const propertiesOf = (id: string) => simulation.tenant.get(id)?.properties ?? {};
const onlyUser = (): string => {
  const [user, ...more] = simulation.tenant.ofType('user');
  expect(more).toEqual([]);
  return user?.id ?? '';
};

beforeEach(() => {
  simulation = createSimulation(new Tenant(createTenantClock()), () => undefined);
  const control = createControl(simulation);
  call = async (method, path, body) =>
    (await control({ method, path, text: body === undefined ? '' : JSON.stringify(body) })).body;
});

describe('one sync cycle (graph-facts 6)', () => {
  it('creates a user nobody matches, once, and carries later changes over', async () => {
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toEqual({ created: 1, updated: 0, matched: [], restored: 0, deleted: 0, errors: [] });
    const id = onlyUser();
    expect(propertiesOf(id)).toMatchObject({ onPremisesSyncEnabled: true, onPremisesImmutableId: anchor });
    expect(await sync()).toMatchObject({ created: 0, updated: 0 });
    await call('PATCH', at(anchor), { department: 'Sales' });
    expect(await sync()).toMatchObject({ updated: 1 });
    expect(propertiesOf(id).department).toBe('Sales');
  });

  it('hard-matches a cloud user with the same anchor and overwrites what Active Directory has a value for', async () => {
    const id = await cloudUser({ onPremisesImmutableId: anchor, userPrincipalName: 'someone.else@contoso.com' });
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toMatchObject({ created: 0, matched: [{ anchor, id, how: 'hard' }], errors: [] });
    expect(propertiesOf(id)).toMatchObject({
      displayName: 'Ann',
      userPrincipalName: 'ann@contoso.com',
      department: 'HR',
      onPremisesSyncEnabled: true,
    });
  });

  it('soft-matches by name a cloud user without an anchor, and stamps it', async () => {
    const id = await cloudUser();
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toMatchObject({ matched: [{ anchor, id, how: 'soft' }] });
    expect(propertiesOf(id).onPremisesImmutableId).toBe(anchor);
  });

  it('soft-matches by the primary address only', async () => {
    const primary = await cloudUser({ userPrincipalName: 'a@contoso.com', proxyAddresses: ['SMTP:ann@contoso.com'] });
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toMatchObject({ matched: [{ id: primary, how: 'soft' }] });
    await call('POST', '/reset');
    await cloudUser({ userPrincipalName: 'a@contoso.com', proxyAddresses: ['smtp:ann@contoso.com'] });
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toMatchObject({ created: 0, matched: [], errors: [{ code: 'AttributeValueMustBeUnique' }] });
  });

  it('refuses a soft match onto another anchor', async () => {
    const id = await cloudUser({ onPremisesImmutableId: other });
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toMatchObject({ created: 0, matched: [], errors: [{ code: 'InvalidSoftMatch', anchor }] });
    expect(propertiesOf(id).displayName).toBe('Ann in the cloud');
  });

  it('refuses to take over a cloud user with a privileged role (since 2026-07-01), and does once it is gone', async () => {
    const id = await cloudUser({ onPremisesImmutableId: anchor });
    simulation.tenant.transact(() =>
      simulation.tenant.put('roleAssignment', 'a', {
        id: 'a',
        principalId: id,
        roleDefinitionId: globalAdministrator,
        directoryScopeId: '/',
      }),
    );
    await call('POST', '/on-premises/users', ann);
    const { errors } = await sync();
    expect(errors).toMatchObject([{ code: 'InvalidHardMatch', anchor }]);
    expect(errors[0].message).toContain('privileged roles is not allowed to be taken over');
    simulation.tenant.transact(() => simulation.tenant.remove('roleAssignment', 'a'));
    expect(await sync()).toMatchObject({ matched: [{ id, how: 'hard' }], errors: [] });
  });

  it('protects a privileged user in the bin too, and leaves holders of other roles unprotected', async () => {
    const id = await cloudUser({ onPremisesImmutableId: anchor });
    const assign = (roleDefinitionId: string) =>
      simulation.tenant.transact(() =>
        simulation.tenant.put('roleEligibility', 'a', {
          id: 'a',
          principalId: id,
          roleDefinitionId,
          directoryScopeId: '/',
        }),
      );
    assign(globalAdministrator);
    simulation.tenant.transact(() => simulation.tenant.bin(id, simulation.tenant.clock.now()));
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toMatchObject({ restored: 0, errors: [{ code: 'InvalidHardMatch' }] });
    assign('4a5d8f65-41da-4de4-8968-e035b65339cf');
    expect(await sync()).toMatchObject({ restored: 1, errors: [] });
  });

  it('obeys the blocks of the tenant', async () => {
    await call('POST', '/settings', { blockSoftMatch: true, blockHardMatch: true });
    const id = await cloudUser();
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toMatchObject({ matched: [], errors: [{ code: 'InvalidSoftMatch' }] });
    await call('PATCH', `/objects/${id}`, { onPremisesImmutableId: anchor });
    expect(await sync()).toMatchObject({ matched: [], errors: [{ code: 'InvalidHardMatch' }] });
  });

  it('bins a user that left Active Directory and revives him when he returns under his anchor', async () => {
    await call('POST', '/on-premises/users', ann);
    await sync();
    const id = onlyUser();
    await call('DELETE', at(anchor));
    expect(await sync()).toMatchObject({ deleted: 1 });
    expect(simulation.tenant.live(id)).toBeUndefined();
    expect(propertiesOf(id).onPremisesSyncEnabled).toBe(false);
    expect(propertiesOf(id).userPrincipalName).toBe(`${id.replaceAll('-', '')}ann@contoso.com`);
    await call('POST', '/on-premises/users', ann);
    expect(await sync()).toMatchObject({ created: 0, restored: 1, matched: [{ anchor, id, how: 'hard' }] });
    expect(simulation.tenant.live(id)?.properties).toMatchObject({
      userPrincipalName: 'ann@contoso.com',
      onPremisesSyncEnabled: true,
    });
  });

  it('revives a synced user that was deleted in Entra only', async () => {
    await call('POST', '/on-premises/users', ann);
    await sync();
    const id = onlyUser();
    simulation.tenant.transact(() => simulation.tenant.bin(id, simulation.tenant.clock.now()));
    expect(await sync()).toMatchObject({ created: 0, restored: 1 });
    expect(onlyUser()).toBe(id);
  });

  it('makes a new user when the old one is gone for good', async () => {
    await call('POST', '/on-premises/users', ann);
    await sync();
    const id = onlyUser();
    await call('DELETE', `/objects/${id}`);
    expect(await sync()).toMatchObject({ created: 1, restored: 0 });
    expect(onlyUser()).not.toBe(id);
  });

  it('leaves a user alone whose source of authority was switched to the cloud', async () => {
    await call('POST', '/on-premises/users', ann);
    await sync();
    const id = onlyUser();
    simulation.tenant.transact(() =>
      simulation.tenant.update(id, { onPremisesSyncEnabled: null, onPremisesSyncBehavior: { isCloudManaged: true } }),
    );
    await call('PATCH', at(anchor), { displayName: 'Renamed' });
    expect(await sync()).toMatchObject({ created: 0, updated: 0, matched: [], errors: [] });
    expect(propertiesOf(id).displayName).toBe('Ann');
  });

  it('sets managers and syncs groups with their members', async () => {
    await call('POST', '/on-premises/users', { anchor: other, userPrincipalName: 'bo@contoso.com', displayName: 'Bo' });
    await call('POST', '/on-premises/users', { ...ann, managerAnchor: other });
    await call('POST', '/on-premises/groups', { displayName: 'Plant', members: [anchor, other] });
    expect(await sync()).toMatchObject({ created: 3 });
    const { tenant } = simulation;
    const [id] = tenant.holders('onPremisesImmutableId', anchor);
    const [boss] = tenant.holders('onPremisesImmutableId', other);
    expect([...tenant.targets('manager', id ?? '').keys()]).toEqual([boss]);
    const [group] = tenant.ofType('group');
    expect(group?.properties).toMatchObject({ displayName: 'Plant', onPremisesSyncEnabled: true });
    expect(tenant.targets('members', group?.id ?? '').size).toBe(2);
    expect(await sync()).toMatchObject({ created: 0, updated: 0 });
  });

  it('carries a password over', async () => {
    await call('POST', '/on-premises/users', { ...ann, passwordProfile: { password: 'Wint3r-is-here' } });
    await sync();
    const [right, wrong] = ['Wint3r-is-here', 'summer'];
    const signIn = (password: string) => call('POST', '/sign-in', { userPrincipalName: 'ann@contoso.com', password });
    expect(await signIn(right)).toEqual({ accepted: true, mustChangePassword: false });
    expect(await signIn(wrong)).toEqual({ accepted: false, mustChangePassword: false });
  });

  it('takes an anchor with slashes, encoded or not', async () => {
    const slashed = 'AA/BB/CC/DD/EEFFGGHHIA==';
    for (const path of [at(slashed), `/on-premises/users/${slashed}`]) {
      await call('POST', '/on-premises/users', { ...ann, anchor: slashed });
      expect(await call('DELETE', path)).toEqual({});
    }
  });

  it('answers 404 for an account that is not there and 409 for a taken anchor', async () => {
    const control = createControl(simulation);
    const post = (body: object) => control({ method: 'POST', path: '/on-premises/users', text: JSON.stringify(body) });
    expect((await post(ann)).status).toBe(201);
    expect((await post(ann)).status).toBe(409);
    expect((await control({ method: 'DELETE', path: at(other), text: '' })).status).toBe(404);
  });
});
