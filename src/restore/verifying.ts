/**
 * The proof: after linking, every restored object is read again and planned again. What the plan would still write is a mismatch.
 * The same rules that planned the restore judge it, so a completed job is one for which nothing is left to do.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { sought } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord } from '../directory/record.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { apart, isUnread, type Unread } from './apart.ts';
import { expectsRestored, tellsLinks } from './expecting.ts';
import { type JobContext, makingWhole, wantsAttribute } from './job-context.ts';
import { layout } from './layout.ts';
import { linkOutcomesOf } from './link-outcomes.ts';
import { gatherLinks } from './link-planning.ts';
import { asDecided } from './new-users.ts';
import type { ObjectPlan } from './object-plan.ts';
import type { LinkOutcome, ObjectOutcome, Verification } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { differingPhotos } from './photo.ts';
import { planMatched } from './planning.ts';
import type { Reason } from './reasons.ts';

/** Reads lag behind writes (graph-facts 3.1): mismatches are looked at again after these waits before they are believed. */
const waitsMs = [1_000, 4_000, 10_000, 20_000];

export interface VerificationCounts {
  readonly matched: number;
  readonly mismatched: number;
}

/**
 * Verifies one chunk and stores the verdicts by index. What is reported as not done is no mismatch: the report names it, and nobody waits for
 * it to appear. Of a cancelled job, what lacks will not come either.
 */
export async function verifyChunk(
  context: JobContext,
  chunk: number,
  linkParts: number,
  cancelled: boolean,
  judge: Judge = verdictsOf,
): Promise<VerificationCounts> {
  const name = layout.verification(context, chunk);
  const stored = await getJson<Record<number, Verification>>(context.bucket, name);
  if (stored !== undefined) return count(stored);

  const outcomes = await outcomesOf(context, chunk);
  const links = await linkOutcomesOf(context, chunk, linkParts);
  const done = [...outcomes].filter(([, { result }]) => result !== 'failed' && result !== 'skipped');
  const indexes = done.map(([index]) => index);
  const verdicts = await prove(context, chunk, indexes, { outcomes, links, judge, waitsMs: cancelled ? [] : waitsMs });
  await putJson(context.bucket, name, verdicts);
  return count(verdicts);
}

/** Looks at objects of a chunk, and says what of each is not as it should be. `refused`: links that are reported as not done. */
export type Judge = typeof verdictsOf;

export interface Told {
  readonly outcomes: ReadonlyMap<number, ObjectOutcome>;
  readonly links: ReadonlyMap<number, readonly LinkOutcome[]>;
  readonly waitsMs?: readonly number[];
  readonly judge?: Judge;
}

/** Reads objects of a chunk again, after each wait those that did not match before; the verdicts by index. */
export async function prove(
  context: JobContext,
  chunk: number,
  indexes: readonly number[],
  told: Told,
): Promise<Record<number, Verification>> {
  const refused = refusedLinks(told.links);
  const { judge = verdictsOf } = told;
  const verdicts: Record<number, Verification> = {};
  let open = indexes;
  for (const waitMs of [0, ...(told.waitsMs ?? waitsMs)]) {
    if (open.length === 0) break;
    await pause(waitMs);
    const found = await apart<number, readonly [number, Verification]>(
      context,
      open,
      (some) => judge(context, chunk, some, told.outcomes, refused),
      // A proof that cannot be had is none.
      (index, { reason, note }) => [[index, unproven(reason, note)]],
    );
    for (const [index, verdict] of found) verdicts[index] = verdict;
    open = open.filter((index) => mayMatchYet(verdicts[index], told.outcomes.get(index)));
  }
  return verdicts;
}

/** Not what cannot be read, nor what is gone although it was there before this job: only what is new takes its time to be shown. */
function mayMatchYet(verdict: Verification | undefined, outcome: ObjectOutcome | undefined): boolean {
  if (verdict === undefined || verdict.matched || verdict.reason !== undefined) return false;
  const wasThere = outcome?.result === 'updated' || outcome?.result === 'unchanged';
  return !wasThere || verdict.mismatches[0] !== 'object';
}

