/**
 * Two snapshots beside each other: which objects are new, gone, or not as they were. Memory and time grow with the difference and not with
 * the tenant, since equal shards are skipped by name.
 */
import type { RoleAssignment } from '../directory/gateway.ts';
import { type KindName, kindNames, kindOf } from '../directory/kinds.ts';
import { type Id, type Ref, refId, sameValue } from '../directory/record.ts';
import { assignmentOf } from '../directory/roles.ts';
import { userDetails } from '../directory/user-details.ts';
import { laterIds } from '../job/lineage.ts';
import type { Services } from '../services.ts';
import { parseLine } from '../snapshot/record-line.ts';
import type { SnapshotReader } from '../snapshot/store.ts';
import { type ChangedLine, changedLines } from './changed-lines.ts';
import { heldKinds } from './ends.ts';

export type Change = 'added' | 'modified' | 'missing';

export interface ChangedObject {
  readonly kind: KindName;
  /** On the left where it is there, else on the right. */
  readonly id: Id;
  /** Of a recreated object: its id on the right. */
  readonly newId?: Id;
  readonly change: Change;
}

type Changes = Map<Id, ChangedObject>;

/** Kinds that stand for themselves; the rest is told on the objects it belongs to (assignments) or is no object of anybody (SKUs). */
const comparedKinds = kindNames.filter((kind) => kindOf(kind).restoreRank !== null);

/**
 * @param only one kind; default: all that both snapshots hold.
 * @returns changed objects, sorted by kind and id.
 * @throws AppError `corrupt-snapshot`, `storage-unreachable`.
 */
export async function compareSnapshots(
  services: Services,
  connectorId: string,
  left: SnapshotReader,
  right: SnapshotReader,
  only?: KindName,
): Promise<readonly ChangedObject[]> {
  const kinds = comparedKinds.filter((kind) => left.has(kind) && right.has(kind));
  const found = new Map<KindName, Changes>();
  for (const kind of kinds) found.set(kind, await changedRecords(left, right, kind));
  await pairSuccessors(services, connectorId, found);
  const touched = [
    ...(await touchedByLinks(left, right, found)),
    ...(await touchedByRoles(left, right)),
    ...(await touchedByDetails(left, right)),
  ];
  await addModified(touched, left, right, kinds, found);
  const wanted = only === undefined ? kinds : kinds.filter((kind) => kind === only);
  return wanted.flatMap((kind) =>
    [...(found.get(kind)?.values() ?? [])].sort((one, other) => (one.id < other.id ? -1 : 1)),
  );
}

async function changedRecords(left: SnapshotReader, right: SnapshotReader, kind: KindName): Promise<Changes> {
  const known = left.captured(kind).filter((name) => right.captured(kind).includes(name));
  const changes: Changes = new Map();
  for await (const line of changedLines(left, right, kind)) {
    const change = changeOf(line, known);
    if (change !== undefined) changes.set(line.id, { kind, id: line.id, change });
  }
  return changes;
}

function changeOf({ left, right }: ChangedLine, known: readonly string[]): Change | undefined {
  if (left === undefined) return 'added';
  if (right === undefined) return 'missing';
  const [before, after] = [parseLine(left).body, parseLine(right).body];
  return known.every((name) => sameValue(before[name], after[name])) ? undefined : 'modified';
}

/** A missing object whose recorded successor is new is the same one under another id (R29). */
async function pairSuccessors(
  { jobs }: Services,
  connectorId: string,
  found: ReadonlyMap<KindName, Changes>,
): Promise<void> {
  for (const changes of found.values()) {
    const missing = [...changes.values()].filter(({ change }) => change === 'missing');
    const added = new Set([...changes.values()].filter(({ change }) => change === 'added').map(({ id }) => id));
    if (missing.length === 0 || added.size === 0) continue;
    const later = await laterIds(
      jobs,
      connectorId,
      missing.map(({ id }) => id),
    );
    for (const object of missing) {
      const newId = later.get(object.id)?.findLast((id) => added.has(id));
      if (newId === undefined) continue;
      changes.delete(newId);
      changes.set(object.id, { ...object, newId, change: 'modified' });
    }
  }
}

