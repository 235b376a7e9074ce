/** Job records and locks in memory, for unit tests; the rest of the port is the business of restores. */
import { hasEnded, type Job } from '../../src/job/job.ts';
import type { JobStore } from '../../src/job/job-store.ts';

export interface MemoryJobs extends JobStore {
  readonly locks: Map<string, string>;
}

export function memoryJobs(): MemoryJobs {
  const jobs = new Map<string, Job>();
  const locks = new Map<string, string>();
  const unused = () => Promise.reject(new Error('a snapshot does not do this'));
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
    putOutcome: unused,
    getOutcome: unused,
    outcomes: unused,
    countOutcomes: unused,
    intend: unused,
    recordSuccessor: unused,
    successors: unused,
  };
}
