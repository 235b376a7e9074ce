/**
 * The few words flows are written with. A flow only orders: it calls activities by name and type, fans out, keeps its
 * history short. Traps of durable-functions 3.x that this module closes: an empty `Task.all` throws, a thrown error loses
 * its class, `retryTimeoutInMilliseconds` hangs (so it is never set).
 */

import type { OrchestrationContext, Task } from 'durable-functions';
import * as df from 'durable-functions';
import { AppError } from '../errors.ts';
import type { Activities, ActivityAnswer } from './activity.ts';

export type Flow<T> = Generator<Task, T, unknown>;

/** Most activities one orchestration starts: replay costs grow with the square of the history (local-host.md 3). */
export const maxActivitiesPerFlow = 200;

/** Five tries over about two and a half minutes: longer than a failover of storage, shorter than an admin's patience. */
const retries = () => {
  const options = new df.RetryOptions(2_000, 5);
  options.backoffCoefficient = 3;
  options.maxRetryIntervalInMilliseconds = 60_000;
  return options;
};

export interface Caller<A extends Activities> {
  /** Runs one activity and returns its value; throws AppError when it failed for good. */
  call<N extends keyof A & string>(name: N, input: Parameters<A[N]>[0]): Flow<Awaited<ReturnType<A[N]>>>;
  /**
   * Runs one activity per input, all at once; the values in the order of the inputs. Here and below: throws the first failure, and only when all
   * others have ended, so that whatever a flow does about it meets nothing at work any more.
   */
  callAll<N extends keyof A & string>(
    name: N,
    inputs: readonly Parameters<A[N]>[0][],
  ): Flow<Awaited<ReturnType<A[N]>>[]>;
  /** Runs one sub-orchestration per input, all at once. */
  flowAll<T>(name: string, inputs: readonly unknown[]): Flow<T[]>;
  /** Runs several sub-orchestrations of different names, all at once. */
  flowEach<T>(flows: readonly { readonly name: string; readonly input: unknown }[]): Flow<T[]>;
}

export function caller<A extends Activities>(context: OrchestrationContext): Caller<A> {
  function* all(tasks: Task[]): Flow<unknown[]> {
    if (tasks.length === 0) return [];
    try {
      return (yield context.df.Task.all(tasks)) as unknown[];
    } catch (first) {
      for (const task of tasks) yield* ended(task);
      throw first;
    }
  }
  return {
    *call(name, input) {
      return unwrap(yield context.df.callActivityWithRetry(name, retries(), input)) as never;
    },
    *callAll(name, inputs) {
      const answers = yield* all(inputs.map((input) => context.df.callActivityWithRetry(name, retries(), input)));
      return answers.map(unwrap) as never;
    },
    *flowAll(name, inputs) {
      return (yield* all(inputs.map((input) => context.df.callSubOrchestrator(name, input)))) as never;
    },
    *flowEach(flows) {
      return (yield* all(flows.map(({ name, input }) => context.df.callSubOrchestrator(name, input)))) as never;
    },
  };
}

function* ended(task: Task): Flow<void> {
  try {
    yield task;
  } catch {
    // It is the first failure that is told.
  }
}

function unwrap(answer: unknown): unknown {
  const { ok, ...rest } = answer as ActivityAnswer & { value?: unknown };
  if (ok) return rest.value;
  const { code, message } = rest as Extract<ActivityAnswer, { ok: false }>;
  // The code stands in the text too: what a sub-orchestration throws reaches its parent as nothing but text.
  throw new AppError(code, `[${code}] ${message}`);
}

/** Splits into runs of at most `size`, in order. */
export function slices<T>(items: readonly T[], size: number): T[][] {
  const runs: T[][] = [];
  for (let from = 0; from < items.length; from += size) runs.push(items.slice(from, from + size));
  return runs;
}
