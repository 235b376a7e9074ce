/**
 * Why a link was refused, where status and code do not tell: "already there", "one end unknown" and "not allowed" are all 400
 * `Request_BadRequest` (graph-facts 9). Rather than reading Graph's prose we look at the tenant.
 */
import type { Write, WriteResult } from '../directory/gateway.ts';
import { type KindName, kindOf } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { relationOf } from '../directory/relations.ts';
import { read } from './call.ts';
import type { Transport } from './client.ts';
import { roleAssignmentsOf } from './finding.ts';
import type { Lane } from './lane.ts';

type Failure = Extract<WriteResult, { ok: false }>;

export async function explained(lane: Lane, transport: Transport, write: Write, failure: Failure): Promise<Failure> {
  if (failure.problem !== 'refused' || failure.graphCode !== 'Request_BadRequest') return failure;
  if (write.write === 'assign-role') {
    const { principalId, roleDefinitionId, directoryScopeId } = write;
    const assigned = await roleAssignmentsOf(lane, transport, principalId);
    const held = assigned.some(
      (has) => has.roleDefinitionId === roleDefinitionId && has.directoryScopeId === directoryScopeId,
    );
    if (held) return { ...failure, problem: 'conflict' };
    const there = await exists(lane, ['users', 'groups'], principalId);
    return there ? failure : { ...failure, problem: 'missing' };
  }
  if (write.write !== 'link') return failure;
  const relation = relationOf(write.relation);
  const ends = await Promise.all([
    exists(lane, [relation.source], write.source),
    ...write.targets.map((id) => exists(lane, relation.targets, id)),
  ]);
  return ends.every(Boolean) ? failure : { ...failure, problem: 'missing' };
}

/** True unless every kind it may be of answers 404. */
async function exists(lane: Lane, kinds: readonly KindName[], id: Id): Promise<boolean> {
  const answers = await Promise.all(
    kinds.map((kind) => lane.submit(read(`${kindOf(kind).collection}/{id}`, [id], { $select: 'id' }))),
  );
  return answers.some(({ status }) => status !== 404);
}
