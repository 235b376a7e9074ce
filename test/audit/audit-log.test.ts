import { describe, expect, it } from 'vitest';
import { type AuditLine, auditLine } from '../../src/audit/audit-line.ts';
import { createAuditLog, readAudit } from '../../src/audit/audit-log.ts';
import { AppError } from '../../src/errors.ts';
import type { Bucket } from '../../src/storage/bucket.ts';
import { collect } from '../support/collect.ts';
import { memoryBucket } from '../support/memory-bucket.ts';

const job = { connectorId: 'tenant', jobId: 'job', jobKind: 'restore', requestedBy: 'somebody' };
const line = (id: string, time = '2026-11-23T10:00:00.000Z'): AuditLine =>
  auditLine(job, { write: 'undelete', kind: 'users', id }, 'done', { time });
const idsOf = async (bucket: Bucket, query = {}) =>
  (await readAudit(bucket, 'tenant', { top: 100, ...query }))?.value.map(({ objectId }) => objectId);
const namesIn = async (bucket: Bucket) => (await collect(bucket.list('tenant/audit/'))).map(({ name }) => name);

/** Counts appends; takes `most` of them a name, as Azure takes 50,000; fails while told to. */
function narrowBucket(most = 1_000) {
  const bucket = memoryBucket();
  const taken = new Map<string, number>();
  const state = { appends: 0, fails: false };
  const narrow: Bucket = {
    ...bucket,
    async append(name, bytes) {
      await new Promise((done) => setImmediate(done));
      if (state.fails) throw new AppError('storage-unreachable', 'storage did not answer');
      if ((taken.get(name) ?? 0) >= most) return false;
      state.appends += 1;
      taken.set(name, (taken.get(name) ?? 0) + 1);
      return bucket.append(name, bytes);
    },
  };
  return { bucket: narrow, state };
}

describe('the audit log', () => {
  it('gathers what many activities note at once into few appends, and loses none of it', async () => {
    const { bucket, state } = narrowBucket();
    const log = createAuditLog(bucket);
    const ids = Array.from({ length: 100 }, (_, index) => `user-${index}`);
    await Promise.all(ids.map((id) => log.append('tenant', [line(id)])));
    expect((await idsOf(bucket))?.sort()).toEqual([...ids].sort());
    expect(state.appends).toBeLessThanOrEqual(3);
  });

  it('goes on in the next blob of the day when one takes no more, and in a new one on the next day', async () => {
    const { bucket } = narrowBucket(2);
    for (const id of ['a', 'b', 'c']) await createAuditLog(bucket).append('tenant', [line(id)]);
    await createAuditLog(bucket).append('tenant', [line('d', '2026-11-24T00:00:00.000Z')]);
    expect(await namesIn(bucket)).toEqual([
      'tenant/audit/2026-11-23/0000.ndjson',
      'tenant/audit/2026-11-23/0001.ndjson',
      'tenant/audit/2026-11-24/0000.ndjson',
    ]);
    expect(await idsOf(bucket)).toEqual(['a', 'b', 'c', 'd']);
    expect(await idsOf(bucket, { from: '2026-11-24T00:00:00.000Z' })).toEqual(['d']);
  });

  it('tells everybody whose lines were not kept, and takes the next ones', async () => {
    const { bucket, state } = narrowBucket();
    const log = createAuditLog(bucket);
    state.fails = true;
    const tried = await Promise.allSettled(['a', 'b'].map((id) => log.append('tenant', [line(id)])));
    expect(tried.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    state.fails = false;
    await log.append('tenant', [line('c')]);
    expect(await idsOf(bucket)).toEqual(['c']);
  });

  it('gives one write one id however often it is noted, and other writes other ids', () => {
    const again = { ...line('a', '2026-11-24T00:00:00.000Z'), outcome: 'unknown' };
    expect(again.writeId).toBe(line('a').writeId);
    expect(line('b').writeId).not.toBe(line('a').writeId);
  });

  it('never holds a value: not of attributes, passwords or pictures', () => {
    const bytes = Buffer.from('secret-picture');
    const told = [
      auditLine(
        job,
        { write: 'create', kind: 'users', body: { city: 'secret', passwordProfile: { password: 'secret' } } },
        'done',
        { time: '' },
      ),
      auditLine(job, { write: 'update', kind: 'users', id: 'a', changes: { city: 'secret' } }, 'done', { time: '' }),
      auditLine(job, { write: 'photo', id: 'a', photo: { bytes, contentType: 'image/jpeg' } }, 'done', { time: '' }),
      auditLine(
        job,
        { write: 'auth-method', id: 'a', method: { id: 'm', type: 'phone', phoneNumber: 'secret' } },
        'done',
        { time: '' },
      ),
    ];
    expect(JSON.stringify(told)).not.toMatch(/secret|passwordProfile/);
    expect(told.map(({ attributes }) => attributes)).toEqual([['city'], ['city'], ['photo'], undefined]);
  });
});
