import { expect, it } from 'vitest';
import type { Need } from '../../src/directory/gateway.ts';
import { kindNames } from '../../src/directory/kinds.ts';
import { relations } from '../../src/directory/relations.ts';
import { lackingOf, lackingOfAll } from '../../src/graph/lacking.ts';
import { graphPermissions, permissionFor } from '../../src/graph/permissions.ts';

const writes: readonly Exclude<Need, { write: 'none' }>[] = [
  ...kindNames.flatMap((kind) => (['create', 'update', 'undelete'] as const).map((write) => ({ write, kind }))),
  ...relations.flatMap(({ name: relation }) => (['link', 'unlink'] as const).map((write) => ({ write, relation }))),
  { write: 'invite' },
  { write: 'update', kind: 'users', property: 'identities' },
  { write: 'license' },
  { write: 'assign-role' },
  { write: 'unassign-role' },
  { write: 'assign-role', holding: 'active-in-group' },
  { write: 'unassign-role', holding: 'eligible-in-group' },
  { write: 'auth-method', method: { type: 'phoneAuthenticationMethod' } },
  { write: 'auth-method', method: { type: 'emailAuthenticationMethod' } },
  { write: 'remove-auth-method', method: { type: 'emailAuthenticationMethod' } },
  { write: 'app-role' },
  { write: 'photo' },
  { write: 'pass' },
];

it('a write that is forbidden names a permission that a deployment grants, and each of those for writing is named', () => {
  const granted = graphPermissions.filter(({ access }) => access === 'write').map(({ name }) => name);
  const named = new Set(writes.map(permissionFor));
  // Members of groups alone take a part of what a deployment grants for groups.
  expect([...named].sort()).toEqual([...granted, 'GroupMember.ReadWrite.All'].sort());
});

it('R10 of several needs the one permission is named that does for all, and no part of it besides', () => {
  const members: Need = { write: 'link', relation: 'members' };
  const owners: Need = { write: 'link', relation: 'owners' };
  expect(lackingOfAll([members], new Set())).toEqual([['GroupMember.ReadWrite.All']]);
  expect(lackingOfAll([members, owners], new Set())).toEqual([['Group.ReadWrite.All'], ['Group.ReadWrite.All']]);
  expect(lackingOfAll([members, owners], new Set(['GroupMember.ReadWrite.All']))).toEqual([
    [],
    ['Group.ReadWrite.All'],
  ]);
});

it('an app that was granted what a deployment grants lacks nothing; one without anything lacks what each need names', () => {
  const all = new Set(graphPermissions.map(({ name }) => name));
  for (const need of [...writes, { write: 'none' } as const]) expect(lackingOf(need, all)).toEqual([]);
  for (const need of writes) expect(lackingOf(need, new Set())).toEqual([permissionFor(need)]);
});

it.each<[Need, string[], string[]]>([
  [{ write: 'create', kind: 'users' }, ['User.Create'], []],
  [{ write: 'update', kind: 'users' }, ['User.Create'], ['User.ReadWrite.All']],
  [{ write: 'undelete', kind: 'users' }, ['User.ReadWrite.All'], []],
  [{ write: 'link', relation: 'members' }, ['GroupMember.ReadWrite.All'], []],
  [{ write: 'link', relation: 'owners' }, ['GroupMember.ReadWrite.All'], ['Group.ReadWrite.All']],
  [
    { write: 'link', relation: 'members', isGuarded: true },
    ['Directory.ReadWrite.All'],
    ['RoleManagement.ReadWrite.Directory'],
  ],
])(
  'wider permissions, and narrower ones for a single kind of write, do: %j with %j lacks %j',
  (need, held, lacking) => {
    expect(lackingOf(need, new Set(held))).toEqual(lacking);
  },
);
