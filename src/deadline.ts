/**
 * No call to a service waits for ever. The Azure clients set no limit of their own: `tryTimeoutInMs` of storage is only a wish that is
 * sent along.
 */

/** How long one operation with all its tries may take, in ms; services answer within seconds, and what asked is run again. */
export const answerMs = 60_000;

/** Rejects after `ms`, whether or not `act` heeds the signal, which is aborted then. */
export async function within<T>(ms: number, act: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const aborter = new AbortController();
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new Error(`no answer within ${ms} ms`));
    aborter.abort();
  }, ms);
  try {
    return await Promise.race([act(aborter.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
