/** What a snapshot is and what it costs: by its activities, over a directory that says what the test wants. */

import { describe, expect, it } from 'vitest';
import type { Change } from '../../src/directory/gateway.ts';
import type { StreamManifest } from '../../src/snapshot/manifest.ts';
import { createSnapshotStore } from '../../src/snapshot/store.ts';
import { binned, group, link, purged, set, unlink, user } from '../support/changes.ts';
import { collect } from '../support/collect.ts';
import { aJob } from '../support/jobs.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

const names = (stream: StreamManifest | undefined) => stream?.shards.map((shard) => shard?.name);

/** Users with bodies large enough that a stream has several shards. */
const crowd = (count: number, body = 'x'.repeat(2_000)): Change[] =>
  Array.from({ length: count }, (_, index) => user(`user-${index}`, { department: body, employeeId: `${index}` }));

describe('an incremental snapshot', () => {
  it('reuses every shard of a stream that did not change, reads it not, and goes on from the delta links', async () => {
    const lab = snapshotLab();
    lab.directory.full = {
      users: [[user('anna'), user('bob')]],
      groups: [[group('team'), link('members', 'team', 'anna')]],
    };
    const first = await lab.take('full');
    lab.directory.asked.length = 0;
    const second = await lab.take();
    expect(lab.directory.asked).toEqual(expect.arrayContaining(['users:changed:0', 'groups:changed:0']));
    expect(second.manifest).toMatchObject({
      mode: 'incremental',
      status: 'complete',
      parent: { id: first.manifest.id },
    });
    for (const stream of ['users', 'groups', 'links', 'roleDefinitions'] as const) {
      expect(names(second.manifest.streams[stream])).toEqual(names(first.manifest.streams[stream]));
    }
    expect(second.manifest.bytesWritten).toBe(0);
    expect(second.manifest.streams.users).toMatchObject({
      count: 2,
      added: 0,
      changed: 0,
      removed: 0,
      readInFull: false,
    });
  });

  it('rewrites only the shard of the one record that changed, and counts it', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [crowd(3_000)] };
    const first = await lab.take('full');
    const before = names(first.manifest.streams.users) ?? [];
    expect(before.length).toBeGreaterThan(4);
    lab.directory.changed = { users: [[user('user-7', { department: null }), user('new'), purged('users', 'user-8')]] };
    const second = await lab.take();
    const after = names(second.manifest.streams.users) ?? [];
    expect(after).toHaveLength(before.length);
    expect(after.filter((name, index) => name !== before[index]).length).toBeLessThanOrEqual(3);
    expect(second.manifest.streams.users).toMatchObject({ count: 3_000, added: 1, changed: 1, removed: 1 });
    expect((await second.record('users', 'user-7'))?.body).toEqual({ displayName: 'user-7', employeeId: '7' });
    expect((await first.record('users', 'user-7'))?.body.department).toHaveLength(2_000);
  });

  it('cuts a stream anew when it has outgrown its shards, and loses nothing', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [[user('user-0')]] };
    await lab.take('full');
    lab.directory.changed = { users: [crowd(4_000)] };
    const grown = await lab.take();
    expect(grown.manifest.streams.users).toMatchObject({ count: 4_000, added: 3_999, changed: 1 });
    expect(grown.manifest.streams.users?.shardCount).toBeGreaterThan(4);
    expect(new Set((await collect(grown.scan('users'))).map(({ id }) => id)).size).toBe(4_000);
  });

  it('is full where there is no complete snapshot to go on from', async () => {
    const lab = snapshotLab();
    expect((await lab.take('incremental')).manifest).toMatchObject({ mode: 'full' });
  });

  it('starts one source over when its delta link has expired, and drops what that source no longer tells', async () => {
    const lab = snapshotLab();
    lab.directory.full = {
      users: [[user('anna'), user('bob')]],
      groups: [[group('team'), link('owners', 'team', 'anna')]],
    };
    await lab.take('full');
    lab.directory.full = { users: [[user('anna')], [user('carl')]], groups: [[group('team')]] };
    lab.directory.expired.set('users:changed:0', 1);
    const second = await lab.take();
    expect((await collect(second.scan('users'))).map(({ id }) => id).sort()).toEqual(['anna', 'carl']);
    expect(second.manifest.streams.users).toMatchObject({ readInFull: true, added: 1, removed: 1 });
    expect(second.manifest.streams.groups).toMatchObject({ readInFull: false, count: 1 });
    expect((await second.linksOf(['team'])).get('team')).toEqual({ owners: ['user/anna'] });
    expect(second.manifest.status).toBe('complete');
  });

  it('starts over when the refusal comes in the middle of the pages, and gives up when it comes again and again', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: Array.from({ length: 60 }, (_, page) => [user(`user-${page}`)]) };
    lab.directory.expired.set('users:full:55', 2);
    const { manifest } = await lab.take('full');
    expect(manifest).toMatchObject({ status: 'complete', streams: { users: { count: 60 } } });

    lab.directory.expired.set('users:full:55', 100);
    expect(await lab.begin('refused', 'full')).toEqual([
      expect.objectContaining({ kind: 'users', code: 'token-expired' }),
    ]);
  });
});

