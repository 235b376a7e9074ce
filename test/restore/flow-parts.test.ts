/** A kind of any size is restored in histories of bounded length, and nobody of it is left out. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { partsOf } from '../../src/restore/flow.ts';
import { chunkSize } from '../../src/restore/layout.ts';

it('the parts of a kind follow each other, hold each object once, and are of at most forty chunks', () => {
  void fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000_000 }), fc.nat(100), (count, firstChunk) => {
      const chunks = Math.ceil(count / chunkSize);
      const parts = [...partsOf({ kind: 'users', firstChunk, chunks, count })];
      let next = firstChunk;
      for (const part of parts) {
        expect(part.firstChunk).toBe(next);
        expect(part.chunks).toBeLessThanOrEqual(40);
        expect(part.chunks).toBe(Math.ceil(part.count / chunkSize));
        next += part.chunks;
      }
      expect(next).toBe(firstChunk + chunks);
      expect(parts.reduce((sum, part) => sum + part.count, 0)).toBe(count);
      expect(parts.length).toBeLessThanOrEqual(125);
    }),
  );
});
