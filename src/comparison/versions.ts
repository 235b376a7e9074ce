/**
 * The snapshots in which one object changed (R29). Two snapshots whose shards of the object are the same are passed over unopened, so the
 * history over a year of nights costs its manifests and the few shards that are different.
 */
import { type KindName, kindOf } from '../directory/kinds.ts';
import { type DirectoryRecord, type Id, refId, sameValue } from '../directory/record.ts';
import { type DetailItem, userDetails } from '../directory/user-details.ts';
import { lineOf, newestIds } from '../job/lineage.ts';
import type { Services } from '../services.ts';
import { accessOf, roleRelationships } from '../snapshot/describe.ts';
import { eligibleIn, eligibleName, endsOf } from '../snapshot/described-group-schedules.ts';
import { heldRoles } from '../snapshot/held-roles.ts';
import { linkName } from '../snapshot/link-keys.ts';
import type { StreamName } from '../snapshot/manifest.ts';
import type { SnapshotReader, SnapshotStore } from '../snapshot/store.ts';
import { mayDiffer } from './changed-lines.ts';
import { heldKinds, knowEnds } from './ends.ts';

export interface Version {
  readonly snapshotId: string;
  readonly createdDateTime: string;
  /** Its id then; of a recreated object later versions have another. */
  readonly objectId: Id;
  /** `added`: the snapshot is the first to have it, or to have it again; `removed`: the first without it. */
  readonly change: 'added' | 'modified' | 'removed';
  /** Names of what changed. */
  readonly attributes: readonly string[];
  readonly relationships: readonly string[];
}

/** What a snapshot says of the object; `record` undefined: it is not in it. */
interface State {
  readonly record: DirectoryRecord | undefined;
  /** Ids of other ends, of roles with the scope; each with its end, where it has one. */
  readonly links: Readonly<Record<string, readonly Id[]>>;
  readonly photo: string | undefined;
}

/**
 * @param id any id the object ever had.
 * @returns newest first; empty for an object no snapshot has. Snapshots that do not hold the kind are passed over.
 */
export async function versionsOf(
  { jobs }: Services,
  connectorId: string,
  store: SnapshotStore,
  kind: KindName,
  id: Id,
): Promise<readonly Version[]> {
  const line = await lineOf(jobs, connectorId, id);
  const streams: readonly StreamName[] = [
    kind,
    'links',
    ...(kind === 'users' ? (['photos', ...userDetails] as const) : []),
  ];
  const versions: Version[] = [];
  let newer: SnapshotReader | undefined;
  let stateOfNewer: State | undefined;
  for await (const manifest of store.list()) {
    const older = store.open(manifest);
    if (!older.has(kind)) continue;
    if (newer !== undefined && differ(older, newer, streams, line)) {
      const after: State = stateOfNewer ?? (await stateIn(newer, kind, line));
      const before: State = await stateIn(older, kind, line);
      const newest = await newestIds(jobs, connectorId, [before, after].flatMap(idsOf));
      versions.push(...versionOf(kind, newer, older, before, after, newest));
      stateOfNewer = before;
    }
    newer = older;
  }
  if (newer === undefined) return versions;
  const first = stateOfNewer ?? (await stateIn(newer, kind, line));
  return [...versions, ...versionOf(kind, newer, newer, nowhere, first, (one) => one)];
}

/** An app role is the same under another assignment; a method with another number is another one. */
const whatOf = ({ type, id, resourceId, appRoleId, phoneNumber, emailAddress }: DetailItem): string =>
  [type, resourceId ?? id, appRoleId ?? phoneNumber ?? emailAddress ?? ''].join(' ');

const nowhere: State = { record: undefined, links: {}, photo: undefined };

const idsOf = ({ links }: State): readonly Id[] =>
  Object.values(links)
    .flat()
    .map(withoutEnd)
    .filter((id) => !id.includes(' '));

const endMark = ' until ';
const until = (endDateTime: string | undefined): string =>
  endDateTime === undefined ? '' : `${endMark}${new Date(endDateTime).toISOString()}`;
const withoutEnd = (link: string): string => link.split(endMark)[0] ?? link;

function differ(
  older: SnapshotReader,
  newer: SnapshotReader,
  streams: readonly StreamName[],
  line: readonly Id[],
): boolean {
  return (
    streams.some((stream) => line.some((id) => mayDiffer(older, newer, stream, id))) ||
    rolesOf(older) !== rolesOf(newer)
  );
}

