/**
 * Undoing a restore: links first, so that what goes back into the bin goes as it was; then objects; then the proof. Every stage looks at live
 * and asks the same pure rule, so that a second run, and a second undo, find nothing left to do.
 */

import type { Photo } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import { putJson, putLines } from '../storage/json-blob.ts';
import { sha256Of } from '../storage/sha256.ts';
import { apart } from './apart.ts';
import type { Place } from './applied-plan.ts';
import { refusalOf, writeAttributes } from './attribute-writing.ts';
import type { JobContext } from './job-context.ts';
import { photoBefore } from './journal.ts';
import { layout } from './layout.ts';
import type { LinkStep } from './links.ts';
import { nameProperty, renameOf, withoutName } from './name-rings.ts';
import { needsOf } from './needs.ts';
import type { ObjectPlan } from './object-plan.ts';
import type { AttributeOutcome, ObjectOutcome, Verification } from './outcome.ts';
import { ended, type Try } from './overlay.ts';
import { putPhoto } from './photo.ts';
import { summarizePlan } from './plan-summary.ts';
import { plannedLines } from './planned-lines.ts';
import { type PlannedObject, planSteps } from './planning.ts';
import { onceFor, untilSettled } from './restoring.ts';
import { reverseObject } from './reversing.ts';
import { isInRing } from './turning-names.ts';
import { reverseLinks } from './undo-links.ts';
import { type Undoable, undoables, undoneJob } from './undone-job.ts';
import { linkKey, notDone } from './verifying.ts';

/** The photo from before, where live still has the restore's; `drifted` where it has a third one; undefined: nothing to do. */
async function photoBack(
  context: JobContext,
  definition: Kind,
  { id, done, live, liveId }: Undoable,
): Promise<{ readonly photo?: Photo } | 'drifted' | undefined> {
  if (definition.name !== 'users' || live === undefined || done?.how === 'created') return undefined;
  const before = await photoBefore(context, undoneJob(context), liveId);
  if (before === undefined) return undefined;
  const [now] = await context.gateway.readPhotos([liveId]);
  const hash = (photo: Photo | undefined) => (photo === undefined ? undefined : sha256Of(photo.bytes));
  if (hash(now) === hash(before.photo)) return undefined;
  return hash(now) === (await context.reader.photo(id))?.sha256 ? before : 'drifted';
}

const photoDrifted: AttributeOutcome = { name: 'photo', result: 'skipped', reason: 'plan-drift' };

const planOf = (definition: Kind, { done, live }: Undoable): ObjectPlan => reverseObject(definition, done, live?.body);

const baseOf = (definition: Kind, { id, displayName }: Undoable) => ({
  kind: definition.name,
  id,
  ...(displayName === undefined ? {} : { displayName }),
});

export async function planUndo(context: JobContext, chunk: number): Promise<void> {
  if (await context.bucket.exists(layout.planSummary(context, chunk))) return;
  const { definition, ids } = await context.chunk(chunk);
  const lines = await apart<number, PlannedObject>(
    context,
    [...ids.keys()],
    (some) => undoLines(context, definition, chunk, some),
    (index, { reason, note }) => [
      {
        kind: definition.name,
        id: ids[index] ?? '',
        action: 'fail',
        reason,
        ...(note === undefined ? {} : { note }),
        attributes: {},
        skipped: [],
        photo: false,
        links: [],
      },
    ],
  );
  await putLines(context.bucket, layout.plan(context, chunk), lines);
  const summary = summarizePlan(
    lines.map(({ action }) => action),
    lines.flatMap(planSteps),
    { needs: lines.flatMap((line) => needsOf(line)), renames: lines.flatMap(({ rename }) => rename ?? []) },
  );
  await putJson(context.bucket, layout.planSummary(context, chunk), summary);
}

async function undoLines(
  context: JobContext,
  definition: Kind,
  chunk: number,
  indexes: readonly number[],
): Promise<PlannedObject[]> {
  const objects = await undoables(context, chunk, indexes);
  const links = await reverseLinks(context, chunk, undrifted(definition, objects));
  const lines: PlannedObject[] = [];
  for (const object of objects) {
    const plan = planOf(definition, object);
    const photo = plan.action === 'skip' ? undefined : await photoBack(context, definition, object);
    lines.push({
      ...baseOf(definition, object),
      ...plan,
      skipped: [...plan.skipped, ...(photo === 'drifted' ? [photoDrifted] : [])],
      targetId: object.liveId,
      // What goes into the bin gives its name free by going there.
      ...(plan.action === 'update'
        ? renameOf({ ...plan, targetId: object.liveId }, object.live?.body, { chunk, index: object.index })
        : {}),
      photo: typeof photo === 'object',
      links: links.filter(({ origin }) => origin.index === object.index),
    });
  }
  return lines;
}

/** What somebody has changed since is left alone, with all that hangs on it. */
const undrifted = (definition: Kind, objects: readonly Undoable[]): Undoable[] =>
  objects.filter((object) => planOf(definition, object).action !== 'skip');

