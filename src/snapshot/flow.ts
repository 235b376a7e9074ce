/**
 * The order of a snapshot: read every source side by side, and what is asked user by user as soon as users are read; then fold, then seal. Only orders: every value it holds is a
 * name, a number or a code. No history passes `maxActivitiesPerFlow` activities: a long source goes on in a fresh history, many parts
 * are cut into sub-orchestrations.
 */
import type { OrchestrationContext } from 'durable-functions';
import type { SourceName } from '../directory/gateway.ts';
import { isKindName } from '../directory/kinds.ts';
import type { UserDetail } from '../directory/user-details.ts';
import { failureOf } from '../durable/activity.ts';
import { caller, type Flow, maxActivitiesPerFlow, slices } from '../durable/orchestration.ts';
import type { AppError, ErrorCode } from '../errors.ts';
import type { SnapshotActivities } from './activities.ts';
import type { SnapshotJob } from './layout.ts';
import type { Missing, StreamName } from './manifest.ts';
import type { SlotRange } from './slot-ranges.ts';

export interface SnapshotInput extends SnapshotJob {
  /** Default: incremental where there is a complete snapshot to go on from, and a full one every seven days (R61). */
  readonly mode?: 'full' | 'incremental';
}

/** A sub-orchestration's failure, returned: thrown, only text would survive. */
interface Failure {
  readonly failure: { readonly code: ErrorCode; readonly message: string };
}
/** `missing`: what else could not be read on the way. */
type Outcome = (Failure | { readonly failure?: undefined }) & { readonly missing?: readonly Unread[] };
type Unread = Failure['failure'] & { readonly kind: string };

/** These say that the whole snapshot cannot go on; any other code spoils one source alone (R60). */
const fatal: readonly ErrorCode[] = ['storage-unreachable', 'internal', 'corrupt-snapshot'];

export function* snapshotFlow(context: OrchestrationContext): Flow<{ status: string }> {
  const { mode, ...job } = context.df.getInput<SnapshotInput>();
  const { call } = caller<SnapshotActivities>(context);
  try {
    progress(context, 'reading', 0, 0);
    const { sources } = yield* call('beginSnapshot', { ...job, mode });
    progress(context, 'reading', 0, sources.length);
    const missing = yield* readSources(context, job, sources);
    if (sources.every((source) => !isKindName(source) || missing.some(({ kind }) => kind === source))) {
      throw missingError(job, missing[0]);
    }
    yield* call('settleManagers', { ...job, missing });
    yield* foldStreams(context, job, missing);
    progress(context, 'sealing', 0, 1);
    yield* call('sealSnapshot', { ...job, missing });
    const status = yield* call('endSnapshot', job);
    progress(context, 'sealing', 1, 1);
    return { status };
  } catch (thrown) {
    const { code, message } = failureOf(thrown);
    yield* call('failSnapshot', { ...job, code, message });
    return { status: 'failed' };
  }
}

/** With no kind read there is no snapshot, and the first reason is the job's. */
const missingError = ({ connectorId }: SnapshotJob, first: Missing | undefined): AppError => {
  const message = `Nothing of connector ${connectorId} could be read: ${first?.message ?? ''}`;
  return failureOf(new Error(`[${first?.code ?? 'internal'}] ${message}`));
};

const progress = (context: OrchestrationContext, phase: string, done: number, total: number) =>
  context.df.setCustomStatus({ phase, progress: { done, total } });

/** Reads all sources side by side; answers what could not be read. */
function* readSources(
  context: OrchestrationContext,
  job: SnapshotJob,
  sources: readonly SourceName[],
): Flow<Missing[]> {
  const { flowEach } = caller<SnapshotActivities>(context);
  const flows = sources.map((source) => ({
    name: source === 'users' ? 'readUsersFlow' : 'readSourceFlow',
    input: { ...job, source, seq: 0 } satisfies ReadInput,
  }));
  const outcomes = yield* flowEach<Outcome>(flows);
  return outcomes.flatMap(({ failure, missing = [] }, index) => [
    ...missingOr(failure, sources[index] ?? ''),
    ...missing.flatMap(({ kind, ...one }) => missingOr(one, kind)),
  ]);
}

function missingOr(failure: Failure['failure'] | undefined, kind: string): Missing[] {
  if (failure === undefined) return [];
  if (fatal.includes(failure.code)) throw failureOf(new Error(`[${failure.code}] ${failure.message}`));
  return [{ kind, ...failure }];
}

interface ReadInput extends SnapshotJob {
  readonly source: SourceName;
  readonly seq: number;
}

/** One source to its end, in a fresh history every so many activities; the place it has reached lies in storage. */
export function* readSourceFlow(context: OrchestrationContext): Flow<Outcome> {
  const input = context.df.getInput<ReadInput>();
  const { call } = caller<SnapshotActivities>(context);
  try {
    const until = input.seq + maxActivitiesPerFlow;
    for (let seq = input.seq; seq < until; seq += 1) {
      const { done } = yield* call('stagePages', { ...input, seq });
      if (done) return {};
    }
    context.df.continueAsNew({ ...input, seq: until });
    return {};
  } catch (thrown) {
    return failed(failureOf(thrown));
  }
}

