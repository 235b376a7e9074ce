/** A read that came back suspiciously small is kept, said aloud, and does not quietly become the truth. */
import { describe, expect, it } from 'vitest';
import { createSnapshotStore } from '../../src/snapshot/store.ts';
import { shrunkStreams } from '../../src/snapshot/suspicion.ts';
import { removeSnapshots } from '../../src/upkeep/retention.ts';
import { group, link, purged, set, user } from '../support/changes.ts';
import { collect } from '../support/collect.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

const people = (count: number) => Array.from({ length: count }, (_, index) => user(`user-${index}`));
const memberships = (count: number) =>
  Array.from({ length: count }, (_, index) => link('members', 'team', `user-${index}`));

/** A lab with a sound snapshot of a hundred users in a group. */
async function soundLab() {
  const lab = snapshotLab();
  lab.directory.full = { users: [people(100)], groups: [[group('team'), ...memberships(100)]] };
  const sound = await lab.take('full');
  const store = createSnapshotStore(lab.bucket, connectorId);
  const accept = (id: string) => lab.bucket.put(`default/accepted/${id}.json`, Buffer.from('{}'));
  return { lab, sound, store, accept, latest: async () => (await store.resolve('latest')).id };
}

describe('a snapshot in which a kind has shrunk by more than the share allowed', () => {
  it('is suspect by name and numbers, alerts, ends its job incomplete, and is nobody’s default', async () => {
    const { lab, sound, store, latest } = await soundLab();
    lab.directory.full = { users: [people(40)], groups: [[group('team')]] };
    const small = await lab.take('full');
    expect(small.manifest).toMatchObject({ status: 'complete', missing: [] });
    expect(small.manifest.suspect).toEqual([
      { kind: 'users', before: 100, now: 40 },
      { kind: 'links', before: 101, now: 0 },
    ]);
    const job = await lab.services.jobs.get(small.manifest.id);
    expect(job).toMatchObject({
      status: 'incomplete',
      snapshotId: small.manifest.id,
      warnings: [
        { code: 'suspiciously-small', message: expect.stringContaining('users: 40 where the snapshot before has 100') },
        { code: 'suspiciously-small', message: expect.stringContaining('links') },
      ],
    });
    expect(lab.said).toEqual([expect.stringMatching(/^snapshot\.suspect \{.*"kind":"users","before":100,"now":40/)]);
    expect(await latest()).toBe(sound.manifest.id);
    expect((await store.resolve({ asOf: '2030-01-01T00:00:00Z' })).id).toBe(sound.manifest.id);
    expect((await store.resolve(small.manifest.id)).id).toBe(small.manifest.id);
  });

  it('is no parent: the next one goes on from the sound one, and is sound if the directory is', async () => {
    const { lab, sound, latest } = await soundLab();
    lab.directory.changed = { users: [Array.from({ length: 60 }, (_, index) => purged('users', `user-${index}`))] };
    const small = await lab.take();
    expect(small.manifest.suspect).toContainEqual({ kind: 'users', before: 100, now: 40 });
    lab.directory.changed = { users: [[user('user-7', { city: 'Rom' })]] };
    const next = await lab.take();
    expect(next.manifest.suspect).toBeUndefined();
    expect(next.manifest).toMatchObject({ parent: { id: sound.manifest.id }, streams: { users: { count: 100 } } });
    expect(await latest()).toBe(next.manifest.id);
  });

  it('counts as any other once it is accepted, and the next one is measured by it', async () => {
    const { lab, accept, latest } = await soundLab();
    lab.directory.full = { users: [people(40)], groups: [[group('team')]] };
    const small = await lab.take('full');
    await accept(small.manifest.id);
    expect(await latest()).toBe(small.manifest.id);
    const next = await lab.take('full');
    expect(next.manifest).toMatchObject({ status: 'complete', parent: { id: small.manifest.id } });
    expect(next.manifest.suspect).toBeUndefined();
    expect(lab.said).toHaveLength(1);
  });
});

it('goes with the word that accepted it when retention removes it', async () => {
  const { lab, accept } = await soundLab();
  lab.directory.full = { users: [people(40)], groups: [[group('team')]] };
  const { id } = (await lab.take('full')).manifest;
  await accept(id);
  await removeSnapshots(lab.bucket, connectorId, [id], '2026-02-01T00:00:00.000Z');
  expect(await collect(lab.bucket.list('default/accepted/'))).toEqual([]);
});

describe('a snapshot is not suspect', () => {
  it('where few are lost, or a small share, or nothing is known to compare with', async () => {
    const { lab, sound } = await soundLab();
    const counted = (count: number) => ({ ...sound.manifest.streams.users, count }) as never;
    const alerts = { shrinkShare: 0.5, shrinkAtLeast: 25 };
    const shrunk = (before: number, now: number, some = alerts) =>
      shrunkStreams({ streams: { users: counted(now) } }, { streams: { users: counted(before) } }, some).length;
    expect([shrunk(24, 0), shrunk(25, 0), shrunk(100, 50), shrunk(100, 49)]).toEqual([0, 1, 0, 1]);
    expect([
      shrunk(100, 49, { ...alerts, shrinkShare: 1 }),
      shrunk(5, 4, { shrinkShare: 0, shrinkAtLeast: 1 }),
    ]).toEqual([0, 1]);
    expect(shrunkStreams({ streams: {} }, sound.manifest, alerts)).toEqual([]);
    expect(shrunkStreams(sound.manifest, undefined, alerts)).toEqual([]);
    expect(lab.said).toEqual([]);
  });

  it('where not one of those before is left and others are: a test directory that was set up anew', async () => {
    const { lab, latest } = await soundLab();
    lab.directory.full = { users: [[user('somebody-else')]], groups: [[]] };
    const { manifest } = await lab.take('full');
    expect(manifest).toMatchObject({ status: 'complete', streams: { users: { count: 1, removed: 100 } } });
    expect(manifest.suspect).toBeUndefined();
    expect(await latest()).toBe(manifest.id);
    lab.directory.full = { users: [people(100)], groups: [[group('team')]] };
    await lab.take('full');
    // Nobody is left: this may well be a read that broke.
    lab.directory.full = { users: [[]], groups: [[group('team')]] };
    expect((await lab.take('full')).manifest.suspect).toEqual([{ kind: 'users', before: 100, now: 0 }]);
  });

  it('because a kind could not be read: that is partial, and says so instead', async () => {
    const { lab } = await soundLab();
    lab.directory.full.administrativeUnits = [[set('administrativeUnits', 'unit')]];
    lab.directory.failing.groups = 'forbidden';
    const { manifest } = await lab.take('full');
    expect(manifest).toMatchObject({ status: 'partial', missing: [{ kind: 'groups' }] });
    expect(manifest.suspect).toBeUndefined();
  });
});
