/** Any job can be asked to end, not only a restore: it does, leaves nothing half-visible, and what it kept to itself is free again. */
import { beforeEach, expect, it } from 'vitest';
import { foundCompany } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const snapshots = '/connectors/default/snapshots';
beforeEach(async () => void (await foundCompany(system)), 60_000);

const started = async (path: string, body?: Json): Promise<string> => (await system.api('POST', path, body)).body.jobId;
const cancel = (id: string) => system.api('POST', `/jobs/${id}/cancel`);

it('R56 a snapshot that is cancelled ends so, is never listed, and the next one goes on from the one before', async () => {
  const { id: kept } = await system.snapshot('full');
  const slow = { match: { path: '/groups/delta' }, effect: 'delay', ms: 1_500 };
  await system.control('POST', '/faults', [slow]);
  const id = await started(snapshots, { mode: 'full' });
  const answer = await cancel(id);
  expect(answer).toMatchObject({ status: 202, body: { jobId: id, statusQueryGetUri: expect.stringContaining(id) } });
  const job = await system.waitForJob(id);
  expect(job).toMatchObject({ status: 'cancelled', completedDateTime: expect.any(String) });
  expect(job).not.toHaveProperty('error');
  expect((await system.api('GET', `${snapshots}/${id}`)).status).toBe(404);
  expect((await system.api('GET', snapshots)).body.value.map((one: Json) => one.id)).toEqual([kept]);
  await system.control('DELETE', '/faults');
  expect((await system.snapshot('incremental')).status).toBe('completed');
  expect((await cancel(id)).status).toBe(409);
});

it('R56 so does a verification', async () => {
  const { id } = await system.snapshot('full');
  const job = await started(`${snapshots}/${id}/verify`);
  expect((await cancel(job)).status).toBe(202);
  expect((await system.waitForJob(job)).status).toMatch(/^(cancelled|completed)$/);
  const again = await started(`${snapshots}/${id}/verify`);
  expect((await system.waitForJob(again)).status).toBe('completed');
});
