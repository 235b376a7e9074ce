/**
 * Runs one turn of an orchestration through the real library and says what follows from it: what to schedule, whether it ended. Every
 * turn replays the whole history, so code that is not deterministic shows here, at home.
 */
import { randomUUID } from 'node:crypto';
import type { RegisteredFunction } from '../core-module.ts';
import type { Invoke } from '../invoke.ts';
import { type Action, actionType, emptyCompoundTrap, refuseLargeStatus, refuseTraps, TrapError } from './actions.ts';
import { decodeFailure, encodeActionInput, encodeInput, type OrchestratorState } from './codec.ts';
import type { Instance, Scheduled, Status, Turn } from './history.ts';
import { type Decision, numberDecisions } from './numbering.ts';

export interface TurnOutcome {
  readonly scheduled: readonly Scheduled[];
  readonly status: Status;
  readonly output?: string;
  readonly customStatus?: string;
  readonly next?: { readonly execution: string; readonly input?: string };
  /** Numbers of timers that were cancelled. */
  readonly cancelled: readonly number[];
}

export interface TurnServices {
  readonly invoke: Invoke;
  /** The registered orchestrator or activity of that name. */
  readonly find: (type: 'orchestrationtrigger' | 'activitytrigger', name: string) => RegisteredFunction | undefined;
}

/** Never throws: a failing orchestrator, and a trap, end in status `Failed` with the reason as output. */
export async function runTurn(instance: Instance, current: Turn, services: TurnServices): Promise<TurnOutcome> {
  try {
    return await run(instance, current, services);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    return failed(instance, text);
  }
}

async function run(instance: Instance, current: Turn, services: TurnServices): Promise<TurnOutcome> {
  const fn = services.find('orchestrationtrigger', instance.name);
  if (fn === undefined) throw new TrapError('unknown orchestrator', `no orchestration is named '${instance.name}'.`);
  const state = await orchestrate(fn, encodeInput(instance, current), services.invoke);
  const actions = state.actions.flat();
  refuseTraps(actions);
  if (actions.length > 100_000) throw new TrapError('100,000 actions', 'an orchestration may take no more.');
  const customStatus = state.customStatus === undefined ? undefined : JSON.stringify(state.customStatus);
  if (customStatus !== undefined) refuseLargeStatus(customStatus);
  const status = customStatus === undefined ? {} : { customStatus };
  if (state.error !== undefined)
    return { ...failed(instance, emptyCompoundTrap(state.error)?.message ?? state.error), ...status };

  const decisions = numberDecisions(actions, [...instance.turns, current]);
  refuseNondeterminism(instance, decisions);
  const again = actions.find((action) => action.actionType === actionType.continueAsNew);
  if (again !== undefined) {
    const input = encodeActionInput(again.input, true);
    const next = { execution: randomUUID(), ...(input === undefined ? {} : { input }) };
    return { scheduled: [], status: 'Running', next, cancelled: [], ...status };
  }
  if (state.isDone) {
    const output = JSON.stringify(state.output) ?? 'null';
    return { scheduled: [], status: 'Completed', output, cancelled: [], ...status };
  }
  const known = new Set(instance.turns.flatMap((turn) => turn.scheduled.map(({ id }) => id)));
  const fresh = decisions.filter(({ id }) => !known.has(id));
  return {
    scheduled: fresh.map((decision) => schedule(instance, decision, services)),
    status: 'Running',
    cancelled: decisions.filter(({ action }) => action.isCanceled === true).map(({ id }) => id),
    ...status,
  };
}

async function orchestrate(fn: RegisteredFunction, input: string, invoke: Invoke): Promise<OrchestratorState> {
  try {
    // The object itself, not its JSON: only there does a task that stands in two places show.
    return (await invoke(fn, { trigger: { string: input } })).result as OrchestratorState;
  } catch (error) {
    const state = decodeFailure(error);
    if (state === undefined) throw error;
    return state.error === undefined ? { ...state, error: 'unknown error' } : state;
  }
}

const failed = (instance: Instance, reason: string): TurnOutcome => ({
  scheduled: [],
  status: 'Failed',
  output: JSON.stringify(`Orchestrator function '${instance.name}' failed: ${reason}`),
  cancelled: [],
});

function schedule(instance: Instance, { id, what, action, fireAt = '' }: Decision, { find }: TurnServices): Scheduled {
  if (what === 'timer') return { type: 'timerCreated', id, fireAt };
  const name = action.functionName ?? '';
  const encoded = encodeActionInput(action.input, what === 'activity');
  const input = encoded === undefined ? {} : { input: encoded };
  if (what === 'activity') {
    if (find('activitytrigger', name) === undefined)
      throw new TrapError('unknown activity', `no activity is named '${name}'.`);
    return { type: 'activityScheduled', id, name, ...input };
  }
  if (find('orchestrationtrigger', name) === undefined)
    throw new TrapError('unknown orchestrator', `no orchestration is named '${name}'.`);
  return { type: 'childCreated', id, name, instanceId: childId(instance, action, id), ...input };
}

const childId = (instance: Instance, action: Action, id: number) =>
  action.instanceId || `${instance.execution}:${id.toString(16)}`;

/** What was scheduled before must come again under the same number, with the same name or time. */
function refuseNondeterminism(instance: Instance, decisions: readonly Decision[]): void {
  for (const before of instance.turns.flatMap((turn) => turn.scheduled)) {
    const now = decisions[before.id];
    const was = 'name' in before ? before.name : before.fireAt;
    const is = now === undefined ? 'nothing' : now.what === 'timer' ? now.fireAt : now.action.functionName;
    const sameKind = now !== undefined && before.type.startsWith(now.what);
    if (sameKind && was === is) continue;
    throw new TrapError(
      'non-determinism',
      `on replay number ${before.id} was '${was}' and is now '${is}'; a flow may use no clock, random or outside state.`,
    );
  }
}
