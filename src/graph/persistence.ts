/** When a call is worth sending again, and after which wait. Pure but for the jitter. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Answer, type Call, isOk } from './call.ts';
import type { Transport } from './client.ts';
import type { GraphLimits } from './config.ts';
import { graphProblem } from './errors.ts';
import { backOff, retryAfterMs } from './throttle.ts';

export type Again = { readonly waitMs: number; readonly why: 'lost' | 'busy' };

/**
 * - No answer, or a 5xx: again if repeating changes nothing, or if the request cannot have left.
 * - 409 `Directory_ConcurrencyViolation`: nothing was done; again.
 * Throttling (429) is not counted here: the gate decides. `tries`: how often the call was sent.
 */
export function sendAgain(call: Call, answer: Answer, tries: number, limits: GraphLimits): Again | undefined {
  if (isOk(answer) || answer.status === 429) return undefined;
  const backOffMs = backOff(tries - 1, limits.backoffMs, 30_000);
  if (answer.status === 409 && graphProblem(answer).code === 'Directory_ConcurrencyViolation') {
    return tries < 2 * limits.tries ? { waitMs: Math.min(backOffMs, 5_000), why: 'busy' } : undefined;
  }
  if (tries >= limits.tries) return undefined;
  const lost = answer.status === 0 || (answer.status >= 500 && answer.status !== 501);
  if (!lost || (!call.repeatable && answer.maybeDone)) return undefined;
  if (call.impatient) return { waitMs: backOffMs, why: 'lost' };
  // A dated Retry-After is left to the back-off; Graph sends seconds.
  return { waitMs: retryAfterMs(answer.header('retry-after'), Number.NaN) ?? backOffMs, why: 'lost' };
}

/** Sends a call that travels alone, again and again as far as that is right. */
export async function sendPersistently(transport: Transport, call: Call, limits: GraphLimits): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await transport.send(call);
    const again = sendAgain(call, answer, tries, limits);
    if (again === undefined) return answer;
    await sleep(again.waitMs);
  }
}
