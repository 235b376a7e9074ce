/** A snapshot is proven on request: everything it names is read again. */
import { beforeAll, describe, expect, it } from 'vitest';
import { foundCompany } from '../support/company.ts';
import { storedBlobs } from '../support/stored-blobs.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const snapshots = '/connectors/default/snapshots';
let first: Json;
beforeAll(async () => {
  await foundCompany(system);
  first = await system.snapshot('full');
}, 90_000);

const verify = async (id: string): Promise<Json> => {
  const { status, headers, body } = await system.api('POST', `${snapshots}/${id}/verify`, {});
  expect(status, JSON.stringify(body)).toBe(202);
  expect(headers.get('location')).toContain(`/jobs/${body.jobId}`);
  return system.waitForJob(body.jobId);
};

describe('a verification', () => {
  it('completes on what is sound, with counts, and never writes to Graph', async () => {
    await system.forgetStats();
    const job = await verify('latest');
    expect(job).toMatchObject({
      kind: 'verify',
      status: 'completed',
      snapshotId: first.id,
      counts: { users: 5, groups: 3 },
    });
    expect(job.progress.done).toBe(job.progress.total);
    expect(job.progress.total).toBeGreaterThan(0);
    expect(await system.writes()).toBe(0);
    const { body } = await system.api('GET', '/connectors/default/jobs?kind=verify');
    expect(body.value.map(({ id }: Json) => id)).toEqual([job.id]);
  });

  it('fails with corrupt-snapshot and names the place where a bit has flipped', async () => {
    const blobs = storedBlobs(system);
    await system.graph('PATCH', `/users/anna@contoso.com`, { city: 'Rom' });
    const second = await system.snapshot('full');
    const manifest = JSON.parse((await blobs.get(`default/snapshots/${second.id}.json`)).toString());
    const shard = `default/shards/${manifest.streams.users.shards.find(Boolean).name}.ndjson.zst`;
    const sound = await blobs.get(shard);
    const damaged = Buffer.from(sound);
    damaged.writeUInt8(damaged.readUInt8(damaged.length - 2) ^ 1, damaged.length - 2);
    await blobs.put(shard, damaged);
    const job = await verify(second.id);
    expect(job).toMatchObject({ status: 'failed', error: { code: 'corrupt-snapshot' } });
    expect(job.warnings).toEqual([{ code: 'corrupt-shard', message: expect.stringContaining('of users') }]);
    await blobs.put(shard, sound);
    expect(await verify(second.id)).toMatchObject({ status: 'completed' });
  });

  it('says so of a manifest that was altered, of a photo that is gone, and of no snapshot at all', async () => {
    const blobs = storedBlobs(system);
    const name = `default/snapshots/${first.id}.json`;
    const sound = await blobs.get(name);
    await blobs.put(name, Buffer.from(sound.toString().replace('"mode":"full"', '"mode":"incremental"')));
    expect(await verify(first.id)).toMatchObject({ status: 'failed', error: { code: 'corrupt-snapshot' } });
    expect((await system.api('GET', `${snapshots}/${first.id}`)).body).toMatchObject({ code: 'corrupt-snapshot' });
    await blobs.put(name, sound);
    const [photo = ''] = await blobs.names('default/photos/');
    const picture = await blobs.get(photo);
    await blobs.delete(photo);
    expect((await verify(first.id)).warnings).toEqual([
      { code: 'corrupt-photo', message: expect.stringContaining('missing') },
    ]);
    await blobs.put(photo, picture);
    expect((await system.api('POST', `${snapshots}/no-such/verify`, {})).status).toBe(404);
    expect((await system.api('POST', `${snapshots}/latest/verify`, { deep: true })).status).toBe(400);
  });
});
