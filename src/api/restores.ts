/** Starting a restore or its dry run: read the request, see that its snapshot is there, keep the request, start the flow. */
import { getClient } from '../durable/client.ts';
import { layout } from '../restore/layout.ts';
import { parseRestoreRequest } from '../restore/request.ts';
import type { Services } from '../services.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import { putJson } from '../storage/json-blob.ts';
import type { Handle } from './handling.ts';
import { bodyOf, callerOf, pathPart } from './input.ts';
import { accepted, prepareJob, probeBoth, startJob } from './starting.ts';

export const startRestore =
  (services: Services): Handle =>
  async (request, context) => {
    const connectorId = pathPart(request, 'connectorId');
    services.gatewayOf(connectorId);
    const wanted = parseRestoreRequest(await bodyOf(request));
    await probeBoth(services, connectorId);
    const store = createSnapshotStore(services.bucket, connectorId);
    const chosen = wanted.asOfDateTime ? { asOf: wanted.asOfDateTime } : (wanted.snapshotId ?? 'latest');
    const { id: snapshotId } = await store.resolve(chosen);

    const job = prepareJob(services, {
      kind: wanted.dryRun ? 'plan' : 'restore',
      connectorId,
      requestedBy: callerOf(request),
      snapshotId,
      ...(wanted.reason === undefined ? {} : { reason: wanted.reason }),
    });
    // The choice is made here, once: a snapshot finished a moment later does not change what this job restores.
    const { asOfDateTime: _chosen, ...fixed } = { ...wanted, snapshotId };
    await putJson(services.bucket, layout.request({ connectorId, jobId: job.id }), fixed);
    await startJob(services, getClient(context), job, 'restoreFlow', { connectorId, jobId: job.id });
    return accepted(request, context, job);
  };
