/** Turns at one object: whoever comes second waits until the first is done, in the order they came. */
import type { Id } from '../directory/record.ts';

export interface Turns<Job> {
  /** Whether it is this job's turn at once; otherwise `done` hands it out later. */
  come(job: Job): boolean;
  /** Ends a job's turn and gives the one whose turn it is now. */
  done(job: Job): Job | undefined;
}

/** Jobs without an object never wait. */
export function createTurns<Job extends { readonly object?: Id }>(): Turns<Job> {
  const behind = new Map<Id, Job[]>();
  return {
    come(job) {
      if (job.object === undefined) return true;
      const waiting = behind.get(job.object);
      if (waiting === undefined) behind.set(job.object, []);
      else waiting.push(job);
      return waiting === undefined;
    },
    done({ object }) {
      if (object === undefined) return undefined;
      const next = behind.get(object)?.shift();
      if (next === undefined) behind.delete(object);
      return next;
    },
  };
}
