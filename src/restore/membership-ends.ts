/**
 * Places in groups that may hold roles, held on both sides: whether until the same time (Privileged Identity Management for groups; R44, R45). A place
 * that no schedule tells of lasts for good. Writes nothing.
 */
import type { LinksOf, RoleAssignment } from '../directory/gateway.ts';
import { kindOfType } from '../directory/kinds.ts';
import { type Id, refId, refType } from '../directory/record.ts';
import { longest } from '../directory/roles.ts';
import { schedulesOfGroups } from '../snapshot/held-roles.ts';
import { apart, unreadStep } from './apart.ts';
import { accessOf } from './ending-memberships.ts';
import type { Expects } from './expecting.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import { type LinkDifference, type LinkStep, type LinkSubject, viewsOf } from './links.ts';
import { endChange } from './role-ends.ts';
import { endOfStep } from './roles.ts';
import { withTargetNames } from './target-names.ts';
import { twinOf, twinsOf } from './twins.ts';

/** Somebody's place in a group; each end by its id in the snapshot and the one it has now. */
interface Place {
  readonly subject: LinkSubject;
  readonly access: 'member' | 'owner';
  /** The link as if live lacked it. */
  readonly link: LinkDifference;
  readonly group: { readonly id: Id; readonly liveId: Id };
  readonly principal: { readonly id: Id; readonly liveId: Id };
}

export interface BothSides {
  /** Links of the subjects in the snapshot, and now; by their ids in the snapshot. */
  readonly wanted: ReadonlyMap<Id, LinksOf>;
  readonly live: ReadonlyMap<Id, LinksOf | undefined>;
  /** Ids that objects of the snapshot have now, where they have others. */
  readonly idsNow: ReadonlyMap<Id, Id>;
  /** As of all links: twins are left out, or marked where this is absent. */
  readonly tells: Expects | undefined;
}

/** Steps for places that are to end at another time than they do. */
export async function gatherEndings(
  context: JobContext,
  subjects: readonly LinkSubject[],
  sides: BothSides,
): Promise<LinkStep[]> {
  const { reader } = context;
  const isAny = subjects.some(({ kind, state }) => state === 'live' && (kind === 'users' || kind === 'groups'));
  if (!isAny || !reader.has('groupAssignmentSchedules')) return [];
  const held = await guarded(
    context,
    subjects.flatMap((subject) => heldOnBothSides(context, subject, sides)),
  );
  if (held.length === 0) return [];
  const { tells = context.willRestore, idsNow } = sides;
  const twins = await twinsOf(
    context,
    held.map(({ link }) => link),
    tells,
    idsNow,
  );
  const places = sides.tells === undefined ? held : held.filter(({ link }) => !twins.has(link));
  const groups = Map.groupBy(places, ({ group }) => group.liveId);
  const then = await schedulesOfGroups(
    reader,
    'groupAssignmentSchedules',
    new Set(places.map(({ group }) => group.id)),
  );
  const steps = await apart<readonly [Id, readonly Place[]], LinkStep>(
    context,
    [...groups],
    async (some) => {
      const ids = some.map(([id]) => id);
      const found = await context.gateway.readGroupSchedules(ids, 'active-in-group');
      return some.flatMap(([, own], at) =>
        own.flatMap((place) =>
          stepOf(context, place, then, found[at] ?? []).map((step) => ({ ...step, ...twinOf(twins.get(place.link)) })),
        ),
      );
    },
    ([, own], why) => own.map(({ subject, link }) => unreadStep(subject, link.name, why)),
  );
  return withTargetNames(context, steps);
}

function heldOnBothSides(
  context: JobContext,
  subject: LinkSubject,
  { wanted, live, idsNow }: BothSides,
): readonly Place[] {
  if (subject.state !== 'live') return [];
  const unknown = context.reader.linksNotCaptured(subject.kind);
  return viewsOf(subject.kind).flatMap(({ name, relation, subjectIsSource }): Place[] => {
    const access = accessOf(relation);
    if (access === undefined || unknown.includes(name) || !wantsLinks(context, name)) return [];
    const has = new Set((live.get(subject.id)?.[name] ?? []).map(refId));
    return (wanted.get(subject.id)?.[name] ?? []).flatMap((other): Place[] => {
      const id = refId(other);
      const far = { id, liveId: idsNow.get(id) ?? id };
      const [group, principal] = subjectIsSource ? [subject, far] : [far, subject];
      if (!has.has(far.liveId)) return [];
      const link = { act: 'link', name, relation, subjectIsSource, other, otherId: far.liveId } as const;
      return [{ subject, access, link, group, principal }];
    });
  });
}

/** Those in groups that may hold roles; what a group may is fixed when it is made. */
async function guarded({ reader }: JobContext, places: readonly Place[]): Promise<readonly Place[]> {
  if (!reader.has('groups')) return [];
  const groups = await reader.records('groups', [...new Set(places.map(({ group }) => group.id))]);
  return places.filter(({ group }) => groups.get(group.id)?.body.isAssignableToRole === true);
}

function stepOf(
  { reader, request, gateway }: JobContext,
  { subject, access, link: { name, other, otherId }, group, principal }: Place,
  then: readonly RoleAssignment[],
  now: readonly RoleAssignment[],
): LinkStep[] {
  const scheduleIn = (schedules: readonly RoleAssignment[], groupId: Id, principalId: Id) =>
    longest(
      schedules.filter(
        (one) => one.roleDefinitionId === groupId && one.principalId === principalId && one.directoryScopeId === access,
      ),
    );
  const wanted = scheduleIn(then, group.id, principal.id);
  // Schedules are read once a day: of one that is younger the snapshot may not know.
  if (wanted === undefined && reader.manifest.streams.groupAssignmentSchedules?.readInFull !== true) return [];
  const has = scheduleIn(now, group.liveId, principal.liveId);
  const change = endChange(wanted?.endDateTime, has?.endDateTime, {
    now: gateway.now(),
    mayShorten: request.links === 'rollback' && request.allowPrivilegedRemoval,
  });
  if (change === undefined) return [];
  return [
    {
      act: change.expired ? 'skip' : 'assign-role',
      ...(change.expired ? { reason: 'role-expired' as const } : {}),
      origin: subject.origin,
      name,
      source: principal.liveId,
      target: group.liveId,
      targetId: refId(other),
      targetKind: kindOfType(refType(other))?.name ?? 'users',
      otherId,
      directoryScopeId: access,
      holding: 'active-in-group',
      isGuarded: true,
      ...(has === undefined ? { isPlain: true } : {}),
      ...endOfStep({ ...change, ...(wanted?.endDateTime === undefined ? {} : { endDateTime: wanted.endDateTime }) }),
    },
  ];
}
