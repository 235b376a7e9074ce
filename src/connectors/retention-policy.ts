/** Which snapshots are kept, and why (issue 3, 6). Pure. */
import { z } from 'zod';

const howMany = z.number().int().min(0).max(10_000);

export const retentionSchema = z
  .strictObject({
    /** The newest so many. */
    keepLast: howMany.default(0),
    /** The newest of each of the last so many days (weeks, months, years) that have one; UTC, weeks from Monday. */
    daily: howMany.default(0),
    weekly: howMany.default(0),
    monthly: howMany.default(0),
    yearly: howMany.default(0),
    /** Nothing younger is removed, whatever the rest says. */
    minimumAgeDays: z.number().int().min(0).max(36_500).default(0),
  })
  .refine(({ keepLast, daily, weekly, monthly, yearly }) => keepLast + daily + weekly + monthly + yearly > 0, {
    message: 'keeps nothing: say how many to keep, such as {"keepLast": 7, "monthly": 12}',
  });

export type RetentionPolicy = z.output<typeof retentionSchema>;

export interface DatedSnapshot {
  readonly id: string;
  readonly createdDateTime: string;
  readonly status: 'complete' | 'partial';
  /** Something came back suspiciously small, and nobody has accepted it. */
  readonly suspect?: boolean;
}

export type KeepReason =
  | 'last'
  | 'daily'
  | 'weekly'
  | 'monthly'
  | 'yearly'
  | 'younger-than-minimum-age'
  | 'newest-complete'
  | 'to-be-accepted'
  | 'legal-hold'
  | 'used-by-a-job';

export interface Decision {
  readonly id: string;
  readonly createdDateTime: string;
  readonly keep: boolean;
  /** Why it is kept; empty: nothing keeps it. */
  readonly reasons: readonly KeepReason[];
}

/**
 * One decision a snapshot, newest first. Only complete snapshots fill the places of the policy: a partial or suspect one would push a whole
 * one out. The newest complete one stays in any case, since incremental snapshots and restores begin there; so does the newest suspect one
 * after it, until somebody has looked at it.
 * @param held why some ids stay whatever the policy says.
 */
export function decideRetention(
  snapshots: readonly DatedSnapshot[],
  policy: RetentionPolicy,
  now: Date,
  held: ReadonlyMap<string, KeepReason> = new Map(),
): Decision[] {
  const newestFirst = [...snapshots].sort((one, other) => (one.createdDateTime < other.createdDateTime ? 1 : -1));
  const complete = newestFirst.filter(({ status, suspect }) => status === 'complete' && suspect !== true);
  const kept = new Map<string, Set<KeepReason>>();
  const keep = (id: string | undefined, reason: KeepReason) => {
    if (id !== undefined) kept.set(id, (kept.get(id) ?? new Set()).add(reason));
  };
  keep(complete[0]?.id, 'newest-complete');
  const undecided = newestFirst.find(({ suspect }) => suspect === true);
  if (undecided && undecided.createdDateTime > (complete[0]?.createdDateTime ?? ''))
    keep(undecided.id, 'to-be-accepted');
  for (const { id } of complete.slice(0, policy.keepLast)) keep(id, 'last');
  for (const period of ['daily', 'weekly', 'monthly', 'yearly'] as const)
    for (const id of newestOfEach(complete, periodOf[period], policy[period])) keep(id, period);
  const youngest = now.getTime() - policy.minimumAgeDays * dayMs;
  for (const { id, createdDateTime } of newestFirst)
    if (policy.minimumAgeDays > 0 && Date.parse(createdDateTime) > youngest) keep(id, 'younger-than-minimum-age');
  for (const [id, reason] of held) keep(id, reason);
  return newestFirst.map(({ id, createdDateTime }) => {
    const reasons = [...(kept.get(id) ?? [])];
    return { id, createdDateTime, keep: reasons.length > 0, reasons };
  });
}

const dayMs = 86_400_000;

const periodOf = {
  daily: (time: string) => time.slice(0, 10),
  weekly: (time: string) => {
    const day = new Date(time);
    // Monday begins the week: the epoch was a Thursday.
    return String(Math.floor((day.getTime() / dayMs + 3) / 7));
  },
  monthly: (time: string) => time.slice(0, 7),
  yearly: (time: string) => time.slice(0, 4),
} as const;

function newestOfEach(newestFirst: readonly DatedSnapshot[], period: (time: string) => string, most: number): string[] {
  const met = new Map<string, string>();
  for (const { id, createdDateTime } of newestFirst) {
    const name = period(createdDateTime);
    if (met.has(name)) continue;
    if (met.size === most) break;
    met.set(name, id);
  }
  return [...met.values()];
}
