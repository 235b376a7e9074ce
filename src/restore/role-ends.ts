/**
 * Until when a role, or a place in a group, is held that live has already (R45): what lacks of it is given back in every mode, what is too much of it is
 * taken in a rollback alone (R40). Pure.
 */
import { endsBefore, isOver, sameEnd } from '../directory/roles.ts';

type End = string | undefined;

export interface EndRule {
  /** The tenant's time. */
  readonly now: Date;
  readonly mayShorten: boolean;
}

/** What a step says of the end that it changes. */
export interface EndChange {
  /** The end that live has; null: none, it is held for good. */
  readonly replacesEnd: string | null;
  /** The snapshot's has passed: nobody can set it. */
  readonly expired: boolean;
  readonly note: string;
}

/** @returns undefined where live's end stays. */
export function endChange(wanted: End, live: End, { now, mayShorten }: EndRule): EndChange | undefined {
  if (sameEnd(wanted, live) || (endsBefore(wanted, live) && !mayShorten)) return undefined;
  const note = `Held ${untilWhen(live)} by now, ${untilWhen(wanted)} in the snapshot.`;
  return { replacesEnd: live ?? null, expired: isOver(wanted, now), note };
}

const untilWhen = (end: End): string => (end === undefined ? 'for good' : `until ${end}`);

/** Whether a step takes away some of the time that is left. */
export const isShorter = ({
  endDateTime,
  replacesEnd,
}: {
  readonly endDateTime?: string;
  readonly replacesEnd?: string | null;
}): boolean => replacesEnd !== undefined && endsBefore(endDateTime, replacesEnd ?? undefined);
