/** What a plan comes to: how many of what, and what will be lacking (R10), said before the first write. Pure. */
import type { JobNotice } from '../job/job.ts';
import { advice, makesIncomplete, type Reason } from './reasons.ts';

/** A notice names at most so many objects; the plan has them all. */
const maxNamed = 100;

interface Tally {
  readonly count: number;
  readonly ids: readonly string[];
}

export interface PlanSummary {
  /** Objects per action of their own. */
  readonly objects: Readonly<Record<string, number>>;
  /** Steps per action, as the plan lists them. */
  readonly steps: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Partial<Record<Reason, Tally>>>;
  /** Seats the plan takes, per SKU. */
  readonly licences: Readonly<Record<string, number>>;
}

export const emptySummary: PlanSummary = { objects: {}, steps: {}, reasons: {}, licences: {} };

export interface SummarizedStep {
  readonly objectId: string;
  readonly action: string;
  readonly reason?: string;
  readonly relation?: string;
  readonly targetId?: string;
}

/** @param steps all steps of the objects. */
export function summarizePlan(actions: readonly string[], steps: readonly SummarizedStep[]): PlanSummary {
  const reasons: Partial<Record<Reason, Tally>> = {};
  for (const { objectId, reason } of steps) {
    if (reason !== undefined)
      reasons[reason as Reason] = plus(reasons[reason as Reason], { count: 1, ids: [objectId] });
  }
  const licences = steps.flatMap(({ action, targetId }) =>
    action === 'license' && targetId !== undefined ? [targetId] : [],
  );
  return {
    objects: count(actions),
    steps: count(steps.map(({ action }) => action)),
    reasons,
    licences: count(licences),
  };
}

export function addSummaries(summaries: readonly PlanSummary[]): PlanSummary {
  const reasons: Partial<Record<Reason, Tally>> = {};
  for (const summary of summaries) {
    for (const [reason, tally] of Object.entries(summary.reasons))
      reasons[reason as Reason] = plus(reasons[reason as Reason], tally);
  }
  return {
    objects: sum(summaries.map(({ objects }) => objects)),
    steps: sum(summaries.map(({ steps }) => steps)),
    reasons,
    licences: sum(summaries.map(({ licences }) => licences)),
  };
}

/** What will be lacking, and which licences run out half-way. `seats`: free ones per SKU; absent where none is assigned. */
export function preflightOf(summary: PlanSummary, seats: ReadonlyMap<string, number>): JobNotice[] {
  const lacking = Object.entries(summary.reasons).flatMap(([code, tally]): JobNotice[] =>
    makesIncomplete(code as Reason)
      ? [{ code, message: `${tally.count} time(s): ${advice[code as Reason]}`, objectIds: tally.ids }]
      : [],
  );
  const short = Object.entries(summary.licences).flatMap(([skuId, needed]): JobNotice[] => {
    const free = seats.get(skuId) ?? 0;
    return needed <= free
      ? []
      : [{ code: 'licence-no-seats', message: `SKU ${skuId}: ${needed} seats are needed, ${free} are free.` }];
  });
  return [...lacking, ...short];
}

const plus = (left: Tally | undefined, right: Tally): Tally => ({
  count: (left?.count ?? 0) + right.count,
  ids: [...new Set([...(left?.ids ?? []), ...right.ids])].slice(0, maxNamed),
});

function count(names: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

function sum(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const counts of all)
    for (const [name, value] of Object.entries(counts)) total[name] = (total[name] ?? 0) + value;
  return total;
}
