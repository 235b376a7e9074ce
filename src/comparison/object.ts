/** One object of a snapshot beside itself in another snapshot, or live (R06, R07). */

import { extended, isExtension } from '../directory/extensions.ts';
import type { DirectoryGateway } from '../directory/gateway.ts';
import { guardedProperties, withGuarded } from '../directory/guarded-properties.ts';
import { type Kind, type KindName, kindOf } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import { lineOf, newestIds } from '../job/lineage.ts';
import { definitions } from '../restore/definitions.ts';
import type { Services } from '../services.ts';
import { nameOf } from '../snapshot/browse.ts';
import { type DescribedObject, describeObject } from '../snapshot/describe.ts';
import type { SnapshotReader } from '../snapshot/store.ts';
import { type AttributeDifference, compareAttributes } from './attributes.ts';
import { knowEnds } from './ends.ts';
import { createLiveReader, findLive } from './live-reader.ts';
import { compareRelationships, idsOf, type RelationshipDifference } from './relationships.ts';

export interface ObjectSide {
  readonly id: Id;
  readonly displayName: string | null;
  /** Of the live side: `deleted` is in the bin. */
  readonly state: 'present' | 'deleted';
}

export interface ObjectComparison {
  /** The snapshot on the left, by id. */
  readonly left: string;
  /** The other snapshot, by id, or `live`. */
  readonly right: string;
  readonly kind: KindName;
  /** null: the object is not there. */
  readonly leftObject: ObjectSide | null;
  readonly rightObject: ObjectSide | null;
  readonly attributes: readonly AttributeDifference[];
  readonly relationships: readonly RelationshipDifference[];
  /** Relationships that one of the sides does not know, so that nothing is said of them. */
  readonly notCompared: readonly string[];
  /** The body of a restore that gives the left side back (R08); absent where there is nothing to give. */
  readonly restoreRequest?: Readonly<Record<string, unknown>>;
}

interface Side {
  readonly record: DirectoryRecord;
  readonly state: ObjectSide['state'];
  readonly captured: readonly string[];
  /** Extensions that synchronization brought. */
  readonly synced?: readonly string[];
  /** Absent for what is in the bin: Graph tells no relationships of it. */
  readonly described?: DescribedObject;
}

/**
 * @param id of the object in either snapshot, or now: recreated objects are followed through all their ids.
 * @param right a reader of the other snapshot, or `live`.
 * @throws AppError `not-found` when neither side has it; `corrupt-snapshot`; as the gateway.
 */
export async function compareObject(
  services: Services,
  connectorId: string,
  kind: KindName,
  id: Id,
  left: SnapshotReader,
  right: SnapshotReader | 'live',
): Promise<ObjectComparison> {
  const line = await lineOf(services.jobs, connectorId, id);
  const before = await sideOf(left, kind, line);
  const after = await (right === 'live'
    ? liveSide(await services.gatewayOf(connectorId), kind, line, left)
    : sideOf(right, kind, line));
  if (before === undefined && after === undefined)
    throw new AppError('not-found', `Neither side of the comparison has such an object among its ${kind}.`);
  const described = [before?.described, after?.described];
  const newest = await newestIds(
    services.jobs,
    connectorId,
    described.flatMap((side) => (side === undefined ? [] : idsOf(side))),
  );
  const definition = allOf(kindOf(kind), [before, after]);
  const attributes = compareAttributes(
    definition,
    { body: before?.record.body, captured: before?.captured ?? definition.captured },
    { body: after?.record.body, captured: after?.captured ?? definition.captured },
  );
  const inBin = after?.state === 'deleted';
  const relationships = inBin
    ? []
    : compareRelationships(before?.described, after?.described, newest, (relation) =>
        knowEnds(relation, right === 'live' ? [left] : [left, right]),
      );
  const unknown = described.flatMap((side) => side?.notCaptured ?? []);
  const inBoth = Object.keys(before?.described?.relationships ?? after?.described?.relationships ?? {});
  return {
    left: left.manifest.id,
    right: right === 'live' ? 'live' : right.manifest.id,
    kind,
    leftObject: shown(kind, before),
    rightObject: shown(kind, after),
    attributes: [...attributes, ...photoDifference(before, after)],
    relationships,
    notCompared: [...new Set([...unknown, ...(inBin ? inBoth : [])])].sort(),
    ...restoreOf(kind, left, before),
  };
}

const shown = (kind: KindName, side: Side | undefined): ObjectSide | null =>
  side === undefined ? null : { id: side.record.id, displayName: nameOf(kind, side.record), state: side.state };

async function sideOf(reader: SnapshotReader, kind: KindName, line: readonly Id[]): Promise<Side | undefined> {
  if (!reader.has(kind)) throw new AppError('not-captured', `Snapshot ${reader.manifest.id} does not hold ${kind}.`);
  const records = await reader.records(kind, line);
  const id = line.findLast((candidate) => records.has(candidate));
  const record = records.get(id ?? '');
  if (record === undefined) return undefined;
  const described = await describeObject(reader, kind, record);
  const { captured = [], synced = [] } = reader.manifest.streams[kind] ?? {};
  return { record, state: 'present', captured, synced, described };
}

/** A kind with the extensions that either side knows. */
function allOf(kind: Kind, sides: readonly (Side | undefined)[]): Kind {
  const names = new Set(sides.flatMap((side) => side?.captured ?? []).filter(isExtension));
  const whole = extended(
    kind,
    [...names].map((name) => ({ name, isSynced: sides.some((side) => side?.synced?.includes(name) === true) })),
  );
  return guardedProperties
    .filter((name) => sides.some((side) => side?.captured.includes(name)))
    .reduce((known, name) => withGuarded(known, name, true), whole);
}

async function liveSide(
  gateway: DirectoryGateway,
  kind: KindName,
  line: readonly Id[],
  names: SnapshotReader,
): Promise<Side | undefined> {
  const definition = await definitions(names, gateway)(kind);
  const found = await findLive(gateway, definition, line);
  if (found === undefined) return undefined;
  // What the app may not read is not known of the live side.
  const captured = [...kindOf(kind).captured, ...(definition.added ?? [])];
  if (found.state === 'deleted') return { record: found, state: 'deleted', captured };
  const described = await describeObject(createLiveReader(gateway, kind, found.id, names), kind, found);
  return { record: found, state: 'present', captured, described };
}

/** A picture is compared by its hash, where both sides know of pictures. */
function photoDifference(left: Side | undefined, right: Side | undefined): AttributeDifference[] {
  const [before, after] = [photoOf(left), photoOf(right)];
  if (before === undefined || after === undefined || before === after) return [];
  const values = { name: 'photo', left: before, right: after };
  return [
    before === null
      ? { ...values, restorable: false, reason: 'attribute-unsupported' }
      : { ...values, restorable: true },
  ];
}

/** The picture's hash; null: none; undefined: not known. */
function photoOf(side: Side | undefined): string | null | undefined {
  if (side === undefined) return null;
  const photo = side.described?.photo;
  return photo === undefined ? undefined : (photo?.sha256 ?? null);
}

function restoreOf(kind: KindName, { manifest }: SnapshotReader, left: Side | undefined) {
  if (left === undefined || kindOf(kind).restoreRank === null) return {};
  return { restoreRequest: { snapshotId: manifest.id, [kind]: [left.record.id] } };
}