describe('how licences are assigned, which no delta reports', () => {
  const direct = { skuId: 'suite', assignedByGroup: null, state: 'Active' };
  const throughGroup = { skuId: 'team', assignedByGroup: 'g', state: 'Active' };
  const licensed = async () => {
    const lab = snapshotLab();
    const before = { assignedLicenses: [{ skuId: 'suite' }], licenseAssignmentStates: [direct] };
    lab.directory.full = { users: [[user('anna', before), user('bob')]] };
    await lab.take('full');
    lab.directory.changed = {
      users: [
        [user('anna', { assignedLicenses: [{ skuId: 'suite' }, { skuId: 'team' }] }), user('bob', { city: 'Bonn' })],
      ],
    };
    return lab;
  };

  it('R46 is asked again for users whose licences changed', async () => {
    const lab = await licensed();
    lab.directory.live.set('anna', {
      city: 'not asked for',
      assignedLicenses: [{ skuId: 'suite' }, { skuId: 'team' }],
      licenseAssignmentStates: [direct, throughGroup],
    });
    const after = await lab.take();
    expect((await after.record('users', 'anna'))?.body).toEqual({
      displayName: 'anna',
      assignedLicenses: [{ skuId: 'suite' }, { skuId: 'team' }],
      licenseAssignmentStates: [{ skuId: 'suite', state: 'Active' }, throughGroup],
    });
    expect(after.manifest.status).toBe('complete');
  });

  it('makes the snapshot partial when it cannot be asked', async () => {
    const lab = await licensed();
    lab.directory.failing.find = 'forbidden';
    expect((await lab.take()).manifest).toMatchObject({
      status: 'partial',
      missing: [{ kind: 'licenses', code: 'forbidden' }],
    });
  });
});

