/** What no snapshot names goes, as long as nobody else has begun to write. */
import { expect, it } from 'vitest';
import { sweepShards } from '../../src/upkeep/retention.ts';
import { user } from '../support/changes.ts';
import { collect } from '../support/collect.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

const now = new Date();

async function littered() {
  const lab = snapshotLab();
  lab.directory.full = { users: [[user('anna'), user('bob')]] };
  const { manifest } = await lab.take('full');
  for (let at = 0; at < 70; at += 1) await lab.bucket.put(`default/shards/litter-${at}`, Buffer.from('x'));
  const left = async () => (await collect(lab.bucket.list('default/shards/'))).map(({ name }) => name);
  const named = Object.values(manifest.streams).flatMap(({ shards }) =>
    shards.flatMap((shard) => (shard === null ? [] : [`default/shards/${shard.name}.ndjson.zst`])),
  );
  return { lab, left, named: [...new Set(named)].sort() };
}

it('deletes all of it and nothing that is named', async () => {
  const { lab, left, named } = await littered();
  expect(await sweepShards(lab.bucket, connectorId, now, async () => true)).toEqual({ blobs: 70, bytes: 70 });
  expect(await left()).toEqual(named);
});

it('stops when the lock is no longer its own: a snapshot may be naming these very shards', async () => {
  const { lab, left } = await littered();
  let looks = 0;
  const held = async () => {
    looks += 1;
    return looks < 3;
  };
  expect(await sweepShards(lab.bucket, connectorId, now, held)).toBeUndefined();
  expect((await left()).filter((name) => name.includes('litter'))).toHaveLength(30);
});
