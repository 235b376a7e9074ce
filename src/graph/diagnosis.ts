/**
 * Why a link was refused, where status and code do not tell: "already there", "one end unknown" and "not allowed" are all 400
 * `Request_BadRequest` (graph-facts 9). Rather than reading Graph's prose we look at the tenant.
 */
import type { Write, WriteResult } from '../directory/gateway.ts';
import { type KindName, kindOf } from '../directory/kinds.ts';
import { type Id, refId } from '../directory/record.ts';
import { relationOf } from '../directory/relations.ts';
import { read } from './call.ts';
import type { Transport } from './client.ts';
import { roleAssignmentsOf, seats } from './finding.ts';
import type { Lane } from './lane.ts';
import { linksOfEach } from './linking.ts';

type Failure = Extract<WriteResult, { ok: false }>;

export async function explained(lane: Lane, transport: Transport, write: Write, failure: Failure): Promise<Failure> {
  if (write.write === 'app-role' && failure.problem === 'missing') {
    // Of the two ends the user may only be too young to be known everywhere; an app that is not there will not appear.
    const there = await lane.submit(read('/servicePrincipals/{id}', [write.resourceId], { $select: 'id' }));
    return there.status === 404 ? { ...failure, property: 'resourceId' } : failure;
  }
  if (failure.problem !== 'refused' || failure.graphCode !== 'Request_BadRequest') return failure;
  if (write.write === 'assign-role') {
    const { principalId, roleDefinitionId, directoryScopeId, holding, changesEnd = false } = write;
    const assigned = await roleAssignmentsOf(lane, transport, principalId, holding, false);
    const held = assigned.some(
      (has) => has.roleDefinitionId === roleDefinitionId && has.directoryScopeId === directoryScopeId,
    );
    if (held && !changesEnd) return { ...failure, problem: 'conflict' };
    const there = await exists(lane, ['users', 'groups'], principalId);
    return there ? failure : { ...failure, problem: 'missing' };
  }
  if (write.write === 'license') {
    const free = await seats(lane, transport);
    const isShort = write.add.some(({ skuId }) => (free.get(skuId) ?? 0) <= 0);
    return isShort ? { ...failure, property: 'assignedLicenses' } : failure;
  }
  if (write.write !== 'link') return failure;
  const relation = relationOf(write.relation);
  const ends = await Promise.all([
    exists(lane, [relation.source], write.source),
    ...write.targets.map((id) => exists(lane, relation.targets, id)),
  ]);
  if (!ends.every(Boolean)) return { ...failure, problem: 'missing' };
  return (await someLinked(lane, transport, write)) ? { ...failure, problem: 'conflict' } : failure;
}

/** Whether one of the links is there already: asked at the targets, which are in few groups, not of a group, which may be large. */
async function someLinked(
  lane: Lane,
  transport: Transport,
  write: Extract<Write, { write: 'link' }>,
): Promise<boolean> {
  const { inverse, forward, source, targets } = relationOf(write.relation);
  const asked =
    source === 'users'
      ? [{ kind: source, id: write.source, name: forward, other: write.targets }]
      : write.targets.flatMap((id) => targets.map((kind) => ({ kind, id, name: inverse, other: [write.source] })));
  const found = await linksOfEach(
    lane,
    transport,
    asked.map(({ kind, id, name }) => ({ kind, id, names: [name] })),
  );
  return asked.some(({ name, other }, at) => (found[at]?.[name] ?? []).some((end) => other.includes(refId(end))));
}

/** True unless every kind it may be of answers 404. */
async function exists(lane: Lane, kinds: readonly KindName[], id: Id): Promise<boolean> {
  const answers = await Promise.all(
    kinds.map((kind) => lane.submit(read(`${kindOf(kind).collection}/{id}`, [id], { $select: 'id' }))),
  );
  return answers.some(({ status }) => status !== 404);
}