describe('links', () => {
  it('stand under both names, whichever end is asked', async () => {
    const lab = snapshotLab();
    lab.directory.full = {
      users: [[user('anna'), user('bob'), link('manager', 'bob', 'anna')]],
      groups: [[group('team'), link('members', 'team', 'bob'), link('owners', 'team', 'anna')]],
      administrativeUnits: [[set('administrativeUnits', 'unit'), link('unitMembers', 'unit', 'bob')]],
      sponsors: [[link('sponsors', 'bob', 'anna')]],
    };
    const found = await (await lab.take('full')).linksOf(['anna', 'bob', 'team', 'unit', 'nobody']);
    expect(Object.fromEntries(found)).toEqual({
      anna: { directReports: ['user/bob'], ownedObjects: ['group/team'], sponsorOf: ['user/bob'] },
      bob: {
        manager: ['user/anna'],
        memberOf: ['group/team'],
        administrativeUnits: ['administrativeUnit/unit'],
        sponsors: ['user/anna'],
      },
      team: { members: ['user/bob'], owners: ['user/anna'] },
      unit: { members: ['user/bob'] },
      nobody: {},
    });
  });

  it('to somebody in the bin are hidden, and there again when he is back', async () => {
    const lab = snapshotLab();
    lab.directory.full = {
      users: [[user('anna'), user('bob')]],
      groups: [[group('team'), link('members', 'team', 'bob')]],
    };
    await lab.take('full');
    lab.directory.changed = { users: [[binned('users', 'bob')]] };
    const binnedOne = await lab.take();
    expect((await binnedOne.linksOf(['team'])).get('team')).toEqual({});
    lab.directory.changed = { users: [[user('bob')]] };
    expect((await (await lab.take()).linksOf(['team', 'bob'])).get('team')).toEqual({ members: ['user/bob'] });
  });

  it('of somebody purged are forgotten', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [[user('bob'), user('anna'), link('manager', 'bob', 'anna')]] };
    await lab.take('full');
    lab.directory.changed = { users: [[purged('users', 'bob')]] };
    const after = await lab.take();
    expect((await after.storedLinks(['bob'])).size).toBe(0);
    expect((await after.linksOf(['anna'])).get('anna')).toEqual({});
  });

  it('that are read by a list replace the ones before, in the shards that hold any', async () => {
    const lab = snapshotLab();
    lab.directory.full = {
      users: [[user('anna'), user('bob'), link('manager', 'bob', 'anna')]],
      sponsors: [[link('sponsors', 'bob', 'anna')]],
    };
    await lab.take('full');
    lab.directory.full.sponsors = [[]];
    const after = await lab.take();
    expect((await after.linksOf(['bob', 'anna'])).get('bob')).toEqual({ manager: ['user/anna'] });
    expect((await after.linksOf(['anna'])).get('anna')).toEqual({ directReports: ['user/bob'] });
  });

  it('to a removed end of unknown type are taken away by its id', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [[user('bob')]], groups: [[group('team'), link('members', 'team', 'bob')]] };
    await lab.take('full');
    const untyped = { ...unlink('members', 'team', 'bob'), target: 'directoryObject/bob' } as Change;
    lab.directory.changed = { groups: [[untyped]] };
    const after = await lab.take();
    expect((await after.storedLinks(['team', 'bob'])).size).toBe(0);
  });

  it('of a device, which is no kind, are kept as they are', async () => {
    const lab = snapshotLab();
    const device = { ...link('members', 'team', 'x'), target: 'device/laptop' } as Change;
    lab.directory.full = { groups: [[group('team'), device]] };
    expect((await (await lab.take('full')).linksOf(['team'])).get('team')).toEqual({ members: ['device/laptop'] });
  });
});

describe('photos', () => {
  const photo = (text: string) => ({ bytes: Buffer.from(text), contentType: 'image/jpeg' });

  it('are read for everybody in full, then only for users who changed, and kept once', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [[user('anna'), user('bob'), user('carl')]] };
    for (const id of ['anna', 'bob']) lab.directory.photos.set(id, photo('same'));
    const first = await lab.take('full');
    const anna = await first.photo('anna');
    expect(anna).toMatchObject({ contentType: 'image/jpeg', bytes: 4 });
    expect(Buffer.from(await first.photoBytes(anna?.sha256 ?? '')).toString()).toBe('same');
    expect(await first.photo('carl')).toBeUndefined();
    expect((await collect(lab.bucket.list('default/photos/'))).length).toBe(1);

    lab.directory.photos.set('anna', photo('new')).delete('bob');
    lab.directory.changed = { users: [[user('bob', { city: 'Bonn' })]] };
    const second = await lab.take();
    expect(await second.photo('bob')).toBeUndefined();
    expect(await second.photo('anna')).toEqual(anna);
  });

  it('that cannot be read make the snapshot partial and leave no photo claimed absent', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [[user('anna')]] };
    lab.directory.failing.photos = 'forbidden';
    const { manifest, has } = await lab.take('full');
    expect(manifest).toMatchObject({ status: 'partial', missing: [{ kind: 'photos', code: 'forbidden' }] });
    expect(has('photos')).toBe(false);
  });

  it('goes with its user', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [[user('anna')]] };
    lab.directory.photos.set('anna', photo('x'));
    await lab.take('full');
    lab.directory.changed = { users: [[binned('users', 'anna')]] };
    expect(await (await lab.take()).photo('anna')).toBeUndefined();
  });
});

