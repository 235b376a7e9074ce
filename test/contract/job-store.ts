/** What every JobStore must do; run on each adapter. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { JobStore } from '../../src/job/job-store.ts';
import { aJob } from '../support/jobs.ts';

export function aJobStore(name: string, create: () => Promise<JobStore>): void {
  let jobs: JobStore;
  beforeEach(async () => {
    jobs = await create();
  });

  describe(`${name} as a store of jobs`, () => {
    it('gives back what was created, and undefined for what was not', async () => {
      const job = aJob({ reason: 'Größe: ½ "quoted" \n', warnings: [{ code: 'x', message: 'y', objectIds: ['1'] }] });
      await jobs.create(job);
      expect(await jobs.get(job.id)).toEqual(job);
      expect(await jobs.get(aJob({}, 1).id)).toBeUndefined();
    });

    it('keeps the first record when a create is repeated', async () => {
      await jobs.create(aJob());
      await jobs.update(aJob().id, { status: 'running' });
      await jobs.create(aJob());
      expect(await jobs.get(aJob().id)).toMatchObject({ status: 'running' });
    });

    it('keeps a record that is larger than a column', async () => {
      const warnings = Array.from({ length: 2_000 }, (_, at) => ({
        code: 'w',
        message: `warning ${at} ${'é😀'.repeat(30)}`,
      }));
      await jobs.create(aJob({ warnings }));
      expect((await jobs.get(aJob().id))?.warnings).toEqual(warnings);
    });

    it('amends only what has ended, and loses nothing when several amend at once', async () => {
      await jobs.create(aJob());
      const { id } = aJob();
      const count = (name: string) => () =>
        jobs.amend(id, (job) => ({ ...job, counts: { ...job.counts, [name]: 1 + (job.counts[name] ?? 0) } }));
      expect(await count('early')()).toBe(false);
      await jobs.update(id, { status: 'incomplete' });
      expect(await Promise.all(['a', 'b', 'a', 'b'].map((name) => count(name)()))).toEqual([true, true, true, true]);
      expect(await jobs.amend(id, () => undefined)).toBe(false);
      expect(await jobs.amend(aJob({}, 1).id, (job) => job)).toBe(false);
      expect(await jobs.get(id)).toMatchObject({ status: 'incomplete', counts: { a: 2, b: 2 } });
    });

    it('finds the jobs that wait by their marks alone, however often they are set and removed', async () => {
      const [one, other] = [
        { jobId: aJob().id, connectorId: 'default' },
        { jobId: aJob({}, 1).id, connectorId: 'other' },
      ];
      for (const job of [one, other, one]) await jobs.markWaiting(job);
      expect(await jobs.waitingJobs()).toEqual(expect.arrayContaining([one, other]));
      expect(await jobs.waitingJobs()).toHaveLength(2);
      await jobs.unmarkWaiting(one.jobId);
      await jobs.unmarkWaiting(one.jobId);
      expect(await jobs.waitingJobs()).toEqual([other]);
      expect((await jobs.list({ connectorId: 'default', top: 10 })).jobs).toEqual([]);
    });

    it('merges fields; none is lost when several write at once', async () => {
      await jobs.create(aJob());
      const { id } = aJob();
      const written = await Promise.all([
        jobs.update(id, { status: 'running' }),
        jobs.update(id, { phase: 'reading' }),
        jobs.update(id, { progress: { done: 1, total: 2 } }),
        jobs.update(id, { snapshotId: 's' }),
      ]);
      expect(written).toEqual([true, true, true, true]);
      const merged = { status: 'running', phase: 'reading', progress: { done: 1, total: 2 }, snapshotId: 's' };
      expect(await jobs.get(id)).toMatchObject(merged);
    });

    it('lets a job that has ended keep its status', async () => {
      await jobs.create(aJob());
      expect(await jobs.update(aJob().id, { status: 'cancelled' })).toBe(true);
      expect(await jobs.update(aJob().id, { status: 'completed' })).toBe(false);
      expect(await jobs.get(aJob().id)).toMatchObject({ status: 'cancelled' });
      expect(await jobs.update(aJob({}, 1).id, { status: 'running' })).toBe(false);
    });

    it('lists the newest first, in pages, of one connector, kind or status', async () => {
      const made = [0, 1, 2, 3, 4].map((second) => aJob({ kind: second % 2 === 0 ? 'snapshot' : 'restore' }, second));
      for (const job of [made[2], made[0], made[4], made[1], made[3]]) if (job) await jobs.create(job);
      await jobs.create(aJob({ connectorId: "o'ther" }, 9));
      await jobs.update(made[3]?.id ?? '', { status: 'failed' });
      const ids = made.map(({ id }) => id).reverse();

      const first = await jobs.list({ connectorId: 'default', top: 3 });
      expect(first.jobs.map(({ id }) => id)).toEqual(ids.slice(0, 3));
      const second = await jobs.list({ connectorId: 'default', top: 3, cursor: first.cursor ?? 'missing' });
      expect(second.jobs.map(({ id }) => id)).toEqual(ids.slice(3));
      expect(second.cursor).toBeUndefined();
      for (const cursor of ['zzz', '2', "' or 1 eq 1"])
        await expect(jobs.list({ connectorId: 'default', top: 3, cursor })).rejects.toMatchObject({
          code: 'invalid-input',
        });

      const restores = await jobs.list({ connectorId: 'default', kind: 'restore', top: 10 });
      expect(restores.jobs.map(({ id }) => id)).toEqual([made[3]?.id, made[1]?.id]);
      const failed = await jobs.list({ connectorId: 'default', status: 'failed', top: 10 });
      expect(failed.jobs.map(({ id }) => id)).toEqual([made[3]?.id]);
      expect((await jobs.list({ connectorId: "o'ther", top: 10 })).jobs).toHaveLength(1);
    });
  });

  describe(`${name} as a keeper of locks`, () => {
    it('gives a lock to exactly one of several jobs, and says who holds it', async () => {
      const holders = await Promise.all(['a', 'b', 'c'].map((job) => jobs.lock('snapshot:default', job)));
      expect(new Set(holders).size).toBe(1);
      expect(await jobs.lock('snapshot:other', 'z')).toBe('z');
    });

    it('gives it again to the job that has it, and to the next once it is free', async () => {
      expect(await jobs.lock('l', 'a')).toBe('a');
      expect(await jobs.lock('l', 'a')).toBe('a');
      await jobs.unlock('l', 'not-the-holder');
      expect(await jobs.lock('l', 'b')).toBe('a');
      await jobs.unlock('l', 'a');
      await jobs.unlock('l', 'a');
      expect(await jobs.lock('l', 'b')).toBe('b');
    });

    it('moves it from a dead holder to exactly one of several', async () => {
      await jobs.lock('l', 'dead');
      const moved = await Promise.all(['x', 'y', 'z'].map((job) => jobs.takeOver('l', 'dead', job)));
      expect(moved.filter(Boolean)).toHaveLength(1);
      expect(await jobs.lock('l', 'late')).toBe(['x', 'y', 'z'][moved.indexOf(true)]);
      expect(await jobs.takeOver('none', 'dead', 'x')).toBe(false);
    });
  });

  describe(`${name} as a keeper of outcomes and successors`, () => {
    it('keeps outcomes by their place and counts them', async () => {
      const outcome = (chunk: number, index: number) => ({ chunk, index, json: JSON.stringify({ chunk, index }) });
      for (const [chunk, index] of [
        [1, 10],
        [0, 0],
        [1, 2],
        [10, 0],
      ] as const)
        await jobs.putOutcome('j', outcome(chunk, index));
      await jobs.putOutcome('other', outcome(1, 1));
      await jobs.putOutcome('j', { chunk: 1, index: 2, json: '{"again":true}' });
      expect(await jobs.outcomes('j', 1)).toEqual([{ chunk: 1, index: 2, json: '{"again":true}' }, outcome(1, 10)]);
      expect(await jobs.getOutcome('j', 10, 0)).toEqual(outcome(10, 0));
      expect(await jobs.getOutcome('j', 2, 0)).toBeUndefined();
      expect(await jobs.countOutcomes('j')).toBe(4);
      expect(await jobs.countOutcomes('none')).toBe(0);
    });

    it('keeps an outcome larger than a column, and drops the rest of a longer one it replaces', async () => {
      const json = JSON.stringify({ links: Array.from({ length: 5_000 }, (_, at) => `link ${at}`) });
      await jobs.putOutcome('j', { chunk: 0, index: 0, json });
      expect((await jobs.getOutcome('j', 0, 0))?.json).toBe(json);
      await jobs.putOutcome('j', { chunk: 0, index: 0, json: '{}' });
      expect((await jobs.getOutcome('j', 0, 0))?.json).toBe('{}');
    });

    it('keeps the first intent to create, until a successor is recorded', async () => {
      const entry = (jobId: string) => ({ oldId: 'old', jobId, createdDateTime: '2026-01-01T00:00:00.000Z' });
      expect(await jobs.intend('default', entry('first'), '2025')).toEqual(entry('first'));
      expect(await jobs.intend('default', entry('second'), '2025')).toEqual(entry('first'));
      await jobs.recordSuccessor('default', { ...entry('first'), newId: 'new' });
      await jobs.recordSuccessor('default', { ...entry('first'), newId: 'new' });
      const found = await jobs.successors('default', ['old', 'unknown', 'old']);
      expect([...found]).toEqual([['old', { ...entry('first'), newId: 'new' }]]);
      expect((await jobs.successors('other', ['old'])).size).toBe(0);
      const back = await jobs.predecessors('default', ['new', 'old', 'unknown']);
      expect([...back]).toEqual([['new', { ...entry('first'), newId: 'new' }]]);
      expect((await jobs.predecessors('other', ['new'])).size).toBe(0);
    });

    it('gives an intent that has gone stale to one of those who ask for it', async () => {
      const entry = (run: string, createdDateTime: string) => ({ oldId: 'old', jobId: 'j', createdDateTime, run });
      await jobs.intend('default', entry('dead', '2026-01-01T00:00:00.000Z'), '2025');
      const now = '2026-01-01T00:01:00.000Z';
      const asked = ['a', 'b', 'c'].map((run) => jobs.intend('default', entry(run, now), '2026-01-01T00:00:30.000Z'));
      const runs = new Set((await Promise.all(asked)).map(({ run }) => run));
      expect(runs.size).toBe(1);
      expect(runs).not.toContain('dead');
    });

    it('takes a new intent for an object whose successor had to be created anew, and tells whose place it took', async () => {
      const entry = { oldId: 'old', jobId: 'j', createdDateTime: '2026-01-01T00:00:00.000Z' };
      await jobs.recordSuccessor('default', { ...entry, newId: 'gone' });
      const taken = await jobs.intend('default', { ...entry, jobId: 'k' }, '2025');
      expect(taken).toEqual({ ...entry, jobId: 'k', replaced: 'gone' });
      expect((await jobs.successors('default', ['old'])).get('old')?.newId).toBeUndefined();
    });

    it('lets a successor stand that the same job made a moment ago and may not see yet', async () => {
      const entry = { oldId: 'old', jobId: 'j', createdDateTime: '2026-01-01T00:00:00.000Z', run: 'first' };
      const made = { ...entry, newId: 'new' };
      await jobs.recordSuccessor('default', made);
      expect(await jobs.intend('default', { ...entry, run: 'second' }, '2025')).toEqual(made);
      expect(await jobs.intend('default', { ...entry, run: 'second' }, '2027')).toMatchObject({ replaced: 'new' });
    });

    it('takes back an intent of which nothing was made, and no other', async () => {
      const entry = (run: string) => ({ oldId: 'old', jobId: 'j', createdDateTime: '2026-01-01T00:00:00.000Z', run });
      await jobs.intend('default', entry('first'), '2025');
      await jobs.withdraw('default', entry('second'));
      expect(await jobs.intend('default', entry('second'), '2025')).toEqual(entry('first'));
      await jobs.withdraw('default', entry('first'));
      await jobs.withdraw('default', entry('first'));
      expect(await jobs.intend('default', entry('second'), '2025')).toEqual(entry('second'));
      await jobs.recordSuccessor('default', { ...entry('second'), newId: 'new' });
      await jobs.withdraw('default', entry('second'));
      expect((await jobs.successors('default', ['old'])).get('old')?.newId).toBe('new');
    });

    it('keeps in mind whose place an intent takes, and gives it back when it is withdrawn', async () => {
      const createdDateTime = '2026-01-01T00:00:00.000Z';
      await jobs.recordSuccessor('default', { oldId: 'old', newId: 'first', jobId: 'i', createdDateTime });
      const entry = { oldId: 'old', jobId: 'j', createdDateTime, run: 'run' };
      expect(await jobs.intend('default', entry, '2025')).toEqual({ ...entry, replaced: 'first' });
      const later = { ...entry, run: 'later' };
      expect(await jobs.intend('default', later, '2027')).toEqual({ ...later, replaced: 'first' });
      await jobs.withdraw('default', later);
      expect((await jobs.successors('default', ['old'])).get('old')?.newId).toBe('first');
      expect(await jobs.intend('default', entry, '2025')).toEqual({ ...entry, replaced: 'first' });
    });

    it('looks up many ids', async () => {
      const ids = Array.from({ length: 150 }, (_, at) => `role/${at}#?`);
      for (const oldId of ids.slice(0, 40))
        await jobs.recordSuccessor('default', { oldId, newId: `new ${oldId}`, jobId: 'j', createdDateTime: '' });
      const found = await jobs.successors('default', ids);
      expect(found.size).toBe(40);
      expect(found.get('role/7#?')?.newId).toBe('new role/7#?');
    });
  });
}
