/** What every handler shares: its errors become problems, its answers JSON; nothing else happens here. */
import type { HttpHandler, HttpRequest, HttpResponseInit, InvocationContext } from '@azure/functions';
import { AppError, isAppError, nameAndPlace } from '../errors.ts';
import { requireRole } from './caller.ts';
import { problem } from './problem.ts';

export type Handle = (request: HttpRequest, context: InvocationContext) => Promise<HttpResponseInit>;

/**
 * Lets only callers in whose role allows it, and turns what a handler throws into a problem. An error that is none of ours is logged by name and
 * place and told without its text, which may quote a record.
 */
export const handling =
  (handle: Handle): HttpHandler =>
  async (request, context) => {
    const instance = new URL(request.url).pathname;
    try {
      requireRole(request);
      return await handle(request, context);
    } catch (error) {
      if (isAppError(error)) return problem(error, instance);
      context.error(`unexpected ${nameAndPlace(error)}`);
      return problem(
        new AppError('internal', 'The request failed for a reason that the log of this invocation tells.'),
        instance,
      );
    }
  };

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}): HttpResponseInit => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** The address of the next page: this request's own, with the cursor. */
export function nextLink(
  request: HttpRequest,
  cursor: string | undefined,
): { nextLink: string } | Record<string, never> {
  if (cursor === undefined) return {};
  const next = new URL(request.url);
  next.searchParams.delete('code');
  next.searchParams.set('cursor', cursor);
  return { nextLink: next.toString() };
}
