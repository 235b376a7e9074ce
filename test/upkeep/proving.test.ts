/** A verification finds whatever is not as the manifest says, and names it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { type Manifest, manifestBytes } from '../../src/snapshot/manifest.ts';
import { encodeShard } from '../../src/snapshot/shard.ts';
import { planProof, proveChain, provePart } from '../../src/upkeep/proving.ts';
import { group, link, user } from '../support/changes.ts';
import { snapshotLab } from '../support/snapshots.ts';

describe('a snapshot', () => {
  let lab = snapshotLab();
  let manifest: Manifest;
  beforeEach(async () => {
    lab = snapshotLab();
    lab.directory.full = {
      users: [[user('anna', { city: 'Ulm' }), user('bob'), link('manager', 'anna', 'bob')]],
      groups: [[group('g'), link('members', 'g', 'bob')]],
    };
    lab.directory.photos.set('anna', { bytes: Buffer.from('picture'), contentType: 'image/png' });
    manifest = (await lab.take('full')).manifest;
  });

  const shardName = (stream: 'users' | 'links' | 'photos') =>
    `default/shards/${manifest.streams[stream]?.shards[0]?.name}.ndjson.zst`;
  const prove = async (of = manifest) => {
    const parts = await Promise.all(planProof(of).map((part) => provePart(lab.bucket, of, part)));
    return [...parts.flat(), ...(await proveChain(lab.bucket, of))];
  };
  const codes = async (of = manifest) => (await prove(of)).map(({ code }) => code);

  it('as it was written has nothing to find, however often it was built upon', async () => {
    expect(await prove()).toEqual([]);
    lab.directory.changed = { users: [[user('carla')]] };
    const child = (await lab.take()).manifest;
    expect(await prove(child)).toEqual([]);
    expect(await prove()).toEqual([]);
  });

  it('with a flipped bit, a missing shard or a missing picture is found out, by the name of the blob', async () => {
    const bytes = Buffer.from((await lab.bucket.get(shardName('users'))) ?? []);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 3) ^ 1, bytes.length - 3);
    await lab.bucket.put(shardName('users'), bytes);
    await lab.bucket.delete(shardName('links'));
    await lab.bucket.put(`default/photos/${(await photoHash()) ?? ''}`, Buffer.from('another'));
    const findings = await prove();
    expect(findings.map(({ code }) => code).sort()).toEqual(['corrupt-photo', 'corrupt-shard', 'corrupt-shard']);
    const names = [manifest.streams.users, manifest.streams.links].map((stream) => stream?.shards[0]?.name ?? '?');
    for (const name of names) expect(findings.some(({ message }) => message.includes(name))).toBe(true);
    expect(JSON.stringify(findings)).not.toContain('anna');
  });

  const photoHash = async () => {
    for await (const { name } of lab.bucket.list('default/photos/')) return name.split('/').at(-1);
    return undefined;
  };

  it('with a count or a shard that its manifest contradicts is found out', async () => {
    const lines = ['{"id":"zoe","body":{}}', '{"id":"adam","body":{}}'];
    const shard = encodeShard(lines);
    await lab.bucket.put(`default/shards/${shard.name}.ndjson.zst`, await shard.bytes());
    const users = manifest.streams.users;
    if (users === undefined) throw new Error('no users');
    const lying = { ...users, shards: [{ name: shard.name, records: 2, bytes: 7 }] };
    expect(await codes({ ...manifest, streams: { ...manifest.streams, users: lying } })).toEqual([
      'wrong-count',
      'wrong-place',
    ]);
  });

  it('in a broken chain is found out from both ends, unless retention says that it removed the parent', async () => {
    const child = (await lab.take()).manifest;
    const name = `default/snapshots/${manifest.id}.json`;
    await lab.bucket.put(name, manifestBytes({ ...manifest, requests: manifest.requests + 1 }));
    expect(await codes(child)).toEqual(['broken-chain']);
    expect(await codes()).toEqual(['broken-chain']);
    await lab.bucket.delete(name);
    expect(await codes(child)).toEqual(['broken-chain']);
    await lab.bucket.put(`default/removed/${manifest.id}.json`, Buffer.from('{}'));
    expect(await codes(child)).toEqual([]);
  });
});
