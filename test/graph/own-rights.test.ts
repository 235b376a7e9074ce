/** What the gateway finds out about its own app, against the simulator. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSimulator, type Simulator } from '../../src/dev/simulator/server.ts';
import type { DirectoryGateway, Need } from '../../src/directory/gateway.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';

let simulator: Simulator;
beforeAll(async () => {
  simulator = await createSimulator({ stateDir: null, seed: 'empty', port: 0 });
});
afterAll(() => simulator.close());

const gatewayOf = (clientId?: string): DirectoryGateway =>
  createGraphGateway({
    cloud: 'global',
    endpoint: simulator.url,
    credential: { kind: 'development', token: 'app', ...(clientId === undefined ? {} : { clientId }) },
  });
const door = async (method: string, name: string, body?: unknown) =>
  (
    await fetch(`${simulator.url}/_control/${name}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  ).json();

const own = '8f0c2b7e-41d9-4c65-a2f3-6e9d0b5a7c31';
const needs: readonly Need[] = [
  { write: 'update', kind: 'users' },
  { write: 'link', relation: 'members', isGuarded: true },
];

it('tells what it lacks in two requests, later in one, and which directory roles it has in the whole tenant', async () => {
  await door('POST', 'settings', {
    permissions: ['Directory.Read.All', 'Group.ReadWrite.All'],
    directoryRoles: ['User Administrator'],
  });
  const gateway = gatewayOf(own);
  for (const requests of [2, 1]) {
    await door('DELETE', 'stats');
    expect(await gateway.lacking(needs)).toEqual([['User.ReadWrite.All'], ['RoleManagement.ReadWrite.Directory']]);
    expect(await door('GET', 'stats')).toMatchObject({ requests, roundTrips: 1 });
  }
  expect(await gateway.ownRoles()).toEqual([
    { roleDefinitionId: 'fe930be7-5e62-47db-91af-98c3a49a38b1', directoryScopeId: '/' },
  ]);
});

it('claims nothing where it does not know which app it is, the tenant does not, or it may not look', async () => {
  await door('POST', 'settings', { permissions: 'all' });
  expect(await gatewayOf().lacking(needs)).toBeUndefined();
  expect(await gatewayOf().ownRoles()).toBeUndefined();
  expect(await gatewayOf('11111111-0000-4000-8000-000000000001').lacking(needs)).toBeUndefined();
  await door('POST', 'settings', { permissions: ['User.Read.All'] });
  await expect(gatewayOf(own).lacking(needs)).rejects.toMatchObject({ code: 'forbidden' });
});
