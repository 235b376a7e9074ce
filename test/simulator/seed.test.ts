import { describe, expect, it } from 'vitest';
import { dumpTenant } from '../../src/dev/simulator/control/dump.ts';
import { parseRule } from '../../src/dev/simulator/resources/membership-rule.ts';
import { companySize, seedCompany } from '../../src/dev/simulator/seed/company.ts';
import { demoId } from '../../src/dev/simulator/seed/demo/seed-demo.ts';
import { findSeed, plantSeed } from '../../src/dev/simulator/seed/plant.ts';
import { createSimulation, type Simulation } from '../../src/dev/simulator/simulation.ts';
import { createTenantClock } from '../../src/dev/simulator/tenant/clock.ts';
import { Tenant } from '../../src/dev/simulator/tenant/tenant.ts';

function empty(): Simulation {
  return createSimulation(new Tenant(createTenantClock()), () => undefined);
}
function company(given: Parameters<typeof companySize>[0]): Simulation {
  const simulation = empty();
  plantSeed(simulation, (sink) => seedCompany(sink, companySize(given)));
  return simulation;
}
const dump = (simulation: Simulation): string => dumpTenant(simulation.tenant, simulation.settings());

describe('a seeded tenant of any size', () => {
  const size = { users: 120, groups: 15, administrativeUnits: 3, linksPerUser: 4, hybridShare: 0.25 };

  it('has exactly as many users, groups, units, memberships and synced users as asked for', () => {
    const { tenant } = company(size);
    expect(tenant.ofType('user')).toHaveLength(120);
    expect(tenant.ofType('group')).toHaveLength(15);
    expect(tenant.ofType('administrativeUnit')).toHaveLength(3);
    expect(tenant.ofType('user').filter((user) => user.properties.onPremisesSyncEnabled === true)).toHaveLength(30);
    for (const user of tenant.ofType('user')) {
      const groups = [...tenant.sources('members', user.id)].filter((id) => tenant.get(id)?.type === 'group');
      expect(groups).toHaveLength(4);
    }
    expect([...tenant.rows('onPremisesUser')]).toHaveLength(30);
  });

  it('is the same tenant for the same numbers, and another for another seed', () => {
    expect(dump(company(size))).toBe(dump(company(size)));
    expect(dump(company({ ...size, seed: 2 }))).not.toBe(dump(company(size)));
  });

  it('has managers, owners, licences and roles', () => {
    const { tenant } = company(size);
    const users = tenant.ofType('user');
    expect(users.filter((user) => tenant.targets('manager', user.id).size === 1)).toHaveLength(119);
    expect(tenant.ofType('group').every((group) => tenant.targets('owners', group.id).size === 2)).toBe(true);
    const direct = users.filter((user) =>
      JSON.stringify(user.properties.licenseAssignmentStates ?? []).includes('"assignedByGroup":null'),
    );
    expect(direct).toHaveLength(108);
    expect(tenant.rows('roleAssignment').size).toBeGreaterThan(0);
  });

  it('takes every edge of the numbers', () => {
    for (const given of [
      { users: 0 },
      { users: 1, groups: 0 },
      { users: 3, groups: 2, linksPerUser: 2, hybridShare: 1 },
    ]) {
      expect(company(given).tenant.ofType('user')).toHaveLength(given.users);
    }
  });
});

