/**
 * Who may become a member or an owner of restored groups that may hold roles, and whose membership was to end (Privileged Identity Management for
 * groups; R44, R45). Writes nothing.
 */
import type { RoleAssignment } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { schedulesOfGroups } from '../snapshot/held-roles.ts';
import { apart, unreadStep } from './apart.ts';
import { awaitingSync } from './awaiting-sync.ts';
import type { Expects } from './expecting.ts';
import { idsNow, type KnownAs } from './ids-now.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import type { Told } from './kept-privileges.ts';
import type { LinkStep, LinkSubject } from './links.ts';
import { endOfStep, extraRoles, type RoleRule, roleSteps } from './roles.ts';

const name = 'eligiblePrincipals';
const holding = 'eligible-in-group';

/** @param resolve ids of other objects of the snapshot, as they are now. */
export async function gatherEligible(
  context: JobContext,
  subjects: readonly LinkSubject[],
  resolve: (id: Id) => Id,
  told: Told,
): Promise<LinkStep[]> {
  const groups = subjects.filter(
    ({ kind, state, body }) => kind === 'groups' && state !== 'deleted' && body.isAssignableToRole === true,
  );
  if (groups.length === 0 || !wantsLinks(context, name) || !context.reader.has('groupEligibilitySchedules')) return [];
  return apart(
    context,
    groups,
    (some) => gatherOf(context, some, resolve, told),
    (subject, why) => [unreadStep(subject, name, why)],
  );
}

async function gatherOf(
  context: JobContext,
  groups: readonly LinkSubject[],
  resolve: (id: Id) => Id,
  { expects, keeps }: Told,
): Promise<LinkStep[]> {
  const { gateway, request, reader } = context;
  const all = await schedulesOfGroups(reader, 'groupEligibilitySchedules', new Set(groups.map(({ id }) => id)));
  const wanted = Map.groupBy(all, ({ roleDefinitionId }) => roleDefinitionId);
  const isAsked = ({ id }: LinkSubject) => wanted.has(id) || request.links === 'rollback';
  const live = groups.filter((group) => group.state !== 'new' && isAsked(group));
  const found = await gateway.readGroupSchedules(
    live.map(({ liveId }) => liveId),
    holding,
  );
  const has = new Map(live.map(({ id }, index) => [id, found[index] ?? []]));
  const holders = [...new Set(all.map(({ principalId }) => principalId))];
  const renamed = await idsNow(context, await kindsOf(context, holders));
  const current = (id: Id) => renamed.get(id) ?? resolve(id);
  const ends = await endsOf(context, holders, current, expects);
  // R40: such groups lose nobody unless the request says so, and nobody any time.
  const mayTake = request.links === 'rollback' && request.allowPrivilegedRemoval;
  const rule: RoleRule = { now: gateway.now(), knowsEnds: true, mayShorten: () => mayTake };
  return groups.filter(isAsked).flatMap((group) => {
    const { id, liveId, origin, body } = group;
    const place = { origin, name, target: liveId, holding } as const;
    const asHeld = (assignment: RoleAssignment): RoleAssignment => ({
      ...assignment,
      principalId: current(assignment.principalId),
      roleDefinitionId: liveId,
    });
    const held = has.get(id) ?? [];
    const byPrincipal = Map.groupBy(wanted.get(id) ?? [], ({ principalId }) => principalId);
    const missing = [...byPrincipal].flatMap(([targetId, schedules]) => {
      const principalId = current(targetId);
      const has = held.filter((one) => one.principalId === principalId);
      return roleSteps(schedules.map(asHeld), has, same, rule).map((step): LinkStep => {
        const reason = step.expired ? ('role-expired' as const) : ends.get(targetId)?.reason;
        const { displayName } = ends.get(targetId) ?? {};
        return {
          ...place,
          act: reason === undefined ? 'assign-role' : 'skip',
          ...(reason === undefined ? {} : { reason }),
          source: principalId,
          targetId,
          otherId: principalId,
          directoryScopeId: step.directoryScopeId,
          ...endOfStep(step),
          ...(displayName === undefined ? {} : { targetName: displayName }),
        };
      });
    });
    if (request.links !== 'rollback') return missing;
    const kept = (wanted.get(id) ?? []).map(asHeld);
    const extra = held.filter((one) => {
      const own = kept.filter(({ principalId }) => principalId === one.principalId);
      return extraRoles(own, [one], same).length > 0;
    });
    // R40: such groups lose nobody unless the request says so.
    if (!mayTake) {
      if (extra.length > 0) keeps(id, String(body.displayName ?? liveId));
      return missing;
    }
    return [
      ...missing,
      ...extra.map((assignment): LinkStep => {
        const { principalId, directoryScopeId } = assignment;
        const ids = { source: principalId, targetId: principalId, otherId: principalId };
        return { ...place, act: 'unassign-role', ...ids, directoryScopeId, assignment };
      }),
    ];
  });
}

const same = (id: Id): Id => id;

const holderKinds: readonly KindName[] = ['users', 'groups'];

/** Of which kind each holder is that the snapshot has. */
async function kindsOf({ reader }: JobContext, holders: readonly Id[]): Promise<readonly KnownAs[]> {
  const known = await Promise.all(
    holderKinds.map(async (kind) => [...(await reader.records(kind, holders)).keys()].map((id) => ({ kind, id }))),
  );
  return known.flat();
}

interface End {
  readonly displayName?: string;
  readonly reason?: 'linked-object-missing' | 'not-tried';
}

/** Whether whoever is to be eligible is there, and need not wait for a synchronization (H05); by their ids in the snapshot. */
async function endsOf(
  context: JobContext,
  holders: readonly Id[],
  current: (id: Id) => Id,
  expects: Expects,
): Promise<ReadonlyMap<Id, End>> {
  const ends = new Map<Id, End>();
  for (const kind of holderKinds) {
    const known = await context.reader.records(kind, holders);
    const some = [...known.values()];
    const found = await context.gateway.find(some.map(({ id }) => ({ by: 'id', kind, id: current(id) })));
    const subjects = some.map(
      ({ id, body }, index): LinkSubject => ({
        kind,
        id,
        liveId: current(id),
        body: found[index]?.[0]?.body ?? body,
        origin: { chunk: 0, index: 0 },
        state: 'live',
      }),
    );
    const waiting = await awaitingSync(context, subjects);
    for (const [index, { id, body }] of some.entries()) {
      const isThere = found[index]?.length !== 0 || (await expects(kind, id));
      const reason = !isThere ? 'linked-object-missing' : waiting.has(id) ? 'not-tried' : undefined;
      const { displayName } = body;
      ends.set(id, {
        ...(typeof displayName === 'string' ? { displayName } : {}),
        ...(reason === undefined ? {} : { reason }),
      });
    }
  }
  for (const id of holders) if (!ends.has(id)) ends.set(id, { reason: 'linked-object-missing' });
  return ends;
}
