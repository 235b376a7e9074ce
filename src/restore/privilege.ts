/** How protected users are: by the roles they hold, active or eligible, and the role-assignable groups they are in or own (graph-facts 4.2). */
import type { OwnRole, RoleAssignment } from '../directory/gateway.ts';
import { type Id, refId, refType } from '../directory/record.ts';
import { unitOf } from '../directory/roles.ts';
import type { Protection } from '../directory/sensitive-actions.ts';
import { heldRoles } from '../snapshot/held-roles.ts';
import type { JobContext } from './job-context.ts';

export const isProtected = (protection: Protection): boolean => protection === 'full' || protection.length > 0;

/** Whether one of these roles is the app's own, in the whole tenant. */
export const holdsOneOf = (own: readonly OwnRole[], roles: readonly Id[]): boolean =>
  own.some(({ roleDefinitionId, directoryScopeId }) => directoryScopeId === '/' && roles.includes(roleDefinitionId));

function protectionOf(
  roles: readonly RoleAssignment[],
  inRoleGroup: boolean,
  isRestricted: (unit: Id) => boolean,
): Protection {
  const reachesRestricted = roles.some(({ directoryScopeId }) => isRestricted(unitOf(directoryScopeId) ?? ''));
  return inRoleGroup || reachesRestricted ? 'full' : roles.map(({ roleDefinitionId }) => roleDefinitionId);
}

/** Of a live user. */
export async function protectionNow({ gateway }: JobContext, id: Id): Promise<Protection> {
  const [[active = []], [eligible = []], [links]] = await Promise.all([
    gateway.readRoleAssignments([id], 'active', false),
    gateway.readRoleAssignments([id], 'eligible', false),
    gateway.readLinks([{ kind: 'users', id, names: ['memberOf', 'ownedObjects'] }]),
  ]);
  const roles = [...active, ...eligible];
  const groups = Object.values(links ?? {})
    .flat()
    .filter((end) => refType(end) === 'group');
  const units = roles.flatMap(({ directoryScopeId }) => unitOf(directoryScopeId) ?? []);
  const [foundGroups, foundUnits] = await Promise.all([
    gateway.find(groups.map((group) => ({ by: 'id', kind: 'groups', id: refId(group) }))),
    gateway.find(units.map((unit) => ({ by: 'id', kind: 'administrativeUnits', id: unit }))),
  ]);
  const restricted = units.filter((_, at) => foundUnits[at]?.[0]?.body.isMemberManagementRestricted === true);
  const inRoleGroup = foundGroups.some(([group]) => group?.body.isAssignableToRole === true);
  return protectionOf(roles, inRoleGroup, (unit) => restricted.includes(unit));
}

/** Of users as the snapshot has them; asks Graph nothing. */
export async function protectionThen({ reader }: JobContext, ids: readonly Id[]): Promise<ReadonlyMap<Id, Protection>> {
  if (ids.length === 0) return new Map();
  const roles: RoleAssignment[] = [];
  for (const kind of ['roleAssignments', 'roleEligibilitySchedules'] as const)
    if (reader.has(kind)) roles.push(...(await heldRoles(reader, kind, new Set(ids))));
  const links = await reader.linksOf(ids);
  const groupsOf = (id: Id): Id[] => {
    const { memberOf = [], ownedObjects = [] } = links.get(id) ?? {};
    return [...memberOf, ...ownedObjects].map(refId);
  };
  const groups = await reader.records('groups', [...new Set(ids.flatMap(groupsOf))]);
  const scopes = roles.flatMap(({ directoryScopeId }) => unitOf(directoryScopeId) ?? []);
  const units = await reader.records('administrativeUnits', [...new Set(scopes)]);
  return new Map(
    ids.map((id) => [
      id,
      protectionOf(
        roles.filter(({ principalId }) => principalId === id),
        groupsOf(id).some((group) => groups.get(group)?.body.isAssignableToRole === true),
        (unit) => units.get(unit)?.body.isMemberManagementRestricted === true,
      ),
    ]),
  );
}
