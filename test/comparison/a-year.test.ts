/** The history of one object over a year of nights: manifests, and the few shards that differ. */
import { expect, it } from 'vitest';
import { versionsOf } from '../../src/comparison/versions.ts';
import { createSnapshotStore } from '../../src/snapshot/store.ts';
import { user } from '../support/changes.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

const nights = 365;
const people = Array.from({ length: 400 }, (_, index) => `u${index}`);

it('R29 versions across 365 snapshots read each manifest once and open only the shards in which it changed', async () => {
  const lab = snapshotLab();
  const about = 'x'.repeat(2_000);
  lab.directory.full = { users: [people.map((id) => user(id, { displayName: id, aboutMe: about }))] };
  const changed = [100, 200, 300];
  const ids: string[] = [];
  for (let night = 0; night < nights; night += 1) {
    // Every night somebody changes; the one who is asked about does so three times.
    const id = changed.includes(night) ? 'u7' : `u${8 + (night % 300)}`;
    lab.directory.changed = { users: [[user(id, { displayName: `${id} of night ${night}`, aboutMe: about })]] };
    ids.push((await lab.take(night === 0 ? 'full' : 'incremental')).manifest.id);
  }
  const before = lab.bucket.reads();
  const versions = await versionsOf(
    lab.services,
    connectorId,
    createSnapshotStore(lab.bucket, connectorId),
    'users',
    'u7',
  );
  expect(versions.map(({ snapshotId, change }) => [snapshotId, change])).toEqual([
    ...changed.toReversed().map((night) => [ids[night], 'modified']),
    [ids[0], 'added'],
  ]);
  const shards = lab.bucket.reads() - before - nights;
  expect(shards).toBeGreaterThan(0);
  expect(shards).toBeLessThan(nights);
}, 120_000);
