/** A write whose note was lost: the repeated activity finds its work done, writes nothing twice, and notes it all the same. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readAudit } from '../../src/audit/audit-log.ts';
import { AppError } from '../../src/errors.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { createRestoreActivities } from '../../src/restore/activities.ts';
import { layout } from '../../src/restore/layout.ts';
import { parseRestoreRequest } from '../../src/restore/request.ts';
import type { Bucket } from '../../src/storage/bucket.ts';
import { putJson } from '../../src/storage/json-blob.ts';
import { type Json, type Simulated, startSimulated } from '../simulator/simulated.ts';
import { memoryBucket } from '../support/memory-bucket.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

let tenant: Simulated;
beforeEach(async () => {
  tenant = await startSimulated();
});
afterEach(() => tenant.close());

it.each([
  ['update', (id: string) => tenant.graph('PATCH', `/users/${id}`, { department: 'Lost' })],
  ['undelete', (id: string) => tenant.graph('DELETE', `/users/${id}`)],
  [
    'create',
    async (id: string) => {
      await tenant.graph('DELETE', `/users/${id}`);
      await tenant.graph('DELETE', `/directory/deletedItems/${id}`);
    },
  ],
])('notes the %s of an earlier run that died before it could', async (what, lose) => {
  const ada = {
    accountEnabled: true,
    displayName: 'Ada',
    mailNickname: 'ada',
    userPrincipalName: 'ada@contoso.com',
    department: 'Engines',
    passwordProfile: { password: 'Once-and-4-all' },
  };
  const id: string = (await tenant.graph('POST', '/users', ada)).body.id;
  const memory = memoryBucket();
  let lost = 0;
  const bucket: Bucket = {
    ...memory,
    append: async (name, bytes) => {
      lost += 1;
      if (lost === 1) throw new AppError('storage-unreachable', 'storage did not answer');
      return memory.append(name, bytes);
    },
  };
  const credential = { kind: 'development', token: 'app' } as const;
  const lab = snapshotLab(bucket, false, createGraphGateway({ cloud: 'global', endpoint: tenant.url, credential }));
  await lab.take('full');
  await lose(id);

  const input = { connectorId, jobId: 'restore' };
  await putJson(bucket, layout.request(input), parseRestoreRequest({ users: [id] }));
  const job: Json = { id: 'restore', kind: 'restore', connectorId, status: 'queued', requestedBy: 'test', counts: {} };
  await lab.services.jobs.create({ ...job, progress: { done: 0, total: 0 }, createdDateTime: '' });
  const activities = createRestoreActivities(lab.services);
  await activities.beginRestore(input);
  await activities.planRestoreChunk({ ...input, chunk: 0 });
  await expect(activities.restoreUser({ ...input, chunk: 0, index: 0 })).rejects.toMatchObject({
    code: 'storage-unreachable',
  });
  expect(await activities.restoreUser({ ...input, chunk: 0, index: 0 })).toBe(`${what}d`);

  const [line, ...more] = (await readAudit(bucket, connectorId, { top: 10 }))?.value ?? [];
  expect(line).toMatchObject({ what, kind: 'users', outcome: 'unknown', requestedBy: 'test' });
  expect(more.filter(({ outcome }) => outcome === 'done')).toEqual([]);
  const live = (await tenant.graph('GET', '/users?$select=id,department')).body.value;
  expect(live).toEqual([{ id: line?.objectId, department: 'Engines' }]);
});
