/**
 * The live directory in the shape of a snapshot, for one object: so that both sides of a comparison are described by the same code.
 * Names of other objects are taken from the snapshot where it knows them, so that a comparison costs a handful of requests.
 */

import {
  type Candidate,
  type DirectoryGateway,
  type LinksOf,
  type RoleAssignment,
  sought,
} from '../directory/gateway.ts';
import type { Kind, KindName } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { viewsOf } from '../restore/links.ts';
import type { Describable } from '../snapshot/describe.ts';
import { photoRecordOf } from '../snapshot/reader.ts';
import type { SnapshotReader } from '../snapshot/store.ts';

/** @param id of the one object that is described, the live one. */
export function createLiveReader(
  gateway: DirectoryGateway,
  kind: KindName,
  id: Id,
  names: SnapshotReader,
): Describable {
  const readable = viewsOf(kind)
    .map(({ name }) => name)
    .filter((name) => !unreadable.includes(name));

  return {
    has: () => true,
    linksNotCaptured: () => unreadable,

    async linksOf(ids) {
      const found = await gateway.readLinks(ids.map((id) => ({ kind, id, names: readable })));
      return new Map(ids.map((id, index): [Id, LinksOf] => [id, found[index] ?? {}]));
    },

    async records(of, ids) {
      const known = names.has(of) ? await names.records(of, ids) : new Map<Id, DirectoryRecord>();
      const open = ids.filter((id) => !known.has(id));
      const found = open.length === 0 ? [] : await gateway.find(open.map((id) => ({ by: 'id', kind: of, id })));
      return new Map([...known, ...found.flat().map((record) => [record.id, record] as const)]);
    },

    async *scan(of) {
      if (of === 'groupAssignmentSchedules' || of === 'groupEligibilitySchedules') {
        // Of all groups these would take a request each.
        const holding = of === 'groupEligibilitySchedules' ? 'eligible-in-group' : 'active-in-group';
        const [held = []] = await (kind === 'groups'
          ? gateway.readGroupSchedules([id], holding)
          : gateway.readRoleAssignments([id], holding, true));
        yield* held.map(scheduleRecord);
        return;
      }
      for (let cursor: string | undefined, more = true; more; more = cursor !== undefined) {
        const page = await gateway.readPage(of, cursor);
        for (const change of page.changes) if (change.change === 'set') yield { id: change.id, body: change.body };
        cursor = page.next;
      }
    },

    async details(detail, ids) {
      const found = await gateway.readUserDetails(detail, ids);
      return new Map(ids.map((id, index) => [id, found[index] ?? []]));
    },

    async photo(id) {
      const [photo] = await gateway.readPhotos([id]);
      return photo && photoRecordOf(photo);
    },
  };
}

/** As a snapshot holds it. */
const scheduleRecord = ({ id, principalId, roleDefinitionId, directoryScopeId, endDateTime }: RoleAssignment) => ({
  id,
  body: {
    principalId,
    groupId: roleDefinitionId,
    accessId: directoryScopeId,
    scheduleInfo: { expiration: { endDateTime: endDateTime ?? null } },
  },
});

/** Graph lists sponsors of an object, and nothing that says whom it sponsors. */
const unreadable: readonly string[] = ['sponsorOf'];

/** The live object, or its twin in the bin; ids are tried from the newest back. */
export async function findLive(
  gateway: DirectoryGateway,
  kind: Kind,
  line: readonly Id[],
): Promise<Candidate | undefined> {
  const ids = [...line].reverse();
  const live = (await gateway.find(ids.map((id) => ({ by: 'id', ...sought(kind), id })))).flat()[0];
  if (live !== undefined || !kind.softDeleted) return live;
  return (await gateway.find(ids.map((id) => ({ by: 'deleted-id', ...sought(kind), id })))).flat()[0];
}
