/** Looking after what waits for a synchronization, as activities are run: twice at once, again after a death in the middle, too late. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Write } from '../../src/directory/gateway.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { createRestoreActivities } from '../../src/restore/activities.ts';
import { createFollowUpActivities } from '../../src/restore/follow-up-activities.ts';
import { layout } from '../../src/restore/layout.ts';
import { parseRestoreRequest } from '../../src/restore/request.ts';
import type { Bucket } from '../../src/storage/bucket.ts';
import { putJson } from '../../src/storage/json-blob.ts';
import { type Json, type Simulated, startSimulated } from '../simulator/simulated.ts';
import { roles } from '../support/company.ts';
import { aJob } from '../support/jobs.ts';
import { memoryBucket } from '../support/memory-bucket.ts';
import { connectorId, type Lab, snapshotLab } from '../support/snapshots.ts';

const input = { connectorId, jobId: 'restore' };

let tenant: Simulated;
let lab: Lab<Bucket>;
let writes: Write[];
/** The process dies when it would write a blob whose name ends so. */
let diesAt: string | undefined;

/** A synced user with a privileged role, lost and restored: the role waits. */
beforeEach(async () => {
  tenant = await startSimulated();
  await tenant.door('POST', '/on-premises/users', { userPrincipalName: 'ines@contoso.com', displayName: 'Ines' });
  await tenant.door('POST', '/on-premises/sync');
  const [{ id }] = (await tenant.graph('GET', '/users?$select=id')).body.value;
  await tenant.graph('POST', '/roleManagement/directory/roleAssignments', {
    principalId: id,
    roleDefinitionId: roles.helpdesk,
    directoryScopeId: '/',
  });

  writes = [];
  diesAt = undefined;
  const blobs = memoryBucket();
  const bucket: Bucket = {
    ...blobs,
    put: async (name, bytes) => {
      if (diesAt !== undefined && name.endsWith(diesAt)) throw new Error('the process died');
      await blobs.put(name, bytes);
    },
  };
  const credential = { kind: 'development', token: 'app' } as const;
  const real = createGraphGateway({ cloud: 'global', endpoint: tenant.url, credential });
  lab = snapshotLab(bucket, false, {
    ...real,
    apply: (some) => {
      writes.push(...some);
      return real.apply(some);
    },
  });
  await lab.take('full');
  await tenant.graph('DELETE', `/users/${id}`);
  await tenant.graph('DELETE', `/directory/deletedItems/${id}`);

  await putJson(lab.bucket, layout.request(input), parseRestoreRequest({ users: [id] }));
  await lab.services.jobs.create(aJob({ id: input.jobId, kind: 'restore' }));
  const restore = createRestoreActivities(lab.services);
  await restore.beginRestore(input);
  const chunk = { ...input, chunk: 0 };
  await restore.planRestoreChunk(chunk);
  await restore.restoreUser({ ...chunk, index: 0 });
  await restore.planRestoreLinks(chunk);
  await restore.writeRestoreLinks({ ...input, part: 0, from: 0, to: 256, chunks: 1, last: false });
  await restore.verifyRestoreChunk({ ...chunk, linkParts: 1 });
  await restore.reportRestoreChunk({ ...chunk, linkParts: 1 });
  expect(await restore.endRestore({ ...input, chunks: 1, linkParts: 1 })).toBe('incomplete');
  writes.length = 0;
}, 30_000);
afterEach(() => tenant.close());

/** One whole look, as the flow orders it, by a host of its own. */
async function look(): Promise<void> {
  const host = createFollowUpActivities(lab.services);
  const { linkParts, waits } = await host.beginFollowUps(input);
  for (const chunk of waits) await host.lookAfterFollowUps({ ...input, chunk, linkParts });
  await host.endFollowUps(input);
}

const job = async (): Promise<Json> => lab.services.jobs.get(input.jobId);
const states = async (): Promise<Json> => (await job()).followUps.map(({ state }: Json) => state);
const assigned = (): number => writes.filter(({ write }) => write === 'assign-role').length;

it.each(['report/0.ndjson', 'report/0.counts.json', 'verification/0.json', 'follow-ups/0.json'])(
  'H05 loses no step and writes nothing twice when it dies before %s is written',
  async (name) => {
    await tenant.door('POST', '/on-premises/sync');
    diesAt = name;
    await expect(look()).rejects.toThrow('the process died');
    expect(await states()).toContain('pending');
    diesAt = undefined;
    await look();
    await look();
    expect(assigned()).toBe(1);
    expect(await job()).toMatchObject({ status: 'completed', counts: { created: 1, partial: 0 } });
    expect(await lab.services.jobs.waitingJobs()).toEqual([]);
  },
);

it('H05 leaves one role where two look at the same moment', async () => {
  await tenant.door('POST', '/on-premises/sync');
  await Promise.all([look(), look()]);
  const { body } = await tenant.graph('GET', `/roleManagement/directory/roleAssignments`);
  expect(body.value.filter(({ roleDefinitionId }: Json) => roleDefinitionId === roles.helpdesk)).toHaveLength(1);
  expect(await job()).toMatchObject({ status: 'completed', counts: { created: 1, partial: 0 } });
});

it('H10 is looked after for thirty days, then expires by name and is looked for no more', async () => {
  lab.wait(29);
  await look();
  expect(await states()).toContain('pending');
  lab.wait(1);
  await look();
  const { status, followUps } = await job();
  expect(status).toBe('incomplete');
  expect(followUps.filter(({ state }: Json) => state !== undefined)).toMatchObject([
    { id: 'account', state: 'failed', reason: 'expired' },
    { id: 'sync', state: 'failed', reason: 'expired' },
    { state: 'failed', reason: 'expired' },
  ]);
  expect(await lab.services.jobs.waitingJobs()).toEqual([]);
});
