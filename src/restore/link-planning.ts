/**
 * From a chunk of restored objects to their link steps: reads what live has, lets the pure rules compare, and looks at the other
 * ends of what is missing. Used to preview links, to restore them, and to prove them; writes nothing.
 */
import type { LinksOf } from '../directory/gateway.ts';
import { type KindName, kindOfType } from '../directory/kinds.ts';
import { type Id, refId, refType } from '../directory/record.ts';
import { apart, type Unread } from './apart.ts';
import { awaitingSync } from './awaiting-sync.ts';
import { gatherAppRoles, gatherMethods } from './detail-planning.ts';
import { endingsOf, untilItsEnd } from './ending-memberships.ts';
import type { Expects } from './expecting.ts';
import { gatherEligible } from './group-schedule-planning.ts';
import { asRecreated } from './hybrid.ts';
import type { JobContext } from './job-context.ts';
import { keepLastOwners } from './last-owners.ts';
import { gatherLicences } from './licence-planning.ts';
import {
  type LinkDifference,
  type LinkStep,
  type LinkSubject,
  linkDifferences,
  linkRefusal,
  mayUnlink,
} from './links.ts';
import { liveLinks } from './live-links.ts';
import { type LookupById, manyById } from './lookups.ts';
import { unknownLinks } from './not-captured.ts';
import type { Refusal } from './refusals.ts';
import { hasRestrictedUnits } from './restricted-units.ts';
import { gatherRoles } from './role-planning.ts';

/** @param expects what is not there, and will be when links are made. */
export async function gatherLinks(
  context: JobContext,
  subjects: readonly LinkSubject[],
  expects: Expects = context.willRestore,
): Promise<LinkStep[]> {
  if (subjects.length === 0 || context.request.links === 'skip') return [];
  const wanted = await context.reader.linksOf(subjects.map(({ id }) => id));
  const resolve = await successorsOf(context, wanted, subjects);
  const { live, unread } = await liveLinks(context, subjects);

  const differences: { subject: LinkSubject; difference: LinkDifference }[] = [];
  for (const subject of subjects) {
    const found = linkDifferences(subject, wanted.get(subject.id) ?? {}, live.get(subject.id), {
      mode: context.request.links,
      ...(context.request.linkKinds ? { only: context.request.linkKinds } : {}),
      resolve: (id) => resolve.get(id) ?? id,
      notCaptured: [
        ...context.reader.linksNotCaptured(subject.kind),
        ...unread.filter((step) => step.origin === subject.origin).map(({ name }) => name),
      ],
    });
    for (const difference of found)
      if (subject.state !== 'deleted' || (await isOfJob(context, difference)))
        differences.push({ subject, difference });
  }
  return [
    ...(await linkSteps(context, differences, subjects, live, expects)),
    ...unread,
    ...(await gatherLicences(context, subjects)),
    ...(await gatherAppRoles(context, subjects)),
    ...(await gatherMethods(context, subjects)),
    ...(await gatherRoles(context, subjects, (id) => resolve.get(id) ?? id, expects)),
    ...(await gatherEligible(context, subjects, (id) => resolve.get(id) ?? id, expects)),
    ...unknownLinks(context, subjects),
  ];
}

/** In the bin an object's links rest with it and come back with it (graph-facts 5), but for those to what the job makes anew. */
async function isOfJob(context: JobContext, { other }: LinkDifference): Promise<boolean> {
  const kind = kindOfType(refType(other))?.name;
  return kind !== undefined && context.willRestore(kind, refId(other));
}

/** Old id -> new id for every object named by the subjects' links, as the ledger and the subjects themselves tell. */
async function successorsOf(
  context: JobContext,
  wanted: ReadonlyMap<Id, LinksOf>,
  subjects: readonly LinkSubject[],
): Promise<ReadonlyMap<Id, Id>> {
  const named = new Set(
    [...wanted.values()].flatMap((links) => Object.values(links).flatMap((refs) => refs.map(refId))),
  );
  const units = [...named];
  const entries = await context.jobs.successors(context.connectorId, units);
  const known = [...entries].flatMap(([id, { newId }]) => (newId === undefined ? [] : [[id, newId] as const]));
  return new Map([...known, ...subjects.map(({ id, liveId }) => [id, liveId] as const)]);
}

