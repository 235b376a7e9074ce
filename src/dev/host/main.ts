/**
 * The local functions host: serves the unmodified app on one machine, without Azure (`npm run host -- <flags>`). One `ready` line on
 * stdout, logs on stderr; exit 2 when it cannot start, 0 after SIGTERM or SIGINT.
 */
import { setFlagsFromString } from 'node:v8';
import { continueOnPinnedNode } from '../node-version.ts';

continueOnPinnedNode();
// Replays make much short-lived garbage, and V8 answers with an ever larger young generation: 390 MB resident in a job of 20,000
// activities, 220 MB with the generation held at its first size, for 2 % more time. This one flag may be set in a running process.
setFlagsFromString('--semi-space-growth-factor=1');
const { readFlags } = await import('../flags.ts');
const { runHost } = await import('./run.ts');
try {
  await runHost(readFlags('host', process.argv.slice(2)));
} catch (error) {
  // What the app throws at start may name several complaints; its text is all that is told, a stack would hide it.
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(2);
}
