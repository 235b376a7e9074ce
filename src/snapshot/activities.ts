/**
 * The activities of a snapshot: the only places where its flow touches the world. Inputs and outputs are names, numbers and codes;
 * records and delta links stay in blobs. Each may run twice, and may be killed anywhere.
 */

import { type Extensions, isExtension } from '../directory/extensions.ts';
import type { SourceName } from '../directory/gateway.ts';
import { guardedProperties } from '../directory/guarded-properties.ts';
import { isKindName, kindOf } from '../directory/kinds.ts';
import { relations } from '../directory/relations.ts';
import { userDetails } from '../directory/user-details.ts';
import type { ActivityLog } from '../durable/activity.ts';
import { isAppError } from '../errors.ts';
import { endedBy, requireNotCancelled } from '../job/cancelling.ts';
import { noticingThrottle } from '../job/throttle-notice.ts';
import type { Services } from '../services.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { alertLine } from './alerts.ts';
import { type Asked, askedIn, stageAsked } from './asking.ts';
import { stagedUsers, turnsOf, userRanges } from './changed-users.ts';
import { extensionsNow, namesOf, withAdded } from './extensions.ts';
import { planFolds, readStaged, sourceOf } from './fold-plan.ts';
import { foldPart } from './folding.ts';
import { layout, type SnapshotJob } from './layout.ts';
import { createLimiter } from './limiter.ts';
import { settleManagers } from './managers.ts';
import { type Manifest, type Missing, manifestHash, parseManifest, type StreamName } from './manifest.ts';
import { createMeter } from './meter.ts';
import { createSnapshotReader, type SnapshotReader } from './reader.ts';
import { hasDelta, stageSource } from './reading.ts';
import { dueOf, isRolled } from './rolling.ts';
import { countsOf, sealSnapshot } from './sealing.ts';
import type { SlotRange } from './slot-ranges.ts';
import { continuing, deleteAll, keptOf, type Start, scopeOf, sources, stagesOf, startOf } from './staging.ts';
import { createSnapshotStore } from './store.ts';
import { shrunkNotice } from './suspicion.ts';

/** Parts folded at once in one process: each holds some tens of megabytes, and more would only share the same cores. */
const foldsAtOnce = 2;

export const snapshotLock = (connectorId: string): string => `snapshot:${connectorId}`;

interface UserDetailPlan {
  readonly ranges: SlotRange[];
  readonly asked: ReturnType<typeof askedIn>;
}

type WithMissing = SnapshotJob & { readonly missing: readonly Missing[] };

