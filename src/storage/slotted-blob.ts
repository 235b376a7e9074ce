/**
 * One blob of lines sorted into numbered slots, with an index in front: whoever wants a range of slots reads only its bytes.
 * Stages hand their work to the next one in this form: written by few, each in one go, read by many, each its own part.
 *
 * Layout: slot count, then slotCount + 1 offsets into the data (all unsigned 32 bit, little endian), then the data.
 */
import { AppError } from '../errors.ts';
import type { Bucket } from './bucket.ts';

export interface SlotEntry {
  readonly slot: number;
  /** Without a line break. */
  readonly line: string;
}

const word = 4;
const headerBytes = (slotCount: number) => (slotCount + 2) * word;

/** The first read takes so much: the index of any usual blob, and all of a small one. */
const firstReadBytes = 16_384;

/** The bytes of a slotted blob; lines of one slot stay in the order given. At most 4 GiB. */
export function slottedBytes(slotCount: number, entries: Iterable<SlotEntry>): Buffer {
  const slots = Array.from({ length: slotCount }, () => [] as string[]);
  for (const { slot, line } of entries) {
    const lines = slots[slot];
    if (lines === undefined) throw new RangeError(`slot ${slot} of ${slotCount}`);
    lines.push(line, '\n');
  }
  const data = slots.map((lines) => Buffer.from(lines.join('')));
  const header = Buffer.alloc(headerBytes(slotCount));
  header.writeUInt32LE(slotCount, 0);
  let offset = 0;
  for (const [slot, bytes] of data.entries()) {
    offset += bytes.length;
    header.writeUInt32LE(offset, (slot + 2) * word);
  }
  return Buffer.concat([header, ...data]);
}

/** Bytes of data in each slot of such bytes. */
export function slotSizesOf(bytes: Buffer): number[] {
  const offset = (slot: number) => bytes.readUInt32LE((slot + 1) * word);
  return Array.from({ length: bytes.readUInt32LE(0) }, (_, slot) => offset(slot + 1) - offset(slot));
}

/** Writes (or writes over) the blob `name`. Throws `storage-unreachable`. */
export const writeSlots = (
  bucket: Bucket,
  name: string,
  slotCount: number,
  entries: Iterable<SlotEntry>,
): Promise<void> => bucket.put(name, slottedBytes(slotCount, entries));

/** The lines of slots `from` (inclusive) to `to` (exclusive), slot by slot. Throws `internal` when the blob is not there. */
export async function* readSlots(bucket: Bucket, name: string, from: number, to: number): AsyncIterable<string> {
  yield* splitLines(await readSlotText(bucket, name, from, to));
}

/**
 * The same in one piece, for callers with many lines: each ends with a line break.
 * @param sizes the bytes of each slot, where the caller knows them: saves reading the index.
 */
export async function readSlotText(
  bucket: Bucket,
  name: string,
  from: number,
  to: number,
  sizes?: readonly number[],
): Promise<string> {
  if (sizes !== undefined) {
    const bytesOf = (slots: readonly number[]) => slots.reduce((sum, bytes) => sum + bytes, 0);
    const start = headerBytes(sizes.length) + bytesOf(sizes.slice(0, from));
    return readText(bucket, name, start, start + bytesOf(sizes.slice(from, to)));
  }
  const { head, offset } = await readHead(bucket, name);
  const [start, end] = [offset(from), offset(to)];
  return end <= head.length ? head.toString('utf8', start, end) : readText(bucket, name, start, end);
}

async function readText(bucket: Bucket, name: string, start: number, end: number): Promise<string> {
  if (start === end) return '';
  const bytes = await bucket.getRange(name, start, end - start);
  if (bytes?.length !== end - start) throw damaged(name);
  return Buffer.from(bytes).toString('utf8');
}

/** Lines without their breaks; sliced one by one, so that a large text is not held twice. */
export function* splitLines(text: string): Generator<string> {
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf('\n', start);
    if (end === -1) {
      yield text.slice(start);
      return;
    }
    yield text.slice(start, end);
    start = end + 1;
  }
}

async function readHead(bucket: Bucket, name: string) {
  let head = await firstBytes(bucket, name, firstReadBytes);
  if (head.length < word) throw damaged(name);
  const slotCount = head.readUInt32LE(0);
  const dataStart = headerBytes(slotCount);
  if (head.length < dataStart && head.length === firstReadBytes) head = await firstBytes(bucket, name, dataStart);
  if (head.length < dataStart) throw damaged(name);
  return { head, slotCount, offset: (slot: number) => dataStart + head.readUInt32LE((slot + 1) * word) };
}

async function firstBytes(bucket: Bucket, name: string, length: number): Promise<Buffer> {
  const bytes = await bucket.getRange(name, 0, length);
  if (bytes === undefined) throw new AppError('internal', `The working blob ${name} is gone. Start the job again.`);
  return Buffer.from(bytes);
}

const damaged = (name: string) => new AppError('internal', `The working blob ${name} is damaged. Start the job again.`);