const failed = ({ code, message }: AppError): Failure => ({ failure: { code, message } });

/** Users to their end, then what is asked of them one by one, while larger sources are still being read. */
export function* readUsersFlow(context: OrchestrationContext): Flow<Outcome> {
  const input = context.df.getInput<ReadInput>();
  const { flowAll } = caller<SnapshotActivities>(context);
  const [outcome] = yield* flowAll<Outcome>('readSourceFlow', [input]);
  if (outcome?.failure !== undefined) return outcome;
  try {
    const { connectorId, jobId } = input;
    return { missing: yield* readUserDetails(context, { connectorId, jobId }) };
  } catch (thrown) {
    return failed(failureOf(thrown));
  }
}

/** What only per-user calls give, for new and changed users and those whose turn has come. */
function* readUserDetails(context: OrchestrationContext, job: SnapshotJob): Flow<Unread[]> {
  const { call, flowAll } = caller<SnapshotActivities>(context);
  const { ranges, refresh, sponsors, photos, details } = yield* call('planUserDetails', job);
  if (ranges.length === 0) return [];
  const asked: readonly DetailsInput['asked'][] = [
    ...(refresh ? (['licenses'] as const) : []),
    ...(sponsors ? (['sponsors'] as const) : []),
    ...(photos ? (['photos'] as const) : []),
    ...details,
  ];
  const found: Unread[] = [];
  // One after another: side by side they would share the same requests in flight, and fill memory together.
  for (const one of asked) {
    const [outcome] = yield* flowAll<Outcome>('readUserDetailsFlow', [
      { ...job, ranges, asked: one } satisfies DetailsInput,
    ]);
    if (outcome?.failure !== undefined) found.push({ kind: one, ...outcome.failure });
  }
  return found;
}

interface DetailsInput extends SnapshotJob {
  /** What is asked for, and what is named as missing when it could not be read. */
  readonly asked: 'licenses' | 'sponsors' | 'photos' | UserDetail;
  readonly ranges: readonly SlotRange[];
}

export function* readUserDetailsFlow(context: OrchestrationContext): Flow<Outcome> {
  const { asked, ranges, ...job } = context.df.getInput<DetailsInput>();
  const { callAll } = caller<SnapshotActivities>(context);
  try {
    const inputs = ranges.map((range, seq) => ({ ...job, ...range, seq }));
    // A few at a time: after a first refusal the rest need not be tried.
    for (const some of slices(inputs, rangesAtOnce)) {
      if (asked === 'licenses') yield* callAll('refreshUsers', some);
      else if (asked === 'sponsors') yield* callAll('stageSponsors', some);
      else if (asked === 'photos') yield* callAll('stagePhotos', some);
      else {
        const detailed = some.map((input) => ({ ...input, detail: asked }));
        yield* callAll('stageDetails', detailed);
      }
    }
    return {};
  } catch (thrown) {
    return failed(failureOf(thrown));
  }
}

const rangesAtOnce = 4;

interface FoldInput extends SnapshotJob {
  readonly parts: readonly { readonly stream: StreamName; readonly part: number }[];
}

function* foldStreams(context: OrchestrationContext, job: SnapshotJob, missing: readonly Missing[]): Flow<void> {
  const { call, flowAll } = caller<SnapshotActivities>(context);
  progress(context, 'folding', 0, 0);
  const plans = yield* call('planFolds', { ...job, missing });
  const parts = plans.flatMap(({ stream, parts }) => Array.from({ length: parts }, (_, part) => ({ stream, part })));
  let done = 0;
  progress(context, 'folding', done, parts.length);
  for (const some of slices(parts, maxActivitiesPerFlow)) {
    const [outcome] = yield* flowAll<Outcome>('foldStreamsFlow', [{ ...job, parts: some } satisfies FoldInput]);
    if (outcome?.failure !== undefined) missingOr({ ...outcome.failure, code: fatalCode(outcome.failure.code) }, '');
    done += some.length;
    progress(context, 'folding', done, parts.length);
  }
}

/** A fold reads no source, so any failure of it is the snapshot's. */
const fatalCode = (code: ErrorCode): ErrorCode => (fatal.includes(code) ? code : 'internal');

export function* foldStreamsFlow(context: OrchestrationContext): Flow<Outcome> {
  const { parts, ...job } = context.df.getInput<FoldInput>();
  const { callAll } = caller<SnapshotActivities>(context);
  try {
    yield* callAll(
      'foldStream',
      parts.map((part) => ({ ...job, ...part })),
    );
    return {};
  } catch (thrown) {
    return failed(failureOf(thrown));
  }
}

/** Every orchestration of a snapshot, for registration. */
export const snapshotFlows = {
  snapshotFlow,
  readSourceFlow,
  readUsersFlow,
  readUserDetailsFlow,
  foldStreamsFlow,
} as const;
