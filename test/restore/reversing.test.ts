import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RoleAssignment } from '../../src/directory/gateway.ts';
import { kindOf } from '../../src/directory/kinds.ts';
import { type Json, type JsonObject, sameValue } from '../../src/directory/record.ts';
import type { LinkStep } from '../../src/restore/links.ts';
import { type Done, type Hanging, reverseLink, reverseObject } from '../../src/restore/reversing.ts';

const users = kindOf('users');
const written = (changes: readonly (readonly [string, Json, Json])[]): Done => ({
  how: 'updated',
  written: changes.map(([name, before, after]) => ({ name, before, after })),
});

describe('taking an object back', () => {
  it('writes the values from before where the restore wrote others, and clears what was empty', () => {
    const done = written([
      ['department', 'Sales', 'Research'],
      ['jobTitle', null, 'Lead'],
      ['businessPhones', [], ['1']],
    ]);
    const live = { department: 'Research', jobTitle: 'Lead', businessPhones: ['1'], city: 'Bern' };
    expect(reverseObject(users, done, live)).toMatchObject({
      action: 'update',
      attributes: { department: 'Sales', jobTitle: null, businessPhones: [] },
    });
  });

  it('names what Graph never clears instead of trying', () => {
    expect(reverseObject(users, written([['usageLocation', null, 'DE']]), { usageLocation: 'DE' })).toMatchObject({
      action: 'none',
      attributes: {},
      skipped: [{ name: 'usageLocation', reason: 'attribute-read-only' }],
    });
  });

  it('leaves an object alone when one of its values is neither the one from before nor the one that was written', () => {
    for (const how of ['created', 'undeleted', 'updated'] as const) {
      const done = { ...written([['department', 'Sales', 'Research']]), how };
      expect(reverseObject(users, done, { department: 'Legal' })).toMatchObject({
        action: 'skip',
        reason: 'plan-drift',
      });
    }
  });

  it('takes a name back that was only meant for a moment', () => {
    const name = { name: 'userPrincipalName', before: 'ben@x', between: 'restoring.1@x', after: 'ada@x' };
    const done: Done = { how: 'updated', written: [name] };
    expect(reverseObject(users, done, { userPrincipalName: 'restoring.1@x' })).toMatchObject({
      action: 'update',
      attributes: { userPrincipalName: 'ben@x' },
    });
    expect(reverseObject(users, done, { userPrincipalName: 'other@x' })).toMatchObject({ reason: 'plan-drift' });
  });

  it('deletes what was created or undeleted, as long as it is live; what was updated and is gone has drifted', () => {
    for (const how of ['created', 'undeleted'] as const) {
      const done = { ...written([['department', 'Sales', 'Research']]), how };
      expect(reverseObject(users, done, { department: 'Research' }).action).toBe('delete');
      expect(reverseObject(users, done, undefined).action).toBe('none');
    }
    const updated = written([['department', 'Sales', 'Research']]);
    expect(reverseObject(users, updated, undefined)).toMatchObject({ action: 'skip', reason: 'plan-drift' });
    expect(reverseObject(users, undefined, { department: 'Research' }).action).toBe('none');
  });

  it('leads back to the values from before, whatever they were, and then finds nothing to do', () => {
    const names = ['department', 'jobTitle', 'city', 'businessPhones', 'otherMails', 'employeeOrgData'];
    const text = fc.constantFrom('a', 'b', 'c');
    const parts = fc.record({ division: fc.option(text), costCenter: fc.option(text) });
    const value = (name: string): fc.Arbitrary<Json> => {
      if (name === 'employeeOrgData') return fc.option(parts);
      return name === 'businessPhones' || name === 'otherMails' ? fc.uniqueArray(text) : fc.option(text);
    };
    const body = fc.record(Object.fromEntries(names.map((name) => [name, value(name)])));
    fc.assert(
      fc.property(body, body, fc.subarray(names), (before, after, touched) => {
        const done = written(touched.map((name) => [name, before[name] ?? null, after[name] ?? null]));
        const live: JsonObject = {
          ...before,
          ...Object.fromEntries(touched.map((name) => [name, after[name] ?? null])),
        };
        const then = { ...live, ...reverseObject(users, done, live).attributes };
        expect(names.filter((name) => !sameValue(then[name], before[name]))).toEqual([]);
        expect(reverseObject(users, done, then)).toEqual({ action: 'none', attributes: {}, skipped: [] });
      }),
    );
  });
});