/** Role assignments and schedules lie by their own ids: any other content may concern anybody. */
const rolesOf = ({ manifest }: SnapshotReader): string =>
  heldKinds.flatMap((kind) => (manifest.streams[kind]?.shards ?? []).map((shard) => shard?.name ?? '')).join(' ');

async function stateIn(reader: SnapshotReader, kind: KindName, line: readonly Id[]): Promise<State> {
  const records = await reader.records(kind, line);
  const id = line.findLast((candidate) => records.has(candidate));
  if (id === undefined) return nowhere;
  const links: Record<string, readonly Id[]> = {};
  if (reader.has('links')) {
    const stored = (await reader.storedLinks([id])).get(id) ?? {};
    const endOf = await endsOf(reader, kind, id);
    for (const [key, ends] of Object.entries(stored)) {
      const access = accessOf[linkName(key)];
      links[linkName(key)] = ends.map((end) => `${refId(end)}${until(access && endOf(access, refId(end)))}`);
    }
  }
  for (const [name, held] of roleRelationships) {
    if (!reader.has(held)) continue;
    const roles = await heldRoles(reader, held, new Set([id]));
    links[name] = roles.map(
      ({ roleDefinitionId, directoryScopeId, endDateTime }) =>
        `${roleDefinitionId} ${directoryScopeId}${until(endDateTime)}`,
    );
  }
  if (reader.has('groupEligibilitySchedules') && (kind === 'users' || kind === 'groups')) {
    const held = await eligibleIn(reader, kind, id);
    links[eligibleName(kind)] = held.map(
      ({ otherId, accessId, endDateTime }) => `${otherId} ${accessId}${until(endDateTime)}`,
    );
  }
  for (const detail of kind === 'users' ? userDetails : []) {
    if (!reader.has(detail)) continue;
    const items = (await reader.details(detail, [id])).get(id) ?? [];
    links[detail] = items.map(whatOf);
  }
  const photo = kind === 'users' && reader.has('photos') ? (await reader.photo(id))?.sha256 : undefined;
  return { record: records.get(id), links, photo };
}

function versionOf(
  kind: KindName,
  newer: SnapshotReader,
  older: SnapshotReader,
  before: State,
  after: State,
  newest: (id: Id) => Id,
): Version[] {
  const { manifest, captured } = newer;
  const record = after.record ?? before.record;
  if (record === undefined) return [];
  const version = { snapshotId: manifest.id, createdDateTime: manifest.createdDateTime, objectId: record.id };
  const nothing = { attributes: [], relationships: [] };
  if (before.record === undefined) return [{ ...version, change: 'added', ...nothing }];
  if (after.record === undefined) return [{ ...version, change: 'removed', ...nothing }];
  const [left, right] = [before.record, after.record];
  const known = captured(kind).filter((name) => older.captured(kind).includes(name));
  const attributes = known.filter(
    (name) => !sameValue(left.body[name], right.body[name]) && !licenceStates(kind, name),
  );
  if (before.photo !== after.photo) attributes.push('photo');
  const unknown = new Set([
    ...older.linksNotCaptured(kind),
    ...userDetails.filter((detail) => !older.has(detail) || !newer.has(detail)),
    ...[...roleRelationships, [eligibleName(kind), 'groupEligibilitySchedules'] as const].flatMap(([name, held]) =>
      older.has(held) && newer.has(held) ? [] : [name],
    ),
  ]);
  const names = new Set([...Object.keys(before.links), ...Object.keys(after.links)]);
  const told = (links: readonly Id[] = [], name: string) =>
    knowEnds(name, [older, newer]) ? links : links.map(withoutEnd);
  const relationships = [...names].filter(
    (name) => !unknown.has(name) && !sameIds(told(before.links[name], name), told(after.links[name], name), newest),
  );
  const changed = attributes.length + relationships.length > 0 || left.id !== right.id;
  return changed
    ? [{ ...version, change: 'modified', attributes: attributes.sort(), relationships: relationships.sort() }]
    : [];
}

/** Changes with every renewal of a licence, and means nothing to anybody. */
const licenceStates = (kind: KindName, name: string): boolean =>
  kindOf(kind).untracked?.some(({ property }) => property === name) ?? false;

function sameIds(left: readonly Id[], right: readonly Id[], newest: (id: Id) => Id): boolean {
  const renamed = (link: Id) => `${newest(withoutEnd(link))}${link.slice(withoutEnd(link).length)}`;
  const [before, after] = [new Set(left.map(renamed)), new Set(right.map(renamed))];
  return before.size === after.size && [...before].every((id) => after.has(id));
}
