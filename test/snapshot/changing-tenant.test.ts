/** A directory that changes while it is read: pages that repeat an object, and links to somebody whom no page has told of yet. */
import { expect, it } from 'vitest';
import { group, link, purged, unlink, user } from '../support/changes.ts';
import { collect } from '../support/collect.ts';
import { snapshotLab } from '../support/snapshots.ts';

it('keeps an object once that two pages tell, as the later one tells it', async () => {
  const lab = snapshotLab();
  lab.directory.full = {
    users: [
      [user('anna', { city: 'Rom' }), user('bob')],
      [user('carl'), user('anna', { city: 'Oslo' })],
    ],
  };
  const { manifest, scan } = await lab.take('full');
  expect(manifest.streams.users?.count).toBe(3);
  expect(await collect(scan('users'))).toEqual([
    { id: 'anna', body: { displayName: 'anna', city: 'Oslo' } },
    { id: 'bob', body: { displayName: 'bob' } },
    { id: 'carl', body: { displayName: 'carl' } },
  ]);
});

it('holds nobody who was purged while it was read, nor a membership of theirs that the same pages tell', async () => {
  const lab = snapshotLab();
  lab.directory.full = {
    users: [[user('anna'), user('bob')], [purged('users', 'bob')]],
    groups: [
      [group('team'), link('members', 'team', 'anna'), link('members', 'team', 'bob')],
      [unlink('members', 'team', 'bob')],
    ],
  };
  const reader = await lab.take('full');
  expect((await collect(reader.scan('users'))).map(({ id }) => id)).toEqual(['anna']);
  expect((await reader.linksOf(['team'])).get('team')).toEqual({ members: ['user/anna'] });
});

it('keeps a membership of somebody who came after the users were read: the next snapshot has both ends', async () => {
  const lab = snapshotLab();
  lab.directory.full = {
    users: [[user('anna')]],
    groups: [[group('team'), link('members', 'team', 'anna'), link('members', 'team', 'late')]],
  };
  const first = await lab.take('full');
  expect(first.manifest).toMatchObject({ status: 'complete', streams: { users: { count: 1 } } });
  lab.directory.changed = { users: [[user('late')]] };
  const second = await lab.take();
  expect((await second.linksOf(['team', 'late'])).get('late')).toEqual({ memberOf: ['group/team'] });
  expect((await second.linksOf(['team'])).get('team')).toEqual({ members: ['user/anna', 'user/late'] });
  expect((await second.record('users', 'late'))?.body).toEqual({ displayName: 'late' });
});
