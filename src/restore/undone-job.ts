/** What a job that is to be undone did to the objects of one chunk, as its own traces tell, and how these objects are now. */
import { type Candidate, sought } from '../directory/gateway.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { madeBy } from '../job/job-store.ts';
import { getLines } from '../storage/json-blob.ts';
import type { JobContext } from './job-context.ts';
import { beforeOf } from './journal.ts';
import { layout } from './layout.ts';
import { asideName, nameProperty } from './name-rings.ts';
import { asDecided } from './new-users.ts';
import type { ObjectOutcome } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { displayNameOf, type PlannedObject } from './planning.ts';
import type { Done } from './reversing.ts';

export interface Undoable {
  readonly index: number;
  readonly id: Id;
  readonly liveId: Id;
  readonly displayName?: string;
  /** Undefined: the job did not write to the object itself. */
  readonly done?: Done;
  readonly live?: Candidate;
  readonly binned: boolean;
}

/** The same job, as its own activities saw it. */
export const undoneJob = (context: JobContext): JobContext => ({
  ...context,
  jobId: context.request.undoes ?? context.jobId,
});

/** @param places of the chunk. */
export async function undoables(context: JobContext, chunk: number, places: readonly number[]): Promise<Undoable[]> {
  const job = undoneJob(context);
  const { definition, ids } = await context.chunk(chunk);
  const outcomes = await outcomesAt(job, chunk, places);
  const asked = places.map((index) => ids[index] ?? '');
  const ledger = await job.jobs.successors(job.connectorId, asked);
  const records = await context.reader.records(definition.name, asked);
  // Only of an object without an outcome is the plan the one to ask.
  const isTold = places.every((index) => outcomes.has(index));
  const planned = isTold ? [] : ((await getLines<PlannedObject>(job.bucket, layout.plan(job, chunk))) ?? []);
  const objects = await Promise.all(
    places.map(async (index) => {
      const id = ids[index] ?? '';
      const outcome = outcomes.get(index);
      const entry = ledger.get(id);
      const ours = entry?.jobId === job.jobId ? entry.newId : undefined;
      const liveId = outcome?.newId ?? ours ?? id;
      const isCreation = planned[index]?.action === 'create';
      const made = outcome === undefined ? isCreation && ours !== undefined && madeBy(entry, job.jobId) : undefined;
      const record = records.get(id);
      const isMade = made ?? outcome?.result === 'created';
      const left = record && isMade ? asDecided(job.request, definition.name, record) : record;
      const done = await doneTo(job, liveId, outcome, left, isMade);
      return { index, id, liveId, ...(record && displayNameOf(record)), ...(done && { done }) };
    }),
  );
  const live = await context.gateway.find(
    objects.map(({ liveId }) => ({ by: 'id' as const, ...sought(definition), id: liveId })),
  );
  const away = objects.filter(({ done }, place) => done !== undefined && live[place]?.length === 0);
  const binned = definition.softDeleted
    ? await context.gateway.find(
        away.map(({ liveId }) => ({ by: 'deleted-id' as const, kind: definition.name, id: liveId })),
      )
    : [];
  const inBin = new Set(away.filter((_, place) => (binned[place]?.length ?? 0) > 0).map(({ index }) => index));
  return objects.map((object, place) => {
    const found = live[place]?.[0];
    return { ...object, ...(found && { live: found }), binned: inBin.has(object.index) };
  });
}

async function outcomesAt(
  job: JobContext,
  chunk: number,
  places: readonly number[],
): Promise<ReadonlyMap<number, ObjectOutcome>> {
  const [only, ...more] = places;
  if (only === undefined || more.length > 0) return outcomesOf(job, chunk);
  const stored = await job.jobs.getOutcome(job.jobId, chunk, only);
  return new Map(stored === undefined ? [] : [[only, JSON.parse(stored.json) as ObjectOutcome]]);
}

/** An answer that was lost may hide a write: what was meant to be written counts beside what is known to be. */
async function doneTo(
  job: JobContext,
  liveId: Id,
  outcome: ObjectOutcome | undefined,
  record: DirectoryRecord | undefined,
  created: boolean,
): Promise<Done | undefined> {
  const isNew = created && outcome?.result !== 'failed';
  const before = isNew ? undefined : await beforeOf(job, job, liveId);
  if (!isNew && before === undefined) return undefined;
  const reported = outcome?.attributes.filter(({ name, result }) => result === 'done' && name !== 'photo') ?? [];
  const names = new Set([...(before?.names ?? []), ...reported.map(({ name }) => name)]);
  return {
    how: isNew ? 'created' : before?.deleted === true ? 'undeleted' : 'updated',
    written: [...names].map((name) => {
      const was = before?.body[name] ?? null;
      const stop =
        name === nameProperty && typeof was === 'string' ? { between: asideName({ liveId, from: was }) } : {};
      return { name, before: was, ...stop, after: record?.body[name] ?? null };
    }),
  };
}