describe('a partial snapshot (R60)', () => {
  it('names the kind that could not be read, knows the rest, and is nobody’s default', async () => {
    const lab = snapshotLab();
    lab.directory.full = {
      users: [[user('anna')]],
      administrativeUnits: [[set('administrativeUnits', 'unit'), link('unitMembers', 'unit', 'anna')]],
    };
    const complete = await lab.take('full');
    lab.directory.failing.administrativeUnits = 'forbidden';
    const partial = await lab.take();
    expect(partial.manifest).toMatchObject({
      status: 'partial',
      missing: [{ kind: 'administrativeUnits', code: 'forbidden', message: expect.any(String) }],
    });
    expect(partial.has('administrativeUnits')).toBe(false);
    expect(partial.linksNotCaptured()).toEqual(['administrativeUnits']);
    expect(partial.linksNotCaptured('administrativeUnits')).toEqual(['members']);
    expect((await partial.linksOf(['anna'])).get('anna')).toEqual({});
    await expect(collect(partial.scan('administrativeUnits'))).rejects.toMatchObject({ code: 'not-captured' });

    const store = createSnapshotStore(lab.bucket, connectorId);
    expect((await store.resolve('latest')).id).toBe(complete.manifest.id);
    expect((await collect(store.list())).map(({ id }) => id)).toEqual([partial.manifest.id, complete.manifest.id]);
    expect(await lab.services.jobs.get(partial.manifest.id)).toMatchObject({
      status: 'incomplete',
      counts: { users: 1 },
      warnings: [{ code: 'forbidden', message: expect.stringContaining('administrativeUnits') }],
    });

    delete lab.directory.failing.administrativeUnits;
    const whole = await lab.take();
    expect(whole.manifest).toMatchObject({ status: 'complete', parent: { id: complete.manifest.id } });
    expect((await whole.linksOf(['anna'])).get('anna')).toEqual({ administrativeUnits: ['administrativeUnit/unit'] });
  });
});

describe('a host that dies', () => {
  it('before the seal leaves no snapshot, and the next one sweeps what it had staged', async () => {
    const lab = snapshotLab();
    lab.directory.full = { users: [[user('anna')]] };
    await lab.begin('2026-0000', 'full');
    expect(await collect(createSnapshotStore(lab.bucket, connectorId).list())).toEqual([]);
    await lab.take('full');
    expect(await collect(lab.bucket.list('default/staging/'))).toEqual([]);
  });

  it('after the seal but before its end finds the sealed one and changes nothing', async () => {
    const lab = snapshotLab(undefined, true);
    lab.directory.full = { users: [[user('anna')]] };
    const { manifest } = await lab.take('full');
    expect(manifest.streams.users?.count).toBe(1);
    expect(await lab.services.jobs.get(manifest.id)).toMatchObject({ status: 'completed', counts: { users: 1 } });
    expect((await collect(createSnapshotStore(lab.bucket, connectorId).list())).length).toBe(1);
  });
});

it('a failed snapshot says why, leaves nothing staged and gives the lock back', async () => {
  const lab = snapshotLab();
  await lab.take('full');
  await lab.services.jobs.create(aJob({ id: 'doomed', connectorId, requestedBy: 'test' }));
  await lab.services.jobs.lock('snapshot:default', 'doomed');
  await lab.begin('doomed', 'full');
  const failure = { connectorId, jobId: 'doomed', code: 'graph-unreachable', message: 'no answer' };
  await lab.activities.failSnapshot(failure, { error: (line) => lab.said.push(line) });
  expect(lab.said).toEqual(['snapshot.failed {"connectorId":"default","jobId":"doomed","code":"graph-unreachable"}']);
  expect(await lab.services.jobs.get('doomed')).toMatchObject({
    status: 'failed',
    error: { code: 'graph-unreachable', message: 'no answer' },
  });
  expect(await collect(lab.bucket.list('default/staging/'))).toEqual([]);
  expect(await lab.services.jobs.lock('snapshot:default', 'other')).toBe('other');
});
