/** A snapshot that cannot be trusted is refused, in clear words. */
import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { createSnapshotStore } from '../../src/snapshot/store.ts';
import { user } from '../support/changes.ts';
import { collect } from '../support/collect.ts';
import { memoryBucket } from '../support/memory-bucket.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

const corrupt = { code: 'corrupt-snapshot' };

describe('a snapshot', () => {
  let lab = snapshotLab();
  let id = '';
  let manifestName = '';
  let shardName = '';
  beforeEach(async () => {
    lab = snapshotLab();
    lab.directory.full = { users: [[user('anna'), user('bob')]] };
    lab.directory.photos.set('anna', { bytes: Buffer.from('picture'), contentType: 'image/png' });
    const { manifest } = await lab.take('full');
    id = manifest.id;
    manifestName = `default/snapshots/${id}.json`;
    shardName = `default/shards/${manifest.streams.users?.shards[0]?.name}.ndjson.zst`;
  });

  /** The same bytes in a bucket nobody has read yet, so that nothing comes from a cache. */
  const reopened = async () => {
    const bucket = memoryBucket();
    for await (const { name } of lab.bucket.list(''))
      await bucket.put(name, (await lab.bucket.get(name)) ?? new Uint8Array());
    const store = createSnapshotStore(bucket, connectorId);
    return store.open(await store.resolve(id));
  };
  const editManifest = async (edit: (text: string) => string) =>
    lab.bucket.put(manifestName, Buffer.from(edit(Buffer.from((await lab.bucket.get(manifestName)) ?? []).toString())));

  it('can be read with common tools: a shard is NDJSON under Zstandard, named by its own hash', async () => {
    const reader = await reopened();
    expect(await collect(reader.scan('users'))).toEqual([
      { id: 'anna', body: { displayName: 'anna' } },
      { id: 'bob', body: { displayName: 'bob' } },
    ]);
  });

  it('with a flipped bit in a shard is refused', async () => {
    const bytes = Buffer.from((await lab.bucket.get(shardName)) ?? []);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3);
    await lab.bucket.put(shardName, bytes);
    await expect((await reopened()).record('users', 'anna')).rejects.toMatchObject(corrupt);
  });

  it('with a shard of other records in its place is refused', async () => {
    await lab.bucket.put(shardName, await promisify(zstdCompress)('{"id":"eve","body":{}}\n'));
    await expect((await reopened()).record('users', 'eve')).rejects.toMatchObject(corrupt);
  });

  it('with a shard cut short or missing is refused', async () => {
    await lab.bucket.put(shardName, ((await lab.bucket.get(shardName)) ?? new Uint8Array()).subarray(0, 20));
    await expect((await reopened()).record('users', 'anna')).rejects.toMatchObject(corrupt);
    await lab.bucket.delete(shardName);
    await expect((await reopened()).record('users', 'anna')).rejects.toMatchObject(corrupt);
  });

  it('with another picture under a photo’s name is refused', async () => {
    const reader = await reopened();
    const photo = await reader.photo('anna');
    await lab.bucket.put(`default/photos/${photo?.sha256}`, Buffer.from('another'));
    await expect((await reopened()).photoBytes(photo?.sha256 ?? '')).rejects.toMatchObject(corrupt);
  });

  it('of a newer format is refused by that reason', async () => {
    await editManifest((text) => text.replace('"formatVersion":1', '"formatVersion":2'));
    await expect(reopened()).rejects.toMatchObject({ ...corrupt, message: expect.stringContaining('format 2') });
  });

  it.each([
    ['no JSON', (text: string) => text.slice(0, -20)],
    ['a wrong count', (text: string) => text.replace('"records":2', '"records":3')],
    ['another id', (text: string) => text.replace(/"id":"[^"]+"/, '"id":"other"')],
    ['another connector', (text: string) => text.replace('"connectorId":"default"', '"connectorId":"other"')],
    ['no streams', (text: string) => text.replace('"streams"', '"strams"')],
  ])('whose manifest has %s is refused, and left out of the list', async (_, edit) => {
    await editManifest(edit);
    await expect(reopened()).rejects.toMatchObject(corrupt);
    expect(await collect(createSnapshotStore(lab.bucket, connectorId).list())).toEqual([]);
  });

  it('that does not exist, or has an impossible name, is not found', async () => {
    const store = createSnapshotStore(lab.bucket, connectorId);
    for (const name of ['nothing', '../other/snapshots/x', '', 'a/b']) {
      await expect(store.resolve(name)).rejects.toMatchObject({ code: 'not-found' });
    }
    await expect(store.resolve({ asOf: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'not-found' });
    expect((await store.resolve({ asOf: '2030-01-01T00:00:00Z' })).id).toBe(id);
  });

  it('belongs to one connector only', async () => {
    await expect(createSnapshotStore(lab.bucket, 'another').resolve('latest')).rejects.toMatchObject({
      code: 'not-found',
    });
  });
});
