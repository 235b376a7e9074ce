/** First act of a restore: which snapshot, which objects; the choice is stored once, so that every later activity agrees on it. */
import { restorableKinds } from '../directory/kinds.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { createSnapshotStore } from '../snapshot/store.ts';
import type { Bucket } from '../storage/bucket.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { chunksOf } from './chosen-ids.ts';
import type { SelectedKind, Selection } from './job-context.ts';
import { type JobInput, layout } from './layout.ts';
import { type RestoreRequest, selectedKinds } from './request.ts';
import { subObjectsOf } from './sub-objects.ts';

/** @throws AppError `not-found` when there is no such snapshot, `corrupt-snapshot` when it cannot be trusted. */
export async function selectObjects(services: Services, input: JobInput): Promise<Selection> {
  const { bucket } = services;
  const stored = await getJson<Selection>(bucket, layout.selection(input));
  if (stored !== undefined) return stored;
  const request = await getJson<RestoreRequest>(bucket, layout.request(input));
  if (request === undefined) throw new AppError('not-found', `The job ${input.jobId} has no stored request.`);
  if (request.undoes !== undefined) return chosenBefore(bucket, input, request.undoes, request.dryRun === true);
  if (request.planId) return chosenByPlan(bucket, input, request.planId);

  const store = createSnapshotStore(bucket, input.connectorId);
  const chosen = request.asOfDateTime ? { asOf: request.asOfDateTime } : (request.snapshotId ?? 'latest');
  const manifest = await store.resolve(chosen);
  const reader = store.open(manifest);

  const kinds: SelectedKind[] = [];
  let next = 0;
  const more = await subObjectsOf(services, input.connectorId, reader, request);
  for (const { name: kind } of restorableKinds) {
    const selected = selectedKinds(request).find((entry) => entry.kind === kind)?.selected ?? [];
    const firstChunk = next;
    let count = 0;
    for await (const ids of chunksOf(reader, kind, selected, more[kind] ?? [])) {
      await putJson(bucket, layout.selected(input, next), { kind, ids });
      next += 1;
      count += ids.length;
    }
    if (count > 0) kinds.push({ kind, count, firstChunk, chunks: next - firstChunk });
  }
  const total = kinds.reduce((sum, { count }) => sum + count, 0);
  const selection: Selection = { snapshotId: manifest.id, dryRun: request.dryRun === true, total, kinds };
  await putJson(bucket, layout.selection(input), selection);
  return selection;
}

/** An undo goes over what the job before it chose, place by place; users first, so that what they hang on goes after them. */
async function chosenBefore(bucket: Bucket, input: JobInput, undoes: string, dryRun: boolean): Promise<Selection> {
  const chosen = await getJson<Selection>(bucket, layout.selection({ ...input, jobId: undoes }));
  if (chosen === undefined) throw new AppError('not-found', `The job ${undoes} has left nothing that can be undone.`);
  const selection: Selection = { ...chosen, dryRun, kinds: chosen.kinds.toReversed(), linksFirst: true };
  await putJson(bucket, layout.selection(input), selection);
  return selection;
}

/** A plan is applied to what it chose: chosen again, the members of a group that are missing could be others. */
async function chosenByPlan(bucket: Bucket, input: JobInput, planId: string): Promise<Selection> {
  const plan = { ...input, jobId: planId };
  const chosen = await getJson<Selection>(bucket, layout.selection(plan));
  if (chosen === undefined) throw new AppError('not-found', `The plan ${planId} has left nothing that can be applied.`);
  const chunks = chosen.kinds.reduce((sum, kind) => sum + kind.chunks, 0);
  for (let chunk = 0; chunk < chunks; chunk += 1)
    await putJson(bucket, layout.selected(input, chunk), await getJson(bucket, layout.selected(plan, chunk)));
  const selection: Selection = { ...chosen, dryRun: false };
  await putJson(bucket, layout.selection(input), selection);
  return selection;
}
