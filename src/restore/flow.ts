/**
 * The order of a restore: choose, plan, then all objects (kinds in rank order, one activity each), then all links, then the proof and
 * the report. Only orders: every value it holds is a count or a name. No history passes `maxActivitiesPerFlow` activities; larger
 * jobs are cut into sub-orchestrations.
 */
import type { OrchestrationContext } from 'durable-functions';
import { failureOf } from '../durable/activity.ts';
import { type Caller, caller, type Flow, maxActivitiesPerFlow, slices } from '../durable/orchestration.ts';
import type { Job } from '../job/job.ts';
import type { RestoreActivities } from './activities.ts';
import type { Settling } from './conflicts.ts';
import type { SelectedKind, Selection } from './job-context.ts';
import { chunkSize, type JobInput, linkPartsOf, linkSlots } from './layout.ts';
import type { PlannedLinks } from './linking.ts';

/** Chunks of objects restored side by side: with ten activities at once in a host, a second chunk only fills the first one's tail. */
const chunksAtOnce = 4;

/** Chunks whose sub-orchestrations one history holds: 8,000 objects, and a million of them in 125 further ones. */
const chunksPerFlow = 40;

interface Totals {
  readonly chunks: number;
  readonly total: number;
}

export function* restoreFlow(context: OrchestrationContext): Flow<{ status: string }> {
  const input = context.df.getInput<JobInput>();
  const job = { jobId: input.jobId, connectorId: input.connectorId };
  const { call } = caller<RestoreActivities>(context);
  let writing: { readonly chunks: number } | undefined;
  try {
    context.df.setCustomStatus({ phase: 'planning', progress: { done: 0, total: 0 } });
    const selection = yield* call('beginRestore', job);
    const chunks = selection.kinds.reduce((sum, kind) => sum + kind.chunks, 0);
    const all = Array.from({ length: chunks }, (_, chunk) => chunk);
    const status = progressIn(context, { chunks, total: selection.total });

    yield* eachChunk(context, job, 'plan', all);
    const planned = yield* call('endPlanning', { ...job, chunks });
    if (selection.dryRun) {
      yield* call('endPlan', { ...job, planned });
      return { status: 'completed' };
    }

    writing = { chunks };
    const none = { done: 0, total: selection.total };
    const allDone = { done: selection.total, total: selection.total };
    const objects = function* (): Flow<void> {
      yield* call('enterPhase', { ...job, phase: 'objects', progress: none });
      yield* restoreObjects(context, job, selection, (done) => status('objects', done));
      yield* restoreConflicted(context, job, all);
    };
    if (!selection.linksFirst) yield* objects();
    const linking = selection.linksFirst ? none : allDone;
    yield* call('enterPhase', { ...job, phase: 'linking', progress: linking });
    status('linking', linking.done);
    const linkParts = yield* restoreLinks(context, job, all);
    if (selection.linksFirst) yield* objects();

    yield* call('enterPhase', { ...job, phase: 'verifying', progress: allDone });
    status('verifying', selection.total);
    yield* eachChunk(context, job, 'verify', all, linkParts);
    yield* eachChunk(context, job, 'report', all, linkParts);
    return { status: yield* call('endRestore', { ...job, chunks, linkParts }) };
  } catch (thrown) {
    const { code, message } = failureOf(thrown);
    return { status: yield* breakOff(context, job, { code, message }, writing) };
  }
}

/** What was done before a job broke off is reported all the same, which needs no Graph; of one that never came to write there is nothing. */
function* breakOff(
  context: OrchestrationContext,
  job: JobInput,
  error: NonNullable<Job['error']>,
  writing: { readonly chunks: number } | undefined,
): Flow<string> {
  const { call } = caller<RestoreActivities>(context);
  if (writing !== undefined) {
    const { chunks } = writing;
    try {
      const all = Array.from({ length: chunks }, (_, chunk) => chunk);
      yield* eachChunk(context, job, 'report-as-left', all);
      return yield* call('endRestore', { ...job, chunks, linkParts: 0, error });
    } catch {
      // Then nothing can be told but why it broke off in the first place.
    }
  }
  yield* call('failRestore', { ...job, ...error });
  return 'failed';
}

