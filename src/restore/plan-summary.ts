/** What a plan comes to: how many of what, and what will be lacking (R10), said before the first write. Pure. */
import type { WorkPhase } from '../job/estimate.ts';
import type { JobNotice } from '../job/job.ts';
import { type HybridCase, hybridWords } from './hybrid.ts';
import { keptNotice } from './kept-privileges.ts';
import type { Rename } from './name-rings.ts';
import { advice, makesIncomplete, type Reason } from './reasons.ts';

/** A notice names at most so many objects; the plan has them all. */
const maxNamed = 100;
/** And quotes at most so many words on them. */
const maxNotes = 5;

export interface Tally {
  readonly count: number;
  readonly ids: readonly string[];
  /** What the steps say beside their reason, each once. */
  readonly notes?: readonly string[];
}

export interface PlanSummary {
  /** Objects per action of their own. */
  readonly objects: Readonly<Record<string, number>>;
  /** Steps per action, as the plan lists them. */
  readonly steps: Readonly<Record<string, number>>;
  /** The same of each kind (R05). */
  readonly stepsByKind: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly reasons: Readonly<Partial<Record<Reason, Tally>>>;
  /** Seats the plan takes, per SKU, and for whom. */
  readonly licences: Readonly<Record<string, Tally>>;
  /** Users per hybrid case, and `without-relations`. */
  readonly hybrid: Readonly<Record<string, Tally>>;
  /** Objects per unit whose restricted management shuts them. */
  readonly restricted: Readonly<Record<string, Tally>>;
  /** Objects per `Need`, as JSON. */
  readonly needs: Readonly<Record<string, Tally>>;
  /** Protected users per roles of which the app must have one, as JSON. */
  readonly guarded: Readonly<Record<string, Tally>>;
  /** Objects per privileged role, or group that may hold roles, that a rollback leaves them (R40). */
  readonly kept: Readonly<Record<string, Tally>>;
  readonly renames: readonly Rename[];
  /** Ids of objects that cannot come back; of a chunk alone. */
  readonly lost: readonly string[];
  /** `kind/id` of objects of whose links nothing is told; of a chunk alone. */
  readonly silent: readonly string[];
  /** Whether links stand here that the other end's row may tell; of a chunk alone. */
  readonly hasTwins: boolean;
  /** Snapshot ids and live ids of objects that no record of ours tells of; of a chunk alone. */
  readonly found: readonly (readonly [string, string])[];
}

export const emptySummary: PlanSummary = {
  objects: {},
  steps: {},
  stepsByKind: {},
  reasons: {},
  licences: {},
  hybrid: {},
  restricted: {},
  needs: {},
  guarded: {},
  kept: {},
  renames: [],
  lost: [],
  silent: [],
  hasTwins: false,
  found: [],
};

export interface SummarizedStep {
  readonly kind: string;
  readonly objectId: string;
  readonly action: string;
  readonly reason?: string;
  readonly note?: string;
  readonly relation?: string;
  readonly targetId?: string;
}

/** Names, each with the id of an object. */
export type Named = readonly (readonly [string, string])[];

/** @param steps all steps of the objects. @param named hybrid cases, restricted units, needs, roles, what is kept, each with an object. */
export function summarizePlan(
  actions: readonly string[],
  steps: readonly SummarizedStep[],
  named: {
    readonly [each in 'hybrid' | 'restricted' | 'needs' | 'guarded' | 'kept']?: Named;
  } & {
    readonly renames?: readonly Rename[];
    readonly lost?: readonly string[];
    readonly silent?: readonly string[];
    readonly hasTwins?: boolean;
    readonly found?: PlanSummary['found'];
  } = {},
): PlanSummary {
  const reasons: Partial<Record<Reason, Tally>> = {};
  for (const { objectId, reason, note } of steps) {
    const one = { count: 1, ids: [objectId], ...(note === undefined ? {} : { notes: [note] }) };
    if (reason !== undefined) reasons[reason as Reason] = plus(reasons[reason as Reason], one);
  }
  const licences = steps.flatMap(
    ({ action, targetId, objectId }): Named =>
      action === 'license' && targetId !== undefined ? [[targetId, objectId]] : [],
  );
  return {
    objects: count(actions),
    steps: count(steps.map(({ action }) => action)),
    stepsByKind: countByKind(steps),
    reasons,
    licences: talliesOf(licences),
    hybrid: talliesOf(named.hybrid),
    restricted: talliesOf(named.restricted),
    needs: talliesOf(named.needs),
    guarded: talliesOf(named.guarded),
    kept: talliesOf(named.kept),
    renames: named.renames ?? [],
    lost: named.lost ?? [],
    silent: named.silent ?? [],
    hasTwins: named.hasTwins ?? false,
    found: named.found ?? [],
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
    stepsByKind: sumByKind(summaries.map(({ stepsByKind }) => stepsByKind)),
    reasons,
    licences: tallied(summaries.map(({ licences }) => licences)),
    hybrid: tallied(summaries.map(({ hybrid }) => hybrid)),
    restricted: tallied(summaries.map(({ restricted }) => restricted)),
    needs: tallied(summaries.map(({ needs }) => needs)),
    guarded: tallied(summaries.map(({ guarded }) => guarded)),
    kept: tallied(summaries.map(({ kept }) => kept)),
    renames: summaries.flatMap(({ renames }) => renames),
    lost: [],
    silent: [],
    hasTwins: false,
    found: [],
  };
}

