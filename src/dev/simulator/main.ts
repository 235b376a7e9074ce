/**
 * The simulator as its own process: `node main.ts [--graph-port 7072] [--state-dir .local] [--seed demo|empty|<users>]`.
 * stdout carries one line, `ready ` and JSON; a wrong flag, a port in use or an unusable folder is one line on stderr and status 2.
 */
import { parseArgs } from 'node:util';
import { createSimulator, type SimulatorOptions } from './server.ts';

function readFlags(args: readonly string[]): SimulatorOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      'graph-port': { type: 'string', default: '7072' },
      'state-dir': { type: 'string', default: '.local' },
      seed: { type: 'string', default: 'demo' },
    },
  });
  const port = Number(values['graph-port']);
  if (!/^\d+$/.test(values['graph-port']) || port > 65_535)
    throw new Error(`--graph-port ${values['graph-port']} is no port`);
  if (!/^(demo|empty|\d{1,7})$/.test(values.seed)) {
    throw new Error(`--seed ${values.seed}: it must be demo, empty or a number of users`);
  }
  return { port, stateDir: values['state-dir'], seed: values.seed };
}

function explain(error: unknown): string {
  const { code, path, syscall, port, message } = error as NodeJS.ErrnoException & { port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is in use; choose another with --graph-port`;
  if (code === 'EACCES' && syscall === 'listen') return `port ${port} cannot be listened on`;
  if (path !== undefined) return `the state directory is not usable: ${code} at ${path}`;
  return message.split('\n')[0] ?? String(error);
}

try {
  const simulator = await createSimulator(readFlags(process.argv.slice(2)));
  const end = (): void => void simulator.close().then(() => process.exit(0));
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  const { url } = simulator;
  process.stdout.write(
    `ready ${JSON.stringify({ graph: `${url}/v1.0`, control: `${url}/_control`, pid: process.pid })}\n`,
  );
} catch (error) {
  process.stderr.write(`simulator: ${explain(error)}\n`);
  process.exit(2);
}
