/**
 * The actions an orchestrator hands over (durable-functions 3, schema V3; local-host.md 2), as the library's own objects, and the
 * checks of its known traps. A trap fails the orchestration with a text that names it, instead of quiet wrong results.
 */

export const actionType = {
  callActivity: 0,
  callActivityWithRetry: 1,
  callSubOrchestrator: 2,
  callSubOrchestratorWithRetry: 3,
  continueAsNew: 4,
  createTimer: 5,
  waitForExternalEvent: 6,
  whenAny: 11,
  whenAll: 12,
} as const;

export interface Action {
  readonly actionType: number;
  readonly functionName?: string;
  readonly instanceId?: string;
  readonly input?: unknown;
  readonly fireAt?: Date | string;
  readonly isCanceled?: boolean;
  readonly externalEventName?: string;
  readonly compoundActions?: readonly Action[];
  readonly retryOptions?: RetryOptions;
}

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

/** A trap of the platform that an orchestration stepped into. */
export class TrapError extends Error {
  constructor(trap: string, text: string) {
    super(`Local host check '${trap}': ${text}`);
  }
}

/** `actions` must be the live objects of the library: a task yielded twice shows as one object in two places. */
export function refuseTraps(actions: readonly Action[]): void {
  const seen = new Set<Action>();
  const visit = (action: Action) => {
    if (seen.has(action))
      throw new TrapError(
        'task yielded twice',
        `${nameOf(action)} stands in a second Task.all or Task.any; durable-functions 3 schedules it again and later results go astray.`,
      );
    seen.add(action);
    if (action.retryOptions?.retryTimeoutInMilliseconds !== undefined)
      throw new TrapError(
        'retryTimeoutInMilliseconds',
        `the retry policy of ${nameOf(action)} sets it; the orchestration would hang when it expires.`,
      );
    if (!supported.has(action.actionType))
      throw new TrapError(
        'not simulated',
        `actions of type ${action.actionType} (entities, callHttp) are not served here.`,
      );
    action.compoundActions?.forEach(visit);
  };
  actions.forEach(visit);
}

const supported = new Set<number>(Object.values(actionType));

/** What the library throws for `Task.all([])`, told with the trap's name; undefined for any other text. */
export function emptyCompoundTrap(message: string): TrapError | undefined {
  if (!message.includes('you must specify at least one Task')) return undefined;
  return new TrapError('empty Task.all', 'Task.all([]) and Task.any([]) throw; guard an empty fan-out.');
}

/** Azure Storage holds no more than 16 KB of custom status, in UTF-16. */
export function refuseLargeStatus(json: string): void {
  const bytes = json.length * 2;
  if (bytes > 16 * 1024)
    throw new TrapError('custom status over 16 KB', `it takes ${bytes} bytes in UTF-16, 16384 are allowed.`);
}

export function nameOf(action: Action): string {
  if (action.functionName !== undefined) return `the call of '${action.functionName}'`;
  if (action.externalEventName !== undefined) return `the wait for event '${action.externalEventName}'`;
  return action.actionType === actionType.createTimer ? 'a timer' : 'a compound task';
}