/** A refused value is named by the note alone. */
const lackingWords = (code: Reason, { count, notes = [] }: Tally): string =>
  [`${count} time(s): ${advice[code]}`, ...(code === 'attribute-rejected' ? notes : [])].join(' ');

/** What the plan itself says will be lacking. */
export const lackingIn = ({ reasons }: PlanSummary): JobNotice[] =>
  Object.entries(reasons).flatMap(([code, tally]): JobNotice[] =>
    makesIncomplete(code as Reason)
      ? [{ code, message: lackingWords(code as Reason, tally), objectIds: tally.ids }]
      : [],
  );

/** Which licences run out half-way. `seats`: free ones per SKU. */
export const shortSeats = ({ licences }: PlanSummary, seats: ReadonlyMap<string, number>): JobNotice[] =>
  Object.entries(licences).flatMap(([skuId, { count: needed, ids: objectIds }]): JobNotice[] => {
    const free = seats.get(skuId) ?? 0;
    const message = `SKU ${skuId}: ${needed} seats are needed, ${free} are free.`;
    return needed <= free ? [] : [{ code: 'licence-no-seats', message, objectIds }];
  });

export const restrictedNotices = (restricted: PlanSummary['restricted']): JobNotice[] =>
  Object.entries(restricted).map(([unit, { count, ids }]) => ({
    code: 'restricted-admin-unit',
    message: `${count} object(s) are in the restricted unit ${unit}: give the app a role scoped to it, or they stay as they are.`,
    objectIds: ids,
  }));

/** The steps of each phase: every object is brought back and read back, between them lie the links. */
export function workOf({ objects, steps }: PlanSummary): Readonly<Record<WorkPhase, number>> {
  const total = Object.values(objects).reduce((sum, count) => sum + count, 0);
  const { link = 0, unlink = 0, license = 0 } = steps;
  return { objects: total, linking: link + unlink + license, verifying: total };
}

/**
 * What the snapshot does not know (R48); what a rollback leaves (R40); which users need a synchronization, or have one to reckon with
 * (restore-semantics 7).
 */
export function warningsOf({ hybrid, reasons, kept }: PlanSummary): JobNotice[] {
  const code = 'not-captured-by-snapshot';
  const unknown = reasons[code];
  const hybrids = Object.entries(hybrid).flatMap(([name, { count, ids }]): JobNotice[] => {
    const words = name === 'without-relations' ? withoutRelations : hybridWords[name as HybridCase];
    return words === undefined
      ? []
      : [{ code: `hybrid-${name}`, message: `${count} user(s): ${words}`, objectIds: ids }];
  });
  return [
    ...(unknown === undefined
      ? []
      : [{ code, message: `${unknown.count} time(s): ${advice[code]}`, objectIds: unknown.ids }]),
    ...keptNotice(kept),
    ...hybrids,
  ];
}

const withoutRelations =
  'Synchronization does not know cloud groups, units, roles and licences. Restore hybrid users with their relations, or they lose them.';

const talliesOf = (named: Named = []): Record<string, Tally> =>
  tallied(named.map(([name, id]) => ({ [name]: { count: 1, ids: [id] } })));

function tallied(all: readonly Readonly<Record<string, Tally>>[]): Record<string, Tally> {
  const total: Record<string, Tally> = {};
  for (const tallies of all)
    for (const [name, tally] of Object.entries(tallies)) total[name] = plus(total[name], tally);
  return total;
}

export const plus = (left: Tally | undefined, right: Tally): Tally => ({
  count: (left?.count ?? 0) + right.count,
  ids: [...new Set([...(left?.ids ?? []), ...right.ids])].slice(0, maxNamed),
  ...notesOf(left?.notes, right.notes),
});

const notesOf = (left: Tally['notes'], right: Tally['notes']): Pick<Tally, 'notes'> =>
  left === undefined && right === undefined
    ? {}
    : { notes: [...new Set([...(left ?? []), ...(right ?? [])])].slice(0, maxNotes) };

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

const countByKind = (steps: readonly SummarizedStep[]): PlanSummary['stepsByKind'] =>
  Object.fromEntries(
    [...Map.groupBy(steps, ({ kind }) => kind)].map(([kind, some]) => [kind, count(some.map(({ action }) => action))]),
  );

const sumByKind = (all: readonly PlanSummary['stepsByKind'][]): PlanSummary['stepsByKind'] => {
  const kinds = new Set(all.flatMap((one) => Object.keys(one)));
  return Object.fromEntries([...kinds].map((kind) => [kind, sum(all.map((one) => one[kind] ?? {}))]));
};
