/** Sponsors of a large tenant: listed when users are read in full, asked for of changed users otherwise. */
import { expect, it } from 'vitest';
import type { Change } from '../../src/directory/gateway.ts';
import { ref } from '../../src/directory/record.ts';
import { link, user } from '../support/changes.ts';
import { snapshotLab } from '../support/snapshots.ts';

const many = Array.from({ length: 1_200 }, (_, at) => `user-${at}`);
const sponsor = (source: string, target: string): Change => link('sponsors', source, target);

it('an incremental snapshot asks nobody when nothing changed, and keeps every sponsor', async () => {
  const lab = snapshotLab();
  lab.directory.full = {
    users: [many.map((id) => user(id))],
    sponsors: [[sponsor('user-1', 'user-2'), sponsor('user-3', 'user-2')]],
  };
  await lab.take('full');
  lab.directory.asked.length = 0;
  const next = await lab.take();
  expect(lab.directory.asked.filter((place) => place.startsWith('sponsors'))).toEqual([]);
  expect(next.manifest).toMatchObject({ status: 'complete', requests: expect.any(Number) });
  const links = await next.storedLinks(['user-1', 'user-2', 'user-3']);
  expect(links.get('user-1')).toMatchObject({ sponsors: [ref('user', 'user-2')] });
  expect(links.get('user-2')?.sponsorOf).toHaveLength(2);
});

it('changed users are asked for theirs: what is new is linked, what is gone is not, on both ends', async () => {
  const lab = snapshotLab();
  lab.directory.full = {
    users: [many.map((id) => user(id))],
    sponsors: [[sponsor('user-1', 'user-2'), sponsor('user-3', 'user-2')]],
  };
  await lab.take('full');
  lab.directory.changed = { users: [[user('user-1', { city: 'Rom' })]] };
  lab.directory.readListed = async (_source, ids) => new Map(ids.map((id) => [id, [sponsor(id, 'user-4')]]));
  const next = await lab.take();
  const links = await next.storedLinks(['user-1', 'user-2', 'user-4']);
  expect(links.get('user-1')).toMatchObject({ sponsors: [ref('user', 'user-4')] });
  expect(links.get('user-2')).toMatchObject({ sponsorOf: [ref('user', 'user-3')] });
  expect(links.get('user-4')).toMatchObject({ sponsorOf: [ref('user', 'user-1')] });
});

it('a full snapshot, and a tenant that one request lists, read the lists', async () => {
  const lab = snapshotLab();
  lab.directory.full = { users: [many.map((id) => user(id))] };
  await lab.take('full');
  lab.directory.asked.length = 0;
  await lab.take('full');
  expect(lab.directory.asked).toContain('sponsors:full:0');
  const small = snapshotLab();
  small.directory.full = { users: [[user('anna')]] };
  await small.take('full');
  small.directory.asked.length = 0;
  await small.take();
  expect(small.directory.asked).toContain('sponsors:full:0');
});