/** The link steps of one chunk, before any object goes. */
export async function undoSteps(context: JobContext, chunk: number): Promise<readonly LinkStep[]> {
  const { definition, ids } = await context.chunk(chunk);
  return apart(
    context,
    [...ids.keys()],
    async (some) => reverseLinks(context, chunk, undrifted(definition, await undoables(context, chunk, some))),
    // The proof says of each that it cannot be read.
    () => [],
  );
}

/** Undoes what the job did to one object itself. */
export const undoObject = (
  context: JobContext,
  chunk: number,
  index: number,
  cancelled: boolean,
): Promise<ObjectOutcome['result']> =>
  onceFor(context, { chunk, index }, async (definition, id) => {
    const named = { kind: definition.name, id };
    if (cancelled) return ended(named, 'skipped', 'not-tried');
    return untilSettled(named, async () => {
      const [object] = await undoables(context, chunk, [index]);
      return object === undefined ? { reason: 'graph-error' } : takeBack(context, definition, object, { chunk, index });
    });
  });

async function takeBack(context: JobContext, definition: Kind, object: Undoable, place: Place): Promise<Try> {
  const { liveId } = object;
  const base = { ...baseOf(definition, object), newId: liveId };
  const whole = planOf(definition, object);
  const isHeldBack = nameProperty in whole.attributes && (await isInRing(context, place));
  const plan = isHeldBack ? withoutName(whole) : whole;
  if (plan.action === 'skip') return { outcome: { ...ended(base, 'skipped', plan.reason), newId: liveId } };
  const written = await writeAttributes(context, definition, liveId, plan.attributes);
  const back = await photoBack(context, definition, object);
  const photo =
    back === undefined ? [] : [back === 'drifted' ? photoDrifted : await putPhoto(context, liveId, back.photo)];
  const attributes = [...written, ...plan.skipped, ...photo];
  const isDone = ({ result }: { result: string }) => result === 'done';
  const actions = [...(written.some(isDone) ? ['update'] : []), ...(photo.some(isDone) ? ['photo'] : [])];
  if (plan.action !== 'delete') {
    const earlier = plan.action === 'none' ? await doneEarlier(context, definition, object, place) : undefined;
    const result = earlier ?? (actions.length > 0 ? 'updated' : 'unchanged');
    return { outcome: { ...base, result, actions, attributes } };
  }
  const [result] = await context.gateway.apply([{ write: 'delete', kind: definition.name, id: liveId }]);
  if (result?.ok) return { outcome: { ...base, result: 'deleted', actions: [...actions, 'delete'], attributes } };
  if (result === undefined || result.problem === 'uncertain' || result.problem === 'missing')
    return { reason: 'graph-error' };
  const refusal = await refusalOf(context, result, { kind: definition.name, id: liveId, isSensitive: true });
  return { outcome: { ...ended(base, 'failed', refusal.reason), newId: liveId, ...refusal } };
}

/** What an earlier run of this very activity has done and could not tell: when the undo was planned, it was still to be done. */
async function doneEarlier(
  context: JobContext,
  { name: kind }: Kind,
  { liveId: id, done, binned }: Undoable,
  { chunk, index }: Place,
): Promise<'deleted' | 'updated' | undefined> {
  if (done === undefined) return undefined;
  const planned = (await plannedLines(context, context.jobId, chunk))[index];
  if (planned?.action === 'delete' && binned) {
    await context.gateway.noteEarlier({ write: 'delete', kind, id });
    return 'deleted';
  }
  if (planned?.action !== 'update') return undefined;
  await context.gateway.noteEarlier({ write: 'update', kind, id, changes: planned.attributes });
  return 'updated';
}

/** What is still to be taken back of objects: the proof of an undo. */
export async function undoVerdicts(
  context: JobContext,
  chunk: number,
  indexes: readonly number[],
  outcomes: ReadonlyMap<number, ObjectOutcome>,
  refused: ReadonlySet<string>,
): Promise<ReadonlyMap<number, Verification>> {
  const { definition } = await context.chunk(chunk);
  const objects = await undoables(context, chunk, indexes);
  const links = await reverseLinks(context, chunk, objects);
  const verdicts = new Map<number, Verification>();
  for (const object of objects) {
    const { index } = object;
    const plan = planOf(definition, object);
    const reported = notDone(outcomes.get(index));
    const left = [
      ...(plan.action === 'delete' || plan.action === 'skip' ? ['object'] : []),
      ...Object.keys(plan.attributes).filter((name) => !reported.has(name)),
      ...((await photoBack(context, definition, object)) === undefined || reported.has('photo') ? [] : ['photo']),
      ...links
        .filter(({ origin, act }) => origin.index === index && act !== 'skip')
        .filter(({ name, targetId }) => !refused.has(linkKey(index, name, targetId)))
        .map(({ name, targetId }) => `${name}/${targetId}`),
    ];
    verdicts.set(index, { matched: left.length === 0, mismatches: left });
  }
  return verdicts;
}
