/**
 * `npm start`: the whole system on this machine until it is told to end (contract section 1).
 * stdout carries the one `ready` line and nothing else; everything the processes say goes to stderr.
 */
import { readFlags } from './flags.ts';
import { continueOnPinnedNode } from './node-version.ts';
import { UsageError } from './ports.ts';
import { describeEnding } from './processes.ts';
import { takeStateDir } from './state-dir.ts';
import { startSystem } from './system.ts';

const say = (line: string): void => void process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const flags = readFlags('npm start --', process.argv.slice(2));
  const ending = Promise.withResolvers<number>();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => ending.resolve(0));
  // Whoever reads the ready line may go away before us; that must not end the run.
  process.stdout.on('error', () => undefined);
  const stateDir = takeStateDir(flags.stateDir);
  try {
    const starting = startSystem({
      ports: { host: flags.port, graph: flags.graphPort, storage: flags.storagePort },
      stateDir: stateDir.path,
      seed: flags.seed,
      schedule: flags.schedule,
      onLine: (name, line) => say(name === 'host' ? line : `${name}: ${line}`),
      onLost: (name, how) => {
        if (name === 'host') {
          say(
            `the host ended (${describeEnding(how)}); simulator and storage stay up, start it again with: npm run host -- <the same flags>`,
          );
          return;
        }
        say(`the ${name} ended (${describeEnding(how)}); ending the run`);
        ending.resolve(1);
      },
    });
    const system = await starting;
    const { api, graph, control, storage, key, pids } = system;
    process.stdout.write(`ready ${JSON.stringify({ api, graph, control, storage, key, pids })}\n`);
    const code = await ending.promise;
    await system.stop();
    return code;
  } finally {
    stateDir.release();
  }
}

continueOnPinnedNode();
try {
  process.exit(await main());
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(error instanceof UsageError ? 2 : 1);
}
