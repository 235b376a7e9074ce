/** The sub-objects of groups (R39): their members, and those of their member groups, however deep. */
import type { KindName } from '../directory/kinds.ts';
import { type Id, refId, refType } from '../directory/record.ts';
import { newestIds } from '../job/lineage.ts';
import type { Services } from '../services.ts';
import type { SnapshotReader } from '../snapshot/store.ts';
import { chunksOf } from './chosen-ids.ts';
import { manyById } from './lookups.ts';
import type { RestoreRequest, Selected } from './request.ts';

type SubObjects = Readonly<Partial<Record<KindName, readonly Id[]>>>;

/**
 * What a restore takes along: the members of the snapshot that are live neither as they were nor as what an earlier restore made of them, or all
 * of them where they are to be updated too. As large as the memberships of the groups named.
 */
export async function subObjectsOf(
  { jobs, gatewayOf }: Services,
  connectorId: string,
  reader: SnapshotReader,
  { subObjects, groups = [] }: RestoreRequest,
): Promise<SubObjects> {
  if (subObjects === 'none') return {};
  const found = await membersOf(reader, groups);
  if (subObjects === 'create-missing-and-update') return found;
  const gateway = await gatewayOf(connectorId);
  const missing = async (kind: 'users' | 'groups') => {
    const unseen = async (ids: readonly Id[], idOf: (id: Id) => Id) => {
      const live = await gateway.find(ids.map((id) => manyById(kind, idOf(id))));
      return ids.filter((_, index) => live[index]?.length === 0);
    };
    const gone = await unseen(found[kind], (id) => id);
    const newest = await newestIds(jobs, connectorId, gone);
    const without = gone.filter((id) => newest(id) === id);
    const lost = await unseen(
      gone.filter((id) => newest(id) !== id),
      newest,
    );
    return [...without, ...lost];
  };
  return { users: await missing('users'), groups: await missing('groups') };
}

/** Each group is asked once for its members, so that groups that hold each other come to an end. */
export async function membersOf(reader: SnapshotReader, groups: Selected): Promise<{ users: Id[]; groups: Id[] }> {
  const [users, inner, seen] = [new Set<Id>(), new Set<Id>(), new Set<Id>()];
  for (let open = groups; open.length > 0; open = [...inner].filter((id) => !seen.has(id))) {
    for await (const ids of chunksOf(reader, 'groups', open, [])) {
      for (const id of ids) seen.add(id);
      for (const { members = [] } of (await reader.linksOf(ids)).values()) {
        for (const member of members) {
          if (refType(member) === 'user') users.add(refId(member));
          if (refType(member) === 'group') inner.add(refId(member));
        }
      }
    }
  }
  return { users: [...users], groups: [...inner] };
}
