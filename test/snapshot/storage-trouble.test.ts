/** Storage fails, or what it holds is damaged: no half snapshot is ever seen, nothing is lost, and the next one is sound. */
import { describe, expect, it } from 'vitest';
import { createBlobBucket } from '../../src/azure/blob-bucket.ts';
import { AppError } from '../../src/errors.ts';
import { createSnapshotStore } from '../../src/snapshot/store.ts';
import type { Bucket } from '../../src/storage/bucket.ts';
import { azurite } from '../support/azurite.ts';
import { user } from '../support/changes.ts';
import { collect } from '../support/collect.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

/** Azurite behind a door: writes of a name with this in it fail, before they were done or after. */
async function failingStorage() {
  const bucket = createBlobBucket((await azurite()).container());
  const fails = { names: 'none', done: false, times: 0 };
  const door = async <T>(name: string, write: () => Promise<T>): Promise<T> => {
    if (!name.includes(fails.names) || fails.times === 0) return write();
    fails.times -= 1;
    if (fails.done) await write();
    throw new AppError('storage-unreachable', 'storage did not answer');
  };
  const failing: Bucket = {
    ...bucket,
    put: (name, bytes) => door(name, () => bucket.put(name, bytes)),
    putIfAbsent: (name, bytes) => door(name, () => bucket.putIfAbsent(name, bytes)),
  };
  const lab = snapshotLab(failing);
  lab.directory.full = { users: [[user('anna'), user('bob')]] };
  const listed = async () => (await collect(createSnapshotStore(bucket, connectorId).list())).map(({ id }) => id);
  return { lab, fails, bucket, listed };
}

describe('a manifest that cannot be written', () => {
  it.each([
    ['was not written', false],
    ['was written, and only the answer was lost', true],
  ])('%s: the repeated activity ends the snapshot, whole and once', async (_, done) => {
    const { lab, fails, listed } = await failingStorage();
    const missing = await lab.begin('2026-0100', 'full');
    Object.assign(fails, { names: '/snapshots/', done, times: 1 });
    await expect(lab.finish('2026-0100', missing)).rejects.toMatchObject({ code: 'storage-unreachable' });
    expect(await listed()).toEqual(done ? ['2026-0100'] : []);
    await lab.finish('2026-0100', missing);
    expect(await listed()).toEqual(['2026-0100']);
    const store = createSnapshotStore(lab.bucket, connectorId);
    const reader = store.open(await store.resolve('latest'));
    expect((await collect(reader.scan('users'))).map(({ id }) => id)).toEqual(['anna', 'bob']);
  });

  it('for good: the job has failed, no half snapshot is to be seen, and the next one is clean', async () => {
    const { lab, fails, bucket, listed } = await failingStorage();
    const sound = await lab.take('full');
    lab.directory.changed = { users: [[user('carl')]] };
    Object.assign(fails, { names: '/snapshots/', times: 5 });
    await expect(lab.take()).rejects.toMatchObject({ code: 'storage-unreachable' });
    expect(await listed()).toEqual([sound.manifest.id]);
    const failure = { connectorId, jobId: '2026-0002', code: 'storage-unreachable', message: 'storage did not answer' };
    await lab.activities.failSnapshot(failure, { error: (line) => lab.said.push(line) });
    expect(await lab.services.jobs.get('2026-0002')).toMatchObject({ status: 'failed', error: { code: failure.code } });
    expect(await collect(bucket.list('default/staging/'))).toEqual([]);
    fails.times = 0;
    const next = await lab.take();
    expect(next.manifest).toMatchObject({ status: 'complete', parent: { id: sound.manifest.id } });
    expect(next.manifest.streams.users).toMatchObject({ count: 3, added: 1 });
  });
});

describe('a shard cut short under the newest snapshot', () => {
  async function damagedLab() {
    const { lab, bucket } = await failingStorage();
    const { manifest } = await lab.take('full');
    const shard = `default/shards/${manifest.streams.users?.shards[0]?.name}.ndjson.zst`;
    await bucket.put(shard, ((await bucket.get(shard)) ?? new Uint8Array()).subarray(0, 20));
    return lab;
  }

  it('fails an incremental snapshot that would build upon it, and says to take a full one', async () => {
    const lab = await damagedLab();
    lab.directory.changed = { users: [[user('carl')]] };
    await expect(lab.take()).rejects.toMatchObject({
      code: 'corrupt-snapshot',
      message: expect.stringContaining('full'),
    });
  });

  it.each([
    ['the same', ['anna', 'bob']],
    ['another', ['anna', 'carl']],
  ])('is no part of a full snapshot, which writes %s in its place', async (_, now) => {
    const lab = await damagedLab();
    lab.directory.full = { users: [now.map((id) => user(id))] };
    const { manifest } = await lab.take('full');
    expect(manifest.status).toBe('complete');
    // A reader of its own, so that nothing comes from a cache.
    const store = createSnapshotStore({ ...lab.bucket }, connectorId);
    const reader = store.open(await store.resolve(manifest.id));
    expect((await collect(reader.scan('users'))).map(({ id }) => id)).toEqual(now);
  });
});
