/**
 * Everyone of a tenant lost for good, and the floor under their restore: the fewest writes Graph could be asked for
 * (graph-facts 11, "Restore"), counted from the tenant itself before the loss.
 */
import type { Clients, Json } from './clients.ts';

export interface Floor {
  readonly ids: readonly string[];
  readonly writes: number;
}

/** Counts creates, managers, memberships by twenties, owners, unit members, roles and directly licensed users. */
export async function floorOf({ all }: Clients): Promise<Floor> {
  const users = await all('/users?$select=id,licenseAssignmentStates&$expand=manager($select=id)&$top=999');
  const ids = new Set(users.map((user: Json) => String(user.id)));
  const among = async (path: string): Promise<number> =>
    (await all(`${path}?$select=id&$top=999`)).filter((item: Json) => ids.has(item.id)).length;
  let writes = ids.size + users.filter((user: Json) => user.manager !== undefined).length;
  writes += users.filter((user: Json) =>
    user.licenseAssignmentStates.some((state: Json) => !state.assignedByGroup),
  ).length;
  for (const { id } of await all('/groups?$select=id&$top=999')) {
    writes += Math.ceil((await among(`/groups/${id}/members`)) / 20) + (await among(`/groups/${id}/owners`));
  }
  for (const { id } of await all('/directory/administrativeUnits')) {
    writes += await among(`/directory/administrativeUnits/${id}/members`);
  }
  const assignments = await all('/roleManagement/directory/roleAssignments');
  writes += assignments.filter((assignment: Json) => ids.has(assignment.principalId)).length;
  return { ids: [...ids], writes };
}

/** Deletes and purges them all. */
export async function loseForGood(clients: Clients, ids: readonly string[]): Promise<void> {
  for (const path of ['/users', '/directory/deletedItems']) await deleteAll(clients, path, ids);
}

/** Deletes them all, below `/users` into the bin. */
export async function deleteAll({ graph }: Clients, path: string, ids: readonly string[]): Promise<void> {
  for (let from = 0; from < ids.length; from += 20) {
    const requests = ids
      .slice(from, from + 20)
      .map((id, index) => ({ id: `${index}`, method: 'DELETE', url: `${path}/${id}` }));
    const { responses } = await graph('POST', '/$batch', { requests });
    const refused = responses.find((response: Json) => response.status !== 204);
    if (refused !== undefined) throw new Error(`a deletion answered ${refused.status}`);
  }
}