/** Objects whose visible links differ: their own lines do, or an other end has come or gone (one in the bin is hidden). */
async function touchedByLinks(
  left: SnapshotReader,
  right: SnapshotReader,
  found: ReadonlyMap<KindName, Changes>,
): Promise<Id[]> {
  if (!left.has('links') || !right.has('links')) return [];
  const candidates = new Set<Id>();
  for await (const { id } of changedLines(left, right, 'links')) candidates.add(id);
  const comeOrGone = [...found.values()].flatMap((changes) =>
    [...changes.values()].filter(({ change, newId }) => change !== 'modified' || newId !== undefined),
  );
  const ends = comeOrGone.flatMap(({ id, newId = id }) => [id, newId]);
  for (const reader of [left, right]) {
    for (const some of batches(ends)) {
      for (const links of (await reader.storedLinks(some)).values())
        for (const end of Object.values(links).flat()) candidates.add(refId(end));
    }
  }
  const unknown = new Set([...left.linksNotCaptured(), ...right.linksNotCaptured()]);
  const newIds = new Map(comeOrGone.flatMap(({ id, newId }) => (newId === undefined ? [] : [[id, newId] as const])));
  const touched: Id[] = [];
  for (const some of batches([...candidates])) {
    const [before, after] = await Promise.all([left.linksOf(some), right.linksOf(some)]);
    touched.push(...some.filter((id) => !sameLinks(before.get(id) ?? {}, after.get(id) ?? {}, unknown, newIds)));
  }
  return touched;
}

type Links = Readonly<Record<string, readonly Ref[]>>;

function sameLinks(left: Links, right: Links, unknown: ReadonlySet<string>, newIds: ReadonlyMap<Id, Id>): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)]);
  return [...names].every((name) => {
    if (unknown.has(name)) return true;
    const before = new Set((left[name] ?? []).map(refId).map((id) => newIds.get(id) ?? id));
    const after = new Set((right[name] ?? []).map(refId));
    return before.size === after.size && [...before].every((id) => after.has(id));
  });
}

/** Principals, and groups, of what only one side has; under another id it is the same, until another day it is not (R45). */
async function touchedByRoles(left: SnapshotReader, right: SnapshotReader): Promise<Id[]> {
  const touched: Id[] = [];
  for (const kind of heldKinds) {
    if (!left.has(kind) || !right.has(kind)) continue;
    const open = new Map<string, RoleAssignment>();
    const toggle = (line: string) => {
      const held = assignmentOf(parseLine(line));
      const key = heldAs(held);
      if (!open.delete(key)) open.set(key, held);
    };
    for await (const { left: before, right: after } of changedLines(left, right, kind)) {
      if (before !== undefined) toggle(before);
      if (after !== undefined) toggle(after);
    }
    for (const { principalId, roleDefinitionId } of open.values())
      touched.push(principalId, ...(kind.startsWith('group') ? [roleDefinitionId] : []));
  }
  return touched;
}

const heldAs = ({ principalId, roleDefinitionId, directoryScopeId, endDateTime }: RoleAssignment): string =>
  JSON.stringify([
    principalId,
    roleDefinitionId,
    directoryScopeId,
    endDateTime === undefined ? null : Date.parse(endDateTime),
  ]);

/** Users of whom what is kept a user differs. */
async function touchedByDetails(left: SnapshotReader, right: SnapshotReader): Promise<Id[]> {
  const users: Id[] = [];
  for (const stream of ['photos', ...userDetails] as const) {
    if (!left.has(stream) || !right.has(stream)) continue;
    for await (const { id } of changedLines(left, right, stream)) users.push(id);
  }
  return users;
}

/** Marks those objects that both sides hold; of which kind each is, the snapshots tell. */
async function addModified(
  touched: readonly Id[],
  left: SnapshotReader,
  right: SnapshotReader,
  kinds: readonly KindName[],
  found: ReadonlyMap<KindName, Changes>,
): Promise<void> {
  const ids = [...new Set(touched)];
  for (const kind of kinds) {
    const changes = found.get(kind);
    const open = ids.filter((id) => changes?.has(id) !== true);
    for (const some of batches(open)) {
      const [before, after] = await Promise.all([left.records(kind, some), right.records(kind, some)]);
      for (const id of some) if (before.has(id) && after.has(id)) changes?.set(id, { kind, id, change: 'modified' });
    }
  }
}

const batchSize = 2_000;

function* batches(ids: readonly Id[]): Generator<readonly Id[]> {
  for (let at = 0; at < ids.length; at += batchSize) yield ids.slice(at, at + batchSize);
}
