/** Photos and methods are asked again slot by slot, so that no answer grows older than a week and no night asks about everybody. */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { StreamManifest } from '../../src/snapshot/manifest.ts';
import { dueSlots, isDue, passMs } from '../../src/snapshot/rolling.ts';
import { user } from '../support/changes.ts';
import { snapshotLab } from '../support/snapshots.ts';

const slots = Array.from({ length: 256 }, (_, slot) => slot);
const many = Array.from({ length: 300 }, (_, at) => `user-${at}`);
const photo = (text: string) => ({ bytes: Buffer.from(text), contentType: 'image/jpeg' });

function tenant() {
  const lab = snapshotLab();
  lab.directory.full = { users: [many.map((id) => user(id))] };
  for (const id of many) lab.directory.photos.set(id, photo('old'));
  const asked: string[] = [];
  const { readPhotos } = lab.directory;
  lab.directory.readPhotos = (ids) => {
    asked.push(...ids);
    return readPhotos(ids);
  };
  return { lab, asked: () => asked.splice(0) };
}

it('whenever snapshots are taken, every slot has been asked within the last pass, and none twice in one', () => {
  const gap = fc.integer({ min: 1, max: 3 * 86_400_000 });
  void fc.assert(
    fc.property(fc.array(gap, { maxLength: 40 }), (gaps) => {
      const origin = Date.UTC(2026, 0, 1);
      const stream = { fullDateTime: new Date(origin).toISOString() } as StreamManifest;
      const asked = slots.map(() => origin);
      let then = origin;
      for (const [at, gap] of gaps.entries()) {
        const now = then + gap;
        // The first snapshot after the full one finds no word of the pass, and counts from its beginning.
        const known = at === 0 ? stream : { ...stream, oldestDateTime: stream.fullDateTime };
        const due = dueSlots(known, new Date(then).toISOString(), new Date(now));
        for (const slot of slots) if (isDue(due, slot)) asked[slot] = now;
        expect(Math.min(...asked)).toBeGreaterThanOrEqual(now - passMs);
        then = now;
      }
    }),
  );
});

it('right after a full reading nobody is asked again, and a day later a seventh', async () => {
  const { lab, asked } = tenant();
  await lab.take('full');
  expect(asked()).toHaveLength(many.length);
  await lab.take();
  expect(asked()).toEqual([]);
  lab.wait(1);
  await lab.take();
  const some = asked().length;
  expect(some).toBeGreaterThan(many.length / 14);
  expect(some).toBeLessThan(many.length / 3.5);
});

it('a photo that changed without a trace is seen within a week, and the manifest says how old an answer may be', async () => {
  const { lab } = tenant();
  const first = await lab.take('full');
  for (const id of many) lab.directory.photos.set(id, photo('new'));
  const before = await first.photo('user-0');
  let changed = 0;
  for (let night = 0; night < 6; night += 1) {
    lab.wait(1);
    const { manifest } = await lab.take();
    changed += manifest.streams.photos?.changed ?? 0;
    expect(manifest.streams.photos?.oldestDateTime).toBe(first.manifest.createdDateTime);
  }
  expect(changed).toBeLessThan(many.length);
  lab.wait(1);
  const last = await lab.take();
  expect(changed + (last.manifest.streams.photos?.changed ?? 0)).toBe(many.length);
  expect(await last.photo('user-0')).not.toEqual(before);
});

it('the weekly full reading asks of those known only whose turn has come, of everyone new, and forgets who is gone', async () => {
  const { lab, asked } = tenant();
  await lab.take('full');
  for (let night = 0; night < 6; night += 1) {
    lab.wait(1);
    await lab.take();
  }
  asked();
  lab.wait(1);
  lab.directory.full = { users: [[...many.filter((id) => id !== 'user-7'), 'flora'].map((id) => user(id))] };
  lab.directory.photos.set('flora', photo('flora'));
  const { manifest, photo: photoOf } = await lab.take();
  const again = asked();
  expect([manifest.mode, manifest.status]).toEqual(['full', 'complete']);
  expect(again).toContain('flora');
  expect(again.length).toBeLessThan(many.length / 3.5);
  expect(manifest.streams.photos).toMatchObject({ added: 1, removed: 1, changed: 0, count: many.length });
  expect([await photoOf('user-7'), (await photoOf('flora'))?.bytes]).toEqual([undefined, 5]);
});

it('a full one asked for in so many words asks about everybody', async () => {
  const { lab, asked } = tenant();
  await lab.take('full');
  asked();
  const { manifest } = await lab.take('full');
  expect(asked()).toHaveLength(many.length);
  expect(manifest.streams.photos).toMatchObject({ readInFull: true, fullDateTime: manifest.createdDateTime });
});
