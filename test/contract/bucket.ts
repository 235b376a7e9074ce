/** What every Bucket must do; run on each adapter. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Bucket } from '../../src/storage/bucket.ts';
import { collect } from '../support/collect.ts';

const bytes = (text: string) => Buffer.from(text);
const text = (found: Uint8Array | undefined) => (found === undefined ? undefined : Buffer.from(found).toString());

/** @param stored what so many bytes take in storage. */
export function aBucket(name: string, create: () => Promise<Bucket>, stored = (bytes: number) => bytes): void {
  describe(`${name} as a Bucket`, () => {
    let bucket: Bucket;
    beforeEach(async () => {
      bucket = await create();
    });

    it('gives back what was put, and replaces it', async () => {
      await bucket.put('a/b', bytes('one'));
      await bucket.put('a/b', bytes('two'));
      expect(text(await bucket.get('a/b'))).toBe('two');
      expect(await bucket.exists('a/b')).toBe(true);
    });

    it('keeps an empty blob', async () => {
      await bucket.put('empty', new Uint8Array());
      expect(text(await bucket.get('empty'))).toBe('');
    });

    it('answers undefined and false for what is not there', async () => {
      expect(await bucket.get('absent')).toBeUndefined();
      expect(await bucket.getRange('absent', 0, 1)).toBeUndefined();
      expect(await bucket.exists('absent')).toBe(false);
    });

    it('lets exactly one of several writers take a name', async () => {
      const taken = await Promise.all(['x', 'y', 'z'].map((value) => bucket.putIfAbsent('once', bytes(value))));
      expect(taken.filter(Boolean)).toHaveLength(1);
      expect(await bucket.putIfAbsent('once', bytes('late'))).toBe(false);
      expect(text(await bucket.get('once'))).toBe(['x', 'y', 'z'][taken.indexOf(true)]);
    });

    it('appends in order, from several writers at once, and reads like any other', async () => {
      await Promise.all(['x', 'y', 'z'].map((value) => bucket.append('log', bytes(value))));
      expect(await bucket.append('log', bytes('!'))).toBe(true);
      const kept = text(await bucket.get('log')) ?? '';
      expect([...kept.slice(0, 3)].sort().join('')).toBe('xyz');
      expect(kept.slice(3)).toBe('!');
      expect(text(await bucket.getRange('log', 3, 10))).toBe('!');
      expect((await collect(bucket.list('log'))).map(({ name, bytes: size }) => [name, size])).toEqual([['log', 4]]);
    });

    it('reads a range, cut short at the end', async () => {
      await bucket.put('digits', bytes('0123456789'));
      expect(text(await bucket.getRange('digits', 3, 4))).toBe('3456');
      expect(text(await bucket.getRange('digits', 8, 100))).toBe('89');
      expect(text(await bucket.getRange('digits', 10, 1))).toBe('');
    });

    it('lists the names with a prefix in ascending order, with their sizes', async () => {
      for (const name of ['p/2', 'p/10', 'q/1', 'p/1/x']) await bucket.put(name, bytes(name));
      const found = await collect(bucket.list('p/'));
      expect(found.map(({ name, bytes: size }) => [name, size])).toEqual([
        ['p/1/x', stored(5)],
        ['p/10', stored(4)],
        ['p/2', stored(3)],
      ]);
      expect(found.every(({ modifiedDateTime }) => !Number.isNaN(Date.parse(modifiedDateTime)))).toBe(true);
      expect(await collect(bucket.list('nothing/'))).toEqual([]);
    });

    it('deletes once and again', async () => {
      await bucket.put('gone', bytes('x'));
      await bucket.delete('gone');
      await bucket.delete('gone');
      expect(await bucket.get('gone')).toBeUndefined();
    });
  });
}
