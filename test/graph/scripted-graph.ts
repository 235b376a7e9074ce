/** A Graph that says exactly what a test scripts: for the answers no well-behaved server gives. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DirectoryGateway } from '../../src/directory/gateway.ts';
import type { GraphLimits } from '../../src/graph/config.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';

export interface Seen {
  readonly method: string;
  /** With query, below `/v1.0`. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into bodies of every shape
  readonly body: any;
  readonly atMs: number;
}

export interface Said {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** Answers one request, a sub-request of a batch included; `cut` closes the connection without a word. */
export type Script = (request: Seen) => Said | 'cut';

export interface ScriptedGraph {
  readonly url: string;
  readonly gateway: DirectoryGateway;
  /** Every request, sub-requests instead of their envelope. */
  readonly seen: Seen[];
  readonly envelopes: Seen[];
  close(): Promise<void>;
}

export async function scriptedGraph(script: Script, limits: Partial<GraphLimits> = {}): Promise<ScriptedGraph> {
  const seen: Seen[] = [];
  const envelopes: Seen[] = [];
  const answer = (request: Seen): Said | 'cut' => {
    if (request.path !== '/$batch') {
      seen.push(request);
      return script(request);
    }
    envelopes.push(request);
    const whole = envelopeAnswer(script, request);
    if (whole !== undefined) return whole;
    const responses: object[] = [];
    for (const sub of request.body.requests) {
      const said = answer({ ...sub, path: sub.url, atMs: request.atMs, headers: sub.headers ?? {} });
      if (said === 'cut') return 'cut';
      responses.unshift({ id: sub.id, ...said });
    }
    return { status: 200, body: { responses } };
  };
  const server = createServer((request, response) => void serve(request, response, answer));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway = createGraphGateway({
    cloud: 'global',
    endpoint: url,
    credential: { kind: 'development', token: 'app' },
    limits: { backoffMs: 5, ...limits },
  });
  return {
    url,
    gateway,
    seen,
    envelopes,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A script may also answer `/$batch` itself; a 404 there means "go into it". */
function envelopeAnswer(script: Script, request: Seen): Said | 'cut' | undefined {
  const said = script(request);
  return said !== 'cut' && said.status === 404 ? undefined : said;
}

async function serve(request: IncomingMessage, response: ServerResponse, answer: (seen: Seen) => Said | 'cut') {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const bytes = Buffer.concat(chunks);
  const json = String(request.headers['content-type'] ?? '').includes('json') && bytes.length > 0;
  const said = answer({
    method: String(request.method),
    path: String(request.url).replace(/^\/v1\.0/, ''),
    headers: request.headers,
    body: json ? JSON.parse(bytes.toString()) : bytes,
    atMs: performance.now(),
  });
  if (said === 'cut') {
    response.destroy();
    return;
  }
  response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers });
  response.end(said.body === undefined ? undefined : JSON.stringify(said.body));
}

export const graphError = (status: number, code: string, details?: object[]): Said => ({
  status,
  body: { error: { code, message: 'prose that nobody may depend on', ...(details ? { details } : {}) } },
});

export const notFound = graphError(404, 'Request_ResourceNotFound');