describe('the demo company', () => {
  const planted = empty();
  plantSeed(planted, findSeed('demo') ?? (() => undefined));
  const { tenant } = planted;

  it('is the same on every machine', () => {
    const again = empty();
    plantSeed(again, findSeed('demo') ?? (() => undefined));
    expect(dump(again)).toBe(dump(planted));
    expect(tenant.get(demoId('mara.lindqvist'))?.properties.displayName).toBe('Mara Lindqvist');
  });

  it('links only what is there', () => {
    for (const [, source, targets] of tenant.links()) {
      for (const id of [source, ...targets.keys()]) expect(tenant.live(id)).toBeDefined();
    }
    for (const row of tenant.rows('roleAssignment').values()) {
      expect(tenant.live(String(row.principalId))).toBeDefined();
      const unit = /^\/administrativeUnits\/(.+)$/.exec(String(row.directoryScopeId))?.[1];
      if (unit !== undefined) expect(tenant.live(unit)?.type).toBe('administrativeUnit');
    }
  });

  it('has one of every case that a restore treats in its own way', () => {
    const groups = tenant.ofType('group').map((group) => group.properties);
    const kinds = [
      groups.some((group) => group.isAssignableToRole === true),
      groups.some((group) => group.onPremisesSyncEnabled === true),
      groups.some((group) => group.membershipRule !== undefined),
      groups.some((group) => group.mailEnabled === true && group.securityEnabled === true),
      groups.some((group) => group.mailEnabled === true && JSON.stringify(group.groupTypes) === '[]'),
      groups.some((group) => JSON.stringify(group.groupTypes) === '["Unified"]'),
      groups.some((group) => Array.isArray(group.assignedLicenses)),
      tenant.ofType('user').some((user) => tenant.targets('sponsors', user.id).size > 0),
      tenant.rows('roleDefinition').size === 1,
      tenant.rows('roleEligibility').size === 1,
      tenant.rows('photo').size > 10,
    ];
    expect(kinds).toEqual(kinds.map(() => true));
    for (const key of ['mara.lindqvist', 'tomas.okafor', 'ines.moreau']) {
      const id = demoId(key);
      expect(tenant.targets('manager', id).size).toBe(1);
      expect(tenant.sources('manager', id).size).toBeGreaterThan(0);
      expect(tenant.sources('members', id).size).toBeGreaterThan(3);
      expect(tenant.row('photo', id)).toBeDefined();
      expect([...tenant.rows('roleAssignment').values()].some((row) => row.principalId === id)).toBe(true);
    }
  });
});

describe('a seeded tenant of every kind', () => {
  const size = { users: 400, groups: 40, administrativeUnits: 4, linksPerUser: 4, everyKind: true };
  const { tenant } = company(size);
  const users = tenant.ofType('user');
  const groups = tenant.ofType('group');

  it('still has exactly as many users and groups, the same each time', () => {
    expect([users.length, groups.length]).toEqual([400, 40]);
    expect(dump(company(size))).toBe(dump(company(size)));
  });

  it('has guests, photos, phones, app roles, and roles of every sort', () => {
    expect(users.filter((user) => user.properties.userType === 'Guest')).toHaveLength(10);
    expect(tenant.rows('photo').size).toBe(20);
    expect(tenant.rows('authenticationMethod').size).toBe(50);
    expect(tenant.rows('appRoleAssignment').size).toBe(34);
    const scopes = [...tenant.rows('roleAssignment').values()].map((row) => String(row.directoryScopeId));
    expect(scopes.some((scope) => scope === '/')).toBe(true);
    expect(scopes.some((scope) => scope.startsWith('/administrativeUnits/'))).toBe(true);
  });

  it('has a group that hands out a licence, which every member holds through it', () => {
    const [giving] = groups.filter((group) => Array.isArray(group.properties.assignedLicenses));
    const members = [...tenant.targets('members', giving?.id ?? '').keys()];
    expect(members.length).toBeGreaterThan(0);
    for (const id of members) {
      const states = tenant.get(id)?.properties.licenseAssignmentStates;
      expect(JSON.stringify(states)).toContain(`"assignedByGroup":"${giving?.id}"`);
    }
  });

  it('has dynamic groups whose members are those of the rule', () => {
    const ruled = groups.filter((group) => group.properties.membershipRule !== undefined);
    expect(ruled).toHaveLength(2);
    for (const group of ruled) {
      const rule = parseRule(String(group.properties.membershipRule));
      const fit = users.filter((user) => rule.kind === 'users' && rule.holds((name) => user.properties[name] ?? null));
      expect([...tenant.targets('members', group.id).keys()].sort()).toEqual(fit.map(({ id }) => id).sort());
    }
  });

  it('of plain cases has none of what only everyKind adds', () => {
    const plain = company({ users: 400 }).tenant;
    expect(plain.rows('appRoleAssignment').size + plain.rows('authenticationMethod').size).toBe(0);
    expect(plain.ofType('group').some((group) => group.properties.membershipRule !== undefined)).toBe(false);
    expect(plain.ofType('user').every((user) => user.properties.userType === 'Member')).toBe(true);
  });
});
