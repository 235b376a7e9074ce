/** What a sealed blob is: only what was sealed, under its name, whole and in order, opens. */
import { randomBytes } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  frameBytes,
  headerBytes,
  isSealed,
  keyIdOf,
  open,
  seal,
  sealedFrameBytes,
} from '../../src/storage/sealed-frames.ts';

const key = { id: '20260101T000000-000Z-abc', key: randomBytes(32) };
const name = 'default/shards/one';
const plain = (length: number) => randomBytes(length);
const altered = expect.objectContaining({ code: 'corrupt-snapshot' });
const opening = (bytes: Uint8Array, under = name, by = key.key) => {
  try {
    return open(bytes, by, under);
  } catch (error) {
    return error;
  }
};

it('opens to what was sealed, whatever its length, and names its key', () => {
  const around = [0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 3 * frameBytes];
  for (const length of around) {
    const bytes = plain(length);
    const sealed = seal(bytes, key, name);
    expect([isSealed(sealed), keyIdOf(sealed)]).toEqual([true, key.id]);
    expect(open(sealed, key.key, name).equals(bytes)).toBe(true);
  }
});

it('shows nothing of what it holds, and never the same bytes twice', () => {
  const text = Buffer.from('Anna Ahorn '.repeat(5_000));
  const [one, two] = [seal(text, key, name), seal(text, key, name)];
  expect(one.includes('Anna')).toBe(false);
  expect(one.equals(two)).toBe(false);
});

describe('does not open', () => {
  it('after any one bit was flipped', () => {
    const sealed = seal(plain(2 * frameBytes + 100), key, name);
    void fc.assert(
      fc.property(fc.integer({ min: 4, max: sealed.length - 1 }), fc.integer({ min: 0, max: 7 }), (at, bit) => {
        const bent = Buffer.from(sealed);
        bent[at] = (bent[at] ?? 0) ^ (1 << bit);
        expect(opening(bent)).toEqual(altered);
      }),
    );
  });

  it('when it was cut, at the end of a frame or within one', () => {
    const sealed = seal(plain(3 * frameBytes), key, name);
    for (const end of [
      headerBytes,
      headerBytes + sealedFrameBytes,
      headerBytes + 2 * sealedFrameBytes,
      sealed.length - 1,
    ]) {
      expect(opening(sealed.subarray(0, end))).toEqual(altered);
    }
  });

  it('when frames were swapped, repeated, or come from another blob', () => {
    const sealed = seal(plain(3 * frameBytes), key, name);
    const other = seal(plain(3 * frameBytes), key, name);
    const frame = (of: Buffer, index: number) =>
      of.subarray(headerBytes + index * sealedFrameBytes, headerBytes + (index + 1) * sealedFrameBytes);
    const head = sealed.subarray(0, headerBytes);
    const built = (...frames: Buffer[]) => opening(Buffer.concat([head, ...frames]));
    expect(built(frame(sealed, 1), frame(sealed, 0), frame(sealed, 2))).toEqual(altered);
    expect(built(frame(sealed, 0), frame(sealed, 0), frame(sealed, 2))).toEqual(altered);
    expect(built(frame(sealed, 0), frame(other, 1), frame(sealed, 2))).toEqual(altered);
  });

  it('under another name, or with another key', () => {
    const sealed = seal(plain(10), key, name);
    expect(opening(sealed, 'default/shards/two')).toEqual(altered);
    expect(opening(sealed, name, randomBytes(32))).toEqual(altered);
  });
});
