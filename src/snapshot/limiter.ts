/** At most so many at once in this process, for work that is heavy on memory however many activities the host starts. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

export function createLimiter(atOnce: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}

/** Results in the order of the inputs, at most `atOnce` under way. */
export function mapLimited<I, O>(inputs: readonly I[], atOnce: number, work: (input: I) => Promise<O>): Promise<O[]> {
  const limit = createLimiter(atOnce);
  return Promise.all(inputs.map((input) => limit(() => work(input))));
}
