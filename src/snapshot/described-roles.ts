/** The active roles of one principal: its own, and those it holds through role-assignable groups (R44). */
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { nameOf } from './browse.ts';
import type { Describable, Related } from './describe.ts';

/** @param groups ids of the groups the principal is a direct member of; role-assignable groups cannot be nested. */
export async function rolesOf(reader: Describable, principal: Id, groups: readonly Id[]): Promise<Related[]> {
  const holders = new Set([principal, ...groups]);
  const held: DirectoryRecord[] = [];
  for await (const record of reader.scan('roleAssignments')) {
    if (holders.has(String(record.body.principalId))) held.push(record);
  }
  if (held.length === 0) return [];
  const definitions = await reader.records('roleDefinitions', [...new Set(held.map(definitionOf))]);
  const through = await reader.records('groups', groups);
  return held.map((record): Related => {
    const definition = definitions.get(definitionOf(record));
    const group = through.get(String(record.body.principalId));
    const scope = record.body.directoryScopeId;
    return {
      id: definitionOf(record),
      type: 'unifiedRoleDefinition',
      displayName: definition === undefined ? null : nameOf('roleDefinitions', definition),
      roleDefinitionId: definitionOf(record),
      assignmentId: record.id,
      directoryScopeId: typeof scope === 'string' ? scope : '/',
      ...(group === undefined || group.id === principal
        ? {}
        : { inheritedFrom: { id: group.id, type: 'group', displayName: nameOf('groups', group) } }),
    };
  });
}

const definitionOf = ({ body }: DirectoryRecord): Id => String(body.roleDefinitionId);
