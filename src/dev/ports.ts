/** The five loopback ports of a local run: which they are, whether they are free, and five free ones when nobody cares which. */
import { connect, createServer } from 'node:net';

export const loopback = '127.0.0.1';

export interface Ports {
  readonly host: number;
  readonly graph: number;
  /** Azurite's blob port; queue is the next one, table the one after. */
  readonly storage: number;
}

/** A complaint that the person who typed the command can act on; the starter prints it as one line and exits with 2. */
export class UsageError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

const named = (ports: Ports): readonly (readonly [string, number])[] => [
  ['--port', ports.host],
  ['--graph-port', ports.graph],
  ['--storage-port (blob)', ports.storage],
  ['--storage-port + 1 (queue)', ports.storage + 1],
  ['--storage-port + 2 (table)', ports.storage + 2],
];

/**
 * Makes sure that every port can be listened on, before anything is started.
 * @throws UsageError naming the flag and the port that cannot.
 */
export async function requireFreePorts(ports: Ports): Promise<void> {
  const taken = new Map<number, string>();
  for (const [flag, port] of named(ports)) {
    if (port < 1 || port > 65_535) throw new UsageError(`${flag} ${port} is not a port number`);
    const other = taken.get(port);
    if (other !== undefined) throw new UsageError(`${flag} and ${other} both name port ${port}`);
    taken.set(port, flag);
  }
  for (const [flag, port] of named(ports)) {
    const problem = await tryListening(port);
    if (problem === 'EADDRINUSE') throw new UsageError(`port ${port} (${flag}) is in use; choose another`);
    if (problem !== undefined) throw new UsageError(`port ${port} (${flag}) cannot be listened on: ${problem}`);
  }
}

/** Five free ports below the range that the kernel hands out by itself, chosen by chance so that parallel runs rarely meet. */
export async function findFreePorts(): Promise<Ports> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const base = 20_000 + 5 * Math.floor(Math.random() * 2_400);
    const ports = { host: base, graph: base + 1, storage: base + 2 };
    const problems = await Promise.all(named(ports).map(([, port]) => tryListening(port)));
    if (problems.every((problem) => problem === undefined)) return ports;
  }
  throw new UsageError('found no five free ports between 20000 and 32000');
}

function tryListening(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, loopback, () => server.close(() => resolve(undefined)));
  });
}

/** True once something accepts connections on the port. */
export function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, loopback);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
