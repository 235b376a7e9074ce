/** The app was set back to an older version: snapshots of the newer one are not understood, not used, and not harmed. */
import { expect, it } from 'vitest';
import { createSnapshotStore } from '../../src/snapshot/store.ts';
import { sweepPhotos, sweepShards } from '../../src/upkeep/retention.ts';
import { user } from '../support/changes.ts';
import { collect } from '../support/collect.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

it('leaves a snapshot of a newer format alone: says so by name, builds on the one before, sweeps nothing', async () => {
  const lab = snapshotLab();
  lab.directory.full = { users: [[user('anna')]] };
  const first = await lab.take('full');
  lab.directory.changed = { users: [[user('bob')]] };
  const newer = await lab.take();
  const name = `default/snapshots/${newer.manifest.id}.json`;
  const text = Buffer.from((await lab.bucket.get(name)) ?? []).toString();
  await lab.bucket.put(name, Buffer.from(text.replace('"formatVersion":1', '"formatVersion":2')));
  const before = (await collect(lab.bucket.list('default/'))).map(({ name }) => name);

  const store = createSnapshotStore(lab.bucket, connectorId);
  await expect(store.resolve(newer.manifest.id)).rejects.toMatchObject({
    code: 'corrupt-snapshot',
    message: expect.stringMatching(/has format 2; this version reads up to 1\. Update the app/),
  });
  expect((await store.resolve('latest')).id).toBe(first.manifest.id);
  const now = lab.services.clock();
  const held = async () => true;
  expect([
    await sweepShards(lab.bucket, connectorId, now, held),
    await sweepPhotos(lab.bucket, connectorId, now, held),
  ]).toEqual([undefined, undefined]);
  expect((await collect(lab.bucket.list('default/'))).map(({ name }) => name)).toEqual(before);

  const next = await lab.take();
  expect(next.manifest).toMatchObject({ status: 'complete', parent: { id: first.manifest.id } });
  expect((await collect(next.scan('users'))).map(({ id }) => id)).toEqual(['anna', 'bob']);
});
