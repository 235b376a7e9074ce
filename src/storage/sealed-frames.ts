/**
 * The form of a sealed blob: AES-256-GCM in frames, so that a part can be read without the whole. Pure but for the random nonce.
 *
 * Layout: a header of 96 bytes (`ERS1`, 8 random bytes, the id of the data key padded with zeros), then frames of 16 KiB of the plain bytes,
 * each followed by its tag of 16 bytes; an empty blob has one empty frame. The nonce of a frame is the header's 8 bytes and the frame's number
 * (32 bit, big endian); header, number, whether it is the last one, and the blob's name are authenticated with it: a frame that was changed,
 * moved, left out, or brought from another blob does not open.
 */
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '../errors.ts';

export interface DataKey {
  /** At most 84 characters of ASCII. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

export const headerBytes = 96;
export const frameBytes = 16 * 1024;
const tagBytes = 16;
/** What a frame takes when it is sealed. */
export const sealedFrameBytes = frameBytes + tagBytes;

const magic = Buffer.from('ERS1');
const randomFrom = 4;
const idFrom = 12;

export const isSealed = (bytes: Uint8Array): boolean =>
  bytes.length >= headerBytes && magic.equals(bytes.subarray(0, magic.length));

/** The id of the key that a sealed blob was sealed with. */
export const keyIdOf = (header: Uint8Array): string =>
  Buffer.from(header.subarray(idFrom, headerBytes)).toString('latin1').replace(/\0+$/, '');

export function seal(plain: Uint8Array, { id, key }: DataKey, name: string): Buffer {
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  randomBytes(idFrom - randomFrom).copy(header, randomFrom);
  header.write(id, idFrom, 'latin1');
  const frames = Math.max(1, Math.ceil(plain.length / frameBytes));
  const sealed: Buffer[] = [header];
  for (let index = 0; index < frames; index += 1) {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(header, index));
    cipher.setAAD(authenticated(header, name, index, index === frames - 1));
    sealed.push(cipher.update(plain.subarray(index * frameBytes, (index + 1) * frameBytes)), cipher.final());
    sealed.push(cipher.getAuthTag());
  }
  return Buffer.concat(sealed);
}

/**
 * Opens all frames of a blob.
 * @throws AppError `corrupt-snapshot` for bytes that are not what was sealed under this name.
 */
export function open(bytes: Uint8Array, key: Uint8Array, name: string): Buffer {
  const header = bytes.subarray(0, headerBytes);
  const { plain, ended } = openFrames(header, bytes.subarray(headerBytes), 0, key, name);
  if (!ended) throw altered(name);
  return plain;
}

/**
 * Opens frames that follow each other, from the `first`-th on.
 * @returns the plain bytes, and whether the last of the blob is among them.
 * @throws AppError as `open`.
 */
export function openFrames(
  header: Uint8Array,
  frames: Uint8Array,
  first: number,
  key: Uint8Array,
  name: string,
): { readonly plain: Buffer; readonly ended: boolean } {
  const plain: Buffer[] = [];
  let ended = false;
  for (let from = 0, index = first; from < frames.length; from += sealedFrameBytes, index += 1) {
    const frame = frames.subarray(from, from + sealedFrameBytes);
    const mayGoOn = frame.length === sealedFrameBytes;
    const isEnd = from + frame.length === frames.length;
    const opened =
      (mayGoOn ? opening(header, frame, index, false, key, name) : undefined) ??
      (isEnd ? opening(header, frame, index, true, key, name) : undefined);
    if (opened === undefined) throw altered(name);
    plain.push(opened.bytes);
    ended = opened.last;
  }
  return { plain: Buffer.concat(plain), ended };
}

function opening(header: Uint8Array, frame: Uint8Array, index: number, last: boolean, key: Uint8Array, name: string) {
  if (frame.length < tagBytes) return undefined;
  const decipher = createDecipheriv('aes-256-gcm', key, nonceOf(header, index));
  decipher.setAAD(authenticated(header, name, index, last));
  decipher.setAuthTag(frame.subarray(frame.length - tagBytes));
  const bytes = decipher.update(frame.subarray(0, frame.length - tagBytes));
  try {
    decipher.final();
    return { bytes, last };
  } catch {
    return undefined;
  }
}

function nonceOf(header: Uint8Array, index: number): Buffer {
  const nonce = Buffer.alloc(idFrom);
  nonce.set(header.subarray(randomFrom, idFrom));
  nonce.writeUInt32BE(index, idFrom - randomFrom);
  return nonce;
}

const authenticated = (header: Uint8Array, name: string, index: number, last: boolean): Buffer =>
  Buffer.concat([header, Buffer.from(`${index} ${last ? 'last' : 'more'} ${name}`)]);

const altered = (name: string) =>
  new AppError(
    'corrupt-snapshot',
    `The sealed blob ${name} is not what was written under this name. Restore it, or use another snapshot.`,
  );
