/**
 * The three processes of a local run, each as one child: Azurite, the Graph simulator, the functions host.
 *
 * A child is a Node process started directly (no shell, no wrapper in between), so its pid is the pid of what does the work,
 * and it is tied to its starter by `tied-to-parent.ts`, so none outlives it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import { totalmem } from 'node:os';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { answers, UsageError } from './ports.ts';

export type ProcessName = 'storage' | 'simulator' | 'host';

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface RunningProcess {
  readonly name: ProcessName;
  readonly pid: number;
  /** Resolves when the process has ended, however it did. */
  readonly ended: Promise<Ending>;
  /** Asks the process to end, and makes it after a while; resolves when it has. */
  stop(): Promise<void>;
}

export interface ProcessOptions {
  /** Receives each line that the process writes, its `ready` line excepted. */
  readonly onLine: (name: ProcessName, line: string) => void;
  readonly env?: NodeJS.ProcessEnv;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const stopGraceMs = 8_000;
const readyWithinMs = 60_000;

/** Starts Azurite and resolves once all three of its services accept connections. */
export async function startStorage(
  blobPort: number,
  location: string,
  options: ProcessOptions,
): Promise<RunningProcess> {
  const ports = [blobPort, blobPort + 1, blobPort + 2];
  const flags = ['--silent', '--disableTelemetry', '--skipApiVersionCheck', '--location', location];
  const places = ['blob', 'queue', 'table'].flatMap((service, index) => [`--${service}Port`, `${blobPort + index}`]);
  const { child, running } = launch('storage', azuriteEntry(), [...flags, ...places], options, [
    './whole-uploads.ts',
    './indexed-storage.ts',
  ]);
  forward(child, 'storage', options);
  const listening = async (): Promise<void> => {
    while (!(await Promise.all(ports.map(answers))).every(Boolean)) await sleep(50);
  };
  await settleStart(running, listening());
  return running;
}

/** Starts one of our own entries (simulator, host) and resolves with what it said on its `ready` line. */
export async function startEntry(
  name: 'simulator' | 'host',
  flags: readonly string[],
  options: ProcessOptions,
): Promise<{ readonly running: RunningProcess; readonly ready: Readonly<Record<string, unknown>> }> {
  const { child, running } = launch(name, here(`./${name}/main.ts`), flags, options);
  const ready = Promise.withResolvers<Record<string, unknown>>();
  forward(child, name, options, (line) => {
    if (!line.startsWith('ready ')) return false;
    ready.resolve(JSON.parse(line.slice('ready '.length)));
    return true;
  });
  return { running, ready: await settleStart(running, ready.promise) };
}

function azuriteEntry(): string {
  const require = createRequire(import.meta.url);
  return require.resolve('azurite/dist/src/azurite.js');
}

function launch(
  name: ProcessName,
  entry: string,
  flags: readonly string[],
  options: ProcessOptions,
  preloads: readonly string[] = [],
): { readonly child: ChildProcess; readonly running: RunningProcess } {
  const imports = ['./tied-to-parent.ts', ...preloads].flatMap((path) => ['--import', here(path)]);
  const child = spawn(process.execPath, [...heapFlags[name], ...imports, entry, ...flags], {
    stdio: ['pipe', 'pipe', 'pipe'],
    // Ctrl-C on a terminal reaches the starter alone, which then ends the three in order.
    detached: process.platform !== 'win32',
    env: options.env ?? process.env,
  });
  // The child may be gone while we still hold its input; that is no news.
  child.stdin?.on('error', () => undefined);
  const ended = new Promise<Ending>((resolve) => {
    child.once('error', () => resolve({ code: 1, signal: null }));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const inTime = await Promise.race([ended, sleep(stopGraceMs, 'late' as const, { ref: false })]);
    if (inTime === 'late') child.kill('SIGKILL');
    await ended;
  };
  return { child, running: { name, pid: child.pid ?? -1, ended, stop } };
}

/**
 * The host is held to the heap that a function of 512 MB has (`npm run host` says the same): on a large machine V8 lets garbage lie until it
 * takes twice as much, of which 95 MB were in use after 9,000 restored users. Its young generation keeps one size, since V8 answers replays
 * and their short-lived garbage with an ever larger one. The simulator holds its tenant in memory, of a million users more than Node allows by itself.
 */
const heapFlags: Readonly<Record<ProcessName, readonly string[]>> = {
  storage: [],
  simulator: [`--max-old-space-size=${Math.floor(totalmem() / 2 / 1024 ** 2)}`],
  host: ['--max-old-space-size=320', '--min-semi-space-size=12', '--max-semi-space-size=12'],
};

function forward(
  child: ChildProcess,
  name: ProcessName,
  options: ProcessOptions,
  takes: (line: string) => boolean = () => false,
): void {
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue;
    createInterface({ input: stream }).on('line', (line) => {
      if (!(stream === child.stdout && takes(line))) options.onLine(name, line);
    });
  }
}

/** Waits for the start to succeed, to fail, or to take too long; in both latter cases nothing is left running. */
async function settleStart<T>(running: RunningProcess, started: Promise<T>): Promise<T> {
  const first = await Promise.race([
    started.then((value) => ({ what: 'ready', value }) as const),
    running.ended.then((ending) => ({ what: 'ended', ending }) as const),
    sleep(readyWithinMs, { what: 'late' } as const, { ref: false }),
  ]);
  if (first.what === 'ready') return first.value;
  if (first.what === 'late') {
    await running.stop();
    throw new Error(`the ${running.name} did not become ready within ${readyWithinMs / 1_000} s`);
  }
  const said = `the ${running.name} ended while starting, ${describeEnding(first.ending)}`;
  throw first.ending.code === 2 ? new UsageError(said) : new Error(said);
}

export const describeEnding = ({ code, signal }: Ending): string =>
  signal === null ? `exit status ${code}` : `killed by ${signal}`;
