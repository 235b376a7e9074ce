/**
 * The proof: after linking, every restored object is read again and planned again. What the plan would still write is a mismatch.
 * The same rules that planned the restore judge it, so a completed job is one for which nothing is left to do.
 */
import { setTimeout as pause } from 'node:timers/promises';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord } from '../directory/record.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { expectsRestored } from './expecting.ts';
import { type JobContext, wantsAttribute } from './job-context.ts';
import { layout } from './layout.ts';
import { linkOutcomesOf } from './link-outcomes.ts';
import { gatherLinks } from './link-planning.ts';
import type { ObjectPlan } from './object-plan.ts';
import type { LinkOutcome, ObjectOutcome, Verification } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { differingPhotos } from './photo.ts';
import { planMatched } from './planning.ts';
import { unreadable } from './refusals.ts';

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
    const found = await judge(context, chunk, open, told.outcomes, refused).catch((error: unknown) =>
      unread(error, open),
    );
    for (const [index, verdict] of found) verdicts[index] = verdict;
    open = open.filter((index) => verdicts[index]?.matched !== true && verdicts[index]?.reason === undefined);
  }
  return verdicts;
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
      kind: definition.name,
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
    const plan = planMatched(context, definition, record, { how: 'id', candidate });
    const reported = notDone(outcomes.get(index));
    settled.set(index, equalOf(context, definition, plan, reported));
    mismatches.set(
      index,
      plan.action === 'skip' ? [] : Object.keys(plan.attributes).filter((name) => !reported.has(name)),
    );
    present.push({ index, record, liveId: candidate.id, body: candidate.body });
  }
  for (const step of await remainingLinks(context, chunk, definition.name, present)) {
    if (!refused.has(linkKey(step.index, step.name, step.targetId)))
      mismatches.get(step.index)?.push(`${step.name}/${step.targetId}`);
  }
  if (definition.name === 'users') {
    const differing = await differingPhotos(
      context,
      present.map(({ record, liveId }) => ({ id: record.id, liveId })),
    );
    for (const { index, record } of present) if (differing.has(record.id)) mismatches.get(index)?.push('photo');
  }
  return new Map(
    [...mismatches].map(([index, names]) => [
      index,
      { matched: names.length === 0, mismatches: names, settled: settled.get(index) ?? [] },
    ]),
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

/** A proof that cannot be had is none. */
function unread(error: unknown, indexes: readonly number[]): ReadonlyMap<number, Verification> {
  const refusal = unreadable(error);
  if (refusal === undefined) throw error;
  return new Map(indexes.map((index) => [index, { matched: false, mismatches: ['unreadable'], ...refusal }]));
}

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
    expectsRestored(context),
  );
  return steps
    .filter(({ act }) => act !== 'skip')
    .map(({ origin, name, targetId }) => ({ index: origin.index, name, targetId }));
}

function count(verdicts: Readonly<Record<number, Verification>>): VerificationCounts {
  const all = Object.values(verdicts);
  const matched = all.filter((verdict) => verdict.matched).length;
  return { matched, mismatched: all.length - matched };
}
