import { describe, expect, it } from 'vitest';
import type { Candidate } from '../../src/directory/gateway.ts';
import { kindOf } from '../../src/directory/kinds.ts';
import type { JsonObject } from '../../src/directory/record.ts';
import { planObject } from '../../src/restore/object-plan.ts';

const users = kindOf('users');
const groups = kindOf('groups');
const id = 'a0000000-0000-4000-8000-000000000001';

const aUser = (body: JsonObject = {}) => ({
  id,
  body: {
    displayName: 'Ada',
    userPrincipalName: 'ada@contoso.com',
    department: 'HR',
    businessPhones: ['1', '2'],
    ...body,
  },
});
const live = (body: JsonObject, state: 'live' | 'deleted' = 'live'): Candidate => ({ ...aUser(body), state });
const overwrite = { onExisting: 'overwrite' } as const;
const plan = (record: ReturnType<typeof aUser>, candidate: Candidate, captured = users.captured) =>
  planObject(users, record, { how: candidate.state === 'live' ? 'id' : 'deleted', candidate }, captured, overwrite);

describe('planning one object', () => {
  it('writes only what differs (R11)', () => {
    expect(plan(aUser(), live({ department: 'IT' }))).toMatchObject({
      action: 'update',
      attributes: { department: 'HR' },
    });
  });

  it('finds nothing to do when live equals the snapshot, whatever the order of lists (R13)', () => {
    expect(plan(aUser(), live({ businessPhones: ['2', '1'] }))).toMatchObject({
      action: 'none',
      attributes: {},
      skipped: [],
    });
  });

  it('empties what the snapshot has empty, and leaves alone what it did not capture (R12)', () => {
    const narrow = users.captured.filter((name) => name !== 'city');
    const { attributes } = plan(aUser(), live({ jobTitle: 'Boss', otherMails: ['x@y.z'], city: 'Bern' }), narrow);
    expect(attributes).toEqual({ jobTitle: null, otherMails: [] });
  });

  it('never clears what Graph refuses to clear', () => {
    expect(plan(aUser(), live({ usageLocation: 'CH' }))).toMatchObject({
      action: 'none',
      skipped: [{ name: 'usageLocation', result: 'skipped', reason: 'attribute-read-only' }],
    });
  });

  it('sees through the mangled name of a binned user (R17)', () => {
    const mangled = `${id.replaceAll('-', '')}ada@contoso.com`;
    expect(plan(aUser(), live({ userPrincipalName: mangled }, 'deleted'))).toMatchObject({
      action: 'undelete',
      attributes: {},
    });
  });

  it('writes no on-premises attribute of a synced user, and says so (H01)', () => {
    const found = plan(aUser({ usageLocation: 'CH' }), live({ department: 'IT', onPremisesSyncEnabled: true }));
    expect(found.attributes).toEqual({ usageLocation: 'CH' });
    expect(found.skipped).toEqual([{ name: 'department', result: 'skipped', reason: 'user-on-premises-attribute' }]);
  });

  it('leaves a live user alone in skip mode (R14)', () => {
    const found = planObject(users, aUser(), { how: 'id', candidate: live({ department: 'IT' }) }, users.captured, {
      onExisting: 'skip',
    });
    expect(found).toMatchObject({ action: 'skip', reason: 'exists-skip-mode', attributes: {} });
  });

  it('creates with every writable attribute and names the rest as read-only (R24, R30)', () => {
    const found = planObject(
      users,
      aUser({ proxyAddresses: ['SMTP:ada@contoso.com'] }),
      { how: 'none' },
      users.captured,
      overwrite,
    );
    expect(found).toMatchObject({ action: 'create', attributes: { department: 'HR', displayName: 'Ada' } });
    expect(found.skipped).toEqual([
      { name: 'proxyAddresses', result: 'skipped', reason: 'attribute-read-only' },
      { name: 'passwordProfile', result: 'skipped', reason: 'secret-not-restorable' },
    ]);
  });

  it('sends every member of extension attributes, so that those the snapshot lacks are cleared', () => {
    const wanted = aUser({ onPremisesExtensionAttributes: { extensionAttribute1: 'a' } });
    const has = live({ onPremisesExtensionAttributes: { extensionAttribute1: 'b', extensionAttribute2: 'c' } });
    expect(plan(wanted, has).attributes).toEqual({
      onPremisesExtensionAttributes: { extensionAttribute1: 'a', extensionAttribute2: null },
    });
  });

  it('writes nothing on an ambiguous match, and names both (R33)', () => {
    const found = planObject(users, aUser(), { how: 'ambiguous', ids: ['x', 'y'] }, users.captured, overwrite);
    expect(found).toMatchObject({
      action: 'fail',
      reason: 'ambiguous-match',
      conflictingIds: ['x', 'y'],
      attributes: {},
    });
  });

  it.each([
    ['a distribution list', { mailEnabled: true, groupTypes: [] }, 'mail-enabled-group-not-writable'],
    ['a synced group', { onPremisesSyncEnabled: true }, 'group-on-premises'],
  ])('does not try to create %s', (_, body, reason) => {
    const found = planObject(groups, { id, body }, { how: 'none' }, groups.captured, overwrite);
    expect(found).toMatchObject({ action: 'skip', reason });
  });
});

describe('what nobody can create', () => {
  it.each([
    ['roleDefinitions', { isBuiltIn: true }, 'role-builtin-not-creatable'],
    ['groups', { onPremisesSyncEnabled: true, groupTypes: [] }, 'group-on-premises'],
    ['groups', { mailEnabled: true, securityEnabled: true, groupTypes: [] }, 'mail-enabled-group-not-writable'],
  ] as const)('is skipped with its reason: %s %j (R31)', (name, body, reason) => {
    const kind = kindOf(name);
    const record = { id, body: { displayName: 'Thing', ...body } as JsonObject };
    expect(planObject(kind, record, { how: 'none' }, kind.captured, overwrite)).toMatchObject({
      action: 'skip',
      reason,
    });
  });
});
