/** The out-of-process JSON protocol of durable-functions 3, schema V3 (local-host.md 2): our history in, its state out. */
import type { Action } from './actions.ts';
import type { Arrived, Instance, Scheduled, Turn } from './history.ts';

/** What an orchestrator function left behind after one run. */
export interface OrchestratorState {
  readonly isDone: boolean;
  /** One list inside a list: every action since the start of this execution. */
  readonly actions: readonly (readonly Action[])[];
  readonly output?: unknown;
  readonly error?: string;
  readonly customStatus?: unknown;
}

/** The orchestration trigger's input; `current` is the turn to run, its `scheduled` still unknown. */
export function encodeInput(instance: Instance, current: Turn): string {
  const past = instance.turns.flatMap((turn, index) => encodeTurn(instance, turn, index === 0, true));
  return JSON.stringify({
    history: [...past, ...encodeTurn(instance, current, instance.turns.length === 0, false).slice(0, -1)],
    input: instance.input === undefined ? null : JSON.parse(instance.input),
    instanceId: instance.id,
    isReplaying: past.length > 0,
    parentInstanceId: instance.parent?.id ?? null,
    upperSchemaVersion: 1,
    upperSchemaVersionNew: 2,
    longRunningTimerIntervalDuration: '3.00:00:00',
    maximumShortTimerDuration: '6.00:00:00',
    defaultHttpAsyncRequestSleepTimeMillseconds: 30_000,
  });
}

/** The history as the platform tells it (`showHistory`), without what a running turn has not seen. */
export const encodeHistory = (instance: Instance) =>
  instance.turns.flatMap((turn, index) => encodeTurn(instance, turn, index === 0, true));

function encodeTurn(instance: Instance, turn: Turn, first: boolean, played: boolean): object[] {
  const base = { EventId: -1, IsPlayed: played, Timestamp: turn.at };
  const started = first
    ? [
        {
          ...base,
          EventType: 0,
          Name: instance.name,
          Version: '',
          Input: instance.input ?? null,
          OrchestrationInstance: { InstanceId: instance.id, ExecutionId: instance.execution },
          ParentInstance:
            instance.parent === undefined ? null : { OrchestrationInstance: { InstanceId: instance.parent.id } },
        },
      ]
    : [];
  return [
    { ...base, EventType: 12 },
    ...started,
    ...turn.arrived.map((event) => ({ ...base, ...encodeArrived(event) })),
    ...turn.scheduled.map((event) => ({ ...base, ...encodeScheduled(event) })),
    { ...base, EventType: 13 },
  ];
}

function encodeArrived(event: Arrived): object {
  switch (event.type) {
    case 'activityCompleted':
      return { EventType: 5, TaskScheduledId: event.of, Result: event.result };
    case 'activityFailed':
      return { EventType: 6, TaskScheduledId: event.of, Reason: event.reason, Details: event.details };
    case 'childCompleted':
      return { EventType: 8, TaskScheduledId: event.of, Result: event.result };
    case 'childFailed':
      return { EventType: 9, TaskScheduledId: event.of, Reason: event.reason, Details: event.details };
    case 'timerFired':
      return { EventType: 11, TimerId: event.of, FireAt: event.fireAt };
    case 'eventRaised':
      return { EventType: 15, Name: event.name, Input: event.input ?? null };
  }
}

function encodeScheduled(event: Scheduled): object {
  switch (event.type) {
    case 'activityScheduled':
      return { EventType: 4, EventId: event.id, Name: event.name, Version: '', Input: event.input ?? null };
    case 'childCreated':
      return {
        EventType: 7,
        EventId: event.id,
        Name: event.name,
        InstanceId: event.instanceId,
        Input: event.input ?? null,
      };
    case 'timerCreated':
      return { EventType: 10, EventId: event.id, FireAt: event.fireAt };
  }
}

/** A failed orchestrator throws; its state stands in the message behind this label. */
const label = '$OutOfProcData$:';

/** The state inside a thrown error; undefined when it is some other error. */
export function decodeFailure(error: unknown): OrchestratorState | undefined {
  const text = error instanceof Error ? error.message : String(error);
  const at = text.indexOf(label);
  return at < 0 ? undefined : (JSON.parse(text.slice(at + label.length)) as OrchestratorState);
}

/** Inputs as JSON text. String inputs of activities and of continueAsNew arrive encoded once already, those of children do not. */
export function encodeActionInput(input: unknown, encodedOnce: boolean): string | undefined {
  if (encodedOnce && typeof input === 'string') return input;
  return JSON.stringify(input);
}
