/**
 * The port to job records and the two small tables that make restores repeatable: locks and the ledger of ids.
 * Every method may be repeated. Throws AppError `storage-unreachable`; absence is undefined.
 */
import type { Id } from '../directory/record.ts';
import type { Job, JobKind, JobStatus } from './job.ts';

export interface JobQuery {
  readonly connectorId: string;
  readonly kind?: JobKind;
  readonly status?: JobStatus;
  readonly top: number;
  readonly cursor?: string;
}

/** Who an object of the snapshot became. `newId` is absent between the intent to create and its success. */
export interface LedgerEntry {
  readonly oldId: Id;
  readonly newId?: Id;
  readonly jobId: string;
  readonly createdDateTime: string;
  /** Which try of an activity means to create, or has created: tells two at the same moment apart (R35), and what was made from what was found. */
  readonly run?: string;
  /** Whom an earlier restore made of it, whose place this creation takes. */
  readonly replaced?: Id;
}

/** A job that has ended and whose follow-ups still wait for something. */
export interface WaitingJob {
  readonly jobId: string;
  readonly connectorId: string;
}

/** What became of one object of a restore, kept under its place in the plan so that a second run finds it. */
export interface StoredOutcome {
  readonly chunk: number;
  readonly index: number;
  readonly json: string;
}

export interface JobStore {
  create(job: Job): Promise<void>;
  get(jobId: string): Promise<Job | undefined>;
  /** Merges fields into the record. A job that has ended keeps its status: the call is then without effect and returns false. */
  update(jobId: string, fields: Partial<Job>): Promise<boolean>;
  /**
   * Changes the record of a job that has ended; `change` may be asked again with a newer record, and answers undefined to leave it. False
   * when nothing was changed.
   */
  amend(jobId: string, change: (job: Job) => Job | undefined): Promise<boolean>;
  /** Newest first. Throws `invalid-input` for a cursor that is none. */
  list(query: JobQuery): Promise<{ readonly jobs: readonly Job[]; readonly cursor?: string }>;

  /** Marks a job whose follow-ups wait, so that those jobs are found without looking at all. */
  markWaiting(job: WaitingJob): Promise<void>;
  unmarkWaiting(jobId: string): Promise<void>;
  waitingJobs(): Promise<readonly WaitingJob[]>;

  /** Takes the named lock for a job; returns the holder: `jobId` itself when taken (or held by it already), else the other's. */
  lock(name: string, jobId: string): Promise<string>;
  /** Moves a lock from a holder that has ended to `jobId`; false when the holder is no longer `from`. */
  takeOver(name: string, from: string, jobId: string): Promise<boolean>;
  unlock(name: string, jobId: string): Promise<void>;

  putOutcome(jobId: string, outcome: StoredOutcome): Promise<void>;
  getOutcome(jobId: string, chunk: number, index: number): Promise<StoredOutcome | undefined>;
  /** Outcomes of one chunk, by index. */
  outcomes(jobId: string, chunk: number): Promise<readonly StoredOutcome[]>;
  countOutcomes(jobId: string): Promise<number>;

  /**
   * Writes the intent to create, unless an intent for `oldId` stands already; returns the one that stands now. It takes the place of an intent
   * older than `staleBefore`, whose holder has died, and of a recorded successor (the caller would not create if that one were still there), unless
   * the same job made it no longer ago than that: it may not be shown yet. Of several callers at once one gets its own entry back, with the
   * successor whose place it took.
   */
  intend(connectorId: string, entry: LedgerEntry, staleBefore: string): Promise<LedgerEntry>;
  /**
   * Takes an intent back whose create was refused, so that nobody waits for what was not made: the successor whose place it took has it again.
   * Leaves alone what stands there by now.
   */
  withdraw(connectorId: string, entry: LedgerEntry): Promise<void>;
  recordSuccessor(connectorId: string, entry: LedgerEntry & { readonly newId: Id }): Promise<void>;
  /** Entries for the ids that have one. */
  successors(connectorId: string, oldIds: readonly Id[]): Promise<ReadonlyMap<Id, LedgerEntry>>;
  /** Entries by new id, for the ids that are somebody's successor. */
  predecessors(connectorId: string, newIds: readonly Id[]): Promise<ReadonlyMap<Id, LedgerEntry>>;
}

/** Whether a job that looks in vain must take what an entry tells of to be there all the same, while it is young. */
export const mayAppear = ({ newId, jobId }: LedgerEntry, asks: string): boolean =>
  newId === undefined || jobId === asks;

/** Whether this job made, or meant to make, what the entry tells of. What it found to be there it has recorded, too, but under no run. */
export const madeBy = (entry: LedgerEntry | undefined, jobId: string): boolean =>
  entry?.jobId === jobId && entry.run !== undefined;

/** An intent that takes the place of an entry, and keeps in mind whom that told of. */
export function replacing(entry: LedgerEntry, { newId, replaced }: LedgerEntry): LedgerEntry {
  const before = newId ?? replaced;
  return before === undefined ? entry : { ...entry, replaced: before };
}

/** What stood there before an intent, as far as that still knows it: of no time that anybody would wait for. */
export const beforeIntent = ({ oldId, jobId, replaced }: LedgerEntry): LedgerEntry | undefined =>
  replaced === undefined ? undefined : { oldId, newId: replaced, jobId, createdDateTime: new Date(0).toISOString() };
