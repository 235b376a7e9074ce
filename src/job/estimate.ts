/** When a job that writes will be done, from the rate it has shown since it began to write. Pure. */

/** The phases in which a restore works its way through its steps, in their order. */
export const workPhases = ['objects', 'linking', 'verifying'] as const;
export type WorkPhase = (typeof workPhases)[number];

export const isWorkPhase = (phase: string | undefined): phase is WorkPhase =>
  (workPhases as readonly (string | undefined)[]).includes(phase);

export interface Work {
  /** How many steps each phase has: objects to bring back, links to write, objects to read back. */
  readonly steps: Readonly<Record<WorkPhase, number>>;
  readonly phase: WorkPhase;
  /** Of the steps of this phase. */
  readonly done: number;
  /** When the first of these phases began. */
  readonly since: Date;
  readonly throttledUntil?: Date;
  /** The phases in the order of this job, where it is another one. */
  readonly order?: readonly WorkPhase[];
}

/** Less says nothing about the rate. */
const leastMs = 2_000;
const leastShare = 0.02;

/**
 * Waits for throttling that are over stand in the rate already; one that is under way is the earliest end, and is not added on top.
 * Undefined while too little is done to tell, and when nothing is left.
 */
export function estimatedCompletion(work: Work, now: Date): Date | undefined {
  const { steps, phase, done, since, throttledUntil, order = workPhases } = work;
  const place = order.indexOf(phase);
  const before = order.slice(0, place).reduce((sum, name) => sum + steps[name], 0);
  const total = workPhases.reduce((sum, name) => sum + steps[name], 0);
  const reached = before + Math.min(done, steps[phase]);
  const elapsedMs = now.getTime() - since.getTime();
  if (elapsedMs < leastMs || reached < Math.max(1, total * leastShare) || reached >= total) return undefined;
  const byRate = now.getTime() + (elapsedMs / reached) * (total - reached);
  return new Date(Math.max(byRate, throttledUntil?.getTime() ?? 0));
}
