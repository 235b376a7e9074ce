/** Starting a snapshot and telling how a job stands, whatever happened to its orchestration. */
import { beforeEach, describe, expect, it } from 'vitest';
import { currentJob } from '../../src/api/running-job.ts';
import { beginSnapshot } from '../../src/api/snapshots.ts';
import { probeBoth } from '../../src/api/starting.ts';
import { AppError } from '../../src/errors.ts';
import { newJobId } from '../../src/job/job.ts';
import type { Services } from '../../src/services.ts';
import { snapshotLock } from '../../src/snapshot/activities.ts';
import { ownConnectorOnly } from '../support/connectors.ts';
import { type ScriptedClient, scriptedClient } from '../support/durable-client.ts';
import { memoryBucket } from '../support/memory-bucket.ts';
import { type MemoryJobs, memoryJobs } from '../support/memory-jobs.ts';
import { scriptedDirectory } from '../support/scripted-directory.ts';

const start = Date.UTC(2026, 0, 1);
let now: number;
let jobs: MemoryJobs;
let client: ScriptedClient;
let services: Services;
beforeEach(() => {
  now = start;
  jobs = memoryJobs();
  client = scriptedClient();
  services = {
    clock: () => new Date(now),
    bucket: memoryBucket(),
    jobs,
    secrets: undefined,
    connectors: ownConnectorOnly,
    gatewayOf: async () => scriptedDirectory(),
  };
});
const begin = () => beginSnapshot(services, client, 'default', 'function-key', undefined);
const lock = snapshotLock('default');

describe('starting a snapshot', () => {
  it('records the job and starts its flow under the same id', async () => {
    const job = await begin();
    expect(await jobs.get(job.id)).toMatchObject({ kind: 'snapshot', status: 'queued', requestedBy: 'function-key' });
    expect(client.started).toEqual([
      { flow: 'snapshotFlow', instanceId: job.id, input: { connectorId: 'default', jobId: job.id } },
    ]);
    expect(jobs.locks.get(lock)).toBe(job.id);
  });

  it('is refused with the running one’s id while one runs', async () => {
    const { id } = await begin();
    await expect(begin()).rejects.toMatchObject({ code: 'job-running', details: { jobId: id } });
    expect(client.started).toHaveLength(1);
  });

  it.each(['Terminated', 'Failed'])('takes over from one whose orchestration is %s', async (status) => {
    const dead = await begin();
    client.statuses.set(dead.id, status);
    const next = await begin();
    expect(jobs.locks.get(lock)).toBe(next.id);
    expect((await jobs.get(dead.id))?.status).toBe(status === 'Failed' ? 'failed' : 'cancelled');
  });

  it('takes over from one that ended without giving the lock back', async () => {
    const { id } = await begin();
    await jobs.update(id, { status: 'completed' });
    expect((await begin()).id).toBe(jobs.locks.get(lock));
  });

  it('leaves the lock to a starter that is just recording its job, and takes it from one that died there', async () => {
    const starter = newJobId('snapshot', new Date(start), 'abc');
    jobs.locks.set(lock, starter);
    now = start + 1_000;
    await expect(begin()).rejects.toMatchObject({ code: 'job-running', details: { jobId: starter } });
    now = start + 120_000;
    expect((await begin()).id).toBe(jobs.locks.get(lock));
  });

  it('that the engine does not take stands as failed, and keeps no lock', async () => {
    client.down = true;
    await expect(begin()).rejects.toMatchObject({ code: 'internal' });
    expect(jobs.locks.has(lock)).toBe(false);
    client.down = false;
    await begin();
  });
});

describe('how a job stands', () => {
  it('is running while its orchestration is, and while the engine does not answer', async () => {
    const { id } = await begin();
    await jobs.update(id, { status: 'running' });
    now = start + 3_600_000;
    expect((await currentJob(services, client, id))?.status).toBe('running');
    client.down = true;
    expect((await currentJob(services, client, id))?.status).toBe('running');
  });

  it.each([
    ['Terminated', 'cancelled'],
    ['Failed', 'failed'],
  ])('with an orchestration that is %s: %s, with an error and an end, for good', async (runtime, status) => {
    const { id } = await begin();
    client.statuses.set(id, runtime);
    const told = await currentJob(services, client, id);
    expect(told).toMatchObject({ status, error: { code: expect.any(String) }, completedDateTime: expect.any(String) });
    expect(await jobs.get(id)).toEqual(told);
  });

  it('is failed when its orchestration is not there a while after the start, not before', async () => {
    const { id } = await begin();
    client.statuses.delete(id);
    expect((await currentJob(services, client, id))?.status).toBe('queued');
    now = start + 120_000;
    expect((await currentJob(services, client, id))?.status).toBe('failed');
  });

  it('that has ended is not asked for again', async () => {
    const { id } = await begin();
    await jobs.update(id, { status: 'completed' });
    client.down = true;
    expect((await currentJob(services, client, id))?.status).toBe('completed');
    expect(await currentJob(services, client, 'unknown')).toBeUndefined();
  });
});

describe('before anything is begun', () => {
  it.each([
    ['unauthorized', 'graph-unreachable'],
    ['forbidden', 'graph-unreachable'],
    ['graph-unreachable', 'graph-unreachable'],
  ] as const)('Graph is asked: what it says as %s is told as %s', async (said, told) => {
    const directory = { ...scriptedDirectory(), probe: () => Promise.reject(new AppError(said, 'no')) };
    await expect(probeBoth({ ...services, gatewayOf: async () => directory }, 'default')).rejects.toMatchObject({
      code: told,
    });
  });

  it('storage is asked', async () => {
    const unreachable = () => Promise.reject(new AppError('storage-unreachable', 'no'));
    const bucket = { ...memoryBucket(), exists: unreachable };
    await expect(probeBoth({ ...services, bucket }, 'default')).rejects.toMatchObject({ code: 'storage-unreachable' });
    await expect(probeBoth({ ...services, jobs: { ...jobs, get: unreachable } }, 'default')).rejects.toMatchObject({
      code: 'storage-unreachable',
    });
  });
});
