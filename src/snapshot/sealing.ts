/** The last acts: the manifest, put in place in one step or not at all, and the end of the job. */
import { kindNames } from '../directory/kinds.ts';
import { userDetails } from '../directory/user-details.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { getJson } from '../storage/json-blob.ts';
import type { FoldPlan } from './fold-plan.ts';
import type { Folded } from './folding.ts';
import { layout, type SnapshotJob, type StagerName } from './layout.ts';
import {
  formatVersion,
  type Manifest,
  type Missing,
  manifestBytes,
  type StreamManifest,
  type StreamName,
  streamNames,
} from './manifest.ts';
import { isRolled, oldestAnswer } from './rolling.ts';
import { type Start, sources, stagesOf, startOf } from './staging.ts';
import { shrunkStreams } from './suspicion.ts';

/** Builds and stores the manifest. Run again it finds it there. */
export async function sealSnapshot(
  services: Services,
  job: SnapshotJob,
  parent: Manifest | undefined,
  missing: readonly Missing[],
): Promise<void> {
  const name = layout.manifest(job.connectorId, job.jobId);
  if (await services.bucket.exists(name)) return;
  const manifest = await buildManifest(services, job, parent, missing);
  const { alerts } = await services.connectors.get(job.connectorId);
  const suspect = shrunkStreams(manifest, parent, alerts);
  const sealed = suspect.length === 0 ? manifest : { ...manifest, suspect };
  await services.bucket.putIfAbsent(name, manifestBytes(sealed));
}

/** What the folded streams of a job come to. */
export async function buildManifest(
  services: Services,
  job: SnapshotJob,
  parent: Manifest | undefined,
  unread: readonly Missing[],
): Promise<Manifest> {
  const { bucket, clock } = services;
  const start = await startOf(bucket, job);
  const missing = [...start.missing, ...unread];
  const spent = await totals(services, job);
  const streams: Partial<Record<StreamName, StreamManifest>> = {};
  let bytesWritten = spent.bytesWritten;
  for (const stream of streamNames) {
    const assembled = await assemble(services, job, stream, parent?.streams[stream], start);
    if (assembled === undefined) continue;
    streams[stream] = assembled.manifest;
    bytesWritten += assembled.bytesWritten;
  }
  return {
    formatVersion,
    id: job.jobId,
    connectorId: job.connectorId,
    createdDateTime: start.createdDateTime,
    completedDateTime: clock().toISOString(),
    mode: start.mode,
    status: missing.length === 0 ? 'complete' : 'partial',
    ...(start.parent === undefined ? {} : { parent: start.parent }),
    streams,
    deltaLinks: spent.deltaLinks,
    missing,
    bytesWritten,
    requests: spent.requests,
    resourceUnits: spent.resourceUnits,
  };
}

async function assemble(
  { bucket }: Services,
  job: SnapshotJob,
  stream: StreamName,
  parent: StreamManifest | undefined,
  start: Start,
): Promise<{ manifest: StreamManifest; bytesWritten: number } | undefined> {
  const plan = await getJson<FoldPlan>(bucket, layout.foldPlan(job, stream));
  if (plan === undefined) return undefined;
  const shards: (StreamManifest['shards'][number] | undefined)[] =
    plan.all || parent === undefined ? Array.from({ length: plan.shardCount }, () => null) : [...parent.shards];
  const counts = { added: 0, changed: 0, removed: 0 };
  let bytesWritten = 0;
  for (const part of plan.parts.keys()) {
    const folded = await getJson<Folded>(bucket, layout.folded(job, stream, part));
    if (folded === undefined) throw new AppError('internal', `Part ${part} of ${stream} is not folded. Start again.`);
    for (const { index, entry } of folded.shards) shards[index] = entry;
    counts.added += folded.added;
    counts.changed += folded.changed;
    counts.removed += folded.removed;
    bytesWritten += folded.bytesWritten;
  }
  const entries = shards.map((entry) => entry ?? null);
  const fullDateTime = plan.inFull ? start.createdDateTime : (parent?.fullDateTime ?? start.createdDateTime);
  const rolled = isRolled(stream) && start.due[stream] !== undefined;
  return {
    bytesWritten,
    manifest: {
      shardCount: plan.shardCount,
      shards: entries,
      count: entries.reduce((sum, entry) => sum + (entry?.records ?? 0), 0),
      captured: [...plan.captured],
      ...(plan.synced === undefined ? {} : { synced: [...plan.synced] }),
      ...counts,
      readInFull: plan.inFull,
      fullDateTime,
      ...(rolled ? { oldestDateTime: oldestAnswer(fullDateTime, start.createdDateTime) } : {}),
    },
  };
}

/** What all stages together cost, and where each source goes on next time. */
async function totals({ bucket }: Services, job: SnapshotJob) {
  const deltaLinks: Record<string, string> = {};
  let requests = 0;
  let resourceUnits = 0;
  let bytesWritten = 0;
  for (const stager of [
    ...sources,
    'refreshed',
    'photos',
    ...userDetails,
    'managers',
  ] satisfies readonly StagerName[]) {
    const { all } = await stagesOf(bucket, job, stager);
    for (const stage of all) {
      requests += stage.requests;
      resourceUnits += stage.resourceUnits;
      bytesWritten += stage.bytesWritten ?? 0;
    }
    const last = all.at(-1);
    if (last?.deltaLink !== undefined) deltaLinks[stager] = last.deltaLink;
  }
  return { deltaLinks, requests, resourceUnits, bytesWritten };
}

/** Objects per kind, as a snapshot's job counts them. */
export function countsOf(manifest: Manifest): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const kind of kindNames) {
    const stream = manifest.streams[kind];
    if (stream !== undefined) counts[kind] = stream.count;
  }
  return counts;
}
