/** Reading a source: pages from Graph become staged changes, a bounded run of pages per activity. */
import type { Change, Cursor, Page, SourceName } from '../directory/gateway.ts';
import { isKindName, kindOf } from '../directory/kinds.ts';
import { AppError, isAppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { namesOf } from './extensions.ts';
import type { SnapshotJob } from './layout.ts';
import type { Meter } from './meter.ts';
import { stageChange } from './patches.ts';
import { createStager, recordStage, type StageRecord, stageAt, startOf } from './staging.ts';

/** One activity ends after so much: little is lost when it dies, and a worker's memory stays small. */
const maxStagedBytes = 4 * 1024 * 1024;
const maxPages = 50;
const maxMs = 60_000;

/** A source whose place is refused so often within one snapshot is not going to be read by it. */
const maxRestarts = 3;

export interface StagedPages {
  readonly done: boolean;
  /** Objects of this source so far. */
  readonly objects: number;
}

/**
 * Stages the next pages of a source.
 * @throws AppError as `DirectoryGateway.readPage`; `token-expired` only when beginning anew did not help.
 */
export async function stageSource(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  source: SourceName,
  seq: number,
): Promise<StagedPages> {
  const { bucket } = services;
  const record = (await stageAt(bucket, job, source, seq)) ?? (await read(services, meter, job, source, seq));
  return { done: record.restart !== true && record.next === undefined, objects: record.objects };
}

async function read(
  services: Services,
  meter: Meter,
  job: SnapshotJob,
  source: SourceName,
  seq: number,
): Promise<StageRecord> {
  const { bucket, clock } = services;
  const gateway = await services.gatewayOf(job.connectorId);
  const before = await placeOf(services, job, source, seq);
  const { extensions, cursors } = await startOf(bucket, job);
  const also = isKindName(source) ? namesOf(extensions, source) : [];
  const startsEmpty = cursors.users === undefined;
  const stager = createStager();
  const until = clock().getTime() + maxMs;
  let { objects, cursor } = before;
  let page: Page = { changes: [] };
  try {
    for (let pages = 0; pages < maxPages && stager.bytes() < maxStagedBytes && clock().getTime() < until; pages += 1) {
      page = await gateway.readPage(source, cursor, also);
      for (const change of page.changes) {
        if (startsEmpty && tellsNothing(change)) continue;
        stageChange(change, stager.stage);
        if (change.change === 'set') objects += 1;
      }
      cursor = page.next;
      if (cursor === undefined) break;
    }
  } catch (error) {
    if (!isAppError(error, 'token-expired')) throw error;
    return recordStage(bucket, job, source, seq, restarted(before.restarts, source, meter.take(gateway)));
  }
  return recordStage(bucket, job, source, seq, {
    blobs: await stager.store(bucket, job, source, seq),
    objects,
    ...(cursor === undefined ? {} : { next: cursor }),
    ...(page.deltaLink === undefined ? {} : { deltaLink: page.deltaLink }),
    inFull: before.inFull,
    restarts: before.restarts,
    ...meter.take(gateway),
  });
}

/** That a user has none of something, where nothing is known of users that could be cleared. */
const tellsNothing = (change: Change): boolean =>
  change.change === 'also' && Object.values(change.body).every((value) => value === null);

interface Place {
  readonly cursor: Cursor | undefined;
  readonly inFull: boolean;
  readonly restarts: number;
  readonly objects: number;
}

/** Where an activity goes on: at the snapshot's start, where the one before left off, or at the beginning again. */
async function placeOf({ bucket }: Services, job: SnapshotJob, source: SourceName, seq: number): Promise<Place> {
  if (seq === 0) {
    const cursor = (await startOf(bucket, job)).cursors[source];
    return { cursor, inFull: cursor === undefined, restarts: 0, objects: 0 };
  }
  const previous = await stageAt(bucket, job, source, seq - 1);
  if (previous === undefined)
    throw new AppError('internal', `Part ${seq - 1} of ${source} is not staged. Start again.`);
  const { restart, next, inFull, restarts, objects } = previous;
  if (restart) return { cursor: undefined, inFull: true, restarts, objects: 0 };
  if (next === undefined) throw new AppError('internal', `${source} is staged to its end already. Start again.`);
  return { cursor: next, inFull, restarts, objects };
}

function restarted(before: number, source: SourceName, spent: ReturnType<Meter['take']>): StageRecord {
  if (before >= maxRestarts) {
    throw new AppError(
      'token-expired',
      `Graph refused ${maxRestarts + 1} times to go on with ${source}. Try again later.`,
    );
  }
  return { blobs: [], objects: 0, restart: true, inFull: true, restarts: before + 1, ...spent };
}

/** A source whose pages carry a delta link at their end. */
export const hasDelta = (source: SourceName): boolean => isKindName(source) && kindOf(source).read === 'delta';
