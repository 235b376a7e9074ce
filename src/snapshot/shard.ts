/** Records to the bytes of a shard and back: sorted lines, compressed by Zstandard, named by the SHA-256 of the uncompressed lines. */

import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { AppError } from '../errors.ts';
import { sha256Of } from '../storage/sha256.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Level 3 halves again what level 1 leaves of directory data and still outruns reading it. */
const parameters = { [constants.ZSTD_c_compressionLevel]: 3 };

export interface EncodedShard {
  readonly name: string;
  readonly records: number;
  /** Of the uncompressed lines. */
  readonly rawBytes: number;
  /** Compresses only when asked: a shard that is already stored never is. */
  bytes(): Promise<Uint8Array>;
}

/** @param lines sorted by id, none twice, without line breaks. */
export function encodeShard(lines: readonly string[]): EncodedShard {
  const raw = Buffer.from(lines.map((line) => `${line}\n`).join(''));
  return {
    name: sha256Of(raw),
    records: lines.length,
    rawBytes: raw.length,
    bytes: () => compress(raw, { params: parameters }),
  };
}

/** The lines of a shard. @throws AppError `corrupt-snapshot` when they are not those its name was made of. */
export async function decodeShard(name: string, bytes: Uint8Array | undefined): Promise<string[]> {
  if (bytes === undefined) throw corrupt(name, 'is missing');
  let raw: Buffer;
  try {
    raw = await decompress(bytes);
  } catch (cause) {
    throw corrupt(name, 'cannot be decompressed', cause);
  }
  if (sha256Of(raw) !== name) throw corrupt(name, 'does not have the content it was named by');
  const lines = raw.toString('utf8').split('\n');
  lines.pop();
  return lines;
}

const corrupt = (name: string, how: string, cause?: unknown) =>
  new AppError('corrupt-snapshot', `The shard ${name} ${how}. Use another snapshot, and take a full one.`, { cause });