const progressIn =
  (context: OrchestrationContext, { total }: Totals) =>
  (phase: string, done: number) =>
    context.df.setCustomStatus({ phase, progress: { done, total } });

/** One sub-orchestration a chunk, a few at once; a kind only begins when the one before has ended. */
function* restoreObjects(
  context: OrchestrationContext,
  job: JobInput,
  selection: Selection,
  progress: (done: number) => void,
): Flow<void> {
  const { flowAll } = caller<RestoreActivities>(context);
  let done = 0;
  const more = (count: number) => {
    done += count;
    progress(done);
  };
  more(0);
  for (const kind of selection.kinds) {
    if (kind.chunks <= chunksPerFlow) yield* inWaves(context, chunkInputs(job, kind), more);
    else
      for (const part of partsOf(kind)) {
        yield* flowAll('restoreChunksFlow', [{ ...job, ...part } satisfies ChunksInput]);
        more(part.count);
      }
  }
}

type ChunksInput = JobInput & Pick<SelectedKind, 'firstChunk' | 'chunks' | 'count'>;

/** The chunks of a kind, so many as one history holds at a time. */
export function* partsOf({ firstChunk, chunks, count }: SelectedKind): Generator<Omit<ChunksInput, keyof JobInput>> {
  for (let place = 0; place < chunks; place += chunksPerFlow)
    yield {
      firstChunk: firstChunk + place,
      chunks: Math.min(chunksPerFlow, chunks - place),
      count: Math.min(chunksPerFlow * chunkSize, count - place * chunkSize),
    };
}

/** Some chunks of a large kind, in a history of their own. */
export function* restoreChunksFlow(context: OrchestrationContext): Flow<void> {
  const { firstChunk, chunks, count, ...job } = context.df.getInput<ChunksInput>();
  yield* inWaves(context, chunkInputs(job, { firstChunk, chunks, count }), () => undefined);
}

function* inWaves(
  context: OrchestrationContext,
  inputs: readonly ChunkInput[],
  more: (count: number) => void,
): Flow<void> {
  const { flowAll } = caller<RestoreActivities>(context);
  for (const wave of slices(inputs, chunksAtOnce)) {
    yield* flowAll('restoreChunkFlow', wave);
    more(wave.reduce((sum, { size }) => sum + size, 0));
  }
}

interface ChunkInput extends JobInput {
  readonly chunk: number;
  readonly size: number;
}

const chunkInputs = (job: JobInput, { firstChunk, chunks, count }: Omit<ChunksInput, keyof JobInput>): ChunkInput[] =>
  Array.from({ length: chunks }, (_, place) => ({
    ...job,
    chunk: firstChunk + place,
    size: Math.min(chunkSize, count - place * chunkSize),
  }));

/** One restore activity per object of a chunk. */
export function* restoreChunkFlow(context: OrchestrationContext): Flow<number> {
  const { size, ...chunk } = context.df.getInput<ChunkInput>();
  const { callAll } = caller<RestoreActivities>(context);
  const inputs = Array.from({ length: size }, (_, index) => ({ ...chunk, index }));
  return (yield* callAll('restoreUser', inputs)).length;
}

/** Whoever gets his name back sets another one free, who may be of an earlier chunk: again, for as long as that goes on. */
function* restoreConflicted(context: OrchestrationContext, job: JobInput, chunks: readonly number[]): Flow<void> {
  for (let open = chunks; open.length > 0; ) {
    const found = yield* eachChunk<Settling>(context, job, 'conflicts', open);
    if (found.every(({ settled }) => settled === 0)) return;
    open = open.filter((_, place) => (found[place]?.open ?? 0) > 0);
  }
}

