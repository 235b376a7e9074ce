/**
 * Restoring one object: find it, plan it, bring it to the snapshot's state, remember what became of it. May run twice and be
 * killed anywhere: what has an outcome is left alone, and every try begins with looking.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { invitationOf } from '../directory/guests.ts';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { isAppError } from '../errors.ts';
import { madeBy } from '../job/job-store.ts';
import { recordHeir } from '../job/lineage.ts';
import { hasDrifted, leavesPhoto, type Place } from './applied-plan.ts';
import { type Creation, createObject } from './creating.ts';
import { holderNote } from './holders.ts';
import { hybridNote } from './hybrid.ts';
import { inviteAgain, isInvited } from './inviting.ts';
import { type JobContext, makingWhole } from './job-context.ts';
import { beforeOf, keepBefore } from './journal.ts';
import { wasAbsent } from './just-looked.ts';
import { type Matched, matchRecords } from './matching.ts';
import { nameProperty, withoutName } from './name-rings.ts';
import { nearestNote } from './nearest-snapshot.ts';
import { conflictNote, type ObjectPlan } from './object-plan.ts';
import type { AttributeOutcome, ObjectOutcome } from './outcome.ts';
import { type Base, ended, overlay, type Try } from './overlay.ts';
import { restorePhoto } from './photo.ts';
import { plannedLines } from './planned-lines.ts';
import { displayNameOf, hybridOf, planMatched } from './planning.ts';
import type { Reason } from './reasons.ts';
import { unreadable } from './refusals.ts';
import { asForeseen } from './taken-values.ts';
import { asTenantAllows } from './tenant-rules.ts';
import { isInRing } from './turning-names.ts';
import { givenWay, undelete } from './undeleting.ts';

/** Waits between tries when an answer was lost or replication lags: together longer than replication takes. */
const waitsMs = [500, 2_000, 5_000, 10_000, 20_000];

/** Further ones where a second try could make a second object: together longer than it takes an earlier one to be shown, or to be given up. */
const longWaitsMs = Array<number>(7).fill(20_000);

const mayAppearNote = 'An earlier try may have made it, and Graph does not show it yet. Restore again in some minutes.';

export const restoreObject = (
  context: JobContext,
  chunk: number,
  index: number,
  cancelled: boolean,
): Promise<ObjectOutcome['result']> =>
  onceFor(context, { chunk, index }, async (definition, id) => {
    const record = (await context.reader.records(definition.name, [id])).get(id);
    if (cancelled) return notTried(definition, id, record);
    if (record === undefined) return notInSnapshot(context, definition, id);
    const line = (await plannedLines(context, context.jobId, chunk))[index];
    return bringBack(context, definition, record, { chunk, index }, line);
  });

/** What becomes of one object of a job, found out once and kept: a second run is told the outcome of the first. */
export async function onceFor(
  { jobs, jobId, chunk: chunkOf }: JobContext,
  { chunk, index }: Place,
  act: (definition: Kind, id: Id) => Promise<ObjectOutcome>,
): Promise<ObjectOutcome['result']> {
  const stored = await jobs.getOutcome(jobId, chunk, index);
  if (stored !== undefined) return (JSON.parse(stored.json) as ObjectOutcome).result;
  const { definition, ids } = await chunkOf(chunk);
  const outcome = await act(definition, ids[index] ?? '');
  await jobs.putOutcome(jobId, { chunk, index, json: JSON.stringify(outcome) });
  return outcome.result;
}

/** The job's end was asked for before this object was begun. */
const notTried = (definition: Kind, id: Id, record: DirectoryRecord | undefined): ObjectOutcome =>
  ended({ kind: definition.name, id, ...(record === undefined ? {} : displayNameOf(record)) }, 'skipped', 'not-tried');

async function notInSnapshot(context: JobContext, definition: Kind, id: Id): Promise<ObjectOutcome> {
  const nearest = await context.nearestSnapshotsWith(definition.name, [id]);
  return { ...ended({ kind: definition.name, id }, 'failed', 'not-in-snapshot'), note: nearestNote(nearest.get(id)) };
}

/** @param line what the job's plan says of the object: what it foresaw to be taken is not tried. */
export async function bringBack(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  place: Place,
  line?: ObjectPlan,
): Promise<ObjectOutcome> {
  const external = isInvited(definition, record) ? { external: true as const } : {};
  const base = { kind: definition.name, id: record.id, ...displayNameOf(record), ...external };
  const outcome = await untilSettled(base, (answerLost) =>
    tryOnce(context, definition, record, base, { ...place, answerLost }, line),
  );
  return noted(outcome, record);
}

