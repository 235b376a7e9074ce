/**
 * The local functions host: serves the unmodified app on one machine, without Azure (`npm run host -- <flags>`). One `ready` line on
 * stdout, logs on stderr; exit 2 when it cannot start, 0 after SIGTERM or SIGINT.
 */
import { continueOnPinnedNode } from '../node-version.ts';

continueOnPinnedNode();
const { readFlags } = await import('../flags.ts');
const { runHost } = await import('./run.ts');
try {
  await runHost(readFlags('host', process.argv.slice(2)));
} catch (error) {
  // What the app throws at start may name several complaints; its text is all that is told, a stack would hide it.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
