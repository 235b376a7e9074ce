/** The lines in which one stream of two snapshots differs. Shards of equal content have equal names and are never opened. */
import type { Id } from '../directory/record.ts';
import { overlappingShards, shardOf } from '../snapshot/hash-space.ts';
import type { StreamName } from '../snapshot/manifest.ts';
import { idOfLine } from '../snapshot/record-line.ts';
import type { SnapshotReader } from '../snapshot/store.ts';

export interface ChangedLine {
  readonly id: Id;
  /** Absent: only the right side has the record. */
  readonly left?: string;
  /** Absent: only the left side has the record. */
  readonly right?: string;
}

/** Every id whose line differs, once, in no order that means anything. A side that lacks the stream has no lines. */
export async function* changedLines(
  left: SnapshotReader,
  right: SnapshotReader,
  stream: StreamName,
): AsyncGenerator<ChangedLine> {
  const [ours, theirs] = [left.manifest.streams[stream], right.manifest.streams[stream]];
  // Cut alike by the coarser of the two: a shard of one is then a whole number of shards of the other.
  const cuts = Math.min(ours?.shardCount ?? 1, theirs?.shardCount ?? 1);
  for (let cut = 0; cut < cuts; cut += 1) {
    const before = shardsOf(left, stream, cut, cuts);
    const after = shardsOf(right, stream, cut, cuts);
    if (namesOf(left, stream, before) === namesOf(right, stream, after)) continue;
    yield* differing(await linesOf(left, stream, before), await linesOf(right, stream, after));
  }
}

function shardsOf(reader: SnapshotReader, stream: StreamName, cut: number, cuts: number): readonly number[] {
  const count = reader.manifest.streams[stream]?.shardCount;
  if (count === undefined) return [];
  const { from, to } = overlappingShards(cut, cuts, count);
  return Array.from({ length: to - from }, (_, at) => from + at);
}

const namesOf = (reader: SnapshotReader, stream: StreamName, shards: readonly number[]): string =>
  shards.map((shard) => reader.manifest.streams[stream]?.shards[shard]?.name ?? '').join(' ');

async function linesOf(
  reader: SnapshotReader,
  stream: StreamName,
  shards: readonly number[],
): Promise<ReadonlyMap<Id, string>> {
  const lines = new Map<Id, string>();
  for (const shard of shards) for (const line of await reader.lines(stream, shard)) lines.set(idOfLine(line), line);
  return lines;
}

function* differing(left: ReadonlyMap<Id, string>, right: ReadonlyMap<Id, string>): Generator<ChangedLine> {
  for (const [id, line] of left) {
    const other = right.get(id);
    if (other === undefined) yield { id, left: line };
    else if (other !== line) yield { id, left: line, right: other };
  }
  for (const [id, line] of right) if (!left.has(id)) yield { id, right: line };
}

/** Whether the shard of an id is another one in the second snapshot: cheap enough to ask of hundreds of snapshots. */
export function mayDiffer(left: SnapshotReader, right: SnapshotReader, stream: StreamName, id: Id): boolean {
  const [ours, theirs] = [left.manifest.streams[stream], right.manifest.streams[stream]];
  if (ours === undefined || theirs === undefined) return ours !== theirs;
  if (ours.shardCount !== theirs.shardCount) return true;
  const shard = shardOf(id, ours.shardCount);
  return ours.shards[shard]?.name !== theirs.shards[shard]?.name;
}
