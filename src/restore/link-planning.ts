/**
 * From a chunk of restored objects to their link steps: reads what live has, lets the pure rules compare, and looks at the other
 * ends of what is missing. Used to preview links, to restore them, and to prove them; writes nothing.
 */
import type { LinksOf } from '../directory/gateway.ts';
import { kindOfType } from '../directory/kinds.ts';
import { type Id, refId, refType } from '../directory/record.ts';
import { apart } from './apart.ts';
import { awaitingSync } from './awaiting-sync.ts';
import { gatherAppRoles, gatherMethods } from './detail-planning.ts';
import { endingsOf, untilItsEnd } from './ending-memberships.ts';
import type { Expects } from './expecting.ts';
import { gatherEligible } from './group-schedule-planning.ts';
import { idsNow } from './ids-now.ts';
import type { JobContext } from './job-context.ts';
import type { Told } from './kept-privileges.ts';
import { keepLastOwners } from './last-owners.ts';
import { gatherLicences } from './licence-planning.ts';
import { withoutInherited } from './licences.ts';
import {
  type LinkDifference,
  type LinkStep,
  type LinkSubject,
  linkDifferences,
  linkRefusal,
  mayUnlink,
  viewsOf,
} from './links.ts';
import { liveLinks } from './live-links.ts';
import { gatherEndings } from './membership-ends.ts';
import { unknownLinks } from './not-captured.ts';
import { type End, endsOf, namesOfMissing, refusalOf } from './other-ends.ts';
import type { Refusal } from './refusals.ts';
import { gatherRoles } from './role-planning.ts';
import { linkKeyOf } from './taken-along.ts';
import { twinOf, twinsOf } from './twins.ts';

export interface Gathering extends Partial<Told> {
  /** Objects that have a row of the job with their links: twins of what they tell are left out. Absent: they are marked. */
  readonly tells?: Expects;
  /** Links that live has from a creation of this very job: theirs to tell as done. */
  readonly carried?: ReadonlySet<string>;
  /** Live ids beside those that our own record tells, by the ids in the snapshot. */
  readonly known?: ReadonlyMap<Id, Id> | undefined;
}

export async function gatherLinks(
  context: JobContext,
  subjects: readonly LinkSubject[],
  { expects = context.willRestore, tells, carried = new Set(), known, keeps = () => undefined }: Gathering = {},
): Promise<LinkStep[]> {
  if (subjects.length === 0 || context.request.links === 'skip') return [];
  const wanted = await context.reader.linksOf(subjects.map(({ id }) => id));
  const resolve = new Map([...(await successorsOf(context, wanted, subjects)), ...(known ?? [])]);
  const { live, unread } = await liveLinks(context, subjects);

  const differences: { subject: LinkSubject; difference: LinkDifference }[] = [];
  for (const subject of subjects) {
    const found = linkDifferences(
      subject,
      wanted.get(subject.id) ?? {},
      withoutCarried(subject, live.get(subject.id), carried),
      {
        mode: context.request.links,
        ...(context.request.linkKinds ? { only: context.request.linkKinds } : {}),
        resolve: (id) => resolve.get(id) ?? id,
        notCaptured: [
          ...context.reader.linksNotCaptured(subject.kind),
          ...unread.filter((step) => step.origin === subject.origin).map(({ name }) => name),
        ],
      },
    );
    for (const difference of found) differences.push({ subject, difference });
  }
  const all = differences.map(({ difference }) => difference);
  const twins = await twinsOf(context, all, tells ?? context.willRestore, resolve);
  const told = tells === undefined ? differences : differences.filter(({ difference }) => !twins.has(difference));
  const now = (id: Id) => resolve.get(id) ?? id;
  const links = await linkSteps(context, told, subjects, { live, expects, keeps, twins, carried });
  return [
    ...links,
    ...unread,
    ...(await gatherEndings(context, subjects, { wanted, live, idsNow: resolve, tells })),
    ...(await gatherLicences(context, withoutLost(subjects, links))),
    ...(await gatherAppRoles(context, subjects)),
    ...(await gatherMethods(context, subjects)),
    ...(await gatherRoles(context, subjects, now, { expects, keeps })),
    ...(await gatherEligible(context, subjects, now, { expects, keeps })),
    ...unknownLinks(context, subjects),
  ];
}

