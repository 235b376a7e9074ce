/** Roles of a chunk of restored objects: what they held, what they hold, and what of it can be given back. Writes nothing. */
import type { Lookup, RoleAssignment, RoleHolding } from '../directory/gateway.ts';
import { isPrivilegedRole } from '../directory/privileged-roles.ts';
import type { Id } from '../directory/record.ts';
import { unitOf } from '../directory/roles.ts';
import { heldRoles, type RoleRecords } from '../snapshot/held-roles.ts';
import { apart, unreadStep } from './apart.ts';
import { awaitingSync } from './awaiting-sync.ts';
import type { Expects } from './expecting.ts';
import { idsNow } from './ids-now.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import type { Told } from './kept-privileges.ts';
import type { LinkStep, LinkSubject } from './links.ts';
import { knowsEnds, liveRoles } from './live-roles.ts';
import { isAnew } from './resting.ts';
import { endOfStep, extraRoles, type RoleRule, roleSteps } from './roles.ts';

/** What principals hold, by name; `of` is the kind of what they hold it of. */
const holdings: readonly {
  readonly holding: RoleHolding;
  readonly kind: RoleRecords;
  readonly name: string;
  readonly of: 'roleDefinitions' | 'groups';
}[] = [
  { holding: 'active', kind: 'roleAssignments', name: 'roleAssignments', of: 'roleDefinitions' },
  { holding: 'eligible', kind: 'roleEligibilitySchedules', name: 'eligibleRoleAssignments', of: 'roleDefinitions' },
  { holding: 'eligible-in-group', kind: 'groupEligibilitySchedules', name: 'eligibleGroups', of: 'groups' },
];

/** @param resolve ids of other objects of the snapshot, as they are now. */
export async function gatherRoles(
  context: JobContext,
  subjects: readonly LinkSubject[],
  resolve: (id: Id) => Id,
  told: Told,
): Promise<LinkStep[]> {
  const principals = subjects.filter(({ kind }) => kind === 'users' || kind === 'groups');
  if (principals.length === 0) return [];
  const steps: LinkStep[] = [];
  for (const each of holdings) {
    if (!wantsLinks(context, each.name) || !context.reader.has(each.kind)) continue;
    const held = await apart(
      context,
      principals,
      (some) => gatherHeld(context, some, resolve, each, told),
      (subject, why) => [unreadStep(subject, each.name, why)],
    );
    steps.push(...held);
  }
  return steps;
}

async function gatherHeld(
  context: JobContext,
  principals: readonly LinkSubject[],
  resolve: (id: Id) => Id,
  { holding, kind, name, of }: (typeof holdings)[number],
  { expects, keeps }: Told,
): Promise<LinkStep[]> {
  const all = await heldRoles(context.reader, kind, new Set(principals.map(({ id }) => id)));
  const wanted = Map.groupBy(all, ({ principalId }) => principalId);
  const rollback = context.request.links === 'rollback';
  const asked = principals.filter(({ id }) => rollback || wanted.has(id));
  const live = asked.filter(({ state }) => state === 'live');
  const found = await liveRoles(
    context,
    live.map(({ liveId }) => liveId),
    holding,
  );
  const has = new Map(live.map(({ id }, index) => [id, found[index] ?? []]));
  const renamed = await idsNow(
    context,
    all.flatMap(({ roleDefinitionId, directoryScopeId }) => [
      { kind: of, id: roleDefinitionId },
      ...unitsIn(directoryScopeId).map((id) => ({ kind: 'administrativeUnits' as const, id })),
    ]),
  );
  const current = (id: Id) => renamed.get(id) ?? resolve(id);
  const definitions = await context.reader.records(
    of,
    [...all, ...[...has.values()].flat()].map(({ roleDefinitionId }) => roleDefinitionId),
  );
  const waiting = await awaitingSync(context, asked);
  const mayGo = (id: Id): boolean => {
    const definition = definitions.get(id)?.body;
    // A role that the snapshot does not know may be anything: it is taken for a privileged one.
    const isPlain = of === 'roleDefinitions' && definition !== undefined && !isPrivilegedRole(id, definition);
    return context.request.allowPrivilegedRemoval || isPlain;
  };
  const rule: RoleRule = {
    now: context.gateway.now(),
    knowsEnds: knowsEnds(context, holding),
    mayShorten: (id) => rollback && mayGo(id),
  };
  const extra = !rollback
    ? []
    : asked.flatMap((subject) =>
        extraRoles(wanted.get(subject.id) ?? [], has.get(subject.id) ?? [], current)
          .filter(({ roleDefinitionId: role }) => {
            if (mayGo(role)) return true;
            keeps(subject.id, String(definitions.get(role)?.body.displayName ?? role));
            return false;
          })
          .map((assignment): LinkStep => {
            const displayName = definitions.get(assignment.roleDefinitionId)?.body.displayName;
            return {
              act: 'unassign-role',
              origin: subject.origin,
              name,
              source: subject.liveId,
              target: assignment.roleDefinitionId,
              targetId: assignment.roleDefinitionId,
              directoryScopeId: assignment.directoryScopeId,
              holding,
              assignment,
              ...(typeof displayName === 'string' ? { targetName: displayName } : {}),
            };
          }),
      );
  const missing = asked.flatMap((subject) =>
    roleSteps(wanted.get(subject.id) ?? [], has.get(subject.id) ?? [], current, rule).map((step): LinkStep => {
      const definition = definitions.get(step.targetId)?.body;
      const isPrivileged = of === 'groups' || isPrivilegedRole(step.targetId, definition);
      const mustWait = waiting.has(subject.id) && isPrivileged;
      const reason = step.expired ? ('role-expired' as const) : mustWait ? ('not-tried' as const) : undefined;
      return {
        act: reason === undefined ? 'assign-role' : 'skip',
        ...(reason === undefined ? {} : { reason }),
        origin: subject.origin,
        name,
        source: subject.liveId,
        target: step.roleDefinitionId,
        targetId: step.targetId,
        directoryScopeId: step.directoryScopeId,
        holding,
        ...endOfStep(step),
        ...(typeof definition?.displayName === 'string' ? { targetName: definition.displayName } : {}),
      };
    }),
  );
  const before = new Map(all.flatMap(idsOf).map((id) => [current(id), id]));
  const { steps, awaited } = await withoutMissingEnds(
    context,
    of,
    missing,
    // What every tenant has need not be looked for.
    (step) => definitions.get(step.targetId)?.body.isBuiltIn === true,
    (kind, id) => expects(kind, before.get(id) ?? id),
  );
  const inBin = await unitsInBin(context, awaited);
  // In the bin roles rest with their holder or their unit, and come back with it (graph-facts 5): but for those over what is gone or has another
  // id now.
  const states = new Map(asked.map((subject) => [subject.origin, isAnew(subject) ? 'new' : subject.state]));
  const rests = ({ act, origin, target, directoryScopeId = '' }: LinkStep) =>
    act === 'assign-role' &&
    states.get(origin) !== 'new' &&
    (states.get(origin) === 'deleted' || inBin.has(unitOf(directoryScopeId) ?? '')) &&
    idsOf({ roleDefinitionId: target, directoryScopeId }).every(isSame);
  const isSame = (id: Id) => before.get(id) === id;
  return [...steps.filter((step) => !rests(step)), ...extra];
}