type Stage = 'plan' | 'conflicts' | 'verify' | 'report' | 'report-as-left' | 'link';

interface StageInput extends JobInput {
  readonly stage: Stage;
  readonly chunks: readonly number[];
  readonly linkParts: number;
}

/** Runs one activity per chunk, in sub-orchestrations once there are many; results in the order of the chunks. */
function* eachChunk<T>(
  context: OrchestrationContext,
  job: JobInput,
  stage: Stage,
  chunks: readonly number[],
  linkParts = 0,
): Flow<T[]> {
  const { flowAll } = caller<RestoreActivities>(context);
  const results: T[] = [];
  for (const wave of slices(slices(chunks, maxActivitiesPerFlow), 1)) {
    const inputs = wave.map((some): StageInput => ({ ...job, stage, chunks: some, linkParts }));
    for (const part of yield* flowAll<T[]>('restoreStageFlow', inputs)) results.push(...part);
  }
  return results;
}

/** One stage of up to `maxActivitiesPerFlow` chunks. */
export function* restoreStageFlow(context: OrchestrationContext): Flow<unknown[]> {
  const { stage, chunks, linkParts, jobId, connectorId } = context.df.getInput<StageInput>();
  const calls: Caller<RestoreActivities> = caller<RestoreActivities>(context);
  const inputs = chunks.map((chunk) => ({ jobId, connectorId, chunk }));
  const withParts = inputs.map((input) => ({ ...input, linkParts }));
  switch (stage) {
    case 'plan':
      return yield* calls.callAll('planRestoreChunk', inputs);
    case 'conflicts':
      return yield* calls.callAll('settleRestoreConflicts', inputs);
    case 'link':
      return yield* calls.callAll('planRestoreLinks', inputs);
    case 'verify':
      return yield* calls.callAll('verifyRestoreChunk', withParts);
    case 'report':
      return yield* calls.callAll('reportRestoreChunk', withParts);
    case 'report-as-left':
      return yield* calls.callAll('reportRestoreChunkAsLeft', inputs);
  }
}

/**
 * All links, once all objects are there: cut by the object that is written, so that no two activities write to one; then, by one activity,
 * those that shut what they link to. Returns how many activities wrote links.
 */
function* restoreLinks(context: OrchestrationContext, job: JobInput, chunks: readonly number[]): Flow<number> {
  const { call, flowAll } = caller<RestoreActivities>(context);
  const planned = yield* eachChunk<PlannedLinks>(context, job, 'link', chunks);
  const parts = linkPartsOf(planned.reduce((sum, { steps }) => sum + steps, 0));
  if (parts > 0) yield* flowAll('restoreLinksFlow', [{ ...job, parts, chunks: chunks.length }]);
  if (planned.every(({ last }) => last === 0)) return parts;
  const all = { from: 0, to: linkSlots, chunks: chunks.length, last: true };
  yield* call('writeRestoreLinks', { ...job, ...all, part: parts });
  return parts + 1;
}

/** The linking stage: one activity per range of slots. */
export function* restoreLinksFlow(context: OrchestrationContext): Flow<number> {
  const { parts, ...job } = context.df.getInput<JobInput & { parts: number; chunks: number }>();
  const { callAll } = caller<RestoreActivities>(context);
  const at = (part: number) => Math.floor((part * linkSlots) / parts);
  const inputs = Array.from({ length: parts }, (_, part) => ({
    ...job,
    part,
    from: at(part),
    to: at(part + 1),
    last: false,
  }));
  return (yield* callAll('writeRestoreLinks', inputs)).reduce((sum, { done }) => sum + done, 0);
}

/** Every orchestration of a restore, for registration. */
export const restoreFlows = {
  restoreFlow,
  restoreChunksFlow,
  restoreChunkFlow,
  restoreStageFlow,
  restoreLinksFlow,
} as const;
