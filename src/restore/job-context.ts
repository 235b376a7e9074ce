/** What every activity of a restore needs: the request as it was made, the snapshot it chose, the directory it writes to. */
import { LRUCache } from 'lru-cache';
import { type AuditLog, createAuditLog } from '../audit/audit-log.ts';
import { type AuditedGateway, audited, type ValuesOf } from '../audit/audited-gateway.ts';
import type { Kind, KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { createSnapshotStore, type SnapshotReader } from '../snapshot/store.ts';
import { getJson } from '../storage/json-blob.ts';
import { definitions } from './definitions.ts';
import { type JobInput, layout } from './layout.ts';
import { nearestSnapshotsWith } from './nearest-snapshot.ts';
import { type RestoreRequest, selectedKinds } from './request.ts';

/** What a job restores, cut into chunks of one kind each, in the order of restoring. */
export interface Selection {
  readonly snapshotId: string;
  /** Only to be planned: nothing is written. */
  readonly dryRun: boolean;
  readonly total: number;
  readonly kinds: readonly SelectedKind[];
  /** Links are written before objects: of an undo. */
  readonly linksFirst?: boolean;
}

export interface SelectedKind {
  readonly kind: KindName;
  readonly count: number;
  readonly firstChunk: number;
  readonly chunks: number;
}

export interface Chunk {
  readonly kind: KindName;
  readonly ids: readonly Id[];
}

export interface JobContext extends JobInput {
  readonly request: RestoreRequest;
  readonly selection: Selection;
  readonly reader: SnapshotReader;
  readonly gateway: AuditedGateway;
  readonly jobs: Services['jobs'];
  readonly bucket: Services['bucket'];
  readonly clock: Services['clock'];
  readonly secrets: Services['secrets'];
  chunk(chunk: number): Promise<Chunk & { readonly definition: Kind }>;
  /** The same without what Graph knows of the kind. */
  chosen(chunk: number): Promise<Chunk>;
  /** Whether the job's selection holds an object the snapshot has: it will be there when links are made. */
  willRestore(kind: KindName, id: Id): Promise<boolean>;
  /** For each object the id of the snapshot nearest in time that holds it, if any does. */
  nearestSnapshotsWith(kind: KindName, ids: readonly Id[]): Promise<ReadonlyMap<Id, string>>;
}

/** Whether links of this name are in the request's scope. */
export const wantsLinks = ({ request }: JobContext, name: string): boolean =>
  !request.linkKinds || (request.linkKinds as readonly string[]).includes(name);

/**
 * The same job for an object that it makes: that is made whole, picture included, since what a request names limits what is overwritten of an object
 * that is there.
 */
export const makingWhole = (context: JobContext): JobContext => ({
  ...context,
  request: { ...context.request, attributes: undefined },
});

/** Whether the attribute, of an object that is there, is in the request's scope. */
export const wantsAttribute = ({ request }: JobContext, name: string): boolean =>
  !request.attributes || request.attributes.includes(name);

/** Opens the context of a job; contexts are kept, since the many activities of one job open the same one. */
export function createContexts(services: Services): (input: JobInput) => Promise<JobContext> {
  const kept = new LRUCache<string, Promise<JobContext>>({ max: 8 });
  const log = createAuditLog(services.bucket);
  return ({ jobId, connectorId }) => {
    const key = `${connectorId}/${jobId}`;
    const found = kept.get(key);
    if (found !== undefined) return found;
    const opening = open(services, log, { jobId, connectorId });
    kept.set(key, opening);
    opening.catch(() => kept.delete(key));
    return opening;
  };
}

async function open(services: Services, log: AuditLog, input: JobInput): Promise<JobContext> {
  const { bucket, jobs, clock, secrets } = services;
  const job = await jobs.get(input.jobId);
  const request = await getJson<RestoreRequest>(bucket, layout.request(input));
  const selection = await getJson<Selection>(bucket, layout.selection(input));
  if (request === undefined || selection === undefined) {
    throw new AppError('not-found', `The job ${input.jobId} has no stored request. Start the restore again.`);
  }
  const store = createSnapshotStore(bucket, input.connectorId);
  const reader = store.open(await store.resolve(selection.snapshotId));
  let named: Promise<ReadonlySet<string>> | undefined;
  const gateway = await services.gatewayOf(input.connectorId);
  const definitionOf = definitions(reader, gateway);
  const chunks = new LRUCache<number, Chunk>({ max: 16 });
  const chooser = { ...input, jobId: request.undoes ?? input.jobId };
  const chosen = async (chunk: number): Promise<Chunk> => {
    const found = chunks.get(chunk) ?? (await getJson<Chunk>(bucket, layout.selected(chooser, chunk)));
    if (found === undefined) throw new AppError('not-found', `Chunk ${chunk} of job ${input.jobId} is missing.`);
    chunks.set(chunk, found);
    return found;
  };
  return {
    ...input,
    request,
    selection,
    reader,
    gateway: audited(
      gateway,
      log,
      {
        ...input,
        jobKind: job?.kind ?? 'restore',
        requestedBy: job?.requestedBy ?? '',
        snapshotId: selection.snapshotId,
        ...(job?.reason === undefined ? {} : { reason: job.reason }),
      },
      clock,
      valuesOf(input, request, selection.snapshotId),
    ),
    jobs,
    bucket,
    clock,
    secrets,
    async chunk(chunk) {
      const found = await chosen(chunk);
      return { ...found, definition: await definitionOf(found.kind) };
    },
    chosen,
    async willRestore(kind, id) {
      if (!selection.kinds.some((entry) => entry.kind === kind)) return false;
      const selected = selectedKinds(request).find((entry) => entry.kind === kind)?.selected;
      if (selected === 'all') return (await reader.records(kind, [id])).has(id);
      named ??= namedIds(bucket, input, selection);
      return (await named).has(`${kind}/${id}`);
    },
    nearestSnapshotsWith: (kind, ids) =>
      nearestSnapshotsWith(jobs, input.connectorId, store, selection.snapshotId, kind, ids),
  };
}

/** A restore writes the snapshot's values over those of its journal, an undo the other way round. */
function valuesOf(input: JobInput, { undoes }: RestoreRequest, snapshotId: string): ValuesOf {
  const job = { ...input, jobId: undoes ?? input.jobId };
  const snapshot = `snapshot ${snapshotId}`;
  return (write) => {
    if (write.write === 'create' || write.write === 'invite') return { after: snapshot };
    if (!('id' in write) || !['undelete', 'update', 'photo', 'remove-photo'].includes(write.write)) return {};
    const isPhoto = write.write === 'photo' || write.write === 'remove-photo';
    const journal = isPhoto ? layout.photoBefore(job, write.id) : layout.before(job, write.id);
    return undoes === undefined ? { before: journal, after: snapshot } : { before: snapshot, after: journal };
  };
}

/** Every `kind/id` of a selection given by name: as large as the request was. */
async function namedIds(
  bucket: Services['bucket'],
  input: JobInput,
  selection: Selection,
): Promise<ReadonlySet<string>> {
  const named = new Set<string>();
  for (const { kind, firstChunk, chunks } of selection.kinds) {
    for (let chunk = firstChunk; chunk < firstChunk + chunks; chunk += 1) {
      const { ids } = (await getJson<Chunk>(bucket, layout.selected(input, chunk))) ?? { ids: [] };
      for (const id of ids) named.add(`${kind}/${id}`);
    }
  }
  return named;
}
