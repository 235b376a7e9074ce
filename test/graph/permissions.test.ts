import { expect, it } from 'vitest';
import type { Write } from '../../src/directory/gateway.ts';
import { kindNames } from '../../src/directory/kinds.ts';
import { relations } from '../../src/directory/relations.ts';
import { graphPermissions, permissionFor } from '../../src/graph/permissions.ts';

const assignment = { id: 'a', principalId: 'u', roleDefinitionId: 'r', directoryScopeId: '/' };
const method = (type: string) => ({ id: 'm', type });
const writes: readonly Write[] = [
  ...kindNames.flatMap((kind): Write[] => [
    { write: 'create', kind, body: {} },
    { write: 'update', kind, id: 'x', changes: {} },
    { write: 'undelete', kind, id: 'x' },
  ]),
  ...relations.flatMap(({ name: relation }): Write[] => [
    { write: 'link', relation, source: 's', targets: ['t'] },
    { write: 'unlink', relation, source: 's', target: 't' },
  ]),
  { write: 'license', kind: 'users', id: 'u', add: [], remove: [] },
  { write: 'assign-role', ...assignment, holding: 'eligible', startDateTime: '' },
  { write: 'unassign-role', assignment, holding: 'active' },
  { write: 'auth-method', id: 'u', method: method('phoneAuthenticationMethod') },
  { write: 'auth-method', id: 'u', method: method('emailAuthenticationMethod') },
  { write: 'app-role', id: 'u', resourceId: 'r', appRoleId: 'a' },
  { write: 'photo', id: 'u', photo: { bytes: new Uint8Array(), contentType: 'image/jpeg' } },
];

it('a write that is forbidden names a permission that a deployment grants, and each of those for writing but the pass is named', () => {
  const granted = graphPermissions.filter(({ access }) => access === 'write').map(({ name }) => name);
  const named = new Set(writes.map(permissionFor));
  expect([...named, 'UserAuthMethod-TAP.ReadWrite.All'].sort()).toEqual(granted.sort());
});
