/**
 * The whole system on one machine, as `npm start`, the demo, the benchmarks and the scenario tests use it:
 * storage and simulator first, then the host; all of them ended together.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { loopback, type Ports, requireFreePorts } from './ports.ts';
import {
  type Ending,
  type ProcessName,
  type ProcessOptions,
  type RunningProcess,
  startEntry,
  startStorage,
} from './processes.ts';

export interface SystemOptions {
  readonly ports: Ports;
  readonly stateDir: string;
  /** `demo`, `empty`, or a number of users. */
  readonly seed: string;
  readonly schedule: boolean;
  readonly onLine: ProcessOptions['onLine'];
  /** Told when a process ends that nobody asked to end. */
  readonly onLost?: (name: ProcessName, ending: Ending) => void;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Addresses {
  readonly api: string;
  readonly graph: string;
  readonly control: string;
  readonly storage: { readonly blob: string; readonly queue: string; readonly table: string };
}

export interface System extends Addresses {
  /** A function key of the host. */
  readonly key: string;
  readonly pids: Readonly<Record<ProcessName, number>>;
  /** Starts the host again on the same state after it was killed, with `env` besides; the new one takes the place in `pids`. */
  restartHost(env?: NodeJS.ProcessEnv): Promise<void>;
  /** Ends all three; safe to call more than once. */
  stop(): Promise<void>;
}

export const addressesOf = ({ host, graph, storage }: Ports): Addresses => ({
  api: `http://${loopback}:${host}/api`,
  graph: `http://${loopback}:${graph}/v1.0`,
  control: `http://${loopback}:${graph}/_control`,
  storage: {
    blob: `http://${loopback}:${storage}/devstoreaccount1`,
    queue: `http://${loopback}:${storage + 1}/devstoreaccount1`,
    table: `http://${loopback}:${storage + 2}/devstoreaccount1`,
  },
});

/**
 * Starts everything and resolves when the host serves.
 * @throws UsageError for ports in use; Error naming the process that did not start. Nothing is left running then.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  await requireFreePorts(options.ports);
  const { ports, stateDir } = options;
  const processOptions: ProcessOptions = { onLine: options.onLine, ...(options.env && { env: options.env }) };
  const running = new Map<ProcessName, RunningProcess>();
  let stopping = false;

  const watch = (started: RunningProcess): void => {
    running.set(started.name, started);
    void started.ended.then((ending) => {
      if (!stopping && running.get(started.name) === started) options.onLost?.(started.name, ending);
    });
  };
  const stop = async (): Promise<void> => {
    stopping = true;
    // The host first: it should not log complaints about the two it leans on.
    for (const name of ['host', 'simulator', 'storage'] as const) await running.get(name)?.stop();
  };
  const flags = [
    ...['--port', `${ports.host}`, '--graph-port', `${ports.graph}`, '--storage-port', `${ports.storage}`],
    ...['--state-dir', stateDir],
    ...(options.schedule ? [] : ['--no-schedule']),
  ];
  const startHost = async (env?: NodeJS.ProcessEnv): Promise<string> => {
    const settings =
      env === undefined ? processOptions : { ...processOptions, env: { ...process.env, ...options.env, ...env } };
    const { running: host, ready } = await startEntry('host', flags, settings);
    watch(host);
    return String(ready.key);
  };

  try {
    const location = join(stateDir, 'storage');
    mkdirSync(location, { recursive: true });
    const simulatorFlags = ['--graph-port', `${ports.graph}`, '--state-dir', stateDir, '--seed', options.seed];
    const starts = [
      startStorage(ports.storage, location, processOptions).then(watch),
      startEntry('simulator', simulatorFlags, processOptions).then(({ running: simulator }) => watch(simulator)),
    ];
    // Both are awaited even when one fails, so that the other is known and can be stopped.
    for (const result of await Promise.allSettled(starts)) if (result.status === 'rejected') throw result.reason;
    const key = await startHost();
    return {
      ...addressesOf(ports),
      key,
      get pids() {
        const pidOf = (name: ProcessName): number => running.get(name)?.pid ?? -1;
        return { host: pidOf('host'), simulator: pidOf('simulator'), storage: pidOf('storage') };
      },
      restartHost: async (env) => void (await startHost(env)),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
