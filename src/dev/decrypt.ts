/**
 * `npm run decrypt -- <folder> <out>`: a downloaded copy of a snapshot container in the open, for whoever has the key and none of our code
 * running: afterwards `zstd -d | jq` reads the shards. Blobs that are not sealed are copied.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { DefaultAzureCredential } from '@azure/identity';
import { CryptographyClient } from '@azure/keyvault-keys';
import { Command } from 'commander';
import { createVaultWrapper } from '../azure/key-vault.ts';
import { createFileWrapper } from '../storage/key-file.ts';
import { createKeyRing, type KeyRing, type KeyWrapper } from '../storage/key-ring.ts';
import { isSealed, keyIdOf, open } from '../storage/sealed-frames.ts';
import { continueOnPinnedNode } from './node-version.ts';

/** Names of blobs below a folder that holds what the container holds. */
const namesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).split(sep).join('/'));

/** @throws AppError `key-unavailable`, `corrupt-snapshot`. @returns how many blobs were sealed, and how many there were. */
async function decrypt(folder: string, out: string, wrapper: KeyWrapper): Promise<{ sealed: number; all: number }> {
  const ring: KeyRing = createKeyRing(
    {
      get: async (name) => readFileSync(join(folder, name)),
      putIfAbsent: () => Promise.reject(new Error('nothing is sealed here')),
    },
    wrapper,
  );
  const names = namesIn(folder);
  let sealed = 0;
  for (const name of names) {
    const bytes = readFileSync(join(folder, name));
    const isOurs = isSealed(bytes);
    if (isOurs) sealed += 1;
    const key = isOurs ? (await ring.find(name.split('/')[0] ?? '', keyIdOf(bytes))).key : undefined;
    const target = join(out, name);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, key === undefined ? bytes : open(bytes, key, name));
  }
  return { sealed, all: names.length };
}

continueOnPinnedNode();
const command = new Command('npm run decrypt --')
  .argument('<folder>', 'a copy of the container: <folder>/<connector>/shards/…')
  .argument('<out>', 'where the plain copy goes')
  .option('--key-file <path>', 'the key file that ENCRYPTION_KEY_FILE named')
  .option('--key-url <url>', 'the Key Vault key that ENCRYPTION_KEY_URL named; az login first')
  .parse();
const { keyFile, keyUrl } = command.opts<{ keyFile?: string; keyUrl?: string }>();
const [folder = '', out = ''] = command.args;
if ((keyFile === undefined) === (keyUrl === undefined)) command.error('give --key-file or --key-url', { exitCode: 2 });
try {
  const identity = new DefaultAzureCredential();
  const wrapper =
    keyFile === undefined
      ? createVaultWrapper(keyUrl ?? '', (url) => new CryptographyClient(url, identity))
      : createFileWrapper(keyFile);
  const { sealed, all } = await decrypt(folder, out, wrapper);
  process.stdout.write(`${sealed} of ${all} blobs were sealed; all are in ${out} in the open now\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
