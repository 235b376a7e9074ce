/** A create whose end nobody knows is not sent again before what it made would be shown, where Graph would take a second one (R36). */
import { expect, it } from 'vitest';
import type { WriteResult } from '../../src/directory/gateway.ts';
import { kindOf } from '../../src/directory/kinds.ts';
import { createObject } from '../../src/restore/creating.ts';
import type { JobContext } from '../../src/restore/job-context.ts';
import { parseRestoreRequest } from '../../src/restore/request.ts';
import { memoryBucket } from '../support/memory-bucket.ts';
import { memoryJobs } from '../support/memory-jobs.ts';

const start = Date.parse('2026-11-30T08:00:00Z');
const record = { id: 'old', body: { displayName: 'Choir' } };
const lost: WriteResult = { ok: false, problem: 'uncertain' };
const made: WriteResult = { ok: true, id: 'new' };

/** Tries to create after so many seconds each, with Graph's answers in turn. */
async function tries(kind: string, answers: readonly WriteResult[], seconds: readonly number[], jobId = () => 'job') {
  let [now, sent] = [start, 0];
  const context = {
    connectorId: 'default',
    jobs: memoryJobs(),
    bucket: memoryBucket(),
    clock: () => new Date(now),
    request: parseRestoreRequest({
      groups: ['x'],
      links: 'skip',
      newUsers: { password: { supplied: 'Supplied-1-password' } },
    }),
    gateway: {
      apply: async () => [answers[sent++] ?? lost],
    },
  } as unknown as JobContext;
  const ends = [];
  for (const second of seconds) {
    now = start + second * 1000;
    ends.push(await createObject({ ...context, jobId: jobId() }, kindOf(kind as 'groups'), record, record.body));
  }
  return { ends, sent: () => sent };
}

it.each(['groups', 'administrativeUnits', 'roleDefinitions'])(
  'R36 waits for %s through the longest request and the longest replication, then creates',
  async (kind) => {
    const { ends, sent } = await tries(kind, [lost, made], [0, 1, 40, 101, 135, 151]);
    for (const end of ends.slice(0, -1)) expect(end).toMatchObject({ done: false, lookAgain: true, begun: 'alone' });
    expect(ends.at(-1)).toMatchObject({ done: true, newId: 'new' });
    expect(sent()).toBe(2);
  },
);

it('R36 holds back another job, too, as long as nobody knows the end of the first one', async () => {
  const jobs = ['first', 'second'];
  const { sent } = await tries('groups', [lost, made], [0, 60], () => jobs.shift() ?? '');
  expect(sent()).toBe(1);
});

it('R36 makes nobody wait for a create that was refused', async () => {
  const refused: WriteResult = { ok: false, problem: 'throttled' };
  const { ends } = await tries('groups', [refused, made], [0, 1]);
  expect(ends).toMatchObject([{ done: false, reason: 'throttled-gave-up' }, { done: true }]);
});

it('R36 makes no second one where the first is in the ledger and not shown yet, but for another job that finds it gone', async () => {
  const same = await tries('groups', [made, made], [0, 20]);
  expect(same.ends[1]).toMatchObject({ done: false, lookAgain: true, begun: 'alone' });
  const jobs = ['first', 'second'];
  const other = await tries('groups', [made, made], [0, 20], () => jobs.shift() ?? '');
  expect(other.ends[1]).toMatchObject({ done: true });
});
