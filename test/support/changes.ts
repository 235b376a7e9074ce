/** Short words for the changes a directory reports. */
import type { Change } from '../../src/directory/gateway.ts';
import type { KindName } from '../../src/directory/kinds.ts';
import { type JsonObject, ref } from '../../src/directory/record.ts';
import type { RelationName } from '../../src/directory/relations.ts';

export const set = (kind: KindName, id: string, body: JsonObject = {}): Change => ({ change: 'set', kind, id, body });
export const user = (id: string, body: JsonObject = {}): Change => set('users', id, { displayName: id, ...body });
export const group = (id: string, body: JsonObject = {}): Change => set('groups', id, { displayName: id, ...body });
export const binned = (kind: KindName, id: string): Change => ({ change: 'remove', kind, id, gone: false });
export const purged = (kind: KindName, id: string): Change => ({ change: 'remove', kind, id, gone: true });

const ends = (relation: RelationName, source: string, target: string) =>
  ({ relation, source: ref(sourceTypes[relation], source), target: ref('user', target) }) as const;
const sourceTypes: Readonly<Record<RelationName, string>> = {
  manager: 'user',
  sponsors: 'user',
  members: 'group',
  owners: 'group',
  unitMembers: 'administrativeUnit',
};
/** A link from `source` to the user `target`. */
export const link = (relation: RelationName, source: string, target: string): Change => ({
  change: 'link',
  ...ends(relation, source, target),
});
export const unlink = (relation: RelationName, source: string, target: string): Change => ({
  change: 'unlink',
  ...ends(relation, source, target),
});