export function createSnapshotActivities(services: Services) {
  const { bucket, jobs, clock } = services;
  const meter = createMeter();
  const folding = createLimiter(foldsAtOnce);
  const now = () => clock().toISOString();

  /** Runs work on Graph; meanwhile the job says if, and until when, Graph makes it wait. */
  const waiting = async <T>({ connectorId, jobId }: SnapshotJob, work: () => Promise<T>): Promise<T> =>
    noticingThrottle({ gateway: await services.gatewayOf(connectorId), jobs, jobId }, work);

  const manifestOf = async (connectorId: string, id: string): Promise<Manifest | undefined> => {
    const bytes = await bucket.get(layout.manifest(connectorId, id));
    return bytes === undefined ? undefined : parseManifest(bytes, id);
  };
  const parentOf = async (job: SnapshotJob): Promise<Manifest | undefined> => {
    const { parent } = await startOf(bucket, job);
    return parent === undefined ? undefined : manifestOf(job.connectorId, parent.id);
  };
  const parentReader = async (job: SnapshotJob): Promise<SnapshotReader | undefined> => {
    const parent = await parentOf(job);
    return parent && createSnapshotReader(bucket, job.connectorId, parent);
  };
  /** Objects read so far per source of the jobs this process works on: what progress shows while reading. */
  const read = new Map<string, Map<SourceName, number>>();

  return {
    async beginSnapshot({ mode, ...job }: SnapshotJob & { readonly mode?: 'full' | 'incremental' | undefined }) {
      await jobs.update(job.jobId, { status: 'running', phase: 'reading', startedDateTime: now() });
      const known = await getJson<Start>(bucket, layout.start(job));
      const start = known ?? (await firstPlan(job, mode));
      if (known === undefined) {
        // The lock is ours, so whatever else is staged belongs to a snapshot that has died.
        await deleteAll(bucket, layout.allStaging(job.connectorId), (name) => name.startsWith(layout.staging(job)));
        await putJson(bucket, layout.start(job), start);
      }
      return { sources: start.sources };
    },

    async stagePages({ source, seq, ...job }: SnapshotJob & { readonly source: SourceName; readonly seq: number }) {
      await requireNotCancelled(jobs, job.jobId);
      const staged = await waiting(job, () => stageSource(services, meter, job, source, seq));
      const counts = read.get(job.jobId) ?? new Map<SourceName, number>();
      read.set(job.jobId, counts.set(source, staged.objects));
      const done = [...counts.values()].reduce((sum, count) => sum + count, 0);
      await jobs.update(job.jobId, { progress: { done, total: Math.max(done, await expectedObjects(job)) } });
      return { done: staged.done };
    },

    async settleManagers({ missing, ...job }: WithMissing): Promise<void> {
      read.delete(job.jobId);
      const failed = new Set(missing.map(({ kind }) => kind));
      const start = await startOf(bucket, job);
      const wasRead = (source: SourceName) => start.sources.includes(source) && !failed.has(source);
      const single = relations.filter((relation) => relation.single && wasRead(sourceOf(relation)));
      const parent = await parentOf(job);
      for (const source of new Set(single.map(sourceOf))) {
        const { valid } = await stagesOf(bucket, job, source);
        const blobs = valid.flatMap(({ blobs }) => blobs.filter(({ stream }) => stream === 'managers'));
        const patched = valid[0]?.inFull === false ? parent : undefined;
        await settleManagers(bucket, job, blobs, patched && createSnapshotReader(bucket, job.connectorId, patched));
      }
    },

    /** Which users to ask about one by one, in parts, and what. */
    async planUserDetails(job: SnapshotJob): Promise<UserDetailPlan> {
      const { blobs, inFull } = await stagedUsers(bucket, job);
      const start = await startOf(bucket, job);
      const ranges = userRanges(blobs, turnsOf(start.due, inFull, (await parentOf(job))?.streams.users));
      return { ranges, asked: askedIn(start, inFull) };
    },

    askUsers: ({ asked, seq, from, to, ...job }: SnapshotJob & SlotRange & { seq: number; asked: Asked }) =>
      waiting(job, async () => {
        await requireNotCancelled(jobs, job.jobId);
        return stageAsked(services, meter, job, asked, await parentReader(job), seq, { from, to });
      }),

    /** Plans the folds of what pages brought, or of the answers that are kept a user; answers how many parts each has. */
    async planFolds({ missing, of, ...job }: WithMissing & { readonly of: 'pages' | 'answers' }) {
      await jobs.update(job.jobId, { phase: 'folding' });
      const start = await startOf(bucket, job);
      const { folding: answers } = askedIn(start, false);
      const asked: readonly string[] = [
        ...start.sources,
        ...start.byUser,
        ...start.carried,
        ...(start.photos ? ['photos'] : []),
        ...(of === 'answers' ? answers : []),
      ];
      const unread = [...sources, ...userDetails, 'photos'].filter((name) => !asked.includes(name));
      const staged = await readStaged(bucket, job, new Set([...missing.map(({ kind }) => kind), ...unread]));
      const guarded = guardedProperties.filter((name) => staged.has(name));
      const plans = planFolds(staged, await parentOf(job), [...start.byUser, ...start.carried], start.due)
        .filter(({ stream }) => answers.some((name) => name === stream) === (of === 'answers'))
        .map((plan) => withAdded(plan, start.extensions, guarded));
      await Promise.all(plans.map((plan) => putJson(bucket, layout.foldPlan(job, plan.stream), plan)));
      return plans.map(({ stream, parts }) => ({ stream, parts: parts.length }));
    },

    foldStream: ({ stream, part, ...job }: SnapshotJob & { readonly stream: StreamName; readonly part: number }) =>
      folding(async () => {
        await requireNotCancelled(jobs, job.jobId);
        return foldPart(bucket, job, stream, part, await parentOf(job));
      }),

    async sealSnapshot({ missing, ...job }: WithMissing): Promise<void> {
      await requireNotCancelled(jobs, job.jobId);
      await jobs.update(job.jobId, { phase: 'sealing' });
      await sealSnapshot(services, job, await parentOf(job), missing);
    },

    async endSnapshot(job: SnapshotJob, log: ActivityLog): Promise<'completed' | 'incomplete'> {
      const manifest = await createSnapshotStore(bucket, job.connectorId).resolve(job.jobId);
      const { suspect = [] } = manifest;
      const status = manifest.status === 'complete' && suspect.length === 0 ? 'completed' : 'incomplete';
      if (suspect.length > 0) log.error(alertLine('suspect', { ...job, suspect }));
      const counts = countsOf(manifest);
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      await deleteAll(bucket, layout.staging(job));
      await jobs.update(job.jobId, {
        status,
        snapshotId: manifest.id,
        counts,
        progress: { done: total, total },
        completedDateTime: manifest.completedDateTime,
        ...(status === 'completed'
          ? {}
          : {
              warnings: [
                ...manifest.missing.map(({ kind, code, message }) => ({ code, message: `${kind}: ${message}` })),
                ...suspect.map(shrunkNotice),
              ],
            }),
      });
      await jobs.unlock(snapshotLock(job.connectorId), job.jobId);
      return status;
    },

    async failSnapshot(
      { code, message, ...job }: SnapshotJob & { readonly code: string; readonly message: string },
      log: ActivityLog,
    ) {
      read.delete(job.jobId);
      if (code !== 'cancelled') log.error(alertLine('failed', { ...job, code }));
      await deleteAll(bucket, layout.staging(job));
      await jobs.update(job.jobId, endedBy(code, message, now()));
      await jobs.unlock(snapshotLock(job.connectorId), job.jobId);
    },
  };

  /** Which snapshot to go on from, and where each source begins. */
  async function firstPlan(job: SnapshotJob, mode: 'full' | 'incremental' | undefined): Promise<Start> {
    const parent = await newestComplete(job.connectorId);
    const gateway = await services.gatewayOf(job.connectorId);
    meter.take(gateway);
    const connector = await services.connectors.get(job.connectorId);
    const scope = scopeOf(connector);
    const createdDateTime = now();
    if (parent === undefined) {
      const known = await extensionsNow(gateway, connector, undefined, true);
      return { mode: 'full', createdDateTime, ...scope, ...known, byUser: [], carried: [], due: {}, cursors: {} };
    }
    const { manifest, sha256 } = parent;
    const incremental = mode === 'incremental' || (mode === undefined && !isDueInFull(manifest, clock()));
    const known = await extensionsNow(gateway, connector, manifest, !incremental);
    const cursors = incremental
      ? Object.fromEntries(scope.sources.flatMap((source) => cursorOf(manifest, source, known.extensions)))
      : {};
    return {
      ...known,
      mode: incremental ? 'incremental' : 'full',
      createdDateTime,
      parent: { id: manifest.id, sha256 },
      ...scope,
      // Whoever asks for a full one in so many words gets everything anew.
      due: mode === 'full' ? {} : dueOf(manifest, keptOf(scope), new Date(createdDateTime)),
      ...continuing(scope, manifest, cursors, clock()),
    };
  }

  async function newestComplete(connectorId: string): Promise<{ manifest: Manifest; sha256: string } | undefined> {
    try {
      const { id } = await createSnapshotStore(bucket, connectorId).resolve('latest');
      const bytes = await bucket.get(layout.manifest(connectorId, id));
      return bytes === undefined ? undefined : { manifest: parseManifest(bytes, id), sha256: manifestHash(bytes) };
    } catch (error) {
      if (isAppError(error, 'not-found')) return undefined;
      throw error;
    }
  }

  async function expectedObjects(job: SnapshotJob): Promise<number> {
    const parent = await parentOf(job);
    return parent === undefined || (await startOf(bucket, job)).mode === 'incremental'
      ? 0
      : Object.values(countsOf(parent)).reduce((sum, count) => sum + count, 0);
  }
}

