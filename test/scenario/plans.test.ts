/** What a dry run tells: its steps page by page, its counts, and where to read them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, expect, it } from 'vitest';
import { type Company, foundCompany } from '../support/company.ts';
import { type Json, useSystem } from '../support/system.ts';

const system = useSystem();
const { directory } = system;
let company: Company;
let whole: string;
beforeEach(async () => {
  company = await foundCompany(system);
  whole = (await system.snapshot('full')).id;
  await directory.purge(`/users/${company.carla}`);
  await directory.purge(`/groups/${company.project}`);
});

const planned = async (request: Json): Promise<string> => {
  const id = await system.startRestore({ ...request, dryRun: true });
  expect(await system.waitForJob(id)).toMatchObject({ kind: 'plan', status: 'completed' });
  return id;
};

it('R05 counts the planned actions of each kind, which are those that the plan lists', async () => {
  const id = await planned({ users: 'all', groups: 'all' });
  const { value: steps, counts, countsByKind } = (await system.api('GET', `/jobs/${id}/plan`)).body;
  expect(countsByKind).toMatchObject({ users: { create: 1 }, groups: { create: 1 } });
  const tally = (some: readonly Json[]) => {
    const tallied: Record<string, number> = {};
    for (const { action } of some) tallied[action] = (tallied[action] ?? 0) + 1;
    return tallied;
  };
  for (const kind of ['users', 'groups'])
    expect(countsByKind[kind]).toEqual(tally(steps.filter((step: Json) => step.kind === kind)));
  expect(counts).toEqual(tally(steps));
});

it('gives pages of at most "top" steps, which together are the whole plan', async () => {
  const id = await planned({ users: 'all', groups: 'all' });
  const { value: steps } = (await system.api('GET', `/jobs/${id}/plan`)).body;
  expect(steps.length).toBeGreaterThan(14);
  for (const top of [1, 7]) {
    const gathered: Json[] = [];
    for (let path = `/jobs/${id}/plan?top=${top}`; path !== ''; ) {
      const { value, nextLink } = (await system.api('GET', path)).body;
      expect(value).toHaveLength(Math.min(top, steps.length - gathered.length));
      gathered.push(...value);
      path = nextLink === undefined ? '' : nextLink.slice(nextLink.indexOf('/jobs/'));
    }
    expect(gathered).toEqual(steps);
  }
  expect(await system.api('GET', `/jobs/${id}/plan?cursor=0-0`)).toMatchObject({ status: 400 });
});

it('R03 names the nearest snapshot that holds an object, or says that none does, before anything is restored', async () => {
  const newer = await system.snapshot();
  const nobody = '00000000-0000-4000-8000-000000000000';
  const users = [company.carla, nobody];
  const id = await planned({ users, snapshotId: newer.id });
  const { value: steps } = (await system.api('GET', `/jobs/${id}/plan`)).body;
  const lacking = { action: 'skip', reason: 'not-in-snapshot' };
  expect(steps).toMatchObject([
    { ...lacking, objectId: company.carla, note: expect.stringContaining(whole) },
    { ...lacking, objectId: nobody, note: 'No snapshot holds this object.' },
  ]);
  const { report } = await system.restore({ users, snapshotId: newer.id });
  expect(report.objects.map(({ note }: Json) => note)).toEqual(steps.map(({ note }: Json) => note));
});

it('has a plan and no report, and says where the plan is', async () => {
  const id = await planned({ users: [company.carla] });
  const answer = await system.api('GET', `/jobs/${id}/report`);
  expect(answer).toMatchObject({ status: 404, body: { code: 'not-found' } });
  expect(answer.body.detail).toContain(`/jobs/${id}/plan`);
});

it('counts every result from the beginning, as does the restore', async () => {
  const none = { created: 0, undeleted: 0, updated: 0, unchanged: 0, skipped: 0, partial: 0, failed: 0 };
  await system.control('POST', '/settings', { latencyMs: 200 });
  for (const dryRun of [true, false]) {
    const id = await system.startRestore({ users: [company.carla], groups: [company.project], dryRun });
    let job = (await system.api('GET', `/jobs/${id}`)).body;
    while (job.status === 'queued') {
      await sleep(20);
      job = (await system.api('GET', `/jobs/${id}`)).body;
    }
    expect(job).toMatchObject({ status: 'running', counts: none });
    expect((await system.waitForJob(id)).counts).toEqual({ ...none, created: 2 });
  }
  await system.control('POST', '/settings', { latencyMs: 0 });
});