/** Tries, and looks again after each wait, until it is known what became of an object. */
export async function untilSettled(base: Base, attempt: (answerLost: boolean) => Promise<Try>): Promise<ObjectOutcome> {
  let reason: Reason = 'graph-error';
  let answerLost = false;
  let mayAppear = false;
  for (let tries = 0; ; tries += 1) {
    try {
      const tried = await attempt(answerLost);
      if (tried.outcome !== undefined) return tried.outcome;
      reason = tried.reason;
      mayAppear = tried.mayAppear === true;
      answerLost ||= reason === 'graph-error';
    } catch (error) {
      const refusal = unreadable(error);
      if (refusal !== undefined) return { ...ended(base, 'failed', refusal.reason), ...refusal };
      if (!isAppError(error, 'graph-unreachable')) throw error;
      reason = 'graph-error';
    }
    const waitMs = waitsMs[tries] ?? (mayAppear ? longWaitsMs[tries - waitsMs.length] : undefined);
    if (waitMs === undefined)
      return { ...ended(base, 'failed', reason), ...(mayAppear ? { note: mayAppearNote } : {}) };
    await pause(waitMs);
  }
}

/** Says of a user that synchronization masters what that means for it. */
function noted(outcome: ObjectOutcome, record: DirectoryRecord): ObjectOutcome {
  const { hybrid, note: said, attributes } = outcome;
  const isDone = outcome.result !== 'failed' && outcome.result !== 'skipped';
  const note = hybrid === undefined || !isDone ? undefined : hybridNote(hybrid, record.body, attributes);
  return note === undefined ? outcome : { ...outcome, note: [said ?? '', note].join(' ').trim() };
}

async function tryOnce(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  named: Base,
  place: Place & { readonly answerLost: boolean },
  line: ObjectPlan | undefined,
): Promise<Try> {
  const match = await matchNow(context, definition, record);
  const base = { ...named, ...hybridOf(definition, record, match) };
  if (await hasDrifted(context, place, match)) return { outcome: ended(base, 'skipped', 'plan-drift') };
  const found = planMatched(context, definition, record, match);
  const whole = asForeseen(await asTenantAllows(context, definition, record, found), line);
  const isHeldBack =
    nameProperty in whole.attributes && whole.targetId !== undefined && (await isInRing(context, place));
  const held = (one: ObjectPlan): ObjectPlan => (isHeldBack ? withoutName(one) : one);
  const plan = held(whole);
  switch (plan.action) {
    case 'fail':
      return match.how === 'unreadable' && match.mayPass
        ? { reason: match.reason }
        : { outcome: { ...ended(base, 'failed', plan.reason), ...conflictNote(plan) } };
    case 'skip':
      return {
        outcome: {
          ...ended(base, 'skipped', plan.reason),
          ...(plan.targetId === undefined ? {} : { newId: plan.targetId }),
        },
      };
    case 'create':
      return create(context, definition, record, plan, base, place.answerLost);
    case 'undelete':
      if ('candidate' in match) await keepBefore(context, match.candidate, Object.keys(whole.attributes));
      return undelete(context, definition, record, plan, base, (one) => held(asForeseen(one, line)));
    default: {
      const liveId = plan.targetId ?? record.id;
      const hasChanges = Object.keys(whole.attributes).length > 0;
      const before = await begunBefore(context, definition, place, [liveId, record.id], hasChanges);
      if ('candidate' in match) await keepBefore(context, match.candidate, Object.keys(whole.attributes));
      // What our own ledger told stands there.
      if (liveId !== record.id && match.how !== 'ledger') await recordMatch(context, record.id, liveId);
      // Whoever was made a moment ago is still to be made whole.
      const [scope, open] = before.includes('create')
        ? [makingWhole(context), planMatched(makingWhole(context), definition, record, match)]
        : [context, plan];
      const asked = { ...open, leavesPhoto: await leavesPhoto(context, place) };
      return { outcome: await overlay(scope, definition, record, asked, liveId, base, before) };
    }
  }
}

async function matchNow(context: JobContext, definition: Kind, record: DirectoryRecord): Promise<Matched> {
  // A plan that was looked at since is to be compared with what is there now.
  if (!context.request.planId && wasAbsent(context, record.id)) return { how: 'none' };
  const [match = { how: 'none' } as const] = await matchRecords(context, definition, [record]);
  return match;
}

