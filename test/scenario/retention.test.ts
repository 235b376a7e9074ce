/** Old snapshots go by the connector's policy, with reasons; what is left is whole, and nothing is left that no snapshot names. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type Company, foundCompany, picture } from '../support/company.ts';
import { storedBlobs } from '../support/stored-blobs.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const tenantId = '5d6e1f0c-7a52-4c0b-9d5e-3b8f4a6c2e10';
const base = '/connectors/default';
let company: Company;
const taken: Json[] = [];

const retain = async (body: object): Promise<{ job: Json; report: Json }> => {
  const answer = await system.api('POST', `${base}/retention`, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(202);
  const job = await system.waitForJob(answer.body.jobId);
  return { job, report: (await system.api('GET', `/jobs/${job.id}/report`)).body };
};
const listed = async (): Promise<string[]> =>
  (await system.api('GET', `${base}/snapshots`)).body.value.map(({ id }: Json) => id);
const soundly = async (id: string): Promise<Json> => {
  const { body } = await system.api('POST', `${base}/snapshots/${id}/verify`, {});
  return system.waitForJob(body.jobId);
};

beforeAll(async () => {
  company = await foundCompany(system);
  for (const [index, city] of ['Rom', 'Oslo', 'Riga', 'Wien'].entries()) {
    await system.graph('PATCH', `/users/${company.anna}`, { city });
    await system.directory.photo(company.anna, picture(10 + index));
    taken.push(await system.snapshot(index === 0 ? 'full' : 'incremental'));
  }
}, 120_000);

describe('retention', () => {
  it('is refused without a policy, and with one that keeps nothing; another may only be tried out', async () => {
    for (const [body, status] of [
      [{}, 409],
      [{ dryRun: true, policy: { keepLast: 0 } }, 400],
      [{ policy: { keepLast: 1 } }, 400],
      [{ dryRuns: true }, 400],
    ] as const) {
      expect((await system.api('POST', `${base}/retention`, body)).status, JSON.stringify(body)).toBe(status);
    }
    const { job, report } = await retain({ dryRun: true, policy: { keepLast: 1 } });
    expect(job).toMatchObject({ kind: 'retention', status: 'completed', counts: { kept: 1, wouldRemove: 3 } });
    expect(report.snapshots.map(({ keep }: Json) => keep)).toEqual([true, false, false, false]);
    expect(await listed()).toHaveLength(4);
  });

  it('removes what the policy does not keep, leaves what is held, and sweeps what only the removed ones named', async () => {
    const blobs = storedBlobs(system);
    const [first, second, third, last] = taken;
    const before = await blobs.names('default/');
    const hold = await system.api('PUT', `${base}/snapshots/${first.id}/hold`, { reason: 'case 4711' });
    expect(hold.status).toBe(200);
    expect((await system.api('PUT', `${base}`, { tenantId, retention: { keepLast: 2 } })).status).toBe(200);
    const { job, report } = await retain({});
    expect(job).toMatchObject({ status: 'completed', counts: { kept: 3, removed: 1 } });
    expect(job.counts.blobsDeleted).toBeGreaterThan(0);
    expect(report.snapshots.map(({ id, reasons }: Json) => [id, reasons])).toEqual([
      [last.id, ['newest-complete', 'last']],
      [third.id, ['last']],
      [second.id, []],
      [first.id, ['legal-hold']],
    ]);
    expect(await listed()).toEqual([last.id, third.id, first.id]);
    for (const id of await listed()) expect(await soundly(id)).toMatchObject({ status: 'completed' });
    const after = await blobs.names('default/');
    const pictures = (names: string[]) => names.filter((name) => name.startsWith('default/photos/')).length;
    expect(pictures(after)).toBe(pictures(before) - 1);
    expect((await system.api('GET', `${base}/snapshots/${second.id}`)).status).toBe(404);
    expect(await retain({})).toMatchObject({ job: { counts: { removed: 0, blobsDeleted: 0 } } });
  });

  it('gives a snapshot up once its hold is lifted; the next snapshot goes on, and a restore still works', async () => {
    const [first, , , last] = taken;
    expect((await system.api('DELETE', `${base}/snapshots/${first.id}/hold`)).status).toBe(204);
    expect((await system.api('DELETE', `${base}/snapshots/${first.id}/hold`)).status).toBe(404);
    expect((await retain({})).job.counts).toMatchObject({ removed: 1 });
    expect(await listed()).not.toContain(first.id);
    await system.graph('PATCH', `/users/${company.anna}`, { city: 'Bonn' });
    const next = await system.snapshot('incremental');
    expect(await soundly(next.id)).toMatchObject({ status: 'completed' });
    const { job } = await system.restore({ snapshotId: last.id, users: [company.anna] });
    expect(job).toMatchObject({ status: 'completed', counts: { updated: 1 } });
    expect((await system.graph('GET', `/users/${company.anna}?$select=city`)).city).toBe('Wien');
  });

  it('does not run while a snapshot does, nor a snapshot while it runs', async () => {
    const [one, other] = await Promise.all([
      system.api('POST', `${base}/snapshots`, { mode: 'full' }),
      system.api('POST', `${base}/retention`, {}),
    ]);
    expect([one.status, other.status].sort()).toEqual([202, 409]);
    const [started, refused] = one.status === 202 ? [one, other] : [other, one];
    expect(refused.body).toMatchObject({ code: 'job-running', jobId: started.body.jobId });
    await system.waitForJob(started.body.jobId);
  });
});
