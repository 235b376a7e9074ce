/**
 * What the engine remembers of an orchestration: its own model, free of any wire format. `codec.ts` translates it for
 * durable-functions 3; a later version with another protocol gets another codec and leaves this alone.
 * Times are ISO 8601 UTC, inputs and results JSON texts (undefined: none).
 */

/** What an orchestration asked for; `id` counts per execution, in the order the library counts too. */
export type Scheduled =
  | { readonly type: 'activityScheduled'; readonly id: number; readonly name: string; readonly input?: string }
  | {
      readonly type: 'childCreated';
      readonly id: number;
      readonly name: string;
      readonly instanceId: string;
      readonly input?: string;
    }
  | { readonly type: 'timerCreated'; readonly id: number; readonly fireAt: string };

/** What happened to it from outside. */
export type Arrived =
  | { readonly type: 'activityCompleted' | 'childCompleted'; readonly of: number; readonly result: string }
  | {
      readonly type: 'activityFailed' | 'childFailed';
      readonly of: number;
      readonly reason: string;
      readonly details: string;
    }
  | { readonly type: 'timerFired'; readonly of: number; readonly fireAt: string }
  | { readonly type: 'eventRaised'; readonly name: string; readonly input?: string };

/** One turn of an orchestration: it starts at a time, sees what arrived, asks for more. */
export interface Turn {
  readonly at: string;
  readonly arrived: readonly Arrived[];
  readonly scheduled: readonly Scheduled[];
}

export type Status = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

export const hasEnded = (status: Status) => status === 'Completed' || status === 'Failed' || status === 'Terminated';

export interface Instance {
  readonly id: string;
  readonly name: string;
  readonly createdAt: string;
  readonly parent?: { readonly id: string; readonly execution: string; readonly of: number };
  status: Status;
  updatedAt: string;
  /** New after each continueAsNew; what was meant for an older one is dropped. */
  execution: string;
  input?: string;
  output?: string;
  customStatus?: string;
  turns: Turn[];
  /** Arrived, but not seen by a turn yet. */
  inbox: Arrived[];
}

/** What was asked for in this execution and has not been answered, neither in a turn nor in the inbox. */
export function openWork(instance: Instance): Scheduled[] {
  const answered = new Set<number>();
  for (const arrived of [...instance.turns.flatMap((turn) => turn.arrived), ...instance.inbox])
    if ('of' in arrived) answered.add(arrived.of);
  return instance.turns.flatMap((turn) => turn.scheduled).filter(({ id }) => !answered.has(id));
}
