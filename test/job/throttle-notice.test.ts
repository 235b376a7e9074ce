import { expect, it } from 'vitest';
import type { Job } from '../../src/job/job.ts';
import { withoutPastWait } from '../../src/job/throttle-notice.ts';

const job: Job = {
  id: 'one',
  kind: 'restore',
  connectorId: 'default',
  status: 'running',
  progress: { done: 0, total: 1 },
  counts: {},
  throttledUntilDateTime: '2026-03-01T10:00:05.000Z',
  createdDateTime: '2026-03-01T10:00:00.000Z',
  requestedBy: 'someone',
};

it('R58 says until when a job waits only while it does', () => {
  const [during, after] = [new Date('2026-03-01T10:00:04Z'), new Date('2026-03-01T10:00:05Z')];
  expect(withoutPastWait(job, during)).toEqual(job);
  expect(withoutPastWait(job, after)).not.toHaveProperty('throttledUntilDateTime');
  expect(withoutPastWait({ ...job, status: 'incomplete' }, during)).not.toHaveProperty('throttledUntilDateTime');
});
