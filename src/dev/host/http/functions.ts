/** HTTP triggers: which function answers a path, who may call it, and the request's and response's way through the worker. */
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RegisteredFunction, TypedData } from '../core-module.ts';
import type { Invoke } from '../invoke.ts';
import type { Log } from '../log.ts';
import { hasKey, type Keys } from './keys.ts';
import { sendProblem } from './problem.ts';
import { compileRoute, type Route } from './route.ts';
import { stream, streamMetadata } from './streaming.ts';

/** What Azure accepts at most. */
const maxBodyBytes = 100 * 1024 * 1024;

interface Endpoint {
  readonly fn: RegisteredFunction;
  readonly route: Route;
  readonly methods: readonly string[];
}

export type Handler = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export interface FunctionServices {
  readonly keys: Keys;
  readonly invoke: Invoke;
  readonly log: Log;
  /** Data for `durableClient` inputs. */
  readonly durableClient: () => TypedData;
  /** Where the library takes streams, for an app that switched them on. */
  readonly httpUri: string | undefined;
}

/** Serves every HTTP function under the route prefix ('' for the root). */
export function serveFunctions(all: Iterable<RegisteredFunction>, prefix: string, services: FunctionServices): Handler {
  const endpoints = [...all]
    .filter((fn) => fn.triggerType === 'httptrigger')
    .map((fn) => endpointOf(fn, prefix))
    .sort((a, b) => (a.route.rank < b.route.rank ? -1 : a.route.rank > b.route.rank ? 1 : 0));
  return async (request, response, url) => {
    const path = url.pathname.slice(1);
    try {
      const fitting = endpoints.flatMap((endpoint) => {
        const params = endpoint.route.match(path);
        return params === undefined ? [] : [{ endpoint, params }];
      });
      const chosen = fitting.find(({ endpoint }) => endpoint.methods.includes(request.method ?? ''));
      if (chosen !== undefined)
        return await answer({ fn: chosen.endpoint.fn, params: chosen.params, request, response, url }, services);
      if (fitting.length === 0) return sendProblem(response, 404, 'not-found', `No route ${request.method} /${path}.`);
      response.setHeader('allow', fitting.flatMap(({ endpoint }) => endpoint.methods).join(', '));
      sendProblem(response, 405, 'method-not-allowed', `${request.method} is not served at /${path}.`);
    } catch (error) {
      if (!(error instanceof URIError)) throw error;
      sendProblem(response, 400, 'invalid-input', 'The path holds a malformed escape sequence.');
    }
  };
}

function endpointOf(fn: RegisteredFunction, prefix: string): Endpoint {
  const { route = fn.name, methods = ['GET', 'POST'] } = fn.trigger as { route?: string; methods?: string[] };
  const template = [prefix, route.replace(/^\/+/, '')].filter((part) => part !== '').join('/');
  return { fn, route: compileRoute(template), methods: methods.map((method) => method.toUpperCase()) };
}

interface Call {
  readonly fn: RegisteredFunction;
  readonly params: Record<string, string>;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

async function answer(call: Call, services: FunctionServices): Promise<void> {
  const { fn, request, response, url } = call;
  const { keys, log } = services;
  const level = String(fn.trigger.authLevel ?? 'anonymous').toLowerCase();
  const accepted = level === 'admin' ? [keys.master] : [keys.function, keys.master];
  if (level !== 'anonymous' && !hasKey(request, url.searchParams, accepted))
    return sendProblem(response, 401, 'unauthorized', 'A function key is needed: x-functions-key or ?code=.');
  if (Number(request.headers['content-length'] ?? 0) > maxBodyBytes) return sendTooLarge(response);
  try {
    await (services.httpUri === undefined ? answerWhole(call, services) : answerInPieces(call, services));
  } catch (error) {
    // Whoever hung up is told nothing.
    if (response.destroyed) return;
    log.error({ fn: fn.name, err: error }, 'failed');
    if (response.headersSent) response.destroy();
    else sendProblem(response, 500, 'internal', `Function ${fn.name} failed; its log tells why.`);
  }
}

async function answerInPieces(call: Call, { invoke, durableClient, httpUri = '' }: FunctionServices): Promise<void> {
  const { fn, params, request, response, url } = call;
  const invocationId = randomUUID();
  await stream({ request, response, httpUri, invocationId }, async () => {
    const { result } = await invoke(fn, {
      invocationId,
      trigger: { http: {} },
      triggerMetadata: streamMetadata(request, url.searchParams, params),
      durableClient: durableClient(),
    });
    if (result === undefined || result === null)
      throw new Error(
        'The handler returned nothing; where bodies are streamed, Azure would never answer this request.',
      );
  });
}

async function answerWhole(call: Call, { invoke, durableClient }: FunctionServices): Promise<void> {
  const { fn, params, request, response, url } = call;
  const body = await readBody(request);
  if (body === undefined) return sendTooLarge(response);
  const http = {
    method: request.method,
    url: url.href,
    nullableHeaders: nullable(Object.entries(request.headers).map(([name, value]) => [name, String(value)])),
    nullableQuery: nullable(joined(url.searchParams)),
    nullableParams: nullable(Object.entries(params)),
    body: { bytes: body },
  };
  const { returnValue } = await invoke(fn, { trigger: { http }, durableClient: durableClient() });
  write(response, returnValue?.http as RpcResponse | undefined);
}

const sendTooLarge = (response: ServerResponse) =>
  sendProblem(response, 413, 'invalid-input', 'The body is larger than 100 MB.');

/** Repeated query keys reach the function joined by a comma, as in Azure. */
function joined(query: URLSearchParams): [string, string][] {
  return [...new Set(query.keys())].map((name) => [name, query.getAll(name).join(',')]);
}

const nullable = (pairs: readonly (readonly [string, string])[]) =>
  Object.fromEntries(pairs.map(([name, value]) => [name, { value }]));

interface RpcResponse {
  readonly statusCode?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly { name?: string; value?: string; path?: { value: string } }[];
  readonly body?: TypedData | null;
}

function write(response: ServerResponse, rpc: RpcResponse | undefined): void {
  if (rpc === undefined) {
    response.writeHead(204).end();
    return;
  }
  const cookies = (rpc.cookies ?? []).map(
    ({ name, value, path }) => `${name}=${value}${path ? `; Path=${path.value}` : ''}`,
  );
  if (cookies.length > 0) response.setHeader('set-cookie', cookies);
  const bytes = rpc.body?.bytes ?? new Uint8Array();
  const { 'transfer-encoding': _, ...headers } = rpc.headers ?? {};
  response.writeHead(Number(rpc.statusCode ?? 200), { ...headers, 'content-length': bytes.byteLength });
  response.end(bytes);
}

/** Undefined when it is too large. */
export async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.byteLength;
    if (size <= maxBodyBytes) chunks.push(chunk);
  }
  return size > maxBodyBytes ? undefined : Buffer.concat(chunks);
}
