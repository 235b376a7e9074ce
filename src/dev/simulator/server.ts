/** The simulator on a loopback port: Graph below `/v1.0`, the control doors below `/_control`. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseUrl } from './batch.ts';
import { createControl } from './control/control.ts';
import type { Control } from './control/router.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { jsonHeaders } from './request.ts';
import { createRouter } from './router.ts';
import { routes } from './routes.ts';
import { findSeed, plantSeed } from './seed/plant.ts';
import { createSimulation } from './simulation.ts';
import { createTenantClock } from './tenant/clock.ts';
import { openJournal } from './tenant/journal.ts';
import { Tenant } from './tenant/tenant.ts';

export interface SimulatorOptions {
  /** The run's state directory; the tenant is kept in its folder `simulator`. Null: memory only. */
  readonly stateDir: string | null;
  /** `demo`, `empty`, or a number of users; ignored when the folder holds a tenant. */
  readonly seed: string;
  /** 0: any free port. */
  readonly port: number;
}

export interface Simulator {
  /** `http://127.0.0.1:<port>`, to which `/v1.0` and `/_control` belong. */
  readonly url: string;
  close(): Promise<void>;
}

const loopback = '127.0.0.1';
const mostBodyBytes = 64 * 1024 * 1024;

/** Starts a simulator. Rejects when the port cannot be listened on or the folder cannot be used. */
export async function createSimulator({ stateDir, seed, port }: SimulatorOptions): Promise<Simulator> {
  const tenant = new Tenant(createTenantClock());
  const opened = stateDir === null ? null : openJournal(join(stateDir, 'simulator'), tenant);
  const simulation = createSimulation(tenant, () => opened?.journal.rebase());
  if (opened?.loaded !== true) {
    const plan = findSeed(seed);
    if (plan === null) throw new RangeError(`there is no seed ${seed}`);
    if (seed !== 'empty') plantSeed(simulation, plan);
  }
  const pipeline = createPipeline(simulation, createRouter(routes));
  const control = createControl(simulation);
  const server = createServer((request, response) => {
    void respond(request, response, pipeline, control).catch((error: unknown) => fail(request, response, error));
  });
  // Longer than any client keeps an idle connection, so that none writes into one that is just being closed.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, loopback, () => resolve());
  });
  return {
    url: `http://${loopback}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
      opened?.journal.close();
    },
  };
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  pipeline: Pipeline,
  control: Control,
): Promise<void> {
  const method = request.method ?? 'GET';
  const url = request.url ?? '/';
  const content = await readBody(request);
  const host = `http://${request.headers.host ?? loopback}`;
  if (url === '/_control' || url.startsWith('/_control/')) {
    const path = url.slice('/_control'.length).split('?')[0] ?? '';
    const { status, body } = await control({ method, path, text: content.toString('utf8') });
    const text = body === null ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(text);
    return;
  }
  if (!url.startsWith('/v1.0/')) {
    const error = {
      code: 'NotImplemented',
      message: `The simulator does not implement ${method} ${url.split('?')[0]}.`,
    };
    response.writeHead(501, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error }));
    return;
  }
  const { path, query } = parseUrl(url.slice('/v1.0'.length));
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
  const body = parseBody(content, headers.get('content-type'));
  const base = `${host}/v1.0`;
  const outcome = await pipeline.answer({ method, path, query, headers, body, base }, request.headers.authorization);
  if (outcome === 'cut') {
    request.socket.destroy();
    return;
  }
  if (outcome.body === undefined) {
    response.writeHead(outcome.status, outcome.headers).end();
    return;
  }
  const isBytes = outcome.body instanceof Uint8Array;
  const bytes = isBytes ? (outcome.body as Uint8Array) : Buffer.from(JSON.stringify(outcome.body));
  const format = isBytes ? {} : jsonHeaders(outcome.status);
  response.writeHead(outcome.status, { ...format, ...outcome.headers, 'Content-Length': bytes.length }).end(bytes);
}

/** A mistake of the simulator's own: said on stderr without any content, and to the caller as 500. */
function fail(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`simulator: ${request.method} ${request.url?.split('?')[0]} failed: ${what}\n`);
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = { error: { code: 'InternalServerError', message: 'The simulator failed; its log says why.' } };
  response.writeHead(500, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > mostBodyBytes) throw new Error('the body is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Parsed JSON; bytes for another content type; a text that is no JSON stays a text, which handlers refuse. */
function parseBody(content: Buffer, contentType: string | undefined): unknown {
  if (content.length === 0) return undefined;
  if (contentType !== undefined && !/json|text\/plain/i.test(contentType)) return content;
  const text = content.toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return contentType === undefined ? content : text;
  }
}
