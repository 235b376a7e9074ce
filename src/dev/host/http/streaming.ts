/**
 * The way of requests and responses of an app that said `app.setup({ enableHttpStream: true })` (local-host.md 1): the library opened a
 * server of its own in this process, so the raw request is forwarded to it while the function is invoked under the same invocation id, and
 * what comes back is passed on piece by piece. Neither body is ever held as a whole.
 */
import { request as forward, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { TypedData } from '../core-module.ts';

const invocationHeader = 'x-ms-invocation-id';

/** What the worker tells of a streamed request beside the stream: headers and query as JSON, each part of the path by name. */
export function streamMetadata(
  { headers }: IncomingMessage,
  query: URLSearchParams,
  params: Readonly<Record<string, string>>,
): Record<string, TypedData> {
  return {
    ...Object.fromEntries(Object.entries(params).map(([name, value]) => [name, { string: value }])),
    Headers: { json: JSON.stringify(headers) },
    Query: { json: JSON.stringify(Object.fromEntries(query)) },
  };
}

export interface Streamed {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Where the library listens. */
  readonly httpUri: string;
  readonly invocationId: string;
}

/**
 * Runs `invoked` with the request's body on its way to it and its answer on the way out.
 * @throws what `invoked` throws; the library then never ends its answer, so it is cut here.
 */
export async function stream(
  { request, response, httpUri, invocationId }: Streamed,
  invoked: () => Promise<unknown>,
): Promise<void> {
  const inner = forward(new URL(request.url ?? '/', httpUri), {
    method: request.method,
    // A connection of its own: one kept alive may be closed by the other end just when it is used again.
    agent: false,
    headers: {
      ...request.headers,
      [invocationHeader]: invocationId,
      'x-forwarded-host': request.headers.host ?? '',
      'x-forwarded-proto': 'http',
    },
  });
  const answered = new Promise<void>((resolve, reject) => {
    inner.once('error', reject);
    inner.once('response', (answer) => {
      const { [invocationHeader]: _, connection: __, ...headers } = answer.headers;
      response.writeHead(answer.statusCode ?? 200, headers);
      pipeline(answer, response).then(resolve, reject);
    });
  });
  // Whoever hangs up ends the forwarding, too.
  response.once('close', () => inner.destroy());
  // A function may answer before it has read its body to the end; only its answer counts.
  pipeline(request, inner).catch(() => undefined);
  try {
    await Promise.all([answered, invoked()]);
  } catch (error) {
    inner.destroy();
    throw error;
  }
}
