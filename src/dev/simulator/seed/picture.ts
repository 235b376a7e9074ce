/**
 * Small real JPEGs to stand for profile photos: a mirrored pattern of coloured squares, different for every name. Each
 * 8 x 8 block is flat, so only the DC coefficients of a baseline JPEG are written and no library is needed.
 */
import { createHash } from 'node:crypto';

const cells = 6;
/** 48 x 48 pixels: the smallest size Graph offers. */
const side = cells * 8;
/** Code lengths of the standard luminance DC table: how many codes there are of length 1, 2, ... 16. */
const dcCounts = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];

type Colour = readonly [y: number, cb: number, cr: number];

/** A 48 x 48 JPEG; the same name gives the same bytes. */
export function createPicture(name: string): Uint8Array {
  const hash = createHash('sha256').update(name).digest();
  const byte = (at: number): number => hash[at % hash.length] ?? 0;
  const front: Colour = [60 + (byte(30) % 80), byte(28), byte(29)];
  const back: Colour = [235, 128, 128];
  const filled = (row: number, column: number): boolean => {
    const mirrored = Math.min(column, cells - 1 - column);
    return (byte(row * 3 + mirrored) & 1) === 1;
  };
  const blocks = Array.from({ length: cells * cells }, (_, at) =>
    filled(Math.floor(at / cells), at % cells) ? front : back,
  );
  return Uint8Array.from([
    ...[0xff, 0xd8],
    ...segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    // A quantiser of 8 makes a flat block's DC coefficient its level shifted by 128.
    ...segment(0xdb, [0, ...Array<number>(64).fill(8)]),
    ...segment(0xc0, [8, 0, side, 0, side, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]),
    ...segment(0xc4, [0x00, ...dcCounts, ...Array.from({ length: 12 }, (_, category) => category)]),
    // One AC code, a single zero bit: end of block.
    ...segment(0xc4, [0x10, 1, ...Array<number>(15).fill(0), 0x00]),
    ...segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
    ...entropyCoded(blocks),
    ...[0xff, 0xd9],
  ]);
}

function segment(marker: number, payload: readonly number[]): readonly number[] {
  const length = payload.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...payload];
}

function entropyCoded(blocks: readonly Colour[]): readonly number[] {
  const codes = dcCodes();
  const previous = [0, 0, 0];
  let bits = '';
  for (const colour of blocks) {
    for (const [component, value] of colour.entries()) {
      const level = value - 128;
      const difference = level - (previous[component] ?? 0);
      previous[component] = level;
      const category = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
      const amplitude = difference < 0 ? difference + 2 ** category - 1 : difference;
      bits += codes[category] ?? '';
      if (category > 0) bits += amplitude.toString(2).padStart(category, '0');
      bits += '0';
    }
  }
  const padded = bits.padEnd(Math.ceil(bits.length / 8) * 8, '1');
  const bytes: number[] = [];
  for (let at = 0; at < padded.length; at += 8) {
    const value = Number.parseInt(padded.slice(at, at + 8), 2);
    bytes.push(value);
    if (value === 0xff) bytes.push(0);
  }
  return bytes;
}

function dcCodes(): readonly string[] {
  const codes: string[] = [];
  let code = 0;
  for (const [at, count] of dcCounts.entries()) {
    for (let i = 0; i < count; i += 1) codes.push((code++).toString(2).padStart(at + 1, '0'));
    code <<= 1;
  }
  return codes;
}
