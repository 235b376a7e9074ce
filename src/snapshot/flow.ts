/**
 * The order of a snapshot: read every source side by side, and photos as soon as users are read; fold what came, and meanwhile ask for the
 * rest that is told user by user; fold that, then seal. Only orders: every value it holds is a name, a number or a code. No history passes
 * `maxActivitiesPerFlow` activities: a long source goes on in a fresh history, many parts are cut into sub-orchestrations.
 */
import type { OrchestrationContext } from 'durable-functions';
import type { SourceName } from '../directory/gateway.ts';
import { isKindName } from '../directory/kinds.ts';
import { failureOf } from '../durable/activity.ts';
import { caller, type Flow, maxActivitiesPerFlow, slices } from '../durable/orchestration.ts';
import { AppError } from '../errors.ts';
import type { SnapshotActivities } from './activities.ts';
import type { SnapshotJob } from './layout.ts';
import type { Missing, StreamName } from './manifest.ts';
import {
  type AskInput,
  askRangesFlow,
  askUsersFlow,
  failed,
  missingIn,
  type Outcome,
  type ReadInput,
  readSourceFlow,
  readUsersFlow,
} from './reading-flow.ts';

export interface SnapshotInput extends SnapshotJob {
  /** Default: incremental where there is a complete snapshot to go on from, and a full one every seven days (R61). */
  readonly mode?: 'full' | 'incremental';
}

export function* snapshotFlow(context: OrchestrationContext): Flow<{ status: string }> {
  const { mode, ...job } = context.df.getInput<SnapshotInput>();
  const { call } = caller<SnapshotActivities>(context);
  const enter = (phase: string) => context.df.setCustomStatus({ phase });
  try {
    enter('reading');
    const { sources } = yield* call('beginSnapshot', { ...job, mode });
    const missing = yield* readSources(context, job, sources);
    yield* call('settleManagers', { ...job, missing });
    enter('folding');
    yield* foldAll(context, job, missing);
    enter('sealing');
    yield* call('sealSnapshot', { ...job, missing });
    return { status: yield* call('endSnapshot', job) };
  } catch (thrown) {
    const { code, message } = failureOf(thrown);
    yield* call('failSnapshot', { ...job, code, message });
    return { status: 'failed' };
  }
}

/** Reads all sources side by side; answers what could not be read. @throws AppError when that is every kind. */
function* readSources(
  context: OrchestrationContext,
  job: SnapshotJob,
  sources: readonly SourceName[],
): Flow<Missing[]> {
  const { flowEach } = caller<SnapshotActivities>(context);
  const outcomes = yield* flowEach<Outcome>(
    sources.map((source) => ({
      name: source === 'users' ? 'readUsersFlow' : 'readSourceFlow',
      input: { ...job, source, seq: 0 } satisfies ReadInput,
    })),
  );
  const missing = outcomes.flatMap((outcome, index) => missingIn(outcome, sources[index] ?? ''));
  if (sources.some((source) => isKindName(source) && !missing.some(({ kind }) => kind === source))) return missing;
  // With no kind read there is no snapshot, and the first reason is the job's.
  const { code = 'internal', message = '' } = outcomes[0]?.failure ?? {};
  throw new AppError(code, `Nothing of connector ${job.connectorId} could be read: ${message}`);
}

/** Folds what pages brought while users are asked for the rest, then that; what is missing of it is added. */
function* foldAll(context: OrchestrationContext, job: SnapshotJob, missing: Missing[]): Flow<void> {
  const { flowEach } = caller<SnapshotActivities>(context);
  const fold = (of: FoldInput['of']) => ({
    name: 'foldFlow',
    input: { ...job, missing: [...missing], of } satisfies FoldInput,
  });
  // Without users there is nobody to ask about.
  const asking = missing.some(({ kind }) => kind === 'users')
    ? []
    : [{ name: 'askUsersFlow', input: { ...job, when: 'folding' } satisfies AskInput }];
  const [folded = {}, asked = {}] = yield* flowEach<Outcome>([fold('pages'), ...asking]);
  mustFold(folded);
  missing.push(...missingIn(asked, 'users'));
  const [last = {}] = yield* flowEach<Outcome>([fold('answers')]);
  mustFold(last);
}

/** A fold reads no source, so any failure of it is the snapshot's. */
function mustFold({ failure }: Outcome): void {
  if (failure !== undefined) throw new AppError(failure.code, failure.message);
}

interface FoldInput extends SnapshotJob {
  readonly missing: readonly Missing[];
  readonly of: 'pages' | 'answers';
}

export function* foldFlow(context: OrchestrationContext): Flow<Outcome> {
  const { missing, of, ...job } = context.df.getInput<FoldInput>();
  const { call, flowAll } = caller<SnapshotActivities>(context);
  try {
    const plans = yield* call('planFolds', { ...job, missing, of });
    const parts = plans.flatMap(({ stream, parts }) => Array.from({ length: parts }, (_, part) => ({ stream, part })));
    for (const some of slices(parts, maxActivitiesPerFlow)) {
      const [outcome = {}] = yield* flowAll<Outcome>('foldPartsFlow', [{ ...job, parts: some } satisfies PartsInput]);
      mustFold(outcome);
    }
    return {};
  } catch (thrown) {
    return failed(thrown);
  }
}

interface PartsInput extends SnapshotJob {
  readonly parts: readonly { readonly stream: StreamName; readonly part: number }[];
}

export function* foldPartsFlow(context: OrchestrationContext): Flow<Outcome> {
  const { parts, ...job } = context.df.getInput<PartsInput>();
  const { callAll } = caller<SnapshotActivities>(context);
  try {
    yield* callAll(
      'foldStream',
      parts.map((part) => ({ ...job, ...part })),
    );
    return {};
  } catch (thrown) {
    return failed(thrown);
  }
}

/** Every orchestration of a snapshot, for registration. */
export const snapshotFlows = {
  snapshotFlow,
  readSourceFlow,
  readUsersFlow,
  askUsersFlow,
  askRangesFlow,
  foldFlow,
  foldPartsFlow,
} as const;
