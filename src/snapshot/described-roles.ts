/** The roles of one principal, active or eligible: its own, and those it holds through role-assignable groups (R44). */
import type { DirectoryRecord, Id, JsonObject } from '../directory/record.ts';
import { nameOf } from './browse.ts';
import type { Describable, Related } from './describe.ts';

/** @param groups ids of the groups the principal is a direct member of; role-assignable groups cannot be nested. */
export async function rolesOf(
  reader: Describable,
  kind: 'roleAssignments' | 'roleEligibilitySchedules',
  principal: Id,
  groups: readonly Id[],
): Promise<Related[]> {
  const holders = new Set([principal, ...groups]);
  const held: DirectoryRecord[] = [];
  for await (const record of reader.scan(kind)) {
    if (holders.has(String(record.body.principalId))) held.push(record);
  }
  if (held.length === 0) return [];
  const definitions = await reader.records('roleDefinitions', [...new Set(held.map(definitionOf))]);
  const through = await reader.records('groups', groups);
  const ends = kind === 'roleAssignments' ? await endsOfActive(reader, holders) : new Map<string, string>();
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
      ...endsAt(endOf(record) ?? ends.get(keyOf(record))),
      ...(group === undefined || group.id === principal
        ? {}
        : { inheritedFrom: { id: group.id, type: 'group', displayName: nameOf('groups', group) } }),
    };
  });
}

const definitionOf = ({ body }: DirectoryRecord): Id => String(body.roleDefinitionId);

const endsAt = (endDateTime: string | undefined) => (endDateTime === undefined ? {} : { endDateTime });

const keyOf = ({ body }: DirectoryRecord): string =>
  `${body.principalId} ${body.roleDefinitionId} ${body.directoryScopeId}`;

function endOf({ body }: DirectoryRecord): string | undefined {
  const { expiration } = (body.scheduleInfo ?? {}) as { readonly expiration?: JsonObject | null };
  return typeof expiration?.endDateTime === 'string' ? expiration.endDateTime : undefined;
}

/** When active roles end, which their schedules tell. */
async function endsOfActive(reader: Describable, holders: ReadonlySet<Id>): Promise<ReadonlyMap<string, string>> {
  const ends = new Map<string, string>();
  if (!reader.has('roleAssignmentSchedules')) return ends;
  for await (const record of reader.scan('roleAssignmentSchedules')) {
    const end = endOf(record);
    if (end !== undefined && holders.has(String(record.body.principalId))) ends.set(keyOf(record), end);
  }
  return ends;
}
