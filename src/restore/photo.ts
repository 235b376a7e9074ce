/** Photos (R49): written when missing or different; a live photo stays when the snapshot has none. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Photo, Write } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { sha256Of } from '../storage/sha256.ts';
import { apart, type Unread } from './apart.ts';
import { refusalOf } from './attribute-writing.ts';
import { type JobContext, wantsAttribute } from './job-context.ts';
import { keepPhotoBefore } from './journal.ts';
import type { AttributeOutcome } from './outcome.ts';
import { type Refusal, unreadable } from './refusals.ts';

/** A new user's profile store answers 404 for some seconds (graph-facts 3.3). */
const profileWaitsMs = [500, 1_000, 2_000, 4_000, 8_000];

/** A user and the live id to look at; none: a user that is new, and so has no photo. */
export interface PhotoSubject {
  readonly id: Id;
  readonly liveId?: Id;
  /** Made by this job: all of it is wanted. */
  readonly isMade?: boolean;
}

/** Users (by the snapshot's ids) whose photo is not what the snapshot has, or why that cannot be seen. One batched read for those that are live. */
export async function differingPhotos(
  context: JobContext,
  subjects: readonly PhotoSubject[],
): Promise<ReadonlyMap<Id, 'differs' | Unread>> {
  const { reader, gateway } = context;
  const isWanted = wantsAttribute(context, 'photo');
  const kept = new Map<Id, string>();
  for (const { id, liveId, isMade = liveId === undefined } of subjects) {
    if (!isWanted && !isMade) continue;
    const photo = await reader.photo(id);
    if (photo !== undefined) kept.set(id, photo.sha256);
  }
  const live = subjects.flatMap(({ id, liveId }) => (kept.has(id) && liveId !== undefined ? [{ id, liveId }] : []));
  const same = (id: Id, photo: Photo | undefined) => photo !== undefined && sha256Of(photo.bytes) === kept.get(id);
  const found = await apart<(typeof live)[number], readonly [Id, 'differs' | 'same' | Unread]>(
    context,
    live,
    async (some) => {
      const photos = await gateway.readPhotos(some.map(({ liveId }) => liveId));
      return some.map(({ id }, index) => [id, same(id, photos[index]) ? 'same' : 'differs']);
    },
    ({ id }, why) => [[id, why]],
  );
  const seen = new Map(found);
  return new Map(
    [...kept.keys()].flatMap((id): [Id, 'differs' | Unread][] => {
      const how = seen.get(id) ?? 'differs';
      return how === 'same' ? [] : [[id, how]];
    }),
  );
}

/** `left`: the live photo stays, and is named where it differs. */
type PhotoState = 'new' | 'live' | 'left';

/** Brings the photo of one restored user back; undefined when there was nothing to do. */
export async function restorePhoto(
  context: JobContext,
  id: Id,
  liveId: Id,
  state: PhotoState,
): Promise<AttributeOutcome | undefined> {
  try {
    return await writePhoto(context, id, liveId, state);
  } catch (error) {
    // The user is there: what a right is missing for, or throttling, costs nothing but the photo.
    const refusal = unreadable(error);
    if (refusal === undefined) throw error;
    return { name: 'photo', result: 'failed', ...refusal };
  }
}

async function writePhoto(
  context: JobContext,
  id: Id,
  liveId: Id,
  state: PhotoState,
): Promise<AttributeOutcome | undefined> {
  const { reader, gateway } = context;
  const kept = state === 'new' || wantsAttribute(context, 'photo') ? await reader.photo(id) : undefined;
  if (kept === undefined) return undefined;
  const [live] = state === 'new' ? [] : await gateway.readPhotos([liveId]);
  if (live !== undefined && sha256Of(live.bytes) === kept.sha256) return undefined;
  if (state === 'left') return { name: 'photo', result: 'skipped', reason: 'plan-drift' };
  if (state === 'live') await keepPhotoBefore(context, liveId, live);
  const bytes = await reader.photoBytes(kept.sha256);
  return putPhoto(context, liveId, { bytes, contentType: kept.contentType });
}

/** Writes a photo; undefined removes the live one. */
export async function putPhoto(context: JobContext, liveId: Id, photo: Photo | undefined): Promise<AttributeOutcome> {
  const write: Write =
    photo === undefined ? { write: 'remove-photo', id: liveId } : { write: 'photo', id: liveId, photo };
  let refusal: Refusal = { reason: 'graph-error' };
  for (const waitMs of [...profileWaitsMs, 0]) {
    const [result] = await context.gateway.apply([write]);
    if (result?.ok) return { name: 'photo', result: 'done' };
    if (result?.problem !== 'missing' && result?.problem !== 'uncertain') {
      if (result !== undefined) refusal = await refusalOf(context, result);
      break;
    }
    await pause(waitMs);
  }
  return { name: 'photo', result: 'failed', ...refusal };
}
