/** Takes snapshots of a scripted directory in memory, by the activities in the order of their flow. */

import type { DirectoryGateway, SourceName } from '../../src/directory/gateway.ts';
import { isAppError } from '../../src/errors.ts';
import type { Services } from '../../src/services.ts';
import { createSnapshotActivities, snapshotLock } from '../../src/snapshot/activities.ts';
import type { Manifest, Missing } from '../../src/snapshot/manifest.ts';
import { createSnapshotStore, type SnapshotReader } from '../../src/snapshot/store.ts';
import type { Bucket } from '../../src/storage/bucket.ts';
import { ownConnectorOnly } from './connectors.ts';
import { aJob } from './jobs.ts';
import { memoryBucket } from './memory-bucket.ts';
import { memoryJobs } from './memory-jobs.ts';
import { type ScriptedDirectory, scriptedDirectory } from './scripted-directory.ts';

export const connectorId = 'default';

export interface Lab<B extends Bucket> {
  readonly bucket: B;
  readonly directory: ScriptedDirectory;
  readonly services: Services;
  /** What the log was told at level error. */
  readonly said: string[];
  readonly activities: ReturnType<typeof createSnapshotActivities>;
  /** Takes a snapshot and opens it. */
  take(mode?: 'full' | 'incremental'): Promise<SnapshotReader & { readonly manifest: Manifest }>;
  /** The same, up to its fold: what a host that dies there leaves behind. */
  begin(jobId: string, mode?: 'full' | 'incremental'): Promise<readonly Missing[]>;
  finish(jobId: string, missing: readonly Missing[]): Promise<void>;
  /** Lets days pass. */
  wait(days: number): void;
}

/**
 * @param twice every activity runs twice, as durable ones may.
 * @param gateway what is snapshotted in place of the scripted directory.
 */
export function snapshotLab<B extends Bucket = ReturnType<typeof memoryBucket>>(
  bucket: B = memoryBucket() as unknown as B,
  twice = false,
  gateway?: DirectoryGateway,
  connectors: Services['connectors'] = ownConnectorOnly,
): Lab<B> {
  const directory = scriptedDirectory();
  let days = 0;
  const jobs = memoryJobs();
  let minutes = 0;
  const services: Services = {
    clock: () => new Date(Date.UTC(2026, 0, 1 + days, 0, minutes)),
    bucket,
    jobs,
    secrets: undefined,
    connectors,
    gatewayOf: async () => gateway ?? directory,
  };
  const activities = createSnapshotActivities(services);
  const said: string[] = [];
  const log = { error: (line: string) => void said.push(line) };
  const run = async <T>(activity: () => Promise<T>): Promise<T> => {
    if (twice) await activity();
    return activity();
  };

  const begin = async (jobId: string, mode?: 'full' | 'incremental') => {
    const job = { connectorId, jobId };
    const { sources } = await run(() => activities.beginSnapshot({ ...job, mode }));
    const missing: Missing[] = [];
    const attempt = async (kind: string, work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        if (!isAppError(error)) throw error;
        missing.push({ kind, code: error.code, message: error.message });
      }
    };
    await Promise.all(sources.map((source) => attempt(source, () => readAll(job, source))));
    await run(() => activities.settleManagers({ ...job, missing }));
    if (!missing.some(({ kind }) => kind === 'users')) {
      const { ranges, asked } = await run(() => activities.planUserDetails(job));
      for (const one of [...asked.reading, ...asked.folding]) {
        await attempt(one, async () => {
          for (const [seq, range] of ranges.entries())
            await run(() => activities.askUsers({ ...job, ...range, seq, asked: one }));
        });
      }
    }
    return missing;
  };

  const readAll = async (job: { connectorId: string; jobId: string }, source: SourceName) => {
    for (let seq = 0; ; seq += 1) {
      if ((await run(() => activities.stagePages({ ...job, source, seq }))).done) return;
    }
  };

  const finish = async (jobId: string, missing: readonly Missing[]) => {
    const job = { connectorId, jobId };
    for (const brought of ['pages', 'answers'] as const) {
      for (const { stream, parts } of await run(() => activities.planFolds({ ...job, missing, of: brought }))) {
        for (let part = 0; part < parts; part += 1) await run(() => activities.foldStream({ ...job, stream, part }));
      }
    }
    await run(() => activities.sealSnapshot({ ...job, missing }));
    await activities.endSnapshot(job, log);
  };

  const take: Lab<B>['take'] = async (mode) => {
    minutes += 1;
    const jobId = `2026-${String(minutes).padStart(4, '0')}`;
    await jobs.create(
      aJob({ id: jobId, connectorId, createdDateTime: services.clock().toISOString(), requestedBy: 'test' }),
    );
    await jobs.lock(snapshotLock(connectorId), jobId);
    await finish(jobId, await begin(jobId, mode));
    const store = createSnapshotStore(bucket, connectorId);
    return store.open(await store.resolve(jobId));
  };
  const wait = (some: number): void => {
    days += some;
  };
  return { said, bucket, directory, services, activities, take, begin, finish, wait };
}
