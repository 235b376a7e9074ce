/** A refused link, looked into: is it there all the same, and if not, why not. */
import type { RoleAssignment, WriteResult } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import { type Id, refId } from '../directory/record.ts';
import { type RelationName, relationOf } from '../directory/relations.ts';
import { endsBefore, isOver, sameEnd, unitOf } from '../directory/roles.ts';
import { sameMethod } from '../directory/user-details.ts';
import { apart } from './apart.ts';
import { refusalOf } from './attribute-writing.ts';
import { someYoung } from './expecting.ts';
import type { JobContext } from './job-context.ts';
import { keptOwner, ownersOf } from './last-owners.ts';
import { licencesOf, sameLicence } from './licences.ts';
import type { Sending } from './link-sendings.ts';
import type { LinkStep } from './links.ts';
import { liveRoles } from './live-roles.ts';
import type { Reason } from './reasons.ts';
import { type Refusal, type Touched, untold } from './refusals.ts';

/** Of the targets of one write, those that are linked now, or taken away where that was asked for; none where a right to look is lost, or Graph lets nobody look. */
export const presentTargets = async (context: JobContext, sending: Sending): Promise<ReadonlySet<Id>> =>
  new Set(
    await apart(
      context,
      [sending],
      () => linkedNow(context, sending),
      () => [],
    ),
  );

/** Read from the targets' side, where lists are short. */
async function linkedNow(context: JobContext, { write, steps }: Sending): Promise<ReadonlySet<Id>> {
  const { gateway } = context;
  if (write.write === 'assign-role') {
    const [held = []] = await liveRoles(context, [write.principalId], write.holding);
    // To be there as long, or to the very day where that was asked for.
    const lasts = ({ endDateTime }: RoleAssignment) =>
      write.changesEnd === true ? sameEnd(endDateTime, write.endDateTime) : !endsBefore(endDateTime, write.endDateTime);
    const same = held.filter((has) => has.directoryScopeId === write.directoryScopeId && lasts(has));
    return new Set(same.map(({ roleDefinitionId }) => roleDefinitionId));
  }
  if (write.write === 'unassign-role') {
    const { id, principalId, roleDefinitionId } = write.assignment;
    const [held = []] = await gateway.readRoleAssignments([principalId], write.holding, false);
    return new Set(held.some((has) => has.id === id) ? [] : [roleDefinitionId]);
  }
  if (write.write === 'app-role') {
    const [held = []] = await gateway.readUserDetails('appRoleAssignments', [write.id]);
    const same = held.some(
      ({ resourceId, appRoleId }) => resourceId === write.resourceId && appRoleId === write.appRoleId,
    );
    return new Set(same ? [write.resourceId] : []);
  }
  if (write.write === 'auth-method') {
    const [held = []] = await gateway.readUserDetails('authenticationMethods', [write.id]);
    return new Set(held.some((has) => sameMethod(has, write.method)) ? [write.method.id] : []);
  }
  if (write.write === 'remove-auth-method') {
    const [held = []] = await gateway.readUserDetails('authenticationMethods', [write.id]);
    return new Set(held.some(({ id }) => id === write.method.id) ? [] : steps.map(({ target }) => target));
  }
  if (write.write === 'license') {
    const [found] = await gateway.find([{ by: 'id', kind: write.kind, id: write.id }]);
    const held = licencesOf(found?.[0]?.body ?? {}).direct;
    const given = write.add.filter((licence) => held.some((has) => sameLicence(has, licence)));
    const taken = write.remove.filter((removed) => !held.some(({ skuId }) => skuId === removed));
    return new Set([...given.map(({ skuId }) => skuId), ...taken]);
  }
  if (write.write === 'remove-app-role') {
    const [held = []] = await gateway.readUserDetails('appRoleAssignments', [write.id]);
    return new Set(held.some(({ id }) => id === write.assignmentId) ? [] : steps.map(({ target }) => target));
  }
  if (write.write === 'unlink') {
    const linked = await linkedTargets(gateway, write.relation, write.source, [write.target], steps);
    return new Set(linked.has(write.target) ? [] : [write.target]);
  }
  return write.write === 'link'
    ? linkedTargets(gateway, write.relation, write.source, write.targets, steps)
    : new Set();
}

