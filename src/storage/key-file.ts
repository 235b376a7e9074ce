/** A wrapping key in a file of this machine: for development, and for whoever keeps the key of a small deployment by hand. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { AppError } from '../errors.ts';
import type { KeyWrapper } from './key-ring.ts';
import { createSecretBox } from './secret-box.ts';

const keyBytes = 32;

/** @throws AppError `invalid-input` when the file cannot be read or does not hold 32 bytes in Base64. */
export function createFileWrapper(path: string): KeyWrapper {
  const key = keyIn(path);
  const box = createSecretBox(key);
  const id = `file:${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
  return {
    wrap: async (dataKey) => ({ wrapped: box.seal(Buffer.from(dataKey).toString('base64'), id), wrappedBy: id }),
    async unwrap(wrapped, wrappedBy) {
      if (wrappedBy === id) return Buffer.from(box.open(wrapped, id), 'base64');
      throw new AppError(
        'key-unavailable',
        `A snapshot is sealed with the key ${wrappedBy}, and ENCRYPTION_KEY_FILE holds ${id}. Bring the other key back.`,
      );
    },
  };
}

function keyIn(path: string): Buffer {
  try {
    const key = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64');
    if (key.length === keyBytes) return key;
  } catch (cause) {
    throw new AppError('invalid-input', `ENCRYPTION_KEY_FILE: ${path} cannot be read.`, { cause });
  }
  throw new AppError('invalid-input', `ENCRYPTION_KEY_FILE: ${path} must hold ${keyBytes} bytes in Base64.`);
}
