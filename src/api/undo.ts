/** Starting the undo of a restore, or its dry run: a job of its own over the same objects. */
import { z } from 'zod';
import { getClient } from '../durable/client.ts';
import { AppError } from '../errors.ts';
import { isPendingFollowUp } from '../job/follow-up.ts';
import { hasEnded, type Job } from '../job/job.ts';
import { layout } from '../restore/layout.ts';
import { type RestoreRequest, withoutNulls } from '../restore/request.ts';
import type { Services } from '../services.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { callerOf } from './caller.ts';
import type { Handle } from './handling.ts';
import { bodyOf, checked } from './input.ts';
import { knownJob } from './jobs.ts';
import { oneAtATime, refuseOverlap } from './restores.ts';
import { accepted, prepareJob, probeBoth, startJob } from './starting.ts';

const body = z.strictObject({ dryRun: z.boolean().default(false), reason: z.string().max(1_000).optional() });

export const startUndo =
  (services: Services): Handle =>
  async (request, context) => {
    const done = await knownJob(services, request, context);
    const { dryRun, reason } = checked(body, withoutNulls(await bodyOf(request, {})), 'body');
    refuse(done);
    const { connectorId, snapshotId } = done;
    await probeBoth(services, connectorId);
    const asked = await getJson<RestoreRequest>(services.bucket, layout.request({ connectorId, jobId: done.id }));
    if (asked === undefined || snapshotId === undefined)
      throw new AppError('not-found', `The request of job ${done.id} is not kept any more.`);
    await createSnapshotStore(services.bucket, connectorId).resolve(snapshotId);
    const { planId: _applied, ...words } = asked;
    const wanted = { ...words, snapshotId, dryRun, undoes: done.id };

    const job = prepareJob(services, {
      kind: 'undo',
      connectorId,
      requestedBy: callerOf(request),
      snapshotId,
      undoes: done.id,
      ...(reason === undefined ? {} : { reason }),
    });
    const client = getClient(context);
    const begin = async () => {
      await putJson(services.bucket, layout.request({ connectorId, jobId: job.id }), wanted);
      await startJob(services, client, job, 'restoreFlow', { connectorId, jobId: job.id });
    };
    if (dryRun) await begin();
    else await oneAtATime(services, job, () => refuseOverlap(services, client, job, wanted).then(begin));
    const why = reason === undefined ? 'without a reason' : `because ${JSON.stringify(reason)}`;
    const what = dryRun ? 'the dry run of an undo' : 'an undo';
    context.log(`audit: ${job.id}, ${what} of ${done.id}, was begun by ${job.requestedBy}, ${why}`);
    return accepted(request, context, job);
  };

/** @throws AppError `invalid-input` for a job of a kind that is never undone, `conflict` for one that cannot be now. */
function refuse(job: Job): void {
  const { id, kind, status, undoneBy } = job;
  if (kind === 'undo')
    throw new AppError('invalid-input', `Job ${id} is itself an undo. Start the restore again to have what it gave.`);
  if (kind !== 'restore')
    throw new AppError('invalid-input', `Job ${id} is a ${kind}: it wrote nothing to the directory. Undo a restore.`);
  if (!hasEnded(job))
    throw new AppError('conflict', `Restore ${id} is still ${status}. Wait for its end, or cancel it, then undo it.`);
  if (job.writingSinceDateTime === undefined)
    throw new AppError('conflict', `Restore ${id} wrote nothing: there is nothing to undo.`);
  if (undoneBy !== undefined)
    throw new AppError('conflict', `Restore ${id} was undone already, by job ${undoneBy}.`, {
      details: { jobId: undoneBy },
    });
  if ((job.followUps ?? []).some(isPendingFollowUp))
    throw new AppError(
      'conflict',
      `Restore ${id} still waits to give roles back. Cancel its follow-ups, then undo it.`,
    );
}
