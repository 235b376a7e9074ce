/** A key for sealing, in a file of its own. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function keyFile(): string {
  const path = join(mkdtempSync(join(tmpdir(), 'entra-restore-key-')), 'key');
  writeFileSync(path, `${randomBytes(32).toString('base64')}\n`);
  return path;
}
