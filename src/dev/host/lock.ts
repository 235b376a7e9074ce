/** One host per state dir: two would write over each other's journal. */
import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createServer } from 'node:net';
import { StartError } from './start-error.ts';

/**
 * Takes the folder for this process. An abstract socket vanishes with its process, however that dies, which no lock file does; only
 * Linux has them, elsewhere there is no guard.
 */
export async function lockFolder(folder: string): Promise<void> {
  if (process.platform !== 'linux') return;
  const name = createHash('sha256').update(realpathSync(folder)).digest('hex');
  const server = createServer().unref();
  await new Promise<void>((resolve, reject) => {
    server.once('error', () => reject(new StartError(`Another host works on ${folder}.`)));
    server.listen(`\0entra-restore-${name}`, resolve);
  });
}
