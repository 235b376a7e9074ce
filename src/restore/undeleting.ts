/** Bringing an object back from the bin (R16-R22): it keeps its id and its links; then the snapshot is laid over it. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Candidate, type GiveWay, sought, type WriteResult } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { reasonOf, refusalOf } from './attribute-writing.ts';
import { holderNote } from './holders.ts';
import type { JobContext } from './job-context.ts';
import { nameProperty } from './name-rings.ts';
import { withUnknown } from './not-captured.ts';
import { type ObjectPlan, planObject } from './object-plan.ts';
import type { ObjectOutcome } from './outcome.ts';
import { type Base, ended, overlay, type Try } from './overlay.ts';
import { objectOptions } from './planning.ts';
import type { Reason } from './reasons.ts';
import { untold } from './refusals.ts';
import { asTenantAllows } from './tenant-rules.ts';

/** Waits until the object can be read again: together about a minute. */
const waitsMs = [500, 2_000, 5_000, 10_000, 20_000];

/** @param held a plan without what is not to be written now: a name that comes later, or that somebody has. */
export async function undelete(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  plan: ObjectPlan,
  base: Base,
  held: (plan: ObjectPlan) => ObjectPlan,
): Promise<Try> {
  const id = plan.targetId ?? record.id;
  let [result] = await context.gateway.apply([{ write: 'undelete', kind: definition.name, id }]);
  let given: Way | undefined;
  for (const way of waysFor(context, definition, record, plan, result)) {
    given = way;
    [result] = await context.gateway.apply([{ write: 'undelete', kind: definition.name, id, giveWay: way }]);
    if (result === undefined || result.ok || result.problem !== 'conflict') break;
  }
  if (result === undefined) return { reason: 'graph-error' };
  if (!result.ok) {
    if (result.problem === 'uncertain' || result.problem === 'missing') return { reason: 'graph-error' };
    const touched = { kind: definition.name, id, isSensitive: true, isDeleted: true };
    const refusal = await refusalOf(context, result, touched);
    const note = await holderNote(context, record, refusal.reason);
    return { outcome: { ...ended(base, 'failed', refusal.reason), ...refusal, ...note } };
  }
  const live = await appeared(context, definition, id);
  const fresh = live === undefined ? plan : await planAgain(context, definition, record, live);
  const open = held(fresh);
  const kept = given?.lost === undefined ? open : givenWay(open, given.lost);
  const outcome = await overlay(context, definition, record, kept, id, base, ['undelete']);
  return { outcome: given !== undefined && given.lost === undefined ? underOwnName(outcome) : outcome };
}

/** What is to be laid over it, now that it can be read. */
function planAgain(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  candidate: Candidate,
): Promise<ObjectPlan> {
  const options = { ...objectOptions(context), onExisting: 'overwrite' } as const;
  const captured = context.reader.captured(definition.name);
  const plan = planObject(definition, record, { how: 'id', candidate }, captured, options);
  return asTenantAllows(context, definition, record, withUnknown(context, definition, plan));
}

/** How to come back all the same, and what of the object is lost thereby. */
interface Way extends GiveWay {
  readonly lost?: 'name' | 'addresses';
}

/**
 * What to try in turn when a name or an address is taken. Deleted under another name than the snapshot's, a user may have the snapshot's at once. With
 * `onNameConflict: rename` (R20): without taken addresses, and where the name is taken under one that nobody else has.
 */
function waysFor(
  { request }: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  { attributes }: ObjectPlan,
  result: WriteResult | undefined,
): Way[] {
  if (definition.name !== 'users' || result === undefined || result.ok || result.problem !== 'conflict') return [];
  const { [nameProperty]: own } = attributes;
  const isTaken = reasonOf(result) !== 'proxy-conflict';
  const underOwn: Way[] = isTaken && typeof own === 'string' ? [{ rename: own }] : [];
  const [local, domain] = String(record.body.userPrincipalName ?? '').split('@');
  if (request.onNameConflict !== 'rename' || domain === undefined) return underOwn;
  const rename = `${local}.restored.${record.id.slice(0, 8)}@${domain}`;
  const withoutAddresses: Way[] = isTaken ? [] : [{ losesAddresses: true, lost: 'addresses' }];
  return [...underOwn, ...withoutAddresses, { rename, losesAddresses: true, lost: 'name' }];
}

/** The undelete has written the name already. */
const underOwnName = (outcome: ObjectOutcome): ObjectOutcome => ({
  ...outcome,
  actions: [...new Set([...outcome.actions, 'update'])],
  attributes: [{ name: nameProperty, result: 'done' }, ...outcome.attributes],
});

/** What was given up stays so, and the report says why. */
export function givenWay(plan: ObjectPlan, lost: 'name' | 'addresses'): ObjectPlan {
  const renamed = lost === 'name';
  const names = renamed ? [nameProperty] : ['mail', 'proxyAddresses'];
  const reason = renamed ? 'name-conflict' : 'proxy-conflict';
  const given = names.filter(
    (name) => renamed || name in plan.attributes || plan.skipped.some((skip) => skip.name === name),
  );
  return {
    ...plan,
    attributes: Object.fromEntries(Object.entries(plan.attributes).filter(([name]) => !names.includes(name))),
    skipped: [
      ...plan.skipped.filter(({ name }) => !names.includes(name)),
      ...given.map((name) => ({ name, result: 'skipped' as const, reason: reason as Reason })),
    ],
  };
}

/**
 * The object once it can be read after its undelete or creation; undefined when that takes longer than we wait: what is done stays done, whoever
 * refuses a look.
 */
export async function appeared(context: JobContext, definition: Kind, id: Id): Promise<Candidate | undefined> {
  for (const waitMs of [...waitsMs, 0]) {
    const found = await context.gateway.find([{ by: 'id', ...sought(definition), id }]).catch(untold);
    const [live] = found?.flat() ?? [];
    if (live !== undefined) return live;
    await pause(waitMs);
  }
  return undefined;
}
