/** Reading about several things at once, without one that Graph refuses or fails to tell of taking the others along (R52). */
import { isAppError } from '../errors.ts';
import type { JobContext } from './job-context.ts';
import type { LinkStep, LinkSubject } from './links.ts';
import { type Refusal, unreadable } from './refusals.ts';

/** Why something could not be read; `mayPass`: nothing was refused, Graph only failed to the last try. */
export interface Unread extends Refusal {
  readonly mayPass?: true;
}

/**
 * All together, or else each alone and for itself. Throws when Graph as a whole is gone: then the activity is worth another try.
 * @param instead what a thing gives that cannot be read about.
 */
export async function apart<T, R>(
  context: Pick<JobContext, 'gateway'>,
  things: readonly T[],
  read: (some: readonly T[]) => Promise<Iterable<R>>,
  instead: (thing: T, why: Unread) => Iterable<R> | Promise<Iterable<R>>,
): Promise<R[]> {
  try {
    return [...(await read(things))];
  } catch (error) {
    const why = await whyUnread(context, error);
    const [only, ...more] = things;
    if (only === undefined) throw error;
    if (more.length === 0) return [...(await instead(only, why))];
    return (await Promise.all(things.map((thing) => apart(context, [thing], read, instead)))).flat();
  }
}

/** Throws the error where it is no refusal, or Graph as a whole is gone. */
export async function whyUnread({ gateway }: Pick<JobContext, 'gateway'>, error: unknown): Promise<Unread> {
  const refusal = unreadable(error);
  if (refusal !== undefined) return refusal;
  if (!isAppError(error, 'graph-unreachable')) throw error;
  await gateway.probe().catch((answer: unknown) => {
    if (!isAppError(answer, 'forbidden')) throw answer;
  });
  return { reason: 'graph-error', mayPass: true };
}

/** A step for links of a name that nobody could read: they are neither compared nor written, and reported. */
export const unreadStep = ({ origin, liveId }: LinkSubject, name: string, { reason, note }: Refusal): LinkStep => ({
  act: 'skip',
  reason,
  ...(note === undefined ? {} : { note }),
  origin,
  name,
  source: liveId,
  target: '',
  targetId: '',
});

export const isUnread = ({ act, targetId, reason }: LinkStep): boolean =>
  act === 'skip' && targetId === '' && reason !== 'not-captured-by-snapshot';
