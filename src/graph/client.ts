/**
 * The Graph client with our middleware: whatever happens comes back as an Answer or, when the request could not be sent in our
 * name, as an AppError. Chain: translation, token, throttle, accounting, deadline, the tenant's time, the client's own telemetry and sending.
 */
import {
  Client,
  GraphClientError,
  HTTPMessageHandler,
  type Middleware,
  ResponseType,
  TelemetryHandler,
} from '@microsoft/microsoft-graph-client';
import type { Clock } from '../clock.ts';
import type { Json } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import { type Accounting, accountingMiddleware } from './accounting.ts';
import { type Answer, type Call, noAnswer } from './call.ts';
import type { GraphLimits } from './config.ts';
import type { TokenSource } from './credential.ts';
import { around, SentCall } from './middleware.ts';
import { type TenantClock, tenantClockMiddleware } from './tenant-clock.ts';
import { type Gate, throttleMiddleware } from './throttle.ts';

export const version = 'v1.0';

export interface Transport {
  readonly endpoint: string;
  /** Sends once, apart from throttling, which is waited out. Throws AppError only when no token is to be had. */
  send(call: Call): Promise<Answer>;
  /** A link that Graph gave, as a path for a call; throws `refused` when it leads anywhere else than to our Graph. */
  pathOf(link: string): string;
}

export interface TransportParts {
  readonly endpoint: string;
  readonly token: TokenSource;
  readonly gate: Gate;
  readonly accounting: Accounting;
  readonly clock: Clock;
  readonly tenantClock: TenantClock;
  readonly limits: GraphLimits;
}

export function createTransport(parts: TransportParts): Transport {
  const { endpoint, limits } = parts;
  const client = Client.initWithMiddleware({
    baseUrl: `${endpoint}/`,
    defaultVersion: version,
    middleware: [
      translation,
      authentication(parts),
      throttleMiddleware(parts.gate, parts.clock, limits.throttleBudgetMs),
      accountingMiddleware(parts.accounting),
      deadline(limits.timeoutMs),
      tenantClockMiddleware(parts.tenantClock, parts.clock),
      new TelemetryHandler(),
      new HTTPMessageHandler(),
    ],
  });
  return {
    endpoint,
    pathOf: (link) => pathBelow(endpoint, link),
    send: (call) => sendOnce(client, call),
  };
}

function pathBelow(endpoint: string, link: string): string {
  const url = URL.canParse(link) ? new URL(link) : undefined;
  if (url?.origin !== endpoint || !url.pathname.startsWith(`/${version}/`)) {
    throw new AppError('refused', 'a page link leads to another place than this Graph; no token is sent there');
  }
  return `${url.pathname.slice(version.length + 1)}${url.search}`;
}

async function sendOnce(client: Client, call: Call): Promise<Answer> {
  const request = client
    .api(call.path)
    .responseType(ResponseType.RAW)
    .middlewareOptions([new SentCall(call)])
    .headers({ ...call.headers });
  try {
    const response = (await dispatch(call, request)) as Response;
    return await answerOf(response);
  } catch (error) {
    const cause: unknown = error instanceof GraphClientError ? error.customError : undefined;
    if (cause instanceof Untold) {
      if (cause.appError !== undefined) throw cause.appError;
      return noAnswer(cause.maybeDone);
    }
    // Whatever broke while the answer was being read: it was sent, and nobody knows what became of it.
    return noAnswer(true);
  }
}

function dispatch(call: Call, request: ReturnType<Client['api']>): Promise<unknown> {
  switch (call.method) {
    case 'GET':
      return request.get();
    case 'POST':
      return request.post(call.body);
    case 'PATCH':
      return request.patch(call.body);
    case 'DELETE':
      return request.delete();
    case 'PUT': {
      if (call.content === undefined) return request.put(call.body);
      const { bytes, contentType } = call.content;
      // The client sends the whole ArrayBuffer under a view, but takes a Buffer as it is.
      return request.header('Content-Type', contentType).put(Buffer.from(bytes));
    }
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const body = parsed(await response.text());
  // A success that cannot be read is an answer that got lost, not an empty one.
  if (body === unreadable && response.ok) return noAnswer(true);
  return {
    status: response.status,
    body: body === unreadable ? undefined : body,
    maybeDone: true,
    header: (name) => response.headers.get(name) ?? undefined,
  };
}

const unreadable = Symbol('unreadable');

function parsed(text: string): Json | undefined | typeof unreadable {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return unreadable;
  }
}

/** What went wrong before any answer, in the one form that the client hands through untouched. */
class Untold {
  readonly appError: AppError | undefined;
  readonly maybeDone: boolean;
  constructor(appError: AppError | undefined, maybeDone: boolean) {
    this.appError = appError;
    this.maybeDone = maybeDone;
  }
}

/** Outermost: nothing but our own words for failures leaves the chain. */
const translation: Middleware = around(async (_call, _context, next) => {
  try {
    await next();
  } catch (error) {
    const untold = error instanceof AppError ? new Untold(error, false) : new Untold(undefined, !neverSent(error));
    throw GraphClientError.setGraphClientError(untold);
  }
});

/** No connection came about at all, so nothing can have been done. */
function neverSent(error: unknown): boolean {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'].includes(String(code));
}

const authentication = ({ endpoint, token }: TransportParts): Middleware =>
  around(async (_call, context, next) => {
    const url = typeof context.request === 'string' ? context.request : context.request.url;
    if (new URL(url).origin !== endpoint) throw new AppError('refused', 'a request would have left for another host');
    context.options = {
      ...context.options,
      headers: { ...context.options?.headers, Authorization: `Bearer ${await token()}` },
    };
    await next();
  });

const deadline = (timeoutMs: number): Middleware =>
  around(async (_call, context, next) => {
    context.options = { ...context.options, signal: AbortSignal.timeout(timeoutMs) };
    await next();
  });
