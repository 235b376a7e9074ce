/** The roles of one principal, active or eligible: its own, and those it holds through role-assignable groups (R44). */
import type { Id } from '../directory/record.ts';
import { nameOf } from './browse.ts';
import type { Describable, Related } from './describe.ts';
import { heldRoles, type RoleRecords } from './held-roles.ts';

/** @param groups ids of the groups the principal is a direct member of; role-assignable groups cannot be nested. */
export async function rolesOf(
  reader: Describable,
  kind: RoleRecords,
  principal: Id,
  groups: readonly Id[],
): Promise<Related[]> {
  const held = await heldRoles(reader, kind, new Set([principal, ...groups]));
  if (held.length === 0) return [];
  const definitions = await reader.records('roleDefinitions', [
    ...new Set(held.map(({ roleDefinitionId }) => roleDefinitionId)),
  ]);
  const through = await reader.records('groups', groups);
  return held.map(({ id: assignmentId, principalId, roleDefinitionId, directoryScopeId, endDateTime }): Related => {
    const definition = definitions.get(roleDefinitionId);
    const group = through.get(principalId);
    return {
      id: roleDefinitionId,
      type: 'unifiedRoleDefinition',
      displayName: definition === undefined ? null : nameOf('roleDefinitions', definition),
      roleDefinitionId,
      assignmentId,
      directoryScopeId,
      ...(endDateTime === undefined ? {} : { endDateTime }),
      ...(group === undefined || group.id === principal
        ? {}
        : { inheritedFrom: { id: group.id, type: 'group', displayName: nameOf('groups', group) } }),
    };
  });
}
