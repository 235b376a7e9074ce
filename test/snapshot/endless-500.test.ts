/** A page that never comes: tried for some minutes, then named as missing. In a file of its own, since it takes those minutes. */
import { expect, it } from 'vitest';
import { foundCompany } from '../support/company.ts';
import { useSystem } from '../support/system.ts';

const system = useSystem();
const snapshots = '/connectors/default/snapshots';

it('R60 gives up on a kind whose pages answer 500 for ever, in bounded time, and names it', async () => {
  await foundCompany(system);
  const sound = await system.snapshot('full');
  await system.control('POST', '/faults', [
    { match: { path: '/groups/delta' }, times: 1_000_000, effect: 'status', status: 500, code: 'InternalServerError' },
  ]);
  const id = (await system.api('POST', snapshots, { mode: 'full' })).body.jobId;
  const job = await system.waitForJob(id, 280_000);
  const [{ met }] = await system.control('GET', '/faults');
  await system.control('DELETE', '/faults');
  expect(job).toMatchObject({ status: 'incomplete', warnings: [{ code: 'graph-unreachable' }] });
  expect(job.warnings[0].message).toMatch(/^groups: GET \/groups\/delta was answered 500/);
  expect(met).toBeLessThanOrEqual(25);
  const { status, kinds, missing } = (await system.api('GET', `${snapshots}/${id}`)).body;
  expect({ status, missing }).toMatchObject({ status: 'partial', missing: [{ kind: 'groups' }] });
  expect(Object.keys(kinds)).not.toContain('groups');
  expect(kinds.users).toMatchObject({ count: 5 });
  expect((await system.api('GET', `${snapshots}/latest`)).body.id).toBe(sound.id);
}, 300_000);
