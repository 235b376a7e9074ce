/** Job records for tests. */
import { type Job, newJobId } from '../../src/job/job.ts';

/** A snapshot's job that was just asked for, but for what is said of it. @param second of its making: later ones sort after it. */
export function aJob(fields: Partial<Job> = {}, second = 0): Job {
  const createdDateTime = new Date(Date.UTC(2026, 0, 31, 23, 59, second));
  const kind = fields.kind ?? 'snapshot';
  return {
    id: newJobId(kind, createdDateTime, 'abc123'),
    kind,
    connectorId: 'default',
    status: 'queued',
    progress: { done: 0, total: 0 },
    counts: {},
    createdDateTime: createdDateTime.toISOString(),
    requestedBy: 'function-key',
    ...fields,
  };
}
