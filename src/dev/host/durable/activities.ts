/** Runs activities, so many at once, first come first served (`maxConcurrentActivityFunctions`). */
import type { RegisteredFunction, TypedData } from '../core-module.ts';
import type { Invoke } from '../invoke.ts';
import type { Arrived } from './history.ts';

export interface ActivityCall {
  readonly fn: RegisteredFunction;
  readonly instanceId: string;
  readonly of: number;
  /** JSON text. */
  readonly input?: string;
  /** Asked just before the call is made: an ended orchestration's calls are dropped. */
  readonly wanted: () => boolean;
  readonly report: (event: Arrived) => void;
}

/** Queues one call. */
export type RunActivity = (call: ActivityCall) => void;

export function createActivityRunner(invoke: Invoke, maxAtOnce: number): RunActivity {
  // A linked list of waiting calls would be the textbook's answer; a head index over an array is enough and compacts itself.
  let waiting: ActivityCall[] = [];
  let head = 0;
  let running = 0;
  const next = () => {
    while (running < maxAtOnce && head < waiting.length) {
      const call = waiting[head++];
      if (head > 1_000) {
        waiting = waiting.slice(head);
        head = 0;
      }
      if (call === undefined || !call.wanted()) continue;
      running += 1;
      void callActivity(invoke, call).then((event) => {
        running -= 1;
        call.report(event);
        next();
      });
    }
  };
  return (call) => {
    waiting.push(call);
    next();
  };
}

async function callActivity(invoke: Invoke, { fn, instanceId, of, input }: ActivityCall): Promise<Arrived> {
  try {
    const trigger = input === undefined || input === 'null' ? null : { json: input };
    const { returnValue } = await invoke(fn, { trigger, triggerMetadata: { instanceId: { string: instanceId } } });
    return { type: 'activityCompleted', of, result: resultJson(returnValue) };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const details = error instanceof Error ? (error.stack ?? message) : message;
    return { type: 'activityFailed', of, reason: `Activity function '${fn.name}' failed:  ${message}`, details };
  }
}

function resultJson(value: TypedData | null): string {
  if (value === null) return 'null';
  if (value.json !== undefined) return value.json;
  if (value.bytes !== undefined) return JSON.stringify(Buffer.from(value.bytes).toString('base64'));
  return JSON.stringify(value.string ?? value.int ?? value.double ?? null);
}
