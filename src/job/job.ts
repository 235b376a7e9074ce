/**
 * A job: one run of something that takes a while, as the admin sees it (contract section 2). The job id is the
 * orchestration's instance id. Pure: the shapes, the legal status changes, and the words of R53.
 */
import type { WorkPhase } from './estimate.ts';
import type { FollowUp } from './follow-up.ts';

export const jobKinds = ['snapshot', 'restore', 'plan', 'retention', 'verify', 'undo'] as const;
export type JobKind = (typeof jobKinds)[number];

export const jobStatuses = ['queued', 'running', 'completed', 'incomplete', 'failed', 'cancelled'] as const;
export type JobStatus = (typeof jobStatuses)[number];

export interface JobNotice {
  readonly code: string;
  readonly message: string;
  readonly objectIds?: readonly string[];
}

export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly connectorId: string;
  readonly snapshotId?: string;
  readonly status: JobStatus;
  readonly phase?: string;
  /** Of the phase that a restore is in: objects, link steps, objects read back; of any other job, and at its end, objects. */
  readonly progress: { readonly done: number; readonly total: number };
  /** Of a restore, once it is planned: how many steps each phase has. */
  readonly steps?: Readonly<Record<WorkPhase, number>>;
  /** When a restore began to write. */
  readonly writingSinceDateTime?: string;
  /** Of a restore that writes, told when the job is asked for; absent while unknown. */
  readonly estimatedCompletionDateTime?: string;
  /** Restores: objects per result (`created`, `undeleted`…); snapshots: objects per kind. */
  readonly counts: Readonly<Record<string, number>>;
  readonly preflight?: readonly JobNotice[];
  readonly warnings?: readonly JobNotice[];
  readonly followUps?: readonly FollowUp[];
  readonly throttledUntilDateTime?: string;
  /** Someone asked for its end: what is under way finishes, nothing new is begun (R56). */
  readonly cancelRequestedDateTime?: string;
  readonly createdDateTime: string;
  /** Of an undo: the job it takes back. */
  readonly undoes?: string;
  /** Of a restore: what it does with links (R40). */
  readonly links?: 'merge' | 'rollback' | 'skip';
  /** The undo that has taken this job back in full. */
  readonly undoneBy?: string;
  readonly startedDateTime?: string;
  readonly completedDateTime?: string;
  readonly requestedBy: string;
  readonly reason?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

const endings: readonly JobStatus[] = ['completed', 'incomplete', 'failed', 'cancelled'];

export const hasEnded = (job: Pick<Job, 'status'>): boolean => endings.includes(job.status);

/**
 * A new job's id: its UTC start to the millisecond, its kind, and enough chance to tell two of one millisecond apart.
 * Sorts by time, reads well, and is legal as an instance id and in a path.
 */
export function newJobId(kind: JobKind, now: Date, suffix: string): string {
  return `${now.toISOString().replace(/[-:]/g, '').replace('.', '-')}-${kind}-${suffix}`;
}

/** When the job of an id was made, in ms since 1970; NaN for a text that is no job id. */
export function startOfJobId(jobId: string): number {
  const [, year, month, day, hour, minute, second, ms] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)-(\d{3})Z-/.exec(jobId) ?? [];
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
}
