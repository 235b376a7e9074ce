/** Looking into a snapshot: what it holds, one kind, one person with everything they belong to. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Company, foundCompany, picture, roles, skus } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const latest = '/connectors/default/snapshots/latest';
let company: Company;
let job: Json;
beforeAll(async () => {
  company = await foundCompany(system);
  job = await system.snapshot('full');
});

describe('a snapshot', () => {
  it('is listed and shown with its counts, its cost and nothing missing', async () => {
    const { body } = await system.api('GET', latest);
    expect(body).toMatchObject({ id: job.id, status: 'complete', mode: 'full', missing: [] });
    expect(body.kinds).toMatchObject({
      users: { count: 5 },
      groups: { count: 3 },
      administrativeUnits: { count: 1 },
      roleAssignments: { count: 4 },
    });
    for (const number of [body.bytesWritten, body.requests, body.resourceUnits]) expect(number).toBeGreaterThan(0);
    expect((await system.api('GET', `/connectors/default/snapshots/${job.id}`)).body).toEqual(body);
    expect((await system.api('GET', '/connectors/default/snapshots')).body.value).toEqual([body]);
  });

  it('finds people by part of a name, in any case, page by page', async () => {
    const { body } = await system.api('GET', `${latest}/users?search=ARL`);
    expect(body.value.map((row: Json) => row.displayName)).toEqual(['Carla']);
    const met: string[] = [];
    for (let path = `${latest}/users?top=2`; path !== ''; ) {
      const page: Json = (await system.api('GET', path)).body;
      expect(page.value.length).toBeLessThanOrEqual(2);
      met.push(...page.value.map((row: Json) => row.id));
      path = page.nextLink === undefined ? '' : String(page.nextLink).replace(/^.*\/api/, '');
    }
    const { anna, bob, carla, dora, emil } = company;
    expect(met.sort()).toEqual([anna, bob, carla, dora, emil].sort());
  });

  it('holds the domains of the tenant', async () => {
    const { body } = await system.api('GET', `${latest}/domains/contoso.com`);
    expect(body).toMatchObject({ id: 'contoso.com', attributes: { isDefault: true, authenticationType: 'Managed' } });
  });

  it('shows one person with all they belong to, by user principal name and by id alike', async () => {
    const { anna, carla, dora, project, team, licensed, berlin } = company;
    const { body } = await system.api('GET', `${latest}/users/carla@contoso.com`);
    expect((await system.api('GET', `${latest}/users/${carla}`)).body).toEqual(body);
    expect(body).toMatchObject({ id: carla, attributes: { department: 'Sales', jobTitle: 'Sales lead' } });
    const ids = (relation: string): string[] => body.relationships[relation].map((one: Json) => one.id).sort();
    expect(body.relationships.manager).toMatchObject({ id: anna, type: 'user', displayName: 'Anna' });
    expect(ids('sponsors')).toEqual([anna]);
    expect(ids('memberOf')).toEqual([project, team, licensed].sort());
    expect(ids('ownedObjects')).toEqual([project, team].sort());
    expect(ids('administrativeUnits')).toEqual([berlin]);
    expect(ids('directReports')).toEqual([dora]);
    const held = body.relationships.roleAssignments;
    expect(JSON.stringify(held)).toContain(roles.reportsReader);
    expect(JSON.stringify(held)).toContain(berlin);
    const licence = (skuId: string): Json =>
      body.relationships.licenses.find((one: Json) => one.id === skuId || one.skuId === skuId);
    expect(licence(skus.suite).inheritedFrom).toBeUndefined();
    expect(JSON.stringify(licence(skus.team).inheritedFrom)).toContain(licensed);
    const photo = await system.api('GET', `${latest}/users/${carla}/photo`);
    expect(photo.headers.get('content-type')).toBe('image/jpeg');
    expect([...photo.bytes]).toEqual([...picture(2)]);
    expect((await system.api('GET', `${latest}/users/${dora}/photo`)).status).toBe(404);
  });
});
