/** The two things our parts of the Graph client's middleware chain share: how one is written, and how it learns what is being sent. */
import type { Context, Middleware, MiddlewareOptions } from '@microsoft/microsoft-graph-client';
import type { Call } from './call.ts';

/** Travels beside a request through the chain, as the client's own middleware options do. */
export class SentCall implements MiddlewareOptions {
  readonly call: Call;
  constructor(call: Call) {
    this.call = call;
  }
}

/** A middleware from a function that does something around the rest of the chain. */
export function around(handle: (call: Call, context: Context, next: () => Promise<void>) => Promise<void>): Middleware {
  let rest: Middleware | undefined;
  return {
    execute(context) {
      const options = context.middlewareControl?.getMiddlewareOptions(SentCall);
      if (!(options instanceof SentCall)) throw new TypeError('a request was sent without its call');
      return handle(options.call, context, () => rest?.execute(context) ?? Promise.resolve());
    },
    setNext(next) {
      rest = next;
    },
  };
}
