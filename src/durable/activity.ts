/**
 * How an activity's failure crosses to its flow. Only text survives a thrown error there, so an error that no repetition can
 * cure is returned as a value with its code, and only what is worth another try is thrown (and the flow's retry policy acts).
 */
import { AppError, type ErrorCode, errorCodes, isAppError, nameAndPlace } from '../errors.ts';
import { sealingWith } from '../storage/key-scope.ts';

// biome-ignore lint/suspicious/noExplicitAny: the widest activity type; each one's own types are checked where it is called
export type Activities = Record<string, (input: any, log: ActivityLog) => Promise<unknown>>;

/** Where an activity says what somebody must be told of: the log of its invocation. */
export interface ActivityLog {
  error(line: string): void;
}

export type ActivityAnswer =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string };

/** Worth running the whole activity again: the world may have changed by then. */
const transient: readonly ErrorCode[] = ['graph-unreachable', 'storage-unreachable', 'throttled'];

const unexpected = 'A step failed for a reason that the log of its invocation tells. Start the job again.';

/** Wraps one activity for registration: its flow gets an `ActivityAnswer`, and what it writes is sealed with its job's key. */
export function answering(
  activity: (input: never, log: ActivityLog) => Promise<unknown>,
): (input: unknown, log: ActivityLog) => Promise<ActivityAnswer> {
  return async (input, log) => {
    const { jobId } = (input ?? {}) as { readonly jobId?: string };
    const work = () => activity(input as never, log);
    try {
      return { ok: true, value: (await (jobId === undefined ? work() : sealingWith(jobId, work))) ?? null };
    } catch (error) {
      if (isAppError(error) && !transient.includes(error.code))
        return { ok: false, code: error.code, message: error.message };
      if (isAppError(error)) throw new Error(`[${error.code}] ${error.message}`, { cause: error });
      // Its text may quote a record, and a history keeps whatever is thrown.
      log.error(`unexpected ${nameAndPlace(error)}`);
      throw new Error(`[internal] ${unexpected}`);
    }
  };
}

/** The error a flow sees, made whole again from an answer or from the text of a failed task. */
export function failureOf(thrown: unknown): AppError {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const found = /\[([a-z-]+)\] ([^\n]*)/.exec(text);
  const code = errorCodes.find((candidate) => candidate === found?.[1]);
  if (code === undefined && isAppError(thrown)) return thrown;
  return code === undefined
    ? new AppError('internal', text.split('\n')[0] ?? 'unknown failure')
    : new AppError(code, found?.[2] ?? text);
}
