/** No call to storage waits for ever: the Azure clients' own `tryTimeoutInMs` is a wish sent to the service, not a limit kept here. */

/** How long one operation with all its tries may take, in ms; storage answers within seconds, and then the activity is run again. */
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
