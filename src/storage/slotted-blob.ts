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

/** Gathers lines in the order they come, as bytes: text that lives for a moment only is what a small heap is made of. */
export interface SlotWriter {
  append(slot: number, line: string): void;
  /** Of all lines so far. */
  bytes(): number;
  /** The blob: lines by slot, in a slot in the order given. At most 4 GiB. */
  finish(): Buffer;
}

export function createSlotWriter(slotCount: number): SlotWriter {
  let data = Buffer.allocUnsafe(64 * 1024);
  let used = 0;
  let slots = new Uint32Array(1024);
  let ends = new Uint32Array(1024);
  let count = 0;
  return {
    bytes: () => used,
    append(slot, line) {
      if (!(slot >= 0 && slot < slotCount)) throw new RangeError(`slot ${slot} of ${slotCount}`);
      const most = line.length * 3 + 1;
      if (used + most > data.length) data = grown(data, Buffer.allocUnsafe(2 * data.length + most));
      if (count === ends.length) {
        slots = grown(slots, new Uint32Array(2 * count));
        ends = grown(ends, new Uint32Array(2 * count));
      }
      used += data.write(line, used, 'utf8');
      data[used] = newline;
      used += 1;
      slots[count] = slot;
      ends[count] = used;
      count += 1;
    },
    finish() {
      const header = headerBytes(slotCount);
      const places = new Uint32Array(slotCount + 1);
      const each = (act: (slot: number, start: number, end: number) => void) => {
        for (let index = 0; index < count; index += 1) act(slots[index] ?? 0, ends[index - 1] ?? 0, ends[index] ?? 0);
      };
      each((slot, start, end) => {
        places[slot + 1] = (places[slot + 1] ?? 0) + end - start;
      });
      const blob = Buffer.allocUnsafe(header + used);
      blob.writeUInt32LE(slotCount, 0);
      for (let slot = 0; slot <= slotCount; slot += 1) {
        places[slot] = (places[slot] ?? 0) + (places[slot - 1] ?? 0);
        blob.writeUInt32LE(places[slot] ?? 0, (slot + 1) * word);
      }
      each((slot, start, end) => {
        const place = places[slot] ?? 0;
        data.copy(blob, header + place, start, end);
        places[slot] = place + end - start;
      });
      return blob;
    },
  };
}

const newline = 10;

/** The contents of `from` at the front of `to`. */
function grown<T extends Uint8Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** The bytes of a slotted blob; lines of one slot stay in the order given. */
export function slottedBytes(slotCount: number, entries: Iterable<SlotEntry>): Buffer {
  const writer = createSlotWriter(slotCount);
  for (const { slot, line } of entries) writer.append(slot, line);
  return writer.finish();
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
