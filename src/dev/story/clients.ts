/** The two ways the story talks to a running system: as the admin who uses our API, and as the administrator beside it on Graph. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { System } from '../system.ts';

// biome-ignore lint/suspicious/noExplicitAny: a story reads what it shows; the shapes are those of the contract
export type Json = any;

export interface Clients {
  /** Our API, with the run's function key. Throws on anything but success. */
  api(method: string, path: string, body?: unknown): Promise<Json>;
  /** Graph as `outside`: never counted, never throttled. Throws on anything but success. */
  graph(method: string, path: string, body?: unknown): Promise<Json>;
  /** Every page of a Graph collection. */
  all(path: string): Promise<Json[]>;
  /** The object, or undefined where Graph answers 404. */
  find(path: string): Promise<Json | undefined>;
  bytes(path: string): Promise<Uint8Array | undefined>;
  control(method: string, path: string, body?: unknown): Promise<Json>;
  /** Watches a job to its end, telling of each change. */
  follow(jobId: string, tell: (job: Json) => void): Promise<Json>;
}

export function createClients(system: System): Clients {
  const headers = { 'x-functions-key': system.key };
  const outside = { authorization: 'Bearer outside' };
  const url = (path: string): string => (path.startsWith('http') ? path : `${system.graph}${path}`);
  const api: Clients['api'] = (method, path, body) => call(method, `${system.api}${path}`, headers, body);
  const graph: Clients['graph'] = (method, path, body) => call(method, url(path), outside, body);
  return {
    api,
    graph,
    control: (method, path, body) => call(method, `${system.control}${path}`, {}, body),
    all: async (path) => {
      const items: Json[] = [];
      for (let next: string | undefined = path; next !== undefined; ) {
        const page: Json = await graph('GET', next);
        items.push(...page.value);
        next = page['@odata.nextLink'];
      }
      return items;
    },
    find: async (path) => {
      const response = await fetch(url(path), { headers: outside });
      return response.status === 404 ? undefined : read(response, `GET ${path}`);
    },
    bytes: async (path) => {
      const response = await fetch(url(path), { headers: outside });
      return response.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
    },
    follow: async (jobId, tell) => {
      for (;;) {
        const job = await api('GET', `/jobs/${jobId}`);
        tell(job);
        if (job.status !== 'queued' && job.status !== 'running') return job;
        await sleep(100);
      }
    },
  };
}

async function call(method: string, url: string, headers: Record<string, string>, body: unknown): Promise<Json> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return read(response, `${method} ${new URL(url).pathname}`);
}

async function read(response: Response, what: string): Promise<Json> {
  const text = await response.text();
  if (!response.ok) throw new Error(`${what} answered ${response.status}: ${text.slice(0, 500)}`);
  return text === '' ? undefined : JSON.parse(text);
}
