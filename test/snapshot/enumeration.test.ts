/** Not everything that changes leaves a delta record: within seven days all is read in full again. */
import { expect, it } from 'vitest';
import { user } from '../support/changes.ts';
import { snapshotLab } from '../support/snapshots.ts';

it('R61 picks up within seven days what a native recovery changed without a delta record', async () => {
  const lab = snapshotLab();
  lab.directory.full = { users: [[user('anna', { city: 'Rom' })]] };
  await lab.take();
  // A recovery by Microsoft's own tool: the directory differs, its delta says nothing.
  lab.directory.full = { users: [[user('anna', { city: 'Oslo' })]] };
  const cityIn = async (reader: Awaited<ReturnType<typeof lab.take>>) =>
    (await reader.record('users', 'anna'))?.body.city;
  for (let night = 1; night < 7; night += 1) {
    lab.wait(1);
    const reader = await lab.take();
    expect([reader.manifest.mode, await cityIn(reader)]).toEqual(['incremental', 'Rom']);
  }
  lab.wait(1);
  const enumerated = await lab.take();
  expect([enumerated.manifest.mode, await cityIn(enumerated)]).toEqual(['full', 'Oslo']);
  lab.wait(1);
  expect((await lab.take()).manifest.mode).toBe('incremental');
});

it('R61 leaves an incremental snapshot to whoever asks for one in so many words', async () => {
  const lab = snapshotLab();
  lab.directory.full = { users: [[user('anna')]] };
  await lab.take();
  lab.wait(30);
  expect((await lab.take('incremental')).manifest.mode).toBe('incremental');
  expect((await lab.take()).manifest.mode).toBe('full');
});
