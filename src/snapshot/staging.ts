/**
 * Staged work: what one activity read, as blobs of change lines, and the small document that names them. The document is written
 * last and once; an activity that runs again finds it and does nothing, one that died before it leaves only bytes that are swept.
 */

import type { Connector } from '../connectors/connector.ts';
import type { Extensions } from '../directory/extensions.ts';
import { type Cursor, type ListedOfUsers, listedOfUsers, type SourceName } from '../directory/gateway.ts';
import { isGuarded } from '../directory/guarded-properties.ts';
import { carriedForMs, isKindName, type KindName, kindNames, kindOf } from '../directory/kinds.ts';
import { type UserDetail, userDetails } from '../directory/user-details.ts';
import { AppError } from '../errors.ts';
import type { Bucket } from '../storage/bucket.ts';
import { getJson } from '../storage/json-blob.ts';
import { sha256Of } from '../storage/sha256.ts';
import { createSlotWriter, type SlotWriter, slotSizesOf } from '../storage/slotted-blob.ts';
import { slotCount } from './hash-space.ts';
import { layout, type SnapshotJob, type StagerName } from './layout.ts';
import type { Manifest, Missing, StreamName } from './manifest.ts';
import type { Spent } from './meter.ts';
import type { Stage, StagedStream } from './patches.ts';
import type { Due } from './rolling.ts';

/** Everything a snapshot reads as pages: each kind, and what is listed of all users. */
export const sources: readonly SourceName[] = [...kindNames, ...listedOfUsers];

const isListed = (name: string): name is ListedOfUsers => listedOfUsers.some((listed) => listed === name);

/** Of all there is to read, what a connector keeps. */
export const scopeOf = ({ kinds, exclusions, inclusions }: Pick<Connector, 'kinds' | 'exclusions' | 'inclusions'>) => ({
  sources: sources.filter((source) => {
    if (isKindName(source)) return kinds.includes(source);
    return isGuarded(source) ? inclusions.includes(source) : !exclusions.some((name) => name === source);
  }),
  photos: !exclusions.includes('photos'),
  /** What is asked for user by user, whatever is listed. */
  details: userDetails.filter((name) => !exclusions.includes(name) && !isListed(name)),
});

/** Of what is kept user by user, the streams of a scope. */
export const keptOf = ({ photos, details }: Pick<ReturnType<typeof scopeOf>, 'photos' | 'details'>) => [
  ...(photos ? (['photos'] as const) : []),
  ...details,
];

/** So many users are listed by one request: then a list costs no more than asking whoever changed. */
const listedByOneRequest = 999;

/** Where a snapshot that builds upon another goes on, and what it asks of new and changed users instead of listing it of all. */
export function continuing(
  { sources: all, photos, details }: ReturnType<typeof scopeOf>,
  parent: Manifest,
  asked: { -readonly [source in SourceName]?: Cursor },
  now: Date,
): Pick<Start, 'sources' | 'cursors' | 'details' | 'byUser' | 'carried'> {
  // What is kept of users and was not before is asked of all of them: their source begins anew.
  const wanted: readonly StreamName[] = ['names', ...keptOf({ photos, details })];
  const { users, ...others } = asked;
  const isKept = wanted.every((stream) => parent.streams[stream] !== undefined);
  const cursors: Start['cursors'] = users !== undefined && isKept ? asked : others;
  const isLarge = (parent.streams.users?.count ?? 0) > listedByOneRequest && cursors.users !== undefined;
  const knows = (name: ListedOfUsers): boolean => {
    if (name === 'appRoleAssignments') return parent.streams[name] !== undefined;
    return parent.streams[name === 'sponsors' ? 'links' : 'users']?.captured.includes(name) === true;
  };
  const byUser = listedOfUsers.filter((name) => isLarge && all.includes(name) && knows(name));
  const captures = (kind: KindName) =>
    kindOf(kind).captured.every((name) => parent.streams[kind]?.captured.includes(name) === true);
  const isPatched = Object.keys(cursors).length > 0;
  const isFresh = (kind: KindName): boolean => {
    const read = parent.streams[kind]?.fullDateTime;
    return read !== undefined && now.getTime() - Date.parse(read) < (carriedForMs[kind] ?? 0);
  };
  const carried = kindNames.filter((kind) => isPatched && all.includes(kind) && captures(kind) && isFresh(kind));
  const unread: readonly SourceName[] = [...byUser, ...carried];
  return {
    sources: all.filter((source) => !unread.includes(source)),
    cursors,
    byUser,
    carried,
    details: [...details, ...userDetails.filter((detail) => byUser.some((name) => name === detail))],
  };
}

