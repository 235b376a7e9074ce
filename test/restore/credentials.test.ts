import { randomBytes } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  collectCredentials,
  keepSupplied,
  noteNewId,
  passwordFor,
  randomPassword,
  suppliedPassword,
} from '../../src/restore/credentials.ts';
import { createSecretBox } from '../../src/storage/secret-box.ts';
import { memoryBucket } from '../support/memory-bucket.ts';

const job = { connectorId: 'default', jobId: 'job' };
const now = new Date('2026-03-01T00:00:00Z');
const later = (days: number) => new Date(now.getTime() + days * 24 * 60 * 60_000);
const secrets = createSecretBox(randomBytes(32));
let vault: { bucket: ReturnType<typeof memoryBucket>; secrets: typeof secrets | undefined };
beforeEach(() => {
  vault = { bucket: memoryBucket(), secrets };
});

describe('passwords of recreated users (R27)', () => {
  it('are the same on every try, since an earlier one may have reached Graph', async () => {
    const first = await passwordFor(vault, job, 'old', now);
    expect(await passwordFor(vault, job, 'old', later(1))).toBe(first);
    expect(await passwordFor(vault, job, 'other', now)).not.toBe(first);
  });

  it('are handed out once, by the new id or the old one', async () => {
    const password = await passwordFor(vault, job, 'old', now);
    await noteNewId(vault, job, 'old', 'new');
    expect(await collectCredentials(vault, job, 'new', now)).toEqual({ password });
    await expect(collectCredentials(vault, job, 'new', now)).rejects.toMatchObject({ code: 'gone' });
    await expect(collectCredentials(vault, job, 'old', now)).rejects.toMatchObject({ code: 'gone' });
  });

  it('of two that ask at once, one gets it', async () => {
    await passwordFor(vault, job, 'old', now);
    const asked = await Promise.allSettled([
      collectCredentials(vault, job, 'old', now),
      collectCredentials(vault, job, 'old', now),
    ]);
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('expire uncollected', async () => {
    await passwordFor(vault, job, 'old', now);
    await expect(collectCredentials(vault, job, 'old', later(8))).rejects.toMatchObject({ code: 'gone' });
  });

  it('of users the job did not create are not there', async () => {
    await expect(collectCredentials(vault, job, 'nobody', now)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('stand nowhere in clear', async () => {
    const password = await passwordFor(vault, job, 'old', now);
    await keepSupplied(vault, job, 'Sup-plied-1234');
    expect(await suppliedPassword(vault, job)).toBe('Sup-plied-1234');
    for await (const { name } of vault.bucket.list('')) {
      const text = Buffer.from((await vault.bucket.get(name)) ?? []).toString('latin1');
      expect(text).not.toContain(password);
      expect(text).not.toContain('Sup-plied-1234');
    }
  });

  it('are not kept without a key, and a supplied one is refused then', async () => {
    vault.secrets = undefined;
    await passwordFor(vault, job, 'old', now);
    await expect(collectCredentials(vault, job, 'old', now)).rejects.toMatchObject({ code: 'not-found' });
    await expect(keepSupplied(vault, job, 'Sup-plied-1234')).rejects.toMatchObject({ code: 'unsupported' });
  });

  it('are long, and of every alphabet', () => {
    for (let drawn = 0; drawn < 200; drawn += 1) {
      expect(randomPassword()).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)(?=.*[!#%+:=?@_-]).{32}$/);
    }
  });
});
