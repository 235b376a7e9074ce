/** What a rollback leaves although the snapshot lacks it (R40): privileged roles, and places in groups that may hold roles. Pure. */
import type { Id } from '../directory/record.ts';
import type { JobNotice } from '../job/job.ts';
import type { Expects } from './expecting.ts';
import type { Tally } from './plan-summary.ts';

/** Told whose it is, and the name of the role or the group. */
export type Keeps = (objectId: Id, name: string) => void;

/** What planning links counts on, and whom it tells what is kept. */
export interface Told {
  /** What is not there, and will be when links are made. */
  readonly expects: Expects;
  readonly keeps: Keeps;
}

/** A notice names at most so many objects, and spells out so many names. */
const maxNamed = 100;
const maxSpelled = 10;

/** @param kept objects per role or group. */
export function keptNotice(kept: Readonly<Record<string, Tally>>): JobNotice[] {
  const names = Object.keys(kept);
  if (names.length === 0) return [];
  const tallies = Object.values(kept);
  const objectIds = [...new Set(tallies.flatMap(({ ids }) => ids))].slice(0, maxNamed);
  const more = names.length > maxSpelled ? `, and ${names.length - maxSpelled} more` : '';
  const spelled = `${names.slice(0, maxSpelled).join(', ')}${more}`;
  const message = `The snapshot lacks some privileged roles, or places in groups that may hold roles, and they are kept: ${spelled}. Restore with "allowPrivilegedRemoval": true to take them away too.`;
  return [{ code: 'privileged-kept', message, objectIds }];
}