/**
 * What Microsoft's own recovery changes leaves no delta record, and sponsors change without one: so everything is read in full again at least
 * this often (R61), but for what rolls.
 */
const fullEveryMs = 7 * 86_400_000;

const isDueInFull = ({ streams }: Manifest, now: Date): boolean =>
  Object.entries(streams).some(
    ([name, { fullDateTime }]) => !isRolled(name) && now.getTime() - Date.parse(fullDateTime) >= fullEveryMs,
  );

/** The parent's delta link of a source, unless it was made with other names than are asked for now: then the source begins anew. */
export function cursorOf(parent: Manifest, source: SourceName, extensions: Extensions): [SourceName, string][] {
  const link = parent.deltaLinks[source];
  if (link === undefined || !hasDelta(source) || !isKindName(source)) return [];
  const captured = parent.streams[source]?.captured ?? [];
  const links = parent.streams.links?.captured ?? [];
  const own = relations.filter((relation) => sourceOf(relation) === source).map(({ name }) => name);
  const added = namesOf(extensions, source);
  const same =
    [...kindOf(source).captured, ...added].every((name) => captured.includes(name)) &&
    // Of a link that names what is gone nobody says what becomes.
    captured.every((name) => !isExtension(name) || added.includes(name)) &&
    own.every((name) => links.includes(name));
  return same ? [[source, link]] : [];
}

export type SnapshotActivities = ReturnType<typeof createSnapshotActivities>;
