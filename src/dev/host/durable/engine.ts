/**
 * The durable engine: takes orchestrations from turn to turn. Everything it decides is in the journal before it acts on it; after a
 * crash `resume` starts again whatever is open, so activities run at least once, never not at all.
 */
import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../clock.ts';
import type { Log } from '../log.ts';
import type { RunActivity } from './activities.ts';
import { createAlarms } from './alarms.ts';
import { type Arrived, hasEnded, type Instance, openWork, type Scheduled, type Turn } from './history.ts';
import type { Journal } from './journal.ts';
import { createPacing } from './pacing.ts';
import { runTurn, type TurnServices } from './run-turn.ts';

export interface EngineServices extends TurnServices {
  readonly journal: Journal;
  readonly runActivity: RunActivity;
  readonly clock: Clock;
  readonly log: Log;
}

export interface StartOptions {
  readonly id?: string;
  /** JSON text. */
  readonly input?: string;
  readonly parent?: NonNullable<Instance['parent']>;
}

export interface Engine {
  /** Replaces an ended instance of the same id; the caller makes sure that none is running. */
  start(name: string, options: StartOptions): Instance;
  raise(instance: Instance, name: string, input: string | undefined): void;
  setStatus(instance: Instance, status: 'Running' | 'Suspended' | 'Terminated', output?: string): void;
  rewind(instance: Instance): void;
  purge(instance: Instance): void;
  /** Takes up what a former process left. */
  resume(): void;
  stop(): void;
}

