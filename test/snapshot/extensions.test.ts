/** Directory extensions: asked for by name, and none lost in silence. */
import { expect, it } from 'vitest';
import { user } from '../support/changes.ts';
import { snapshotLab } from '../support/snapshots.ts';

const extension = (name: string, isSynced = false) => ({
  name: `extension_4d405aa8baa04fb494d3e0571fd9fd71_${name}`,
  isSynced,
});
const [cost, badge] = [extension('costCentre'), extension('badge', true)];

async function labWith(...users: readonly (typeof cost)[]) {
  const lab = snapshotLab();
  lab.directory.extensions = { users };
  lab.directory.full = { users: [[user('anna', { [cost.name]: 'K-7', [badge.name]: 'B-1' })]] };
  const first = await lab.take('full');
  lab.directory.asked.length = 0;
  return { lab, first };
}
const places = (asked: readonly string[]) => asked.filter((place) => place.startsWith('users'));

it('are asked for with users and stand in the manifest as captured, with those that synchronization brought', async () => {
  const { lab, first } = await labWith(cost, badge);
  expect(first.captured('users')).toEqual(expect.arrayContaining([cost.name, badge.name]));
  expect(first.captured('groups')).not.toContain(cost.name);
  expect(first.manifest.streams.users?.synced).toEqual([badge.name]);
  expect((await first.record('users', 'anna'))?.body).toMatchObject({ [cost.name]: 'K-7' });
  await lab.take();
  expect(places(lab.directory.asked)).toEqual(['users:changed:0']);
});

it('begin the source anew when there is one more, since no delta link tells of a property it was not made with', async () => {
  const { lab } = await labWith(cost);
  lab.directory.extensions = { users: [cost, badge] };
  const next = await lab.take();
  expect(places(lab.directory.asked)).toEqual([`users:full:0 with ${cost.name},${badge.name}`]);
  expect(next.captured('users')).toContain(badge.name);
});

it('begin it anew, too, when one has gone', async () => {
  const { lab } = await labWith(cost, badge);
  lab.directory.extensions = { users: [cost] };
  const next = await lab.take();
  expect(places(lab.directory.asked)).toEqual([`users:full:0 with ${cost.name}`]);
  expect(next.captured('users')).not.toContain(badge.name);
});

it('stay as they were where Graph tells of none, which a large tenant always is told', async () => {
  const { lab } = await labWith(cost);
  lab.directory.extensions = undefined;
  const next = await lab.take();
  expect(places(lab.directory.asked)).toEqual(['users:changed:0']);
  expect(next.captured('users')).toContain(cost.name);
  lab.directory.asked.length = 0;
  lab.directory.registered = { users: [badge] };
  lab.directory.knownProperties = async () => [];
  const full = await lab.take('full');
  expect(places(lab.directory.asked)).toEqual([`users:full:0 with ${badge.name}`]);
  expect([full.manifest.status, full.captured('users').includes(cost.name)]).toEqual(['complete', false]);
});

it('R60 of a tenant that may not be asked, those of the snapshot before are kept, and the snapshot says that there may be more', async () => {
  const { lab } = await labWith(cost);
  lab.directory.failing.extensions = 'forbidden';
  for (const mode of ['incremental', 'full'] as const) {
    const next = await lab.take(mode);
    expect(next.captured('users')).toContain(cost.name);
    expect(next.manifest).toMatchObject({
      status: 'partial',
      missing: [{ kind: 'extensionProperties', code: 'forbidden' }],
    });
  }
});
