/** Starts the real host process on a fixture app, on a free port and in a state dir of its own, for tests that speak HTTP to it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/dev/host/main.ts', import.meta.url));
export const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

export interface HostProcess {
  readonly child: ChildProcess;
  readonly origin: string;
  readonly key: string;
  /** A request with the function key. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Response>;
  /** Starts a flow of the fixture; gives the 202's body. */
  startFlow(name: string, id: string, input?: unknown): Promise<Record<string, string>>;
  /** The JSON a path answers with. */
  json(path: string): Promise<Status>;
  status(id: string): Promise<Status>;
  /** The status once the flow has ended. */
  ended(id: string, withinMs?: number): Promise<Status>;
  /** What the fixture's functions wrote down. */
  trace(): string[];
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface Status {
  readonly runtimeStatus: string;
  readonly output: unknown;
  readonly customStatus: unknown;
  readonly [name: string]: unknown;
}

export interface HostOptions {
  readonly app?: string;
  readonly args?: readonly string[];
  readonly env?: Record<string, string>;
}

/** A folder that `remove` takes away. */
export function stateFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'host-test-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function launch(stateDir: string, { app = 'basic', args = [], env = {} }: HostOptions): ChildProcess {
  const flags = ['--port', '0', '--state-dir', stateDir, '--app', fixture(app), ...args];
  return spawn(process.execPath, [main, ...flags], {
    env: { ...process.env, TICK_SCHEDULE: '0 0 3 * * *', TRACE_FILE: join(stateDir, 'trace'), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** For starts that must fail: exit status and everything on stderr. */
export async function startFails(
  stateDir: string,
  options: HostOptions,
): Promise<{ status: number | null; stderr: string }> {
  const child = launch(stateDir, options);
  const chunks: string[] = [];
  child.stderr?.on('data', (chunk) => chunks.push(String(chunk)));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, stderr: chunks.join('') };
}

export async function startHost(stateDir: string, options: HostOptions = {}): Promise<HostProcess> {
  const child = launch(stateDir, options);
  let stdout = '';
  let stderr = '';
  child.stderr?.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ready = await new Promise<{ api: string; key: string }>((resolve, reject) => {
    child.stdout?.on('data', (chunk) => {
      stdout += String(chunk);
      if (stdout.endsWith('\n')) resolve(JSON.parse(stdout.slice('ready '.length)));
    });
    child.once('exit', () => reject(new Error(`the host did not start: ${stderr}`)));
  });
  const { origin } = new URL(ready.api);
  const call: HostProcess['call'] = (method, path, body, headers = { 'x-functions-key': ready.key }) =>
    fetch(`${origin}${path}`, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  const json = async (path: string) => (await (await call('GET', path)).json()) as Status;
  const status = (id: string) => json(`/durabletask/instances/${id}`);
  return {
    child,
    origin,
    key: ready.key,
    call,
    json,
    status,
    async startFlow(name, id, input) {
      const response = await call('POST', `/api/flows/${name}?id=${id}`, input);
      return (await response.json()) as Record<string, string>;
    },
    async ended(id, withinMs = 15_000) {
      for (const until = Date.now() + withinMs; Date.now() < until; await sleep(25)) {
        const now = await status(id);
        if (!['Pending', 'Running', 'Suspended'].includes(now.runtimeStatus)) return now;
      }
      throw new Error(`'${id}' has not ended: ${JSON.stringify(await status(id))}`);
    },
    trace() {
      const lines = readFileSync(join(stateDir, 'trace'), { encoding: 'utf8', flag: 'a+' });
      return lines.split('\n').filter(Boolean);
    },
    async stop(signal = 'SIGTERM') {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exit = once(child, 'exit');
      child.kill(signal);
      const [code] = (await exit) as [number | null];
      return code;
    },
  };
}
