import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { readSlots, readSlotText, slotSizesOf, writeSlots } from '../../src/storage/slotted-blob.ts';
import { collect } from '../support/collect.ts';
import { memoryBucket } from '../support/memory-bucket.ts';

it('gives back the lines of any range of slots, in slot order and within a slot in the order written', async () => {
  const entry = fc.record({
    slot: fc.nat(7),
    line: fc.string({ unit: 'grapheme' }).map((line) => line.replaceAll('\n', '')),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(entry), fc.nat(8), fc.nat(8), async (entries, a, b) => {
      const bucket = memoryBucket();
      await writeSlots(bucket, 'x', 8, entries);
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const slots = Array.from({ length: to - from }, (_, index) => from + index);
      const expected = slots.flatMap((slot) => entries.filter((one) => one.slot === slot).map(({ line }) => line));
      expect(await collect(readSlots(bucket, 'x', from, to))).toEqual(expected);
    }),
  );
});

it('reads a range of a large blob without the rest of it', async () => {
  const bucket = memoryBucket();
  const entries = Array.from({ length: 2_000 }, (_, index) => ({
    slot: index % 256,
    line: `${index}`.padEnd(500, '.'),
  }));
  await writeSlots(bucket, 'x', 256, entries);
  const before = bucket.bytesRead();
  const lines = await collect(readSlots(bucket, 'x', 255, 256));
  expect(lines.map((line) => Number.parseInt(line, 10))).toEqual([255, 511, 767, 1023, 1279, 1535, 1791]);
  expect(bucket.bytesRead() - before).toBeLessThan(25_000);
  const sizes = slotSizesOf(Buffer.from((await bucket.get('x')) ?? []));
  expect(await readSlotText(bucket, 'x', 255, 256, sizes)).toBe(await readSlotText(bucket, 'x', 255, 256));
});

it('refuses a slot that does not exist, and says when the blob is gone or cut short', async () => {
  const bucket = memoryBucket();
  await expect(async () => writeSlots(bucket, 'x', 2, [{ slot: 2, line: '' }])).rejects.toThrow(RangeError);
  await expect(collect(readSlots(bucket, 'absent', 0, 1))).rejects.toMatchObject({ code: 'internal' });
  await writeSlots(bucket, 'x', 2, [{ slot: 1, line: 'y'.repeat(50_000) }]);
  await bucket.put('x', (await bucket.get('x'))?.subarray(0, 40_000) ?? new Uint8Array());
  await expect(collect(readSlots(bucket, 'x', 0, 2))).rejects.toMatchObject({ code: 'internal' });
});
