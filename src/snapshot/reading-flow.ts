/** Flows that read: one source page by page, users with what is asked of them, and those requests a part of the users at a time. */
import type { OrchestrationContext } from 'durable-functions';
import type { SourceName } from '../directory/gateway.ts';
import { failureOf } from '../durable/activity.ts';
import { caller, type Flow, maxActivitiesPerFlow, slices } from '../durable/orchestration.ts';
import { AppError, type ErrorCode } from '../errors.ts';
import type { SnapshotActivities } from './activities.ts';
import type { Asked } from './asking.ts';
import type { SnapshotJob } from './layout.ts';
import type { Missing } from './manifest.ts';
import type { SlotRange } from './slot-ranges.ts';

/** What a sub-orchestration came to. A failure is returned: thrown, only text would survive. */
export interface Outcome {
  readonly failure?: { readonly code: ErrorCode; readonly message: string };
  /** What else could not be read on the way, by name. */
  readonly unread?: readonly (NonNullable<Outcome['failure']> & { readonly kind: string })[];
}

export const failed = (thrown: unknown): Outcome => {
  const { code, message } = failureOf(thrown);
  return { failure: { code, message } };
};

/** These say that the whole snapshot cannot go on; any other code spoils one source alone (R60). */
const fatal: readonly ErrorCode[] = [
  'storage-unreachable',
  'key-unavailable',
  'internal',
  'corrupt-snapshot',
  'cancelled',
];

/** What an outcome leaves missing under its name. @throws AppError for a failure that is the snapshot's. */
export function missingIn({ failure, unread = [] }: Outcome, name: string): Missing[] {
  const found = [...(failure === undefined ? [] : [{ kind: name, ...failure }]), ...unread];
  for (const { code, message } of found) if (fatal.includes(code)) throw new AppError(code, message);
  return found;
}

export interface ReadInput extends SnapshotJob {
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
    return failed(thrown);
  }
}

/** Users to their end, then of them what folding waits for, while larger sources are still being read. */
export function* readUsersFlow(context: OrchestrationContext): Flow<Outcome> {
  const { seq, source, ...job } = context.df.getInput<ReadInput>();
  const { flowAll } = caller<SnapshotActivities>(context);
  const [read = {}] = yield* flowAll<Outcome>('readSourceFlow', [{ ...job, source, seq } satisfies ReadInput]);
  if (read.failure !== undefined) return read;
  const [asked = {}] = yield* flowAll<Outcome>('askUsersFlow', [{ ...job, when: 'reading' } satisfies AskInput]);
  return asked;
}

export interface AskInput extends SnapshotJob {
  /** Some is asked while sources are read, the rest while what they brought is folded. */
  readonly when: 'reading' | 'folding';
}

/** What only requests a user give, for new and changed users and those whose turn has come. */
export function* askUsersFlow(context: OrchestrationContext): Flow<Outcome> {
  const { when, ...job } = context.df.getInput<AskInput>();
  const { call, flowAll } = caller<SnapshotActivities>(context);
  try {
    const { ranges, asked } = yield* call('planUserDetails', job);
    const unread: Missing[] = [];
    // One after another: side by side they would share the same requests in flight, and fill memory together.
    for (const one of ranges.length === 0 ? [] : asked[when]) {
      const input: AskRangesInput = { ...job, ranges, asked: one };
      const [outcome = {}] = yield* flowAll<Outcome>('askRangesFlow', [input]);
      unread.push(...missingIn(outcome, one));
    }
    return { unread } as Outcome;
  } catch (thrown) {
    return failed(thrown);
  }
}

interface AskRangesInput extends SnapshotJob {
  /** What is asked for, and what is named as missing when it could not be read. */
  readonly asked: Asked;
  readonly ranges: readonly SlotRange[];
}

const rangesAtOnce = 4;

export function* askRangesFlow(context: OrchestrationContext): Flow<Outcome> {
  const { asked, ranges, ...job } = context.df.getInput<AskRangesInput>();
  const { callAll } = caller<SnapshotActivities>(context);
  try {
    const inputs = ranges.map((range, seq) => ({ ...job, ...range, seq, asked }));
    // A few at a time: after a first refusal the rest need not be tried.
    for (const some of slices(inputs, rangesAtOnce)) yield* callAll('askUsers', some);
    return {};
  } catch (thrown) {
    return failed(thrown);
  }
}
