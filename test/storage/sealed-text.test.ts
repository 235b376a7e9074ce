/** Texts of table rows: sealed where there is a key, bound to their row, and read as they are from before. */
import { expect, it } from 'vitest';
import { createFileWrapper } from '../../src/storage/key-file.ts';
import { createKeyRing } from '../../src/storage/key-ring.ts';
import { createTextSeal } from '../../src/storage/sealed-text.ts';
import { keyFile } from '../support/key-file.ts';
import { memoryBucket } from '../support/memory-bucket.ts';

const inner = memoryBucket();
const texts = createTextSeal(createKeyRing(inner, createFileWrapper(keyFile())));
const plain = createTextSeal(undefined);
const json = '{"displayName":"Ada Lövelace"}';

it('opens what it sealed, in its own row alone', async () => {
  const sealed = await texts.seal(json, 'jobs/1');
  expect(sealed).not.toContain('Ada');
  expect(sealed).toMatch(/^[\x20-\x7e]+$/);
  expect(await texts.open(sealed, 'jobs/1')).toBe(json);
  await expect(texts.open(sealed, 'jobs/2')).rejects.toMatchObject({ code: 'corrupt-snapshot' });
});

it('reads what was written in the open, and without its key says which is lacking', async () => {
  expect(await texts.open(await plain.seal(json, 'jobs/1'), 'jobs/1')).toBe(json);
  const sealed = await texts.seal(json, 'jobs/1');
  await expect(plain.open(sealed, 'jobs/1')).rejects.toMatchObject({
    code: 'key-unavailable',
    message: expect.stringContaining('ENCRYPTION_KEY_URL'),
  });
});