export function createEngine(services: EngineServices): Engine {
  const { journal, runActivity, clock, log } = services;
  const { instances } = journal;
  const alarms = createAlarms(clock);
  const pacing = createPacing();
  const turning = new Set<Instance>();
  let stopped = false;
  const now = () => clock().toISOString();

  const plan = (instance: Instance) => {
    const { id, status, inbox, turns } = instance;
    if (stopped || turning.has(instance) || status === 'Suspended' || hasEnded(status)) return;
    if (inbox.length > 0 || turns.length === 0) pacing.plan(instance, () => void turn(id));
  };

  const arrive = (id: string, execution: string, event: Arrived) => {
    const instance = instances.get(id);
    if (stopped || instance === undefined || hasEnded(instance.status)) return;
    if (event.type !== 'eventRaised' && instance.execution !== execution) return;
    journal.commit({ type: 'arrive', at: now(), id, execution, event });
    plan(instance);
  };

  const turn = async (id: string): Promise<void> => {
    const instance = instances.get(id);
    if (stopped || instance === undefined || turning.has(instance)) return;
    if (hasEnded(instance.status) || instance.status === 'Suspended') return;
    turning.add(instance);
    const began = performance.now();
    const { execution } = instance;
    const current: Turn = { at: timeOf(instance, clock), arrived: [...instance.inbox], scheduled: [] };
    const { cancelled, ...outcome } = await runTurn(instance, current, services);
    turning.delete(instance);
    pacing.took(id, performance.now() - began);
    // Terminated, purged or replaced meanwhile: nothing of this turn counts.
    if (stopped || instances.get(id) !== instance || instance.execution !== execution || hasEnded(instance.status))
      return;
    journal.commit({ type: 'turn', at: current.at, id, took: current.arrived.length, ...outcome });
    for (const number of cancelled) alarms.clear(`${execution}:${number}`);
    for (const work of outcome.scheduled) begin(instance, work);
    if (outcome.next !== undefined || hasEnded(outcome.status)) alarms.clearAll(`${execution}:`);
    if (hasEnded(outcome.status)) end(instance);
    else plan(instance);
  };

  const begin = (instance: Instance, work: Scheduled) => {
    const { id, execution } = instance;
    const of = work.id;
    const input = 'input' in work && work.input !== undefined ? { input: work.input } : {};
    if (work.type === 'timerCreated') {
      const { fireAt } = work;
      alarms.set(`${execution}:${of}`, fireAt, () => arrive(id, execution, { type: 'timerFired', of, fireAt }));
    } else if (work.type === 'activityScheduled') {
      const fn = services.find('activitytrigger', work.name);
      const unknown = { reason: `No activity is named '${work.name}'.`, details: '' };
      if (fn === undefined) return arrive(id, execution, { type: 'activityFailed', of, ...unknown });
      const wanted = () => !stopped && instances.get(id)?.execution === execution && !hasEnded(instance.status);
      runActivity({ fn, instanceId: id, of, ...input, wanted, report: (event) => arrive(id, execution, event) });
    } else {
      const child = instances.get(work.instanceId);
      const parent = { id, execution, of };
      const ours = child?.parent?.id === id && child.parent.execution === execution && child.parent.of === of;
      if (child === undefined || (!ours && hasEnded(child.status)))
        start(work.name, { id: work.instanceId, ...input, parent });
      else if (!ours)
        arrive(id, execution, {
          type: 'childFailed',
          of,
          reason: `Instance '${child.id}' is running already.`,
          details: '',
        });
      else if (hasEnded(child.status)) tellParent(child);
    }
  };

  const start = (name: string, { id = randomUUID().replaceAll('-', ''), input, parent }: StartOptions) => {
    const rest = { ...(input === undefined ? {} : { input }), ...(parent === undefined ? {} : { parent }) };
    journal.commit({ type: 'start', at: now(), id, name, execution: randomUUID().replaceAll('-', ''), ...rest });
    const instance = instances.get(id) as Instance;
    plan(instance);
    return instance;
  };

  const tellParent = ({ id, parent, status, output = 'null' }: Instance) => {
    if (parent === undefined) return;
    if (status === 'Completed')
      return arrive(parent.id, parent.execution, { type: 'childCompleted', of: parent.of, result: output });
    const reason = status === 'Terminated' ? `Instance '${id}' was terminated.` : String(JSON.parse(output));
    arrive(parent.id, parent.execution, { type: 'childFailed', of: parent.of, reason, details: reason });
  };

  const end = (instance: Instance) => {
    const { id, name, status } = instance;
    pacing.forget(id);
    log.info({ flow: name, id, status }, 'ended');
    if (status === 'Failed')
      log.error({ flow: name, id, reason: instance.output?.slice(0, 500) }, 'orchestration failed');
    tellParent(instance);
  };

  return {
    start,
    raise: (instance, name, input) =>
      arrive(instance.id, instance.execution, { type: 'eventRaised', name, ...(input === undefined ? {} : { input }) }),
    setStatus(instance, status, output) {
      const told = output === undefined ? {} : { output };
      journal.commit({ type: 'status', at: now(), id: instance.id, status, ...told });
      if (status !== 'Terminated') return plan(instance);
      alarms.clearAll(`${instance.execution}:`);
      end(instance);
    },
    rewind(instance) {
      const failed = [...instances.values()].filter(
        ({ parent, status }) => parent?.id === instance.id && status === 'Failed',
      );
      for (const child of failed) this.rewind(child);
      journal.commit({ type: 'rewind', at: now(), id: instance.id });
      for (const work of openWork(instance)) begin(instance, work);
      // What was forgotten is asked for anew, and a failure of the flow's own making simply runs again.
      void turn(instance.id);
    },
    purge: ({ id }) => journal.commit({ type: 'purge', id }),
    resume() {
      for (const instance of [...instances.values()]) {
        if (hasEnded(instance.status)) continue;
        for (const work of openWork(instance)) begin(instance, work);
        plan(instance);
      }
    },
    stop() {
      stopped = true;
      alarms.clearAll();
      pacing.stop();
    },
  };
}

/** A turn's time never runs backwards and is never before a timer that it sees fired: the library compares them. */
function timeOf(instance: Instance, clock: Clock): string {
  const fired = instance.inbox.flatMap((event) => (event.type === 'timerFired' ? [event.fireAt] : []));
  return [clock().toISOString(), ...instance.turns.slice(-1).map(({ at }) => at), ...fired].sort().at(-1) ?? '';
}