/** Looks at the other ends and turns differences into steps, or into skips with their reason. */
async function linkSteps(
  context: JobContext,
  differences: readonly { subject: LinkSubject; difference: LinkDifference }[],
  subjects: readonly LinkSubject[],
  live: ReadonlyMap<Id, LinksOf | undefined>,
  expects: Expects,
): Promise<LinkStep[]> {
  const ends = await endsOf(context, differences, subjects, expects);
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
      ...nameOf(other?.body.displayName ?? names.get(refId(difference.other))),
    };
    if (difference.act === 'unlink') {
      if (source === undefined || !mayUnlink(source, context.request.allowPrivilegedRemoval)) return [];
      const reason = linkRefusal(difference, source, {});
      return reason === undefined ? [{ act: 'unlink', ...step }] : [{ act: 'skip', ...step, reason }];
    }
    if (subject.state === 'deleted' && other?.isAwaited !== true && difference.otherId === refId(difference.other))
      return [];
    const told = settled.get(difference);
    if (told === 'settled') return [];
    const hidden = other?.why ?? told;
    if (hidden !== undefined) return [{ act: 'skip', ...step, ...hidden }];
    const reason =
      linkRefusal(difference, source, target) ??
      (source?.isAssignableToRole === true && waiting.has(memberOf(subject, difference).id) ? 'not-tried' : undefined);
    if (reason !== undefined) return [{ act: 'skip', ...step, reason }];
    // Whoever is in such a unit can be changed by nobody but its own administrators (graph-facts 4.2).
    const shuts = step.relation === 'unitMembers' && source?.isMemberManagementRestricted === true;
    const link: LinkStep = {
      act: 'link',
      ...step,
      ...replaced(subject, difference),
      ...(shuts ? { last: true } : {}),
    };
    const endDateTime = endOf(difference, subject.id);
    return [endDateTime === undefined ? link : untilItsEnd(link, difference, endDateTime, context.clock())];
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

const refusalOf = ({ reason, note }: Unread): Refusal => ({ reason, ...(note === undefined ? {} : { note }) });

const nameOf = (name: unknown) => (typeof name === 'string' ? { targetName: name } : {});

/** What the snapshot calls the other ends that are gone, so that the report can name both ends (R37). */
async function namesOfMissing(
  context: JobContext,
  differences: readonly { difference: LinkDifference }[],
  ends: ReadonlyMap<Id, unknown>,
): Promise<ReadonlyMap<Id, unknown>> {
  const missing = new Map<KindName, Set<Id>>();
  for (const { difference } of differences) {
    const kind = kindOfType(refType(difference.other))?.name;
    if (kind === undefined || ends.has(difference.otherId) || !context.reader.has(kind)) continue;
    missing.set(kind, (missing.get(kind) ?? new Set()).add(refId(difference.other)));
  }
  const names = new Map<Id, unknown>();
  for (const [kind, ids] of missing) {
    for (const [id, record] of await context.reader.records(kind, [...ids])) names.set(id, record.body.displayName);
  }
  return names;
}

/** `why`: it is not known whether it is there; `isAwaited`: it is not there yet. */
type End = Pick<LinkSubject, 'body' | 'isRestricted'> & { readonly why?: Refusal; readonly isAwaited?: boolean };

/** The live other ends, by live id. Types no snapshot keeps (devices, service principals) are taken to be there. */
async function endsOf(
  context: JobContext,
  differences: readonly { difference: LinkDifference }[],
  subjects: readonly LinkSubject[],
  expects: Expects,
): Promise<ReadonlyMap<Id, End>> {
  const ends = new Map<Id, End>(
    subjects.map((subject) => [subject.liveId, { ...subject, isAwaited: subject.state !== 'live' }]),
  );
  const lookups = new Map<Id, LookupById>();
  // One by one each tells whether such a unit shuts it, too.
  const lookup: typeof manyById = (await hasRestrictedUnits(context))
    ? (kind, id) => ({ by: 'id', kind, id })
    : manyById;
  const snapshotIds = new Map<Id, Id>();
  for (const { difference } of differences) {
    const { other, otherId } = difference;
    const kind = kindOfType(refType(other));
    if (ends.has(otherId)) continue;
    if (kind === undefined) ends.set(otherId, { body: {} });
    else {
      lookups.set(otherId, lookup(kind.name, otherId));
      snapshotIds.set(otherId, refId(other));
    }
  }
  const asked = [...lookups];
  const found = await apart<(typeof asked)[number], readonly [Id, LookupById, End | undefined]>(
    context,
    asked,
    async (some) => {
      const all = await context.gateway.find(some.map(([, lookup]) => lookup));
      return some.map(([id, lookup], index) => [id, lookup, all[index]?.[0]]);
    },
    ([id, lookup], why) => [[id, lookup, { body: {}, why: refusalOf(why) }]],
  );
  for (const [id, lookup, end] of found) {
    if (end !== undefined) ends.set(id, end);
    else await addPlanned(context, ends, lookup, snapshotIds.get(id) ?? id, expects);
  }
  return ends;
}

/**
 * The other end may be an object of the same job that is still to come (a preview), or so new that Graph does not know it
 * everywhere yet: then its snapshot record stands for it, and writing the link waits for it.
 */
async function addPlanned(
  context: JobContext,
  ends: Map<Id, End>,
  { kind, id }: LookupById,
  snapshotId: Id,
  expects: Expects,
): Promise<void> {
  if (!(await expects(kind, snapshotId))) return;
  const record = (await context.reader.records(kind, [snapshotId])).get(snapshotId);
  const body = record === undefined || id === snapshotId ? record?.body : asRecreated(record.body);
  if (body !== undefined) ends.set(id, { body, isAwaited: true });
}

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