const idsOf = ({
  roleDefinitionId,
  directoryScopeId,
}: Pick<RoleAssignment, 'roleDefinitionId' | 'directoryScopeId'>): Id[] => [
  roleDefinitionId,
  ...unitsIn(directoryScopeId),
];

const unitsIn = (directoryScopeId: string): Id[] => [unitOf(directoryScopeId) ?? []].flat();

/** Of units those that the job brings back from the bin. */
async function unitsInBin(context: JobContext, ids: readonly Id[]): Promise<ReadonlySet<Id>> {
  const found = await apart(
    context,
    context.request.useRecycleBin ? ids : [],
    async (some) => {
      const kind = 'administrativeUnits' as const;
      const all = await context.gateway.find(some.map((id) => ({ by: 'deleted-id' as const, kind, id })));
      return some.filter((_, at) => (all[at] ?? []).length > 0);
    },
    () => [],
  );
  return new Set(found);
}

/**
 * A role whose definition or unit is gone, or a place in a group that is, cannot be given back (R37).
 * @param expects asked by the ids of now.
 * @returns `awaited`: units that are still to come.
 */
async function withoutMissingEnds(
  context: JobContext,
  of: 'roleDefinitions' | 'groups',
  steps: readonly LinkStep[],
  isSure: (step: LinkStep) => boolean,
  expects: Expects,
): Promise<{ readonly steps: LinkStep[]; readonly awaited: readonly Id[] }> {
  const lookups = new Map<Id, Lookup>();
  const unitOfStep = ({ directoryScopeId }: LinkStep): Id => unitOf(directoryScopeId ?? '') ?? '';
  for (const step of steps) {
    if (step.act !== 'assign-role') continue;
    if (!isSure(step)) lookups.set(step.target, { by: 'id', kind: of, id: step.target });
    const unit = unitOfStep(step);
    if (unit !== '') lookups.set(unit, { by: 'id', kind: 'administrativeUnits', id: unit });
  }
  const missing = new Set<Id>();
  const found = await apart(
    context,
    [...lookups],
    async (some) => {
      const all = await context.gateway.find(some.map(([, lookup]) => lookup));
      return some.map(([id, { kind }], index) => ({ id, kind, isThere: all[index]?.length !== 0 }));
    },
    // Assigning it tells.
    ([id, { kind }]) => [{ id, kind, isThere: true }],
  );
  const awaited: Id[] = [];
  for (const { id, kind, isThere } of found) {
    if (isThere) continue;
    if (!(await expects(kind, id))) missing.add(id);
    else if (kind === 'administrativeUnits') awaited.push(id);
  }
  return {
    awaited,
    steps: steps.map((step) =>
      step.act === 'assign-role' && (missing.has(step.target) || missing.has(unitOfStep(step)))
        ? { ...step, act: 'skip', reason: 'linked-object-missing' }
        : step,
    ),
  };
}
