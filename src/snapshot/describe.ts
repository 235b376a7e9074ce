/** One object of a snapshot with everything around it, every related object by name (contract section 2). */
import type { LinksOf } from '../directory/gateway.ts';
import { type KindName, kindOf, kindOfType } from '../directory/kinds.ts';
import { type DirectoryRecord, type Id, type JsonObject, type Ref, refId, refType } from '../directory/record.ts';
import { relations } from '../directory/relations.ts';
import { type UserDetail, userDetails } from '../directory/user-details.ts';
import { nameOf } from './browse.ts';
import { eligibleName, eligibleOf, endsOf } from './described-group-schedules.ts';
import { licencesOf } from './described-licences.ts';
import { rolesOf } from './described-roles.ts';
import type { PhotoRecord, SnapshotReader } from './reader.ts';

/** What a description is made from: a snapshot, or the live directory in its shape. */
export type Describable = Pick<
  SnapshotReader,
  'has' | 'records' | 'linksOf' | 'linksNotCaptured' | 'scan' | 'photo' | 'details'
>;

export interface Related {
  readonly id: Id;
  readonly type: string;
  readonly displayName: string | null;
  readonly inheritedFrom?: Related;
  readonly [name: string]: unknown;
}

export interface DescribedObject {
  readonly id: Id;
  readonly attributes: JsonObject;
  readonly relationships: Readonly<Record<string, Related | null | readonly Related[]>>;
  readonly photo?: PhotoRecord | null;
  /** Relationships the snapshot does not know, which is not "none". */
  readonly notCaptured: readonly string[];
}

/** Roles held, and the kind of records that tells of them. */
export const roleRelationships = [
  ['roleAssignments', 'roleAssignments'],
  ['eligibleRoleAssignments', 'roleEligibilitySchedules'],
] as const;

/** Links of groups, by what they are to the holder. */
export const accessOf: Readonly<Partial<Record<string, 'member' | 'owner'>>> = {
  memberOf: 'member',
  members: 'member',
  ownedObjects: 'owner',
  owners: 'owner',
};

/** @throws AppError `corrupt-snapshot`, `storage-unreachable`. */
export async function describeObject(
  reader: Describable,
  kind: KindName,
  record: DirectoryRecord,
): Promise<DescribedObject> {
  const links = (await reader.linksOf([record.id])).get(record.id) ?? {};
  const nameRef = await namesOf(reader, Object.values(links).flat());
  const endOf = await endsOf(reader, kind, record.id);
  const relationships: Record<string, Related | null | readonly Related[]> = {};
  const notCaptured = new Set(reader.linksNotCaptured(kind));
  for (const { name, single } of namesFrom(kind)) {
    if (notCaptured.has(name)) continue;
    const related = (links[name] ?? []).map((end) => {
      const access = accessOf[name];
      const endDateTime = access && endOf(access, refId(end));
      return endDateTime === undefined ? nameRef(end) : { ...nameRef(end), endDateTime };
    });
    relationships[name] = single ? (related[0] ?? null) : related;
  }
  if (kind === 'users' || kind === 'groups') {
    relationships.licenses = await licencesOf(reader, record, (id) => related(reader, `group/${id}`));
    if (!reader.has('groupEligibilitySchedules')) notCaptured.add(eligibleName(kind));
    else relationships[eligibleName(kind)] = await eligibleOf(reader, kind, record.id, (end) => related(reader, end));
    for (const [name, held] of roleRelationships) {
      if (reader.has(held)) relationships[name] = await rolesOf(reader, held, record.id, groupsOf(links));
      else notCaptured.add(name);
    }
  }
  if (kind !== 'users') return { id: record.id, attributes: record.body, relationships, notCaptured: [...notCaptured] };
  for (const detail of userDetails) {
    if (!reader.has(detail)) notCaptured.add(detail);
    else relationships[detail] = await detailsOf(reader, detail, record.id);
  }
  if (!reader.has('photos')) notCaptured.add('photo');
  return {
    id: record.id,
    attributes: record.body,
    relationships,
    ...(reader.has('photos') ? { photo: (await reader.photo(record.id)) ?? null } : {}),
    notCaptured: [...notCaptured],
  };
}

/** Each by a name people know: a phone by its kind, an app role by its app; what comes through a group says so. */
async function detailsOf(reader: Describable, detail: UserDetail, userId: Id): Promise<Related[]> {
  const items = (await reader.details(detail, [userId])).get(userId) ?? [];
  return Promise.all(
    items.map(async (item) => {
      const name = item.displayName ?? item.resourceDisplayName ?? item.phoneType ?? item.emailAddress ?? item.type;
      const through =
        item.principalId !== undefined && item.principalId !== userId ? String(item.principalId) : undefined;
      const from = through === undefined ? {} : { inheritedFrom: await related(reader, `group/${through}`) };
      return { ...item, displayName: String(name), ...from };
    }),
  );
}

const groupsOf = (links: LinksOf): readonly Id[] => (links.memberOf ?? []).map(refId);

/** Names under which an object of a kind sees links. */
const namesFrom = (kind: KindName) =>
  relations.flatMap(({ source, targets, forward, inverse, single }) => [
    ...(source === kind ? [{ name: forward, single }] : []),
    ...(targets.includes(kind) ? [{ name: inverse, single: false }] : []),
  ]);

/** Looks up all ends together; the answer names each. */
async function namesOf(reader: Describable, ends: readonly Ref[]): Promise<(end: Ref) => Related> {
  const byKind = new Map<KindName, Id[]>();
  for (const end of ends) {
    const kind = kindOfType(refType(end))?.name;
    if (kind !== undefined) byKind.set(kind, [...(byKind.get(kind) ?? []), refId(end)]);
  }
  const found = new Map<Id, Related>();
  for (const [kind, ids] of byKind) {
    for (const [id, record] of await reader.records(kind, ids)) found.set(id, named(kind, record));
  }
  return (end) => found.get(refId(end)) ?? { id: refId(end), type: refType(end), displayName: null };
}

function named(kind: KindName, record: DirectoryRecord): Related {
  const { userPrincipalName } = record.body;
  return {
    id: record.id,
    type: kindOf(kind).type,
    displayName: nameOf(kind, record),
    ...(typeof userPrincipalName === 'string' ? { userPrincipalName } : {}),
  };
}

/** One object by name; what the snapshot does not hold stays without. */
export async function related(reader: Describable, end: Ref): Promise<Related> {
  return (await namesOf(reader, [end]))(end);
}
