/**
 * Host and library number every call, child and timer independently and must agree, for results travel by number alone
 * (local-host.md 2, "Ids"). This walks the history beside the action list exactly as the library does: after each event, while the
 * awaited action is complete, the next action is taken and its leaves are numbered from left to right; a retry takes one number for
 * its timer and one for the repeated call.
 */
import { type Action, actionType, type RetryOptions } from './actions.ts';
import type { Arrived, Turn } from './history.ts';

/** Timers longer than six days go in steps of three, as the library does (`LongTimerTask`). */
const longestTimerMs = 6 * 24 * 3600_000;
const longTimerStepMs = 3 * 24 * 3600_000;

export interface Decision {
  readonly id: number;
  readonly what: 'activity' | 'child' | 'timer';
  readonly action: Action;
  /** ISO time, for timers. */
  readonly fireAt?: string;
}

interface Node {
  readonly action: Action;
  readonly children: Node[];
  parent?: Node;
  done: boolean;
  failures: number;
  /** A failed call waits for its retry timer. */
  waiting: boolean;
}

/** Every decision of this execution in order of its number; `turns` includes the one just run (its `scheduled` is not looked at). */
export function numberDecisions(
  actions: readonly Action[],
  turns: readonly Pick<Turn, 'at' | 'arrived'>[],
): Decision[] {
  const decisions: Decision[] = [];
  const open = new Map<number, Node>();
  const waiters = new Map<string, Node[]>();
  const buffered = new Map<string, number>();
  let taken = 0;
  let awaited: Node | undefined;
  let now = '';

  const decide = (node: Node, what: Decision['what'], fireAt?: number) => {
    const id = decisions.length;
    open.set(id, node);
    decisions.push({ id, what, action: node.action, ...(fireAt === undefined ? {} : { fireAt: iso(fireAt) }) });
  };
  const begin = (node: Node): void => {
    const { action } = node;
    if (node.children.length > 0) node.children.forEach(begin);
    else if (action.actionType === actionType.createTimer) decide(node, 'timer', nextStop(action, now));
    else if (action.actionType === actionType.waitForExternalEvent) wait(node, action.externalEventName ?? '');
    else if (action.actionType !== actionType.continueAsNew) decide(node, callKind(action));
  };
  const wait = (node: Node, name: string) => {
    const early = buffered.get(name) ?? 0;
    if (early > 0) {
      buffered.set(name, early - 1);
      settle(node, false);
    } else waiters.set(name, [...(waiters.get(name) ?? []), node]);
  };
  const advance = () => {
    for (let action = actions[taken]; action !== undefined && (awaited?.done ?? true); action = actions[taken]) {
      taken += 1;
      awaited = nodeOf(action);
      begin(awaited);
    }
  };
  const see = (event: Arrived) => {
    if (event.type === 'eventRaised') {
      const node = waiters.get(event.name)?.pop();
      if (node === undefined) buffered.set(event.name, (buffered.get(event.name) ?? 0) + 1);
      else settle(node, false);
      return;
    }
    const node = open.get(event.of);
    open.delete(event.of);
    if (node === undefined) return;
    const failed = event.type === 'activityFailed' || event.type === 'childFailed';
    const retry = node.action.retryOptions;
    if (node.action.actionType === actionType.createTimer) {
      const end = Date.parse(
        String(node.action.fireAt instanceof Date ? node.action.fireAt.toISOString() : node.action.fireAt),
      );
      if (end > Date.parse(now)) decide(node, 'timer', nextStop(node.action, now));
      else settle(node, false);
    } else if (retry === undefined) settle(node, failed);
    else if (node.waiting) {
      node.waiting = false;
      if (node.failures >= retry.maxNumberOfAttempts) settle(node, true);
      else decide(node, callKind(node.action));
    } else if (failed) {
      node.failures += 1;
      node.waiting = true;
      decide(node, 'timer', Date.parse(now) + retryDelayMs(retry, node.failures));
    } else settle(node, false);
  };

  turns.forEach((turn, index) => {
    now = turn.at;
    if (index === 0) advance();
    for (const event of turn.arrived) {
      see(event);
      advance();
    }
  });
  return decisions;
}

function nodeOf(action: Action): Node {
  const node: Node = {
    action,
    children: (action.compoundActions ?? []).map(nodeOf),
    done: false,
    failures: 0,
    waiting: false,
  };
  for (const child of node.children) child.parent = node;
  return node;
}

/** Completes a node and what follows from it: `any` with its first child, `all` with its last one or its first failure. */
function settle(node: Node, failed: boolean): void {
  if (node.done) return;
  node.done = true;
  const { parent } = node;
  if (parent === undefined) return;
  if (parent.action.actionType === actionType.whenAny) settle(parent, false);
  else if (failed) settle(parent, true);
  else if (parent.children.every((child) => child.done)) settle(parent, false);
}

const callKind = ({ actionType: type }: Action) =>
  type === actionType.callActivity || type === actionType.callActivityWithRetry ? 'activity' : 'child';

function nextStop(action: Action, now: string): number {
  const end = new Date(action.fireAt ?? now).getTime();
  const from = Date.parse(now);
  return end - from > longestTimerMs ? from + longTimerStepMs : end;
}

function retryDelayMs(options: RetryOptions, failures: number): number {
  const { firstRetryIntervalInMilliseconds: first, backoffCoefficient = 1, maxRetryIntervalInMilliseconds } = options;
  return Math.min(
    first * (backoffCoefficient || 1) ** (failures - 1),
    maxRetryIntervalInMilliseconds || longestTimerMs,
  );
}

const iso = (ms: number) => new Date(ms).toISOString();
