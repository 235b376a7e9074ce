/** A tenant that takes no anchor: Graph's refusal is scripted here, everything else is the simulated tenant's own answer. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import type { DirectoryGateway, Write } from '../../src/directory/gateway.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { createRestoreActivities } from '../../src/restore/activities.ts';
import { layout } from '../../src/restore/layout.ts';
import { readReport } from '../../src/restore/report.ts';
import { parseRestoreRequest } from '../../src/restore/request.ts';
import { putJson } from '../../src/storage/json-blob.ts';
import { type Simulated, startSimulated } from '../simulator/simulated.ts';
import { collect } from '../support/collect.ts';
import { aJob } from '../support/jobs.ts';
import { memoryBucket } from '../support/memory-bucket.ts';
import { connectorId, snapshotLab } from '../support/snapshots.ts';

let tenant: Simulated;
beforeEach(async () => {
  tenant = await startSimulated();
});
afterEach(() => tenant.close());

const hasAnchor = (write: Write): boolean => write.write === 'create' && 'onPremisesImmutableId' in write.body;

it('H05 makes a user whose anchor is refused without it, says that only a soft match is left, and a sync makes one', async () => {
  await tenant.door('POST', '/on-premises/users', { userPrincipalName: 'ines@contoso.com', displayName: 'Ines' });
  await tenant.door('POST', '/on-premises/sync');
  const [{ id }] = (await tenant.graph('GET', '/users?$select=id')).body.value;

  const credential = { kind: 'development', token: 'app' } as const;
  const real = createGraphGateway({ cloud: 'global', endpoint: tenant.url, credential });
  const gateway: DirectoryGateway = {
    ...real,
    apply: (writes) =>
      writes.some(hasAnchor)
        ? Promise.resolve(
            writes.map(() => ({ ok: false, problem: 'refused', property: 'onPremisesImmutableId' }) as const),
          )
        : real.apply(writes),
  };
  const lab = snapshotLab(memoryBucket(), false, gateway);
  await lab.take('full');
  await tenant.graph('DELETE', `/users/${id}`);
  await tenant.graph('DELETE', `/directory/deletedItems/${id}`);

  const input = { connectorId, jobId: 'restore' };
  await putJson(lab.bucket, layout.request(input), parseRestoreRequest({ users: [id] }));
  await lab.services.jobs.create(aJob({ id: 'restore', kind: 'restore', connectorId, requestedBy: 'test' }));
  const activities = createRestoreActivities(lab.services);
  await activities.beginRestore(input);
  const chunk = { ...input, chunk: 0 };
  await activities.planRestoreChunk(chunk);
  await activities.restoreUser({ ...chunk, index: 0 });
  await activities.planRestoreLinks(chunk);
  await activities.verifyRestoreChunk({ ...chunk, linkParts: 0 });
  await activities.reportRestoreChunk({ ...chunk, linkParts: 0 });
  // The anchor is lacking, and nothing else.
  expect(await activities.endRestore({ ...input, chunks: 1, linkParts: 0 })).toBe('incomplete');

  const [object] = await collect(readReport(lab.bucket, input));
  expect(object).toMatchObject({ hybrid: 'recreated', note: expect.stringContaining('soft match') });
  const refused = { name: 'onPremisesImmutableId', result: 'failed', reason: 'attribute-rejected' };
  expect(object?.attributes).toContainEqual(refused);
  const { followUps = [] } = (await lab.services.jobs.get('restore')) ?? {};
  expect(followUps.map(({ what }) => what).join('\n')).toContain('soft match');
  expect(await tenant.door('POST', '/on-premises/sync')).toMatchObject({
    matched: [{ id: object?.newId, how: 'soft' }],
  });
});
