/**
 * A lane: calls of one class on their way to Graph, twenty to a `$batch`, some batches side by side (graph-facts 1.3). Calls of
 * concurrent callers share batches. Two calls that name the same object are never on their way at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Id, Json, JsonObject } from '../directory/record.ts';
import type { Accounting } from './accounting.ts';
import { type Answer, type Call, type CallClass, noAnswer } from './call.ts';
import type { Transport } from './client.ts';
import type { GraphLimits } from './config.ts';
import { errorOf } from './errors.ts';
import { sendAgain } from './persistence.ts';
import type { Gate } from './throttle.ts';

const batchSize = 20;

export interface Lane {
  /** The answer, whatever its status; throws AppError only when nothing can be sent at all. */
  submit(call: Call): Promise<Answer>;
}

export interface LaneParts {
  readonly transport: Transport;
  readonly gate: Gate;
  readonly accounting: Accounting;
  readonly clock: Clock;
  readonly limits: GraphLimits;
  /** Whether an object was made so short ago that Graph may not know it everywhere. */
  readonly isYoung: (id: Id) => boolean;
}

interface Job {
  readonly call: Call;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  tries: number;
  replicationMs: number;
  throttledSince?: number;
  throttledTimes: number;
  lostBefore: boolean;
}

export function createLane(carries: CallClass, sideBySide: number, parts: LaneParts): Lane {
  const { transport, gate, accounting, clock, limits } = parts;
  const ready: Job[] = [];
  /** Calls that wait for an earlier one on the same object. */
  const behind = new Map<Id, Job[]>();
  let onTheWay = 0;
  let woken = false;

  /** Waits a turn first, so that calls submitted together travel together. */
  function wake(): void {
    if (woken) return;
    woken = true;
    setImmediate(() => {
      woken = false;
      while (onTheWay < sideBySide && ready.length > 0) void travel(take());
    });
  }

  function take(): Job[] {
    const alone = ready.slice(0, batchSize).findIndex(({ call }) => call.content !== undefined);
    return ready.splice(0, alone === 0 ? 1 : alone === -1 ? batchSize : alone);
  }

  async function travel(jobs: Job[]): Promise<void> {
    onTheWay += 1;
    try {
      const [only] = jobs;
      const answers =
        only?.call.content !== undefined
          ? [await transport.send(only.call)]
          : await sendBatch(jobs.map(({ call }) => call));
      for (const [index, job] of jobs.entries()) settle(job, answers[index] ?? noAnswer(true));
    } catch (error) {
      for (const job of jobs) end(job, () => job.reject(error));
    } finally {
      onTheWay -= 1;
      wake();
    }
  }

  async function sendBatch(calls: readonly Call[]): Promise<readonly Answer[]> {
    const requests = calls.map((call, index) => batchRequest(call, String(index)));
    const envelope: Call = {
      method: 'POST',
      path: '/$batch',
      route: '/$batch',
      body: { requests },
      carries,
      repeatable: false,
    };
    const answer = await transport.send(envelope);
    if (answer.status === 400 || answer.status === 413) throw errorOf(envelope, answer);
    if (answer.status !== 200) return calls.map(() => answer);
    const byId = new Map(batchResponses(answer.body).map((response) => [String(response.id), response]));
    return calls.map((call, index) => {
      const response = byId.get(String(index));
      const sub = response === undefined ? noAnswer(true) : subAnswer(response);
      accounting.count(call, sub.header('x-ms-resource-unit'));
      return sub;
    });
  }

  function settle(job: Job, answer: Answer): void {
    if (answer.status === 429 && mayWaitLonger(job, answer)) {
      ready.unshift(job);
      return;
    }
    job.tries += 1;
    const again = sendAgain(job.call, answer, job, limits, parts.isYoung);
    if (again === undefined) {
      end(job, () => job.resolve(job.lostBefore ? { ...answer, repeated: true } : answer));
      return;
    }
    if (again.why === 'lost' && answer.maybeDone) job.lostBefore = true;
    if (again.why === 'replication') job.replicationMs += again.waitMs;
    void sleep(again.waitMs).then(() => {
      ready.push(job);
      wake();
    });
  }

  function mayWaitLonger(job: Job, answer: Answer): boolean {
    const now = clock().getTime();
    job.throttledSince ??= now;
    gate.hold(carries, answer.header, job.throttledTimes++);
    return (gate.throttledUntil()?.getTime() ?? now) - job.throttledSince <= limits.throttleBudgetMs;
  }

  function end(job: Job, tell: () => void): void {
    const { object } = job.call;
    if (object !== undefined) {
      const next = behind.get(object)?.shift();
      if (next === undefined) behind.delete(object);
      else ready.push(next);
    }
    tell();
    wake();
  }

  return {
    submit: (call) =>
      new Promise((resolve, reject) => {
        const job: Job = { call, resolve, reject, tries: 0, replicationMs: 0, throttledTimes: 0, lostBefore: false };
        const queue = call.object === undefined ? undefined : behind.get(call.object);
        if (queue !== undefined) {
          queue.push(job);
          return;
        }
        if (call.object !== undefined) behind.set(call.object, []);
        ready.push(job);
        wake();
      }),
  };
}

const batchRequest = (call: Call, id: string): JsonObject => ({
  id,
  method: call.method,
  url: call.path,
  ...(call.body === undefined
    ? call.headers && { headers: call.headers }
    : { headers: { 'Content-Type': 'application/json', ...call.headers }, body: call.body }),
});

interface BatchResponse {
  readonly id: string;
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
}

function batchResponses(body: Json | undefined): readonly BatchResponse[] {
  const responses = (body as { responses?: unknown } | undefined)?.responses;
  return Array.isArray(responses) ? (responses as BatchResponse[]) : [];
}

function subAnswer({ status, headers, body }: BatchResponse): Answer {
  const byName = new Map(Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
  return { status, body, maybeDone: true, header: (name) => byName.get(name.toLowerCase()) };
}
