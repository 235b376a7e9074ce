/** `npm run package`: builds dist/entra-restore.zip, ready for deployment (infra/README.md). The same sources give the same bytes. */
import { once } from 'node:events';
import { createWriteStream, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ZipFile } from 'yazl';
import { stagePackage } from './package-contents.ts';

const dist = fileURLToPath(new URL('../dist', import.meta.url));

/** One time for every file, the first a zip can hold: when it was built is no part of what it is. */
const mtime = new Date('1980-01-01T00:00:00Z');

async function writeZip(folder: string, path: string): Promise<void> {
  const zip = new ZipFile();
  const files = globSync('**', { cwd: folder }).filter((file) => statSync(join(folder, file)).isFile());
  for (const file of files.sort()) {
    zip.addFile(join(folder, file), file.replaceAll('\\', '/'), { mtime, mode: 0o100644 });
  }
  zip.end();
  await once(zip.outputStream.pipe(createWriteStream(path)), 'close');
}

const folder = join(dist, 'package');
await stagePackage(folder);
const zip = join(dist, 'entra-restore.zip');
await writeZip(folder, zip);
process.stdout.write(`dist/entra-restore.zip ${Math.round(statSync(zip).size / 1024)} KiB\n`);
