/** A snapshot read as the README describes it, by nothing of the app: JSON, zstd and a hash. */
import { createHash } from 'node:crypto';
import { zstdDecompressSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { link, user } from '../support/changes.ts';
import { snapshotLab } from '../support/snapshots.ts';

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

function h(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Keys in order at every depth. */
const canonical = (value: unknown): string =>
  JSON.stringify(value, (_, some) =>
    some !== null && typeof some === 'object' && !Array.isArray(some)
      ? Object.fromEntries(Object.entries(some).sort(([one], [other]) => (one < other ? -1 : 1)))
      : some,
  );

it('shows every record in the shard its id hashes to, under the hash of its lines, and the chain from manifest to manifest', async () => {
  const lab = snapshotLab();
  const many = Array.from({ length: 5_000 }, (_, at) => `user-${at}`);
  const about = 'x'.repeat(300);
  lab.directory.full = {
    users: [many.map((id) => user(id, { aboutMe: about, city: null, userPrincipalName: `${id}@contoso.com` }))],
    sponsors: [[link('sponsors', 'user-4', 'user-2')]],
  };
  const first = await lab.take('full');
  lab.directory.changed = { users: [[user('user-1', { city: 'Rom' })]] };
  const { manifest } = await lab.take();

  const blob = async (name: string) => Buffer.from((await lab.bucket.get(`default/${name}`)) ?? []);
  const bytes = await blob(`snapshots/${manifest.id}.json`);
  const { digest, ...document } = JSON.parse(bytes.toString('utf8'));
  expect(sha256(Buffer.from(canonical(document)))).toBe(digest);
  expect(document.parent).toEqual({
    id: first.manifest.id,
    sha256: sha256(await blob(`snapshots/${first.manifest.id}.json`)),
  });

  const records = async (name: string) => {
    const { shards, shardCount, count } = document.streams[name];
    const found = new Map<string, Record<string, unknown>>();
    for (const [index, shard] of shards.entries()) {
      if (shard === null) continue;
      const plain = zstdDecompressSync(await blob(`shards/${shard.name}.ndjson.zst`));
      expect(sha256(plain)).toBe(shard.name);
      for (const line of plain.toString('utf8').trimEnd().split('\n')) {
        const { id, body } = JSON.parse(line);
        expect(Math.floor((h(id) / 2 ** 32) * shardCount)).toBe(index);
        found.set(id, body);
      }
    }
    expect(found.size).toBe(count);
    return found;
  };
  const users = await records('users');
  expect(document.streams.users.shardCount).toBeGreaterThan(1);
  expect([...users.keys()].sort()).toEqual(many.toSorted());
  expect([users.get('user-1')?.city, 'city' in (users.get('user-2') ?? {})]).toEqual(['Rom', false]);
  expect((await records('names')).get('user-3')).toMatchObject({ userPrincipalName: 'user-3@contoso.com' });
  const links = await records('links');
  expect([links.get('user-4'), links.get('user-2')]).toEqual([
    { sponsors: ['user/user-2'] },
    { sponsorOf: ['user/user-4'] },
  ]);
});
