/** A simulator in this process, reached over HTTP as anyone would: an administrator beside the product's app, and the doors. */

import { afterAll, beforeAll, beforeEach } from 'vitest';
import { createSimulator, type Simulator } from '../../src/dev/simulator/server.ts';
import { complaintsAbout } from './answer-check.ts';

// biome-ignore lint/suspicious/noExplicitAny: a JSON answer of any shape, looked into by assertions
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export interface Simulated {
  readonly url: string;
  /** A Graph call below /v1.0 as the administrator; `as: 'app'` makes it the product's app. Throws for an answer that Graph could not give. */
  graph(
    method: string,
    path: string,
    body?: unknown,
    options?: { as?: 'app'; headers?: Record<string, string> },
  ): Promise<Answer>;
  door(method: string, path: string, body?: unknown): Promise<Json>;
  close(): Promise<void>;
}

/** Starts an empty tenant in memory, or the one of a folder. */
export async function startSimulated(stateDir: string | null = null, seed = 'empty'): Promise<Simulated> {
  const simulator: Simulator = await createSimulator({ stateDir, seed, port: 0 });
  return { ...callsTo(simulator.url), url: simulator.url, close: () => simulator.close() };
}

/**
 * One simulator for the tests of a file, its tenant emptied before each of them; call at the top. It runs only inside tests and hooks.
 * @param options `keep`: the tests of the file share what they make.
 */
export function useSimulated({ keep = false }: { readonly keep?: boolean } = {}): Simulated {
  let running: Simulated | undefined;
  const current = (): Simulated => {
    if (running === undefined) throw new Error('the simulator runs only inside tests and hooks');
    return running;
  };
  beforeAll(async () => {
    running = await startSimulated();
  });
  afterAll(() => running?.close());
  if (!keep) beforeEach(() => current().door('POST', '/reset'));
  return {
    get url() {
      return current().url;
    },
    graph: (...call) => current().graph(...call),
    door: (...call) => current().door(...call),
    close: () => current().close(),
  };
}

export function callsTo(url: string): Pick<Simulated, 'graph' | 'door'> {
  const call = async (
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string>,
  ): Promise<Answer> => {
    const bytes = body instanceof Uint8Array;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { ...(body === undefined || bytes ? {} : { 'content-type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: bytes ? Buffer.from(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      headers: response.headers,
      body: isJson && text !== '' ? JSON.parse(text) : text,
    };
  };
  return {
    graph: async (method, path, body, options = {}) => {
      const below = path.replace(`${url}/v1.0`, '');
      const answer = await call(method, `/v1.0${below}`, body, {
        authorization: `Bearer ${options.as ?? 'outside'}`,
        ...options.headers,
      });
      const complaints = complaintsAbout(below, answer.status, answer.body);
      if (complaints.length === 0) return answer;
      throw new Error(`${method} ${below} answered ${answer.status} with ${complaints.join('; ')}`);
    },
    door: async (method, path, body) => {
      const answer = await call(method, `/_control${path}`, body, {});
      if (answer.status >= 400) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    },
  };
}

let made = 0;

/** A body for `POST /users` with a name nobody has. */
export function aUser(more: Record<string, unknown> = {}): Record<string, unknown> {
  made += 1;
  return {
    accountEnabled: true,
    displayName: `Person ${made}`,
    mailNickname: `person${made}`,
    userPrincipalName: `person${made}@contoso.com`,
    passwordProfile: { password: 'Blue-Kettle-42' },
    ...more,
  };
}

/** A body for `POST /groups`: a security group. */
export function aGroup(more: Record<string, unknown> = {}): Record<string, unknown> {
  made += 1;
  return {
    displayName: `Group ${made}`,
    mailNickname: `group${made}`,
    mailEnabled: false,
    securityEnabled: true,
    ...more,
  };
}

/** A body for `POST /groups`: a Microsoft 365 group. */
export const aTeam = (more: Record<string, unknown> = {}): Record<string, unknown> =>
  aGroup({ groupTypes: ['Unified'], mailEnabled: true, securityEnabled: false, ...more });

/** So many new users, by id. */
export const createdUsers = (simulated: Simulated, count: number): Promise<string[]> =>
  Promise.all(Array.from({ length: count }, () => created(simulated, '/users', aUser())));

/** What the directory says of itself in `@odata.context`. */
export const metadata = 'https://graph.microsoft.com/v1.0/$metadata#';

/** A refusal in short: status, code, message. */
export const refusal = ({ status, body }: Answer): Json => [status, body.error?.code, body.error?.message];

export async function created(simulated: Simulated, collection: string, body: unknown): Promise<string> {
  const answer = await simulated.graph('POST', collection, body);
  if (answer.status !== 201) throw new Error(`POST ${collection}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

/** A reference body as documented. */
export const ref = (id: string): object => ({ '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}` });

/** Reads a delta query to its end; `from` is a path below /v1.0 or a whole link. */
export async function readDelta(
  simulated: Simulated,
  from: string,
  headers: Record<string, string> = {},
): Promise<{ value: Json[]; link: string; pages: number }> {
  const value: Json[] = [];
  let next = from;
  for (let pages = 1; ; pages += 1) {
    const { status, body } = await simulated.graph('GET', next, undefined, { headers });
    if (status !== 200) throw new Error(`GET ${next}: ${status} ${JSON.stringify(body)}`);
    value.push(...body.value);
    if (body['@odata.deltaLink'] !== undefined) return { value, link: body['@odata.deltaLink'], pages };
    next = body['@odata.nextLink'];
  }
}

/** Reads a list to its end. */
export async function readList(simulated: Simulated, path: string): Promise<Json[]> {
  const value: Json[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const answer: Answer = await simulated.graph('GET', next);
    if (answer.status !== 200) throw new Error(`GET ${next}: ${answer.status} ${JSON.stringify(answer.body)}`);
    value.push(...answer.body.value);
    next = answer.body['@odata.nextLink'];
  }
  return value;
}

/** The ids of a list, in its order. */
export const idsOf = async (simulated: Simulated, path: string): Promise<readonly string[]> =>
  (await readList(simulated, path)).map(({ id }) => id);
