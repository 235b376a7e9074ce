/** What became of each thing of a restore, and what that makes of an object and of the job (R53, R54). Pure. */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import type { JobStatus } from '../job/job.ts';
import type { HybridCase } from './hybrid.ts';
import type { LinkAction } from './links.ts';
import { makesIncomplete, type Reason } from './reasons.ts';
import type { Companion } from './taken-along.ts';

export type ThingResult = 'done' | 'skipped' | 'failed';

export interface AttributeOutcome {
  readonly name: string;
  readonly result: ThingResult;
  readonly reason?: Reason;
  readonly note?: string;
}

export interface LinkOutcome {
  /** What was done, or tried; none of what was never to be written. */
  readonly action?: Exclude<LinkAction, 'skip'>;
  readonly relation: string;
  readonly targetId: Id;
  readonly newTargetId?: Id;
  readonly targetName?: string;
  readonly result: ThingResult;
  readonly reason?: Reason;
  readonly note?: string;
}

/** `deleted` in an undo alone. */
export const objectResults = [
  'created',
  'undeleted',
  'updated',
  'deleted',
  'unchanged',
  'skipped',
  'partial',
  'failed',
] as const;
export type ObjectResult = (typeof objectResults)[number];

/** The counts of a job that has not brought back anything yet. */
export const noResults: Readonly<Record<Exclude<ObjectResult, 'deleted'>, number>> = {
  created: 0,
  undeleted: 0,
  updated: 0,
  unchanged: 0,
  skipped: 0,
  partial: 0,
  failed: 0,
};

/** The object stage's word on one object, kept until the report is made. */
export interface ObjectOutcome {
  readonly kind: KindName;
  readonly id: Id;
  readonly newId?: Id;
  readonly displayName?: string;
  /** Comes from outside, by invitation: has no password here. */
  readonly external?: true;
  /** The case of a user that synchronization masters, or did (restore-semantics 7). */
  readonly hybrid?: HybridCase;
  readonly result: Exclude<ObjectResult, 'partial'>;
  readonly reason?: Reason;
  /** Words for the admin on what to know beyond the reason, without personal data. */
  readonly note?: string;
  readonly actions: readonly string[];
  readonly attributes: readonly AttributeOutcome[];
  /** Links that its creation carried, in live ids; the rows of links tell of them. */
  readonly carried?: readonly Companion[];
}

export interface Verification {
  readonly matched: boolean;
  readonly mismatches: readonly string[];
  /** Attributes that nobody wrote, or that a write was refused for, and that are as in the snapshot all the same. */
  readonly settled?: readonly string[];
  /** Why the object could not be read back. */
  readonly reason?: Reason;
  readonly note?: string;
}

export interface ReportObject extends Omit<ObjectOutcome, 'result' | 'carried'> {
  readonly result: ObjectResult;
  readonly links: readonly LinkOutcome[];
  readonly verification: Verification;
}

/**
 * Joins the stages of one object: a link written makes an unchanged object updated, anything missing makes it partial. What was
 * reported as not done is no mismatch on top, and what is as it should be by itself lacks nothing.
 */
export function reportObject(
  { carried: _toldByLinks, ...outcome }: ObjectOutcome,
  links: readonly LinkOutcome[],
  verification: Verification | undefined,
): ReportObject {
  const ended = outcome.result === 'failed' || outcome.result === 'skipped';
  const known = new Set(
    links.filter(({ result }) => result !== 'done').map(({ relation, targetId }) => `${relation}/${targetId}`),
  );
  const mismatches = (verification?.mismatches ?? []).filter((mismatch) => !known.has(mismatch));
  const { reason: unread = verification === undefined ? 'not-tried' : undefined, note } = verification ?? {};
  const proof = { matched: !ended && verification !== undefined && mismatches.length === 0, mismatches };
  const settled = new Set(verification?.settled);
  const attributes = outcome.attributes.filter(({ name, result }) => result === 'done' || !settled.has(name));
  const things = [...attributes, ...links];
  const lacking = things.some((thing) => thing.result === 'failed' || makesIncomplete(thing.reason)) || !proof.matched;
  const linked = new Set(links.flatMap(({ result, action = 'link' }) => (result === 'done' ? [action] : [])));
  const reached = outcome.result === 'unchanged' && linked.size > 0 ? 'updated' : outcome.result;
  return {
    ...outcome,
    attributes,
    actions: [...outcome.actions, ...linked],
    result: !ended && lacking ? 'partial' : reached,
    ...(!ended && !proof.matched ? { reason: outcome.reason ?? unread ?? 'verification-mismatch' } : {}),
    ...(!ended && note !== undefined ? { note: [outcome.note ?? '', note].join(' ').trim() } : {}),
    links,
    verification: proof,
  };
}

/** True when an object keeps its job from being `completed`. */
export const objectIncomplete = (object: ReportObject): boolean =>
  object.result === 'partial' || object.result === 'failed' || makesIncomplete(object.reason);

/** R54: `completed` only when nothing is lacking, `failed` only when nothing at all was restored. @param written objects to which something was done. */
export function jobStatusOf(
  counts: Readonly<Record<string, number>>,
  incompleteObjects: number,
  written: number,
): JobStatus {
  const total = objectResults.reduce((sum, result) => sum + (counts[result] ?? 0), 0);
  if (total > 0 && (counts.failed ?? 0) === total && written === 0) return 'failed';
  return incompleteObjects > 0 ? 'incomplete' : 'completed';
}

/** The same of a job that broke off: nobody proved that nothing is lacking. */
export const statusAsLeft = (written: number): JobStatus => (written > 0 ? 'incomplete' : 'failed');
