/**
 * A lane: calls of one class on their way to Graph, twenty to a `$batch`, some batches side by side (graph-facts 1.3). Calls of
 * concurrent callers share batches. Two calls that name the same object are never on their way at once.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock.ts';
import type { Id } from '../directory/record.ts';
import type { Accounting } from './accounting.ts';
import { type Answer, type Call, type CallClass, noAnswer } from './call.ts';
import type { Transport } from './client.ts';
import type { GraphLimits } from './config.ts';
import { answersIn, batchSize, envelopeOf } from './envelope.ts';
import { createPace } from './pace.ts';
import { sendAgain } from './persistence.ts';
import type { Gate } from './throttle.ts';
import { createTurns } from './turns.ts';

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
}

interface Job {
  readonly call: Call;
  readonly object?: Id;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
  tries: number;
  throttledSince?: number;
  throttledTimes: number;
  lostBefore: boolean;
}

export function createLane(carries: CallClass, sideBySide: number, parts: LaneParts): Lane {
  const { transport, gate, accounting, clock, limits } = parts;
  const ready: Job[] = [];
  const turns = createTurns<Job>();
  const pace = createPace(sideBySide * batchSize);
  let batches = 0;
  let woken = false;

  /** Waits a turn first, so that calls submitted together travel together. */
  function wake(): void {
    if (woken) return;
    woken = true;
    setImmediate(() => {
      woken = false;
      while (batches < sideBySide && ready.length > 0 && pace.room() > 0) void travel(take(pace.room()));
    });
  }

  function take(room: number): Job[] {
    const size = Math.min(batchSize, room);
    const alone = ready.slice(0, size).findIndex(({ call }) => call.content !== undefined);
    return ready.splice(0, alone === 0 ? 1 : alone === -1 ? size : alone);
  }

  async function travel(jobs: Job[]): Promise<void> {
    batches += 1;
    pace.leave(jobs.length);
    let throttled = 0;
    try {
      const answers = await sendTogether(jobs.map(({ call }) => call));
      throttled = answers.filter(({ status }) => status === 429).length;
      for (const [index, job] of jobs.entries()) settle(job, answers[index] ?? noAnswer(true));
    } catch (error) {
      for (const job of jobs) end(job, () => job.reject(error));
    } finally {
      batches -= 1;
      pace.arrive(jobs.length, throttled);
      wake();
    }
  }

  async function sendTogether(calls: readonly Call[]): Promise<readonly Answer[]> {
    const [only] = calls;
    if (only?.content !== undefined) return [await transport.send(only)];
    const envelope = envelopeOf(calls, carries);
    const answers = answersIn(envelope, calls, await transport.send(envelope));
    for (const [index, call] of calls.entries()) accounting.count(call, answers[index]?.header('x-ms-resource-unit'));
    return answers;
  }

  function settle(job: Job, answer: Answer): void {
    if (answer.status === 429 && mayWaitLonger(job, answer)) {
      ready.unshift(job);
      return;
    }
    job.tries += 1;
    const again = sendAgain(job.call, answer, job.tries, limits);
    if (again === undefined) {
      end(job, () => job.resolve(job.lostBefore ? { ...answer, repeated: true } : answer));
      return;
    }
    if (again.why === 'lost' && answer.maybeDone) job.lostBefore = true;
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
    const next = turns.done(job);
    if (next !== undefined) ready.push(next);
    tell();
    wake();
  }

  return {
    submit: (call) =>
      new Promise((resolve, reject) => {
        const job: Job = {
          call,
          ...(call.object === undefined ? {} : { object: call.object }),
          resolve,
          reject,
          tries: 0,
          throttledTimes: 0,
          lostBefore: false,
        };
        if (!turns.come(job)) return;
        ready.push(job);
        wake();
      }),
  };
}