const none: Hanging = {
  links: {},
  licences: { direct: [], inherited: [] },
  roles: [],
  appRoles: [],
  methods: [],
  now: new Date('2026-06-01T00:00:00Z'),
};
const of = { origin: { chunk: 0, index: 0 } } as const;
const membership: LinkStep = {
  ...of,
  act: 'link',
  name: 'memberOf',
  relation: 'members',
  source: 'group',
  target: 'user',
  targetId: 'group',
  otherId: 'group',
};
const manager: LinkStep = {
  ...of,
  act: 'link',
  name: 'manager',
  relation: 'manager',
  source: 'user',
  target: 'new',
  targetId: 'new',
  otherId: 'new',
};
const licence: LinkStep = {
  ...of,
  act: 'license',
  name: 'licenses',
  source: 'user',
  target: 'sku',
  targetId: 'sku',
  disabledPlans: ['p'],
};

const assignment: RoleAssignment = {
  id: 'a',
  principalId: 'user',
  roleDefinitionId: 'reader',
  directoryScopeId: '/',
};

describe('taking a link back', () => {
  it('unlinks what was linked while it is there, and links what was unlinked while it is not', () => {
    const there = { ...none, links: { memberOf: ['group/group' as const] } };
    expect(reverseLink(membership, 'user', there)).toMatchObject({ act: 'unlink', source: 'group', target: 'user' });
    expect(reverseLink(membership, 'user', none)).toBeUndefined();
    expect(reverseLink({ ...membership, act: 'unlink' }, 'user', none)).toMatchObject({ act: 'link' });
    expect(reverseLink({ ...membership, act: 'unlink' }, 'user', there)).toBeUndefined();
  });

  it('gives the manager back who was replaced, and leaves one whom somebody else has set', () => {
    const under = (id: string) => ({ ...none, links: { manager: [`user/${id}` as const] } });
    const replacing = { ...manager, replaces: 'old' };
    expect(reverseLink(manager, 'user', under('new'))).toMatchObject({ act: 'unlink', target: 'new' });
    expect(reverseLink(replacing, 'user', under('new'))).toMatchObject({
      act: 'link',
      target: 'old',
      targetId: 'old',
      replaces: 'new',
    });
    expect(reverseLink(replacing, 'user', under('old'))).toBeUndefined();
    expect(reverseLink(manager, 'user', none)).toBeUndefined();
    for (const step of [manager, replacing])
      expect(reverseLink(step, 'user', under('other'))).toMatchObject({ act: 'skip', reason: 'plan-drift' });
  });

  it('takes a licence away, or gives it its plans back, unless it was changed since', () => {
    const holding = (...disabledPlans: string[]) => ({
      ...none,
      licences: { direct: [{ skuId: 'sku', disabledPlans }], inherited: [] },
    });
    const replacing = { ...licence, replacesPlans: ['q'] };
    expect(reverseLink(licence, 'user', holding('p'))).toMatchObject({ act: 'unlink', target: 'sku' });
    expect(reverseLink(replacing, 'user', holding('p'))).toMatchObject({
      act: 'license',
      disabledPlans: ['q'],
      replacesPlans: ['p'],
    });
    expect(reverseLink(replacing, 'user', holding('q'))).toBeUndefined();
    expect(reverseLink(licence, 'user', none)).toBeUndefined();
    expect(reverseLink(licence, 'user', holding('x'))).toMatchObject({ act: 'skip', reason: 'plan-drift' });
    expect(reverseLink({ ...licence, act: 'unlink' }, 'user', none)).toMatchObject({ act: 'license' });
  });

  it('takes away exactly the role that was given, and gives back the one that was taken, to the same day', () => {
    const step: LinkStep = {
      ...of,
      act: 'assign-role',
      name: 'roleAssignments',
      source: 'user',
      target: 'reader',
      targetId: 'reader',
      directoryScopeId: '/',
      holding: 'active',
    };
    const held = { ...none, roles: [{ ...assignment, holding: 'active' as const }] };
    expect(reverseLink(step, 'user', held)).toMatchObject({ act: 'unassign-role', assignment });
    expect(reverseLink({ ...step, directoryScopeId: '/administrativeUnits/x' }, 'user', held)).toBeUndefined();
    const endDateTime = '2999-01-01T00:00:00Z';
    const taken: LinkStep = { ...step, act: 'unassign-role', assignment: { ...assignment, endDateTime } };
    expect(reverseLink(taken, 'user', none)).toMatchObject({ act: 'assign-role', endDateTime });
    expect(reverseLink(taken, 'user', held)).toBeUndefined();
  });

  it('R45 puts the end of a role back, unless somebody has set another since, or it would have passed by now', () => {
    const [before, given] = ['2026-07-01T00:00:00Z', '2999-01-01T00:00:00Z'];
    const step: LinkStep = {
      ...of,
      act: 'assign-role',
      name: 'roleAssignments',
      source: 'user',
      target: 'reader',
      targetId: 'reader',
      directoryScopeId: '/',
      holding: 'active',
      endDateTime: given,
      replacesEnd: before,
      note: 'x',
    };
    const until = (endDateTime?: string) => ({
      ...none,
      roles: [{ ...assignment, holding: 'active' as const, ...(endDateTime === undefined ? {} : { endDateTime }) }],
    });
    const back = reverseLink(step, 'user', until(given));
    expect(back).toMatchObject({ act: 'assign-role', endDateTime: before, replacesEnd: given });
    expect(back).not.toHaveProperty('note');
    expect(reverseLink({ ...step, replacesEnd: null }, 'user', until(given))).not.toHaveProperty('endDateTime');
    const { endDateTime: _given, ...forGood } = step;
    expect(reverseLink(forGood, 'user', until())).toMatchObject({ endDateTime: before, replacesEnd: null });
    expect(reverseLink(step, 'user', until(before))).toBeUndefined();
    for (const since of [none, until('2027-01-01T00:00:00Z'), until()])
      expect(reverseLink(step, 'user', since)).toMatchObject({ act: 'skip', reason: 'plan-drift' });
    const over = { ...step, replacesEnd: '2026-05-01T00:00:00Z' };
    expect(reverseLink(over, 'user', until(given))).toMatchObject({
      act: 'unassign-role',
      assignment: { endDateTime: given },
    });
    expect(reverseLink(over, 'user', none)).toBeUndefined();
    const { replacesEnd: _end, ...plain } = step;
    const taken: LinkStep = {
      ...plain,
      act: 'unassign-role',
      assignment: { ...assignment, endDateTime: '2026-05-01' },
    };
    expect(reverseLink(taken, 'user', none)).toMatchObject({ act: 'skip', reason: 'role-expired' });
  });

  it('removes an app role by its assignment, and names a method that it leaves to a person', () => {
    const app: LinkStep = {
      ...of,
      act: 'app-role',
      name: 'appRoleAssignments',
      source: 'user',
      target: 'app',
      targetId: 'app',
      appRoleId: 'r',
    };
    const appRoles = [{ id: 'x', type: 'appRoleAssignment', resourceId: 'app', appRoleId: 'r' }];
    expect(reverseLink(app, 'user', { ...none, appRoles })).toMatchObject({
      act: 'remove-app-role',
      assignmentId: 'x',
    });
    const method = { id: 'm', type: 'phoneAuthenticationMethod', phoneNumber: '1', phoneType: 'mobile' };
    const phone: LinkStep = {
      ...of,
      act: 'auth-method',
      name: 'authenticationMethods',
      source: 'user',
      target: 'm',
      targetId: 'm',
      method,
    };
    expect(reverseLink(phone, 'user', { ...none, methods: [{ ...method, id: 'live' }] })).toMatchObject({
      act: 'remove-auth-method',
      method: { id: 'live' },
    });
    expect(reverseLink(phone, 'user', none)).toBeUndefined();
  });
});
