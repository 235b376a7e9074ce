/** What an incremental snapshot takes from its parent instead of listing it again, and for how long. */
import { expect, it } from 'vitest';
import { kindNames, kindOf } from '../../src/directory/kinds.ts';
import { type Manifest, streamNames } from '../../src/snapshot/manifest.ts';
import { continuing, scopeOf } from '../../src/snapshot/staging.ts';

const readAt = '2026-03-01T02:00:00.000Z';
const stream = (name: string) => ({
  shardCount: 1,
  shards: [null],
  count: 0,
  captured: kindNames.includes(name as never) ? kindOf(name as 'users').captured : ['items'],
  added: 0,
  changed: 0,
  removed: 0,
  readInFull: true,
  fullDateTime: readAt,
});
const parent = { streams: Object.fromEntries(streamNames.map((name) => [name, stream(name)])) } as unknown as Manifest;
const scope = scopeOf({ kinds: [...kindNames], exclusions: [], inclusions: [] });
const after = (hours: number) =>
  continuing(scope, parent, { users: 'link' }, new Date(Date.parse(readAt) + hours * 3_600_000));

it('organization and domains until the next full snapshot, schedules of groups for less than a day', () => {
  expect(after(1).carried).toEqual([
    'groupAssignmentSchedules',
    'groupEligibilitySchedules',
    'organization',
    'domains',
  ]);
  expect(after(24).carried).toEqual(['organization', 'domains']);
  expect(after(24).sources).toContain('groupEligibilitySchedules');
});

it('nothing where no stream is patched, nor what the parent did not read', () => {
  const now = new Date(Date.parse(readAt) + 3_600_000);
  expect(continuing(scope, parent, {}, now).carried).toEqual([]);
  const { groupEligibilitySchedules: _, ...others } = parent.streams;
  const carried = continuing(scope, { ...parent, streams: others }, { users: 'link' }, now).carried;
  expect(carried).not.toContain('groupEligibilitySchedules');
});