/** Live's links as they were before creations of this job carried some. */
function withoutCarried(
  { kind, liveId }: LinkSubject,
  live: LinksOf | undefined,
  carried: ReadonlySet<string>,
): LinksOf | undefined {
  if (live === undefined || carried.size === 0) return live;
  const carrying = viewsOf(kind).filter(({ subjectIsSource }) => !subjectIsSource);
  const before = carrying.map(({ name, relation }) => [
    name,
    (live[name] ?? []).filter((ref) => !carried.has(linkKeyOf(relation.name, refId(ref), liveId))),
  ]);
  return { ...live, ...Object.fromEntries(before) };
}

/** What an object in the bin has through a group that is not there, it has not any more: not before that comes back itself, from the bin. */
function withoutLost(subjects: readonly LinkSubject[], steps: readonly LinkStep[]): LinkSubject[] {
  const lost = Map.groupBy(
    steps.filter(({ name }) => name === 'memberOf'),
    ({ origin }) => origin,
  );
  return subjects.map((subject) => {
    const groups = lost.get(subject.origin)?.map(({ targetId }) => targetId) ?? [];
    return subject.state === 'deleted' ? { ...subject, body: withoutInherited(subject.body, groups) } : subject;
  });
}

/** Old id -> new id for every object named by the subjects' links that has another, and for the subjects themselves. */
async function successorsOf(
  context: JobContext,
  wanted: ReadonlyMap<Id, LinksOf>,
  subjects: readonly LinkSubject[],
): Promise<ReadonlyMap<Id, Id>> {
  const own = new Map(subjects.map(({ id, liveId }) => [id, liveId]));
  const named = [...wanted.values()].flatMap((links) =>
    Object.values(links).flatMap((refs) =>
      refs.flatMap((ref) => {
        const kind = kindOfType(refType(ref))?.name;
        return kind === undefined || own.has(refId(ref)) ? [] : [{ kind, id: refId(ref) }];
      }),
    ),
  );
  return new Map([...(await idsNow(context, named)), ...own]);
}

/**
 * An object in the bin has its links with it, and brings them back (graph-facts 5): but for those to what is gone for good, has another id
 * now, or is still to come.
 */
const rests = ({ state }: LinkSubject, { other, otherId }: LinkDifference, end: End | undefined): boolean =>
  state === 'deleted' && end !== undefined && end.isAwaited !== true && otherId === refId(other);