async function create(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  plan: ObjectPlan,
  base: Base,
  answerLost: boolean,
): Promise<Try> {
  const created =
    plan.invites === undefined
      ? await createObject(context, definition, record, plan.attributes)
      : await inviteAgain(context, definition, record, plan);
  if (!created.done) {
    const { reason, note, begun } = created;
    if (created.lookAgain && reason === 'graph-error') return { reason, mayAppear: begun === 'alone' };
    const tried = await conflicted(context, definition, record, base, reason, answerLost || begun !== undefined);
    return note === undefined || tried.outcome === undefined ? tried : { outcome: { ...tried.outcome, note } };
  }
  const photo = definition.name === 'users' ? await restorePhoto(context, record.id, created.newId, 'new') : undefined;
  const { skipped } = created.attributes.some(isGivenUp) ? givenWay(plan, 'addresses') : plan;
  const told = new Set(created.attributes.map(({ name }) => name));
  const left = skipped.filter(({ name }) => !told.has(name));
  const attributes = [...created.attributes, ...left, ...(photo === undefined ? [] : [photo])];
  const actions = ['create', ...(photo?.result === 'done' ? ['photo'] : [])];
  return { outcome: { ...base, newId: created.newId, result: 'created', actions, attributes, ...carriedBy(created) } };
}

const carriedBy = ({ carried }: Extract<Creation, { done: true }>) => (carried.length === 0 ? {} : { carried });

const isGivenUp = ({ name, reason }: AttributeOutcome): boolean => name === 'mail' && reason === 'proxy-conflict';

/** A name is taken: by our own earlier create whose answer nobody heard (then the next try finds it), or by a stranger. */
async function conflicted(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  base: Base,
  reason: Reason,
  answerLost: boolean,
): Promise<Try> {
  const [match] = await matchRecords(context, definition, [record]);
  // After a lost answer, a holder that nobody can see yet is most likely our own, still replicating.
  const ours = match !== undefined && ('candidate' in match || (answerLost && match.how === 'none'));
  if (ours) return { reason };
  return { outcome: { ...ended(base, 'failed', reason), ...(await holderNote(context, record, reason)) } };
}

/** What an earlier run of this activity did to the object before its answer, or the process, was lost; noted now if it was not then. */
async function begunBefore(
  context: JobContext,
  { name: kind }: Kind,
  { chunk, index }: Place,
  [liveId, id]: readonly [Id, Id],
  hasChanges: boolean,
): Promise<readonly string[]> {
  const { gateway } = context;
  const planned = (await plannedLines(context, context.jobId, chunk))[index];
  const isDoneAlready = planned?.action === 'update' && !hasChanges;
  const before = planned?.action === 'undelete' || isDoneAlready ? await beforeOf(context, context, liveId) : undefined;
  if (planned?.action === 'create') {
    const entry = (await context.jobs.successors(context.connectorId, [id])).get(id);
    if (!madeBy(entry, context.jobId)) return [];
    const { attributes: body, invites } = planned;
    const write =
      invites === undefined
        ? ({ write: 'create', kind, body, standsFor: id } as const)
        : ({ write: 'invite', ...invitationOf(body, invites), standsFor: id } as const);
    await gateway.noteEarlier(write, liveId);
    return ['create'];
  }
  if (before === undefined) return [];
  const done = [...(before.deleted ? ['undelete'] : []), ...(!hasChanges && before.names.length > 0 ? ['update'] : [])];
  const changes = Object.fromEntries(before.names.map((name) => [name, null]));
  if (before.deleted) await gateway.noteEarlier({ write: 'undelete', kind, id: liveId });
  if (done.includes('update')) await gateway.noteEarlier({ write: 'update', kind, id: liveId, changes });
  return done;
}

async function recordMatch(context: JobContext, oldId: Id, newId: Id): Promise<void> {
  const { jobs, connectorId, jobId, clock } = context;
  const stands = (await jobs.successors(connectorId, [oldId])).get(oldId);
  // Where this job meant to make it, what it finds is its own.
  const own = stands?.jobId === jobId && stands.run !== undefined ? { run: stands.run } : {};
  const entry = { oldId, newId, jobId, createdDateTime: clock().toISOString(), ...own };
  await recordHeir(jobs, connectorId, entry, stands?.newId ?? stands?.replaced);
}
