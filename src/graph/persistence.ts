/** When a call is worth sending again, and after which wait. Pure but for the jitter. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Id } from '../directory/record.ts';
import { type Answer, type Call, isOk } from './call.ts';
import type { Transport } from './client.ts';
import type { GraphLimits } from './config.ts';
import { graphProblem } from './errors.ts';
import { backOff, retryAfterMs } from './throttle.ts';

export interface Attempts {
  /** How often the call was sent. */
  readonly tries: number;
  /** How long it waited for replication so far, in ms. */
  readonly replicationMs: number;
}

export type Again = { readonly waitMs: number; readonly why: 'lost' | 'busy' | 'replication' };

/**
 * - No answer, or a 5xx: again if repeating changes nothing, or if the request cannot have left.
 * - 409 `Directory_ConcurrencyViolation`: nothing was done; again.
 * - An object of ours that Graph does not know everywhere yet (graph-facts 4.4): again until the replication wait is over.
 * Throttling (429) is not counted here: the gate decides.
 */
export function sendAgain(
  call: Call,
  answer: Answer,
  attempts: Attempts,
  limits: GraphLimits,
  isYoung: (id: Id) => boolean,
): Again | undefined {
  if (isOk(answer) || answer.status === 429) return undefined;
  const { tries } = attempts;
  const backOffMs = backOff(tries - 1, limits.backoffMs, 30_000);
  if (isYoungMiss(call, answer, isYoung)) {
    return attempts.replicationMs < limits.replicationMs
      ? { waitMs: Math.min(backOffMs, 5_000), why: 'replication' }
      : undefined;
  }
  if (answer.status === 409 && graphProblem(answer).code === 'Directory_ConcurrencyViolation') {
    return tries < 2 * limits.tries ? { waitMs: Math.min(backOffMs, 5_000), why: 'busy' } : undefined;
  }
  if (tries >= limits.tries) return undefined;
  const lost = answer.status === 0 || (answer.status >= 500 && answer.status !== 501);
  if (!lost || (!call.repeatable && answer.maybeDone)) return undefined;
  // A dated Retry-After is left to the back-off; Graph sends seconds.
  return { waitMs: retryAfterMs(answer.header('retry-after'), Number.NaN) ?? backOffMs, why: 'lost' };
}

function isYoungMiss({ replication }: Call, answer: Answer, isYoung: (id: Id) => boolean): boolean {
  if (replication === undefined || !replication.statuses.includes(answer.status)) return false;
  const { code, details } = graphProblem(answer);
  const plain = answer.status !== 400 || (code === 'Request_BadRequest' && details.length === 0);
  return plain && replication.ids.some(isYoung);
}

/** Sends a call that travels alone, again and again as far as that is right. */
export async function sendPersistently(transport: Transport, call: Call, limits: GraphLimits): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await transport.send(call);
    const again = sendAgain(call, answer, { tries, replicationMs: 0 }, limits, () => false);
    if (again === undefined) return answer;
    await sleep(again.waitMs);
  }
}
