/** What is left to do when a job has ended: said to a person, or done by the job itself once what it waits for has come. Pure. */
import { AppError } from '../errors.ts';

export const followUpStates = ['pending', 'completed', 'cancelled', 'failed'] as const;
export type FollowUpState = (typeof followUpStates)[number];

export interface FollowUp {
  /** Unique within its job. */
  readonly id: string;
  readonly what: string;
  readonly who: string;
  readonly objectIds: readonly string[];
  /** Absent where only a person can know whether it is done. */
  readonly state?: FollowUpState;
  /** Of one that failed, or was tried in vain and still waits: a reason code of the report; or `expired`. */
  readonly reason?: string;
  /** Until when a pending one is looked after. */
  readonly expiresDateTime?: string;
  /** When it ended, in whichever state. */
  readonly completedDateTime?: string;
}

/** How many of the things that a follow-up waits for are still to come, and how many went wrong. */
export interface FollowUpTally {
  readonly pending: number;
  readonly failed: number;
  readonly reason?: string;
}

/** Longer than the bin keeps anything: what has not come by then comes by another way than this job's. */
const waitsAtMostMs = 30 * 24 * 60 * 60_000;

export const isPendingFollowUp = ({ state }: FollowUp): boolean => state === 'pending';

/** Whether it is still worth looking for what the follow-up waits for. */
export const isAwaited = (followUp: FollowUp, now: Date): boolean =>
  isPendingFollowUp(followUp) && Date.parse(followUp.expiresDateTime ?? '') > now.getTime();

export const pendingFollowUp = (followUp: FollowUp, now: Date): FollowUp => ({
  ...followUp,
  state: 'pending',
  expiresDateTime: new Date(now.getTime() + waitsAtMostMs).toISOString(),
});

const ended = (
  { expiresDateTime: _over, ...followUp }: FollowUp,
  state: FollowUpState,
  now: Date,
  reason?: string,
): FollowUp => ({
  ...followUp,
  state,
  ...(reason === undefined ? {} : { reason }),
  completedDateTime: now.toISOString(),
});

/** Where a follow-up stands after a look at what it waits for; one that has ended stays as it is. */
export function lookedAfter(followUp: FollowUp, tally: FollowUpTally | undefined, now: Date): FollowUp {
  if (!isPendingFollowUp(followUp) || tally === undefined) return followUp;
  const { reason: _before, ...rest } = followUp;
  if (tally.pending > 0)
    return isAwaited(followUp, now)
      ? { ...rest, ...(tally.reason === undefined ? {} : { reason: tally.reason }) }
      : ended(followUp, 'failed', now, 'expired');
  return tally.failed > 0 ? ended(rest, 'failed', now, tally.reason) : ended(rest, 'completed', now);
}

/** The follow-ups with one of them cancelled. @throws AppError `not-found`; `conflict` for one that is not pending. */
export function withCancelled(followUps: readonly FollowUp[], id: string, now: Date): FollowUp[] {
  const found = followUps.find((followUp) => followUp.id === id);
  if (found === undefined) throw new AppError('not-found', 'The job has no follow-up with this id.');
  if (!isPendingFollowUp(found))
    throw new AppError('conflict', `Follow-up ${id} is not pending: it is ${found.state ?? 'for a person to do'}.`);
  return followUps.map((followUp) => (followUp === found ? ended(found, 'cancelled', now) : followUp));
}
