/** What an app may learn of itself, as settings have it (graph-facts 7). */
import { expect, it } from 'vitest';
import { type Json, useSimulated } from './simulated.ts';

const simulated = useSimulated();
const own = "/servicePrincipals(appId='8f0c2b7e-41d9-4c65-a2f3-6e9d0b5a7c31')";
const graph = "/servicePrincipals(appId='00000003-0000-0000-c000-000000000000')";

it('an app reads its permissions as app roles of Graph, by name, and its directory roles; no list or dump shows the two principals', async () => {
  await simulated.door('POST', '/reset');
  const empty = await simulated.door('GET', '/dump');
  await simulated.door('POST', '/settings', {
    permissions: ['User.Read.All', 'Directory.Read.All'],
    directoryRoles: ['Reports Reader'],
  });
  const { body: names } = await simulated.graph('GET', `${graph}?$select=id,appRoles`);
  const { body: granted } = await simulated.graph('GET', `${own}/appRoleAssignments?$select=id,appRoleId,resourceId`);
  const nameOf = ({ appRoleId }: Json): string => names.appRoles.find(({ id }: Json) => id === appRoleId).value;
  expect(granted.value.map(nameOf)).toEqual(['User.Read.All', 'Directory.Read.All']);
  expect(new Set(granted.value.map(({ resourceId }: Json) => resourceId))).toEqual(new Set([names.id]));

  const { body: memberships } = await simulated.graph('GET', `${own}/transitiveMemberOf`);
  expect(memberships.value).toMatchObject([
    { '@odata.type': '#microsoft.graph.directoryRole', roleTemplateId: '4a5d8f65-41da-4de4-8968-e035b65339cf' },
  ]);
  expect((await simulated.graph('GET', '/servicePrincipals')).body.value).toEqual([]);
  expect(await simulated.door('GET', '/dump')).toEqual(empty);
});

it('an app without the permission to read the directory may not look at itself', async () => {
  await simulated.door('POST', '/settings', { permissions: ['User.ReadWrite.All'] });
  for (const path of [graph, `${own}/appRoleAssignments`, `${own}/transitiveMemberOf`])
    expect((await simulated.graph('GET', path, undefined, { as: 'app' })).status).toBe(403);
});