async function linkedTargets(
  gateway: JobContext['gateway'],
  relation: RelationName,
  id: Id,
  targets: readonly Id[],
  steps: readonly LinkStep[],
): Promise<ReadonlySet<Id>> {
  const { forward, inverse, source } = relationOf(relation);
  if (source === 'users') {
    const [links] = await gateway.readLinks([{ kind: 'users', id, names: [forward] }]);
    return new Set((links?.[forward] ?? []).map(refId));
  }
  const kindOfTarget = (target: Id) => steps.find((step) => step.target === target)?.targetKind ?? 'users';
  const found = await gateway.readLinks(
    targets.map((target) => ({ kind: kindOfTarget(target), id: target, names: [inverse] })),
  );
  return new Set(targets.filter((_, index) => (found[index]?.[inverse] ?? []).map(refId).includes(id)));
}

/** Whether sending it again may help: nobody knows what became of it, or an end is said to be missing that is too young to be known, or is there. */
export async function mayPass(
  context: JobContext,
  { steps }: Sending,
  { problem, property }: Extract<WriteResult, { ok: false }>,
): Promise<boolean> {
  if (problem === 'uncertain') return true;
  if (problem !== 'missing' || property === 'resourceId') return false;
  const ends = steps.flatMap(({ source, target, directoryScopeId = '/' }) => [
    source,
    target,
    unitOf(directoryScopeId),
  ]);
  return (await someYoung(context, ends)) || endsAreThere(context, steps);
}

/** Of what hangs on a user or a group without being a link, that one alone is asked for. */
async function endsAreThere({ gateway }: JobContext, steps: readonly LinkStep[]): Promise<boolean> {
  const ends = steps.flatMap(({ relation, source, target, targetKind = 'users' }): { kinds: KindName[]; id: Id }[] =>
    relation === undefined
      ? [{ kinds: ['users', 'groups'], id: source }]
      : [
          { kinds: [relationOf(relation).source], id: source },
          { kinds: [targetKind], id: target },
        ],
  );
  const there = ends.map(async ({ kinds, id }) => {
    const found = await gateway.find(kinds.map((kind) => ({ by: 'id', kind, id }))).catch(untold);
    return found?.some((candidates) => candidates.length > 0) === true;
  });
  return (await Promise.all(there)).every(Boolean);
}

export async function finalRefusal(
  context: JobContext,
  sending: Sending,
  failure: Extract<WriteResult, { ok: false }>,
): Promise<Refusal> {
  if (failure.problem === 'forbidden' || failure.problem === 'throttled')
    return refusalOf(context, failure, touchedBy(sending));
  const { write } = sending;
  if (write.write === 'unlink' && write.relation === 'owners' && failure.problem === 'refused') {
    const owners = (await ownersOf(context, [write.source])).get(write.source) ?? [];
    if (owners.length === 1 && owners[0] === write.target) return keptOwner;
  }
  return { reason: await finalReason(context, sending, failure) };
}

/** The object whose roles or units may forbid a write: a role-assignable group, a user in a restricted unit. */
function touchedBy({ write }: Sending): Touched | undefined {
  if (write.write === 'auth-method' || write.write === 'remove-auth-method') return guarded('users', write.id);
  if (write.write !== 'link' && write.write !== 'unlink') return undefined;
  const { source } = relationOf(write.relation);
  return guarded(source, write.source, source === 'groups');
}

export const guarded = (kind: KindName, id: Id, isSensitive = true): Touched => ({ kind, id, isSensitive });

/** The permission that a pass needs, as every method of its own does (graph-facts 3.4). */
export const passPermission = 'UserAuthMethod-TAP.ReadWrite.All';

/** The directory tells its time in whole seconds: what ends within this one may have ended. */
const latestNow = ({ gateway }: JobContext): Date => new Date(gateway.now().getTime() + 1_000);

async function finalReason(
  context: JobContext,
  { write, steps }: Sending,
  failure: Extract<WriteResult, { ok: false }>,
): Promise<Reason> {
  if (failure.problem === 'missing') return 'linked-object-missing';
  if (write.write === 'assign-role' && failure.problem === 'refused' && isOver(write.endDateTime, latestNow(context)))
    return 'role-expired';
  if (write.write !== 'license') return 'graph-error';
  const seats = await context.gateway.readSeats().catch(untold);
  if (seats === undefined) return 'graph-error';
  return steps.some(({ target }) => (seats.get(target) ?? 0) <= 0) ? 'licence-no-seats' : 'graph-error';
}
