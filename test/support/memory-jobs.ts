/** Job records, locks, outcomes and the ledger in memory, for unit tests of one connector. */
import { hasEnded, type Job } from '../../src/job/job.ts';
import {
  beforeIntent,
  type JobStore,
  type LedgerEntry,
  mayAppear,
  replacing,
  type StoredOutcome,
  type WaitingJob,
} from '../../src/job/job-store.ts';

export interface MemoryJobs extends JobStore {
  readonly locks: Map<string, string>;
}

export function memoryJobs(): MemoryJobs {
  const jobs = new Map<string, Job>();
  const waiting = new Map<string, WaitingJob>();
  const locks = new Map<string, string>();
  const outcomes = new Map<string, StoredOutcome>();
  const ledger = new Map<string, LedgerEntry>();
  const unused = () => Promise.reject(new Error('no unit test lists jobs'));
  return {
    locks,
    async create(job) {
      jobs.set(job.id, job);
    },
    get: async (id) => jobs.get(id),
    async update(id, fields) {
      const job = jobs.get(id);
      if (job === undefined || hasEnded(job)) return false;
      jobs.set(id, { ...job, ...fields });
      return true;
    },
    async amend(id, change) {
      const job = jobs.get(id);
      const made = job !== undefined && hasEnded(job) ? change(job) : undefined;
      if (made !== undefined) jobs.set(id, made);
      return made !== undefined;
    },
    async markWaiting(job) {
      waiting.set(job.jobId, job);
    },
    async unmarkWaiting(jobId) {
      waiting.delete(jobId);
    },
    waitingJobs: async () => [...waiting.values()],
    async lock(name, jobId) {
      const holder = locks.get(name) ?? jobId;
      locks.set(name, holder);
      return holder;
    },
    async unlock(name, jobId) {
      if (locks.get(name) === jobId) locks.delete(name);
    },
    async takeOver(name, from, jobId) {
      if (locks.get(name) !== from) return false;
      locks.set(name, jobId);
      return true;
    },
    list: unused,
    async putOutcome(jobId, outcome) {
      outcomes.set(`${jobId} ${outcome.chunk} ${outcome.index}`, outcome);
    },
    getOutcome: async (jobId, chunk, index) => outcomes.get(`${jobId} ${chunk} ${index}`),
    outcomes: async (jobId, chunk) =>
      [...outcomes]
        .filter(([key]) => key.startsWith(`${jobId} ${chunk} `))
        .map(([, outcome]) => outcome)
        .sort((left, right) => left.index - right.index),
    countOutcomes: async (jobId) => [...outcomes.keys()].filter((key) => key.startsWith(`${jobId} `)).length,
    async intend(_connectorId, entry, staleBefore) {
      const stands = ledger.get(entry.oldId);
      if (stands !== undefined && mayAppear(stands, entry.jobId) && stands.createdDateTime >= staleBefore)
        return stands;
      const meant = stands === undefined ? entry : replacing(entry, stands);
      ledger.set(entry.oldId, meant);
      return meant;
    },
    async withdraw(_connectorId, { oldId, run }) {
      const stands = ledger.get(oldId);
      if (stands === undefined || stands.run !== run || stands.newId !== undefined) return;
      const before = beforeIntent(stands);
      if (before === undefined) ledger.delete(oldId);
      else ledger.set(oldId, before);
    },
    async recordSuccessor(_connectorId, entry) {
      ledger.set(entry.oldId, entry);
    },
    predecessors: async (_connectorId, ids) =>
      new Map(
        [...ledger.values()].flatMap((entry) =>
          ids.includes(entry.newId ?? '') ? [[entry.newId ?? '', entry] as const] : [],
        ),
      ),
    successors: async (_connectorId, ids) =>
      new Map(ids.flatMap((id) => (ledger.has(id) ? [[id, ledger.get(id) as LedgerEntry] as const] : []))),
  };
}