/** What a snapshot set out to do, fixed by its first activity. */
export interface Start {
  readonly mode: 'full' | 'incremental';
  readonly createdDateTime: string;
  readonly parent?: { readonly id: string; readonly sha256: string };
  /** What is read: the kinds the connector keeps, without its exclusions. */
  readonly sources: readonly SourceName[];
  /** Asked for of new and changed users, not listed. */
  readonly byUser: readonly ListedOfUsers[];
  /** Taken from the parent as they are. */
  readonly carried: readonly KindName[];
  readonly photos: boolean;
  readonly details: readonly UserDetail[];
  /** What is asked again of some users whose turn has come, of new and of changed ones, and patched from the parent's. */
  readonly due: Due;
  /** Asked for beside the properties of the table of kinds. */
  readonly extensions: Extensions;
  /** What could not be found out when it was planned. */
  readonly missing: readonly Missing[];
  /** Where each source begins; absent: at the beginning. */
  readonly cursors: Readonly<Partial<Record<SourceName, Cursor>>>;
}

export interface StagedBlob {
  readonly stream: StagedStream;
  readonly name: string;
  /** Bytes per slot. */
  readonly sizes: readonly number[];
}

export interface StageRecord extends Spent {
  readonly blobs: readonly StagedBlob[];
  /** Changes of objects staged by this stager since it last began, this one's included. */
  readonly objects: number;
  /** Where the next activity goes on; absent with the last. */
  readonly next?: Cursor;
  readonly deltaLink?: Cursor;
  /** The source was refused its place: all before this is void, the next activity begins at the beginning. */
  readonly restart?: true;
  /** The pages since the beginning (or the restart) are all there is, not what changed. */
  readonly inFull: boolean;
  /** Times this source has begun anew. */
  readonly restarts: number;
  /** Compressed bytes stored for good, not staged. */
  readonly bytesWritten?: number;
}

/** Collects lines until they are worth a blob. */
export interface Stager {
  readonly stage: Stage;
  bytes(): number;
  store(bucket: Bucket, job: SnapshotJob, name: StagerName, seq: number): Promise<StagedBlob[]>;
}

export function createStager(): Stager {
  const writers = new Map<StagedStream, SlotWriter>();
  return {
    stage(stream, { slot, line }) {
      const writer = writers.get(stream) ?? createSlotWriter(slotCount);
      writers.set(stream, writer);
      writer.append(slot, line);
    },
    bytes: () => [...writers.values()].reduce((sum, writer) => sum + writer.bytes(), 0),
    store: (bucket, job, stager, seq) =>
      Promise.all(
        [...writers].map(async ([stream, writer]): Promise<StagedBlob> => {
          const content = writer.finish();
          const hash = sha256Of(content).slice(0, 16);
          const name = layout.staged(job, stager, seq, stream, hash);
          await bucket.put(name, content);
          return { stream, name, sizes: slotSizesOf(content) };
        }),
      ),
  };
}

/** Writes the document of a stage; answers the one that stands, which is another's where an earlier run got there first. */
export async function recordStage(
  bucket: Bucket,
  job: SnapshotJob,
  stager: StagerName,
  seq: number,
  record: StageRecord,
): Promise<StageRecord> {
  const name = layout.stage(job, stager, seq);
  if (await bucket.putIfAbsent(name, Buffer.from(JSON.stringify(record)))) return record;
  return (await getJson<StageRecord>(bucket, name)) ?? record;
}

export const stageAt = (bucket: Bucket, job: SnapshotJob, stager: StagerName, seq: number) =>
  getJson<StageRecord>(bucket, layout.stage(job, stager, seq));

/** All stages of a stager in order; `valid` are those since it last began anew. */
export async function stagesOf(bucket: Bucket, job: SnapshotJob, stager: StagerName) {
  const all: StageRecord[] = [];
  for await (const { name } of bucket.list(layout.stages(job, stager))) {
    const record = await getJson<StageRecord>(bucket, name);
    if (record !== undefined) all.push(record);
  }
  const valid = all.slice(all.findLastIndex(({ restart }) => restart === true) + 1);
  return { all, valid };
}

export async function startOf(bucket: Bucket, job: SnapshotJob): Promise<Start> {
  const start = await getJson<Start>(bucket, layout.start(job));
  if (start === undefined) throw new AppError('internal', `Snapshot ${job.jobId} has no beginning. Start it again.`);
  return start;
}

/** Deletes everything with a prefix, some at once. */
export async function deleteAll(
  bucket: Bucket,
  prefix: string,
  keep: (name: string) => boolean = () => false,
): Promise<void> {
  let batch: Promise<void>[] = [];
  for await (const { name } of bucket.list(prefix)) {
    if (keep(name)) continue;
    batch.push(bucket.delete(name));
    if (batch.length === 16) {
      await Promise.all(batch);
      batch = [];
    }
  }
  await Promise.all(batch);
}
