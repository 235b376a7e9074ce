/**
 * The engine's state as a fold over journal records. The running engine and a restart apply the very same function, so what a
 * restart finds is what was there.
 */
import { type Arrived, hasEnded, type Instance, type Scheduled, type Status, type Turn } from './history.ts';

export type JournalRecord =
  | {
      readonly type: 'start';
      readonly at: string;
      readonly id: string;
      readonly name: string;
      readonly execution: string;
      readonly input?: string;
      readonly parent?: NonNullable<Instance['parent']>;
    }
  | {
      readonly type: 'arrive';
      readonly at: string;
      readonly id: string;
      readonly execution: string;
      readonly event: Arrived;
    }
  | {
      readonly type: 'turn';
      readonly at: string;
      readonly id: string;
      /** How many of the inbox this turn saw. */
      readonly took: number;
      readonly scheduled: readonly Scheduled[];
      readonly status: Status;
      readonly output?: string;
      readonly customStatus?: string;
      /** Set by continueAsNew. */
      readonly next?: { readonly execution: string; readonly input?: string };
    }
  | {
      readonly type: 'status';
      readonly at: string;
      readonly id: string;
      readonly status: Status;
      readonly output?: string;
    }
  | { readonly type: 'rewind'; readonly at: string; readonly id: string }
  | { readonly type: 'purge'; readonly id: string }
  /** A whole instance, as compaction leaves it. */
  | { readonly type: 'image'; readonly instance: Instance };

export type Instances = Map<string, Instance>;

/** Applies one record in place. A record about an instance (or an execution) that is gone changes nothing. */
export function applyRecord(instances: Instances, record: JournalRecord): void {
  if (record.type === 'image') {
    instances.set(record.instance.id, record.instance);
    return;
  }
  if (record.type === 'purge') {
    instances.delete(record.id);
    return;
  }
  if (record.type === 'start') {
    const { type: _, at, ...rest } = record;
    instances.set(record.id, { ...rest, status: 'Pending', createdAt: at, updatedAt: at, turns: [], inbox: [] });
    return;
  }
  const instance = instances.get(record.id);
  if (instance === undefined) return;
  if (record.type === 'arrive') {
    const forThis = record.execution === instance.execution || record.event.type === 'eventRaised';
    if (forThis && !hasEnded(instance.status)) instance.inbox.push(record.event);
    return;
  }
  instance.updatedAt = record.at;
  if (record.type === 'turn') applyTurn(instance, record);
  else if (record.type === 'status') setStatus(instance, record.status, record.output);
  else applyRewind(instance);
}

function applyTurn(instance: Instance, record: Extract<JournalRecord, { type: 'turn' }>): void {
  const arrived = instance.inbox.splice(0, record.took);
  if (record.customStatus !== undefined) instance.customStatus = record.customStatus;
  if (record.next === undefined) {
    instance.turns.push({ at: record.at, arrived, scheduled: record.scheduled });
    // A suspension that came while the turn ran outlasts it.
    const suspended = instance.status === 'Suspended' && !hasEnded(record.status);
    setStatus(instance, suspended ? 'Suspended' : record.status, record.output);
    return;
  }
  instance.execution = record.next.execution;
  delete instance.input;
  if (record.next.input !== undefined) instance.input = record.next.input;
  instance.turns = [];
  instance.inbox = instance.inbox.filter(({ type }) => type === 'eventRaised');
}

/** Histories of ended instances are not kept in memory, but for failures, which may be rewound. */
function setStatus(instance: Instance, status: Status, output: string | undefined): void {
  instance.status = status;
  if (output !== undefined) instance.output = output;
  if (!hasEnded(status)) return;
  instance.inbox = [];
  if (status !== 'Failed') instance.turns = [];
}

/**
 * Back to just before the first failure. What was asked for until then and succeeded later stays answered; what failed, and whatever
 * was asked for afterwards, is open again.
 */
function applyRewind(instance: Instance): void {
  const known = new Set<number>();
  let failed = false;
  const turns: Turn[] = [];
  for (const turn of instance.turns) {
    const arrived = turn.arrived.filter((event) => {
      if (event.type === 'activityFailed' || event.type === 'childFailed') failed = true;
      return event.type === 'eventRaised' || (!/Failed$/.test(event.type) && known.has(event.of));
    });
    if (!failed) for (const { id } of turn.scheduled) known.add(id);
    turns.push({ at: turn.at, arrived, scheduled: failed ? [] : turn.scheduled });
  }
  instance.turns = turns;
  instance.status = 'Running';
  delete instance.output;
}
