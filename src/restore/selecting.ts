/** First act of a restore: which snapshot, which objects; the choice is stored once, so that every later activity agrees on it. */
import type { DirectoryGateway } from '../directory/gateway.ts';
import { type KindName, restorableKinds } from '../directory/kinds.ts';
import { type Id, refId, refType } from '../directory/record.ts';
import { AppError } from '../errors.ts';
import type { Services } from '../services.ts';
import { idsByPrincipalName } from '../snapshot/names.ts';
import { createSnapshotStore, type SnapshotReader } from '../snapshot/store.ts';
import type { Bucket } from '../storage/bucket.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import type { SelectedKind, Selection } from './job-context.ts';
import { chunkSize, type JobInput, layout } from './layout.ts';
import { type RestoreRequest, type Selected, selectedKinds } from './request.ts';

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
  const more = await subObjectsOf(await services.gatewayOf(input.connectorId), reader, request);
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

async function* chunksOf(
  reader: SnapshotReader,
  kind: KindName,
  selected: Selected,
  more: readonly Id[],
): AsyncGenerator<Id[]> {
  let chunk: Id[] = [];
  for await (const id of selected === 'all' ? allIds(reader, kind) : namedIds(reader, kind, [...selected, ...more])) {
    chunk.push(id);
    if (chunk.length === chunkSize) {
      yield chunk;
      chunk = [];
    }
  }
  if (chunk.length > 0) yield chunk;
}

async function* allIds(reader: SnapshotReader, kind: KindName): AsyncGenerator<Id> {
  for await (const record of reader.scan(kind)) {
    if (kind === 'roleDefinitions' && record.body.isBuiltIn === true) continue;
    yield record.id;
  }
}

export const objectId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Each object once, in the order named; a user may be named by user principal name. Unknown names stay as they are. */
async function* namedIds(reader: SnapshotReader, kind: KindName, names: readonly string[]): AsyncGenerator<Id> {
  const principalNames = kind === 'users' ? names.filter((name) => !objectId.test(name)) : [];
  const byName = await idsByPrincipalName(reader, principalNames);
  const seen = new Set<Id>();
  for (const name of names) {
    const id = objectId.test(name) ? name.toLowerCase() : (byName.get(name.toLowerCase()) ?? name);
    if (seen.has(id)) continue;
    seen.add(id);
    yield id;
  }
}

type SubObjects = Readonly<Partial<Record<KindName, readonly Id[]>>>;

/**
 * Sub-objects of groups (R39), members of their member groups included, however deep: those in the snapshot that are not live, or all of them
 * where they are to be updated too. As large as the memberships of the groups named.
 */
async function subObjectsOf(
  gateway: DirectoryGateway,
  reader: SnapshotReader,
  { subObjects, groups = [] }: RestoreRequest,
): Promise<SubObjects> {
  if (subObjects === 'none') return {};
  const found = await membersOf(reader, groups);
  if (subObjects === 'create-missing-and-update') return found;
  const missing = async (kind: 'users' | 'groups') => {
    const live = await gateway.find(found[kind].map((id) => ({ by: 'id' as const, kind, id })));
    return found[kind].filter((_, index) => live[index]?.length === 0);
  };
  return { users: await missing('users'), groups: await missing('groups') };
}

/** Each group is asked once for its members, so that groups that hold each other come to an end. */
async function membersOf(reader: SnapshotReader, groups: Selected): Promise<{ users: Id[]; groups: Id[] }> {
  const [users, inner, seen] = [new Set<Id>(), new Set<Id>(), new Set<Id>()];
  for (let open = groups; open.length > 0; open = [...inner].filter((id) => !seen.has(id))) {
    for await (const ids of chunksOf(reader, 'groups', open, [])) {
      for (const id of ids) seen.add(id);
      for (const { members = [] } of (await reader.linksOf(ids)).values()) {
        for (const member of members) {
          if (refType(member) === 'user') users.add(refId(member));
          if (refType(member) === 'group') inner.add(refId(member));
        }
      }
    }
  }
  return { users: [...users], groups: [...inner] };
}
