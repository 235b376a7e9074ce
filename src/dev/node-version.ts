/**
 * Everything runs on the Node that `npm ci` pins. npm scripts find it by PATH; a file called by hand may meet an older one, and then
 * goes over to the pinned binary. Below 22.18 Node cannot read TypeScript at all, so this never gets the word there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const wantedMajor = 24;

/** Returns on a new enough Node; otherwise starts this very command again on the pinned one and ends with its status. */
export function continueOnPinnedNode(): void {
  const [major = 0] = process.versions.node.split('.').map(Number);
  if (major >= wantedMajor) return;
  const pinned = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url));
  if (!existsSync(pinned)) {
    process.stderr.write(`Node ${wantedMajor} or newer is needed, this is ${process.versions.node}; run it by npm.\n`);
    process.exit(2);
  }
  const args = [...process.execArgv, ...process.argv.slice(1)];
  // Replacing the process keeps its id, so that signals still reach the one who does the work.
  if (process.execve && process.platform !== 'win32') process.execve(pinned, [pinned, ...args], process.env);
  process.exit(spawnSync(pinned, args, { stdio: 'inherit' }).status ?? 1);
}
