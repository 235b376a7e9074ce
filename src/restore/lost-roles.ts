/**
 * Roles held through a group are lost with a membership in it that cannot be made: the report names them there (R44). What comes later, by a rule or
 * by the job itself, is not lost, nor what would have ended by now.
 */

import type { Id } from '../directory/record.ts';
import { isEmpty } from '../directory/record.ts';
import { heldRoles } from '../snapshot/held-roles.ts';
import type { JobContext } from './job-context.ts';
import type { LinkOutcome, ReportObject } from './outcome.ts';

const notLost: readonly (string | undefined)[] = ['not-tried', 'group-dynamic', 'role-expired'];

/** The group of a membership that could not be made, by its id in the snapshot; whichever end the row is of. */
function lostGroup({ kind, id }: ReportObject, { relation, targetId, result, reason, action }: LinkOutcome) {
  if (result === 'done' || action === 'unlink' || notLost.includes(reason)) return undefined;
  if (relation === 'memberOf') return targetId;
  return kind === 'groups' && relation === 'members' ? id : undefined;
}

/** The same objects, with a note at each such membership. */
export async function withLostRoles(
  context: JobContext,
  objects: readonly ReportObject[],
): Promise<readonly ReportObject[]> {
  const lost = new Set(objects.flatMap((object) => object.links.map((link) => lostGroup(object, link) ?? '')));
  lost.delete('');
  const names = lost.size === 0 ? new Map<Id, string>() : await rolesOf(context, lost);
  if (names.size === 0) return objects;
  return objects.map((object) => ({
    ...object,
    links: object.links.map((link): LinkOutcome => {
      const roles = names.get(lostGroup(object, link) ?? '');
      if (roles === undefined) return link;
      return {
        ...link,
        note: [link.note ?? '', `Lost with it, since held through the group: ${roles}.`].join(' ').trim(),
      };
    }),
  }));
}

/** The names of the roles that groups hold in the snapshot, active or eligible. */
async function rolesOf({ reader }: JobContext, groups: ReadonlySet<Id>): Promise<ReadonlyMap<Id, string>> {
  const held = [];
  for (const kind of ['roleAssignments', 'roleEligibilitySchedules'] as const)
    if (reader.has(kind)) held.push(...(await heldRoles(reader, kind, groups)));
  const definitions = await reader.records(
    'roleDefinitions',
    held.map(({ roleDefinitionId }) => roleDefinitionId),
  );
  const nameOf = (id: Id): string => {
    const name = definitions.get(id)?.body.displayName;
    return typeof name === 'string' && !isEmpty(name) ? name : id;
  };
  return new Map(
    [...Map.groupBy(held, ({ principalId }) => principalId)].map(([id, roles]) => [
      id,
      [...new Set(roles.map(({ roleDefinitionId }) => nameOf(roleDefinitionId)))].join(', '),
    ]),
  );
}
