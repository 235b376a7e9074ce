/** Sealed blobs above a bucket: every range reads as in the open, keys are made once, and what cannot be opened says why. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Bucket } from '../../src/storage/bucket.ts';
import { createFileWrapper } from '../../src/storage/key-file.ts';
import { createKeyRing, type KeyWrapper, keyBlob } from '../../src/storage/key-ring.ts';
import { sealingWith } from '../../src/storage/key-scope.ts';
import { createSealedBucket } from '../../src/storage/sealed-bucket.ts';
import { frameBytes, keyIdOf } from '../../src/storage/sealed-frames.ts';
import { keyFile } from '../support/key-file.ts';
import { memoryBucket } from '../support/memory-bucket.ts';

const clock = () => new Date('2026-03-01T10:00:00Z');

const sealed = (inner: Bucket, wrapper: KeyWrapper) => createSealedBucket(inner, createKeyRing(inner, wrapper), clock);

it('reads any range of any blob as it would be read in the open', async () => {
  const bucket = sealed(memoryBucket(), createFileWrapper(keyFile()));
  const most = 4 * frameBytes;
  const near = fc.oneof(
    fc.integer({ min: 0, max: most }),
    fc.constantFrom(0, 1, frameBytes - 1, frameBytes, frameBytes + 1, 2 * frameBytes),
  );
  await fc.assert(
    fc.asyncProperty(near, near, near, async (size, offset, length) => {
      const bytes = randomBytes(size);
      await bucket.put('c/blob', bytes);
      const found = Buffer.from((await bucket.getRange('c/blob', offset, length)) ?? []);
      expect(found.equals(bytes.subarray(offset, offset + length))).toBe(true);
      expect(Buffer.from((await bucket.get('c/blob')) ?? []).equals(bytes)).toBe(true);
    }),
  );
});

it('what a job writes is sealed with a key of its own, all else with the key of the day', async () => {
  const inner = memoryBucket();
  const bucket = sealed(inner, createFileWrapper(keyFile()));
  await sealingWith('job-1', () =>
    Promise.all([bucket.put('c/a', Buffer.from('a')), bucket.putIfAbsent('c/b', Buffer.from('b'))]),
  );
  await bucket.put('c/d', Buffer.from('d'));
  await bucket.append('c/log', Buffer.from('line\n'));
  const by = async (name: string) => keyIdOf((await inner.get(name)) ?? new Uint8Array());
  expect(await Promise.all(['c/a', 'c/b', 'c/d'].map(by))).toEqual(['job-1', 'job-1', 'day-2026-03-01']);
  expect(Buffer.from((await inner.get('c/log')) ?? []).toString()).toBe('line\n');
  expect(await inner.exists(keyBlob('c', 'job-1'))).toBe(true);
});

it('processes that make the key of a job at the same time agree on one', async () => {
  const inner = memoryBucket();
  const wrapper = createFileWrapper(keyFile());
  const [one, two] = [sealed(inner, wrapper), sealed(inner, wrapper)];
  await Promise.all(
    [one, two].map((bucket, at) => sealingWith('job', () => bucket.put(`c/${at}`, Buffer.from(`${at}`)))),
  );
  const third = sealed(inner, wrapper);
  for (const at of ['0', '1']) expect(Buffer.from((await third.get(`c/${at}`)) ?? []).toString()).toBe(at);
});

it('what was stored before sealing was switched on is read as it is', async () => {
  const inner = memoryBucket();
  await inner.put('c/old', Buffer.from('x'.repeat(40_000)));
  const bucket = sealed(inner, createFileWrapper(keyFile()));
  expect((await bucket.get('c/old'))?.length).toBe(40_000);
  expect((await bucket.getRange('c/old', 10, 5))?.length).toBe(5);
  expect((await bucket.getRange('c/old', 30_000, 5))?.length).toBe(5);
});

it('a range is one read where nothing is sealed, and at most two of what is', async () => {
  const inner = memoryBucket();
  const [open, closed] = [createSealedBucket(inner, undefined, clock), sealed(inner, createFileWrapper(keyFile()))];
  await open.put('c/open', randomBytes(4 * frameBytes));
  await closed.put('c/closed', randomBytes(4 * frameBytes));
  const readsOf = async (bucket: Bucket, name: string, offset: number) => {
    const before = inner.reads();
    await bucket.getRange(name, offset, frameBytes);
    return inner.reads() - before;
  };
  expect([await readsOf(open, 'c/open', 0), await readsOf(open, 'c/open', 2 * frameBytes)]).toEqual([1, 1]);
  expect([await readsOf(closed, 'c/closed', 0), await readsOf(closed, 'c/closed', 2 * frameBytes)]).toEqual([1, 2]);
});

describe('a key that cannot be used is named, and nothing is written', () => {
  const unavailable = (text: string) =>
    expect.objectContaining({ code: 'key-unavailable', message: expect.stringContaining(text) });
  const written = async () => {
    const inner = memoryBucket();
    await sealingWith('job', () => sealed(inner, createFileWrapper(keyFile())).put('c/a', Buffer.from('a')));
    return inner;
  };

  it('when the app has none', async () => {
    const bucket = createSealedBucket(await written(), undefined, clock);
    await expect(bucket.get('c/a')).rejects.toEqual(unavailable('ENCRYPTION_KEY_URL'));
    await expect(bucket.getRange('c/a', 0, 1_000)).rejects.toEqual(unavailable('ENCRYPTION_KEY_URL'));
  });

  it('when it has another', async () => {
    const inner = await written();
    const bucket = sealed(inner, createFileWrapper(keyFile()));
    await expect(bucket.get('c/a')).rejects.toEqual(unavailable('Bring the other key back'));
    // Not even over the job's own key.
    await expect(sealingWith('job', () => bucket.put('c/new', Buffer.from('n')))).rejects.toEqual(unavailable('file:'));
    expect(await inner.exists('c/new')).toBe(false);
  });

  it('when the data key is gone from storage', async () => {
    const inner = await written();
    await inner.delete(keyBlob('c', 'job'));
    await expect(sealed(inner, createFileWrapper(keyFile())).get('c/a')).rejects.toEqual(
      unavailable('c/keys/job.json'),
    );
  });
});

it('a key file that is missing or too short is refused at once', () => {
  expect(() => createFileWrapper('/nowhere/key')).toThrow('cannot be read');
  const path = keyFile();
  writeFileSync(path, 'c2hvcnQ=');
  expect(() => createFileWrapper(path)).toThrow('32 bytes');
});