async function verdictsOf(
  context: JobContext,
  chunk: number,
  indexes: readonly number[],
  outcomes: ReadonlyMap<number, ObjectOutcome>,
  refused: ReadonlySet<string>,
): Promise<ReadonlyMap<number, Verification>> {
  const { definition, ids } = await context.chunk(chunk);
  const known = await context.reader.records(definition.name, ids);
  const subjects = indexes.flatMap((index) => {
    const record = known.get(ids[index] ?? '');
    return record === undefined ? [] : [{ index, record }];
  });
  const live = await context.gateway.find(
    subjects.map(({ index, record }) => ({
      by: 'id' as const,
      ...sought(definition),
      id: outcomes.get(index)?.newId ?? record.id,
    })),
  );
  const mismatches = new Map<number, string[]>();
  const settled = new Map<number, readonly string[]>();
  const present: { index: number; record: DirectoryRecord; liveId: string; body: DirectoryRecord['body'] }[] = [];
  for (const [place, { index, record }] of subjects.entries()) {
    const candidate = live[place]?.[0];
    if (candidate === undefined) {
      mismatches.set(index, ['object']);
      continue;
    }
    const outcome = outcomes.get(index);
    const isMade = outcome?.result === 'created';
    const scope = isMade ? makingWhole(context) : context;
    const plan = planMatched(scope, definition, isMade ? asDecided(context.request, definition.name, record) : record, {
      how: !isMade && candidate.id !== record.id ? 'ledger' : 'id',
      candidate,
    });
    const reported = notDone(outcome);
    settled.set(index, equalOf(scope, definition, plan, reported));
    mismatches.set(
      index,
      plan.action === 'skip' ? [] : Object.keys(plan.attributes).filter((name) => !reported.has(name)),
    );
    present.push({ index, record, liveId: candidate.id, body: candidate.body });
  }
  const unread = new Map<number, Unread>();
  for (const step of await remainingLinks(context, chunk, definition.name, present)) {
    const { origin, name, targetId } = step;
    if (refused.has(linkKey(origin.index, name, targetId))) continue;
    if (isUnread(step)) unread.set(origin.index, { reason: 'graph-error', ...step });
    else mismatches.get(origin.index)?.push(`${name}/${targetId}`);
  }
  if (definition.name === 'users') {
    const differing = await differingPhotos(
      context,
      present.map(({ index, record, liveId }) => ({
        id: record.id,
        liveId,
        isMade: outcomes.get(index)?.result === 'created',
      })),
    );
    for (const { index, record } of present) {
      const found = differing.get(record.id);
      if (found === undefined || notDone(outcomes.get(index)).has('photo')) continue;
      if (found === 'differs') mismatches.get(index)?.push('photo');
      else unread.set(index, found);
    }
  }
  return new Map(
    [...mismatches].map(([index, names]) => {
      const told = { settled: settled.get(index) ?? [] };
      const why = unread.get(index);
      if (why === undefined) return [index, { matched: names.length === 0, mismatches: names, ...told }];
      const { reason, note } = why;
      return [index, { ...unproven(reason, note), mismatches: [...names, 'unreadable'], ...told }];
    }),
  );
}

/** Of these attributes those that were compared and do not differ. */
function equalOf(context: JobContext, { name }: Kind, plan: ObjectPlan, names: ReadonlySet<string>): readonly string[] {
  if (plan.action === 'skip' || plan.action === 'fail') return [];
  const compared = new Set(context.reader.captured(name).filter((one) => wantsAttribute(context, one)));
  const differing = new Set([...Object.keys(plan.attributes), ...plan.skipped.map((skip) => skip.name)]);
  return [...names].filter((one) => compared.has(one) && !differing.has(one));
}

/** Attributes of which the report says itself that they are not as they should be. */
export const notDone = (outcome: ObjectOutcome | undefined): ReadonlySet<string> =>
  new Set(outcome?.attributes.flatMap(({ name, result }) => (result === 'done' ? [] : [name])));

const unproven = (reason: Reason, note: string | undefined): Verification => ({
  matched: false,
  mismatches: ['unreadable'],
  reason,
  ...(note === undefined ? {} : { note }),
});

export const linkKey = (index: number, relation: string, targetId: string) => `${index} ${relation} ${targetId}`;

/** Links that are reported as skipped or failed. */
function refusedLinks(links: ReadonlyMap<number, readonly LinkOutcome[]>): ReadonlySet<string> {
  const refused = [...links].flatMap(([index, some]) =>
    some.filter(({ result }) => result !== 'done').map(({ relation, targetId }) => linkKey(index, relation, targetId)),
  );
  return new Set(refused);
}

async function remainingLinks(
  context: JobContext,
  chunk: number,
  kind: Parameters<typeof gatherLinks>[1][number]['kind'],
  present: readonly { index: number; record: DirectoryRecord; liveId: string; body: DirectoryRecord['body'] }[],
) {
  const steps = await gatherLinks(
    context,
    present.map(({ index, record, liveId, body }) => ({
      kind,
      id: record.id,
      liveId,
      body,
      origin: { chunk, index },
      state: 'live' as const,
    })),
    { expects: expectsRestored(context), tells: tellsLinks(context) },
  );
  return steps.filter((step) => step.act !== 'skip' || isUnread(step));
}

function count(verdicts: Readonly<Record<number, Verification>>): VerificationCounts {
  const all = Object.values(verdicts);
  const matched = all.filter((verdict) => verdict.matched).length;
  return { matched, mismatched: all.length - matched };
}