/** Looks at the other ends and turns differences into steps, or into skips with their reason. */
async function linkSteps(
  context: JobContext,
  found: readonly { subject: LinkSubject; difference: LinkDifference }[],
  subjects: readonly LinkSubject[],
  {
    live,
    expects,
    keeps,
    twins,
    carried,
  }: Told & {
    readonly live: ReadonlyMap<Id, LinksOf | undefined>;
    readonly twins: ReadonlyMap<LinkDifference, string>;
    readonly carried: ReadonlySet<string>;
  },
): Promise<LinkStep[]> {
  const ends = await endsOf(context, found, subjects, expects);
  const differences = found.filter(
    ({ subject, difference }) => !rests(subject, difference, ends.get(difference.otherId)),
  );
  const settled = await settledByOthers(context, differences);
  const names = await namesOfMissing(context, differences, ends);
  // A role held through a group keeps synchronization from taking a user over like one of his own (H05).
  const waiting = await awaitingSync(
    context,
    differences.flatMap(({ subject, difference }): LinkSubject[] => {
      if (difference.act !== 'link' || difference.relation.name !== 'members') return [];
      const member = memberOf(subject, difference);
      return member.kind === 'users' ? [{ ...subject, ...member, body: ends.get(member.liveId)?.body ?? {} }] : [];
    }),
  );
  const sourceOf = (subject: LinkSubject, { subjectIsSource, otherId }: LinkDifference) =>
    subjectIsSource ? subject : ends.get(otherId);
  const endOf = await endingsOf(
    context,
    differences.map(({ subject, difference }) => ({
      difference,
      subjectId: subject.id,
      isGuarded: sourceOf(subject, difference)?.body.isAssignableToRole === true,
    })),
  );
  const replaced = ({ id }: LinkSubject, { relation, subjectIsSource, name }: LinkDifference) => {
    const [before] = relation.single && subjectIsSource ? (live.get(id)?.[name] ?? []) : [];
    return before === undefined ? {} : { replaces: refId(before) };
  };
  const steps = differences.flatMap(({ subject, difference }): LinkStep[] => {
    const other = ends.get(difference.otherId);
    const [writtenTo, otherEnd] = difference.subjectIsSource ? [subject, other] : [other, subject];
    const [source, target] = [writtenTo?.body, otherEnd?.body];
    const step = {
      origin: subject.origin,
      name: difference.name,
      relation: difference.relation.name,
      source: difference.subjectIsSource ? subject.liveId : difference.otherId,
      target: difference.subjectIsSource ? difference.otherId : subject.liveId,
      targetKind: difference.subjectIsSource ? (kindOfType(refType(difference.other))?.name ?? 'users') : subject.kind,
      targetId: refId(difference.other),
      otherId: difference.otherId,
      ...(source?.isAssignableToRole === true ? { isGuarded: true } : {}),
      ...(writtenTo?.isRestricted === true ? { isShut: true } : {}),
      ...(other?.isAwaited === true ? { isAwaited: true } : {}),
      ...twinOf(twins.get(difference)),
      ...nameOf(other?.body.displayName ?? names.get(refId(difference.other))),
    };
    if (difference.act === 'unlink') {
      if (source === undefined) return [];
      const reason = linkRefusal(difference, source, {});
      if (!mayUnlink(source, context.request.allowPrivilegedRemoval)) {
        if (reason === undefined) keeps(subject.id, String(source.displayName ?? step.source));
        return [];
      }
      return reason === undefined ? [{ act: 'unlink', ...step }] : [{ act: 'skip', ...step, reason }];
    }
    const told = settled.get(difference);
    if (told === 'settled') return [];
    const hidden = other?.why ?? told;
    if (hidden !== undefined) return [{ act: 'skip', ...step, ...hidden }];
    const reason =
      linkRefusal(difference, source, target) ??
      (step.isGuarded === true && step.relation === 'members' && waiting.has(memberOf(subject, difference).id)
        ? 'not-tried'
        : undefined);
    if (reason !== undefined) return [{ act: 'skip', ...step, reason }];
    // Whoever is in such a unit can be changed by nobody but its own administrators (graph-facts 4.2).
    const shuts = step.relation === 'unitMembers' && source?.isMemberManagementRestricted === true;
    const link: LinkStep = {
      act: 'link',
      ...step,
      ...(carried.has(linkKeyOf(step.relation, step.source, step.target)) ? { isCarried: true } : {}),
      ...replaced(subject, difference),
      ...(shuts ? { last: true } : {}),
    };
    const endDateTime = endOf(difference, subject.id);
    return [endDateTime === undefined ? link : untilItsEnd(link, difference, endDateTime, context.gateway.now())];
  });
  return keepLastOwners(context, steps, (id) => ends.get(id)?.body);
}

/** The member of a membership, whichever end was asked for; one of another object's is taken to be as old as its id. */
const memberOf = (subject: LinkSubject, { subjectIsSource, other, otherId }: LinkDifference) =>
  subjectIsSource
    ? {
        kind: kindOfType(refType(other))?.name ?? subject.kind,
        id: refId(other),
        liveId: otherId,
        state: 'live' as const,
      }
    : { kind: subject.kind, id: subject.id, liveId: subject.liveId, state: subject.state };

const nameOf = (name: unknown) => (typeof name === 'string' ? { targetName: name } : {});

/**
 * Links that others have to a recreated object, and that need no write: the report has a live manager, which is theirs to keep
 * unless it is gone (R26); the guest names the new sponsor already. Read from the others, since Graph lists no `sponsorOf`.
 */
async function settledByOthers(
  context: JobContext,
  differences: readonly { subject: LinkSubject; difference: LinkDifference }[],
): Promise<ReadonlyMap<LinkDifference, 'settled' | Refusal>> {
  const asked = differences.filter(
    ({ difference: { relation, subjectIsSource } }) => relation.source === 'users' && !subjectIsSource,
  );
  const settled = await apart<(typeof asked)[number], readonly [LinkDifference, 'settled' | Refusal]>(
    context,
    asked,
    async (some) => {
      const found = await context.gateway.readLinks(
        some.map(({ difference: { otherId: id, relation } }) => ({ kind: 'users', id, names: [relation.forward] })),
      );
      return some.flatMap(({ subject, difference }, index) => {
        const { relation } = difference;
        const targets = (found[index]?.[relation.forward] ?? []).map(refId);
        const isSettled = relation.single ? targets.length > 0 : targets.includes(subject.liveId);
        return isSettled ? [[difference, 'settled'] as const] : [];
      });
    },
    ({ difference }, why) => [[difference, refusalOf(why)]],
  );
  return new Map(settled);
}
