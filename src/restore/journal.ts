/**
 * The journal of a restore: what an object was before the job's first write to it, so that the job can be undone. Kept under the object's live
 * id before the write goes out; a second run of the same activity keeps what the first one found. What was created needs no entry: the ledger
 * has its intent; what a link takes the place of stands in its step.
 */
import type { Candidate, Photo } from '../directory/gateway.ts';
import type { Id, JsonObject } from '../directory/record.ts';
import { getJson } from '../storage/json-blob.ts';
import type { JobContext } from './job-context.ts';
import { type JobInput, layout } from './layout.ts';
import { asIfLive } from './object-plan.ts';

export interface Before {
  /** It lay in the bin. */
  readonly deleted: boolean;
  /** Attributes that were to be written. */
  readonly names: readonly string[];
  /** All captured properties as they were. */
  readonly body: JsonObject;
}

/** Nothing is kept of a live object of which nothing is to be written. */
export async function keepBefore(context: JobContext, candidate: Candidate, names: readonly string[]): Promise<void> {
  const deleted = candidate.state === 'deleted';
  if (!deleted && names.length === 0) return;
  const { id, body } = asIfLive(candidate);
  await keep(context, layout.before(context, id), { deleted, names, body } satisfies Before);
}

export const keepPhotoBefore = (context: JobContext, id: Id, photo: Photo | undefined): Promise<unknown> =>
  keep(
    context,
    layout.photoBefore(context, id),
    photo === undefined ? {} : { contentType: photo.contentType, base64: Buffer.from(photo.bytes).toString('base64') },
  );

const keep = ({ bucket }: JobContext, name: string, value: object): Promise<boolean> =>
  bucket.putIfAbsent(name, Buffer.from(JSON.stringify(value)));

export const beforeOf = ({ bucket }: JobContext, job: JobInput, id: Id): Promise<Before | undefined> =>
  getJson<Before>(bucket, layout.before(job, id));

/** Undefined: the job wrote no photo. */
export async function photoBefore(
  { bucket }: JobContext,
  job: JobInput,
  id: Id,
): Promise<{ readonly photo?: Photo } | undefined> {
  const kept = await getJson<{ contentType?: string; base64?: string }>(bucket, layout.photoBefore(job, id));
  if (kept?.base64 === undefined) return kept === undefined ? undefined : {};
  return { photo: { bytes: Buffer.from(kept.base64, 'base64'), contentType: kept.contentType ?? 'image/jpeg' } };
}
