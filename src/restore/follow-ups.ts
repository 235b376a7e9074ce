/**
 * What is left when a restore has ended (H05, H10): words for a person, and, for each user whom a synchronization must still take
 * over, what the job itself looks after until then. Pure.
 */
import type { Id } from '../directory/record.ts';
import { type FollowUp, type FollowUpTally, lookedAfter, pendingFollowUp } from '../job/follow-up.ts';
import { carriesAnchor, isPending } from './hybrid.ts';
import type { LinkOutcome, ReportObject, ThingResult } from './outcome.ts';
import { makesIncomplete, type Reason } from './reasons.ts';
import type { RestoreRequest } from './request.ts';

/** One thing of one object that waits for the synchronization of a user: of itself, or of a member-to-be. */
export interface Waiting {
  /** The object's place in its chunk. */
  readonly index: number;
  readonly id: Id;
  readonly liveId: Id;
  /** The user, under its id in the snapshot and the one it has now. */
  readonly user: { readonly id: Id; readonly liveId: Id };
  /** The follow-up it belongs to. */
  readonly followUp: string;
  /** The link that is held back; absent where only the user itself is waited for. */
  readonly relation?: string;
  readonly targetId?: Id;
  readonly state: 'pending' | 'completed' | 'failed';
  /** Of one that has ended. */
  readonly result?: ThingResult;
  /** Of the last try. */
  readonly reason?: Reason;
}

/** Follow-ups name at most so many objects each; the report has them all. */
const maxNamed = 100;

const named = (some: readonly ReportObject[]): readonly Id[] =>
  some.slice(0, maxNamed).map(({ newId, id }) => newId ?? id);

const isAwaited = ({ hybrid, result }: ReportObject): boolean =>
  isPending(hybrid) && result !== 'failed' && result !== 'skipped';

/** Whether synchronization finds the user by its anchor; else only by its name. */
const isFoundByAnchor = ({ hybrid, attributes }: ReportObject): boolean =>
  hybrid !== 'recreated' || carriesAnchor(attributes);

/** Links of a group whose other end is the user that waits. */
const ofHolders: readonly string[] = ['members', 'eligiblePrincipals'];

/**
 * Of a user: roles, and groups that may hold some, which would keep synchronization from taking it over (H05). Of such a group: its member. Never
 * meant to be written by the job itself, unlike what a cancelled one did not come to.
 */
const heldBack = ({ kind, links }: ReportObject): readonly LinkOutcome[] => {
  const names =
    kind === 'users' ? ['roleAssignments', 'eligibleRoleAssignments', 'eligibleGroups', 'memberOf'] : ofHolders;
  return links.filter(
    ({ relation, reason, action }) => reason === 'not-tried' && action === undefined && names.includes(relation),
  );
};

/** The follow-up that gives a held-back link back: the same, whichever end it is seen from. */
const returnOf = ({ id }: ReportObject, { relation, targetId }: LinkOutcome): string =>
  ofHolders.includes(relation)
    ? `${relation === 'members' ? 'memberOf' : 'eligibleGroups'}-${id}`
    : `${relation}-${targetId}`;

/** What is waited for, of the objects of one chunk in their order. */
export function waitingOf(objects: readonly ReportObject[]): Waiting[] {
  return objects.flatMap((object, index): Waiting[] => {
    const { id, newId: liveId = id } = object;
    const waiting = { index, id, liveId, state: 'pending' as const };
    const self = { ...waiting, user: { id, liveId } };
    const whole = isAwaited(object) ? ['account', isFoundByAnchor(object) ? 'sync' : 'soft-match'] : [];
    // The same role of several scopes is one link of the report, and one thing to wait for.
    const held = new Map(heldBack(object).map((link) => [`${link.relation} ${link.targetId}`, link]));
    return [
      ...whole.map((followUp) => ({ ...self, followUp })),
      ...[...held.values()].map((link) => ({
        ...(ofHolders.includes(link.relation)
          ? { ...waiting, user: { id: link.targetId, liveId: link.newTargetId ?? link.targetId } }
          : self),
        followUp: returnOf(object, link),
        relation: link.relation,
        targetId: link.targetId,
      })),
    ];
  });
}

/** A password that was supplied is kept for nobody to collect. */
function wayIn({ password, temporaryAccessPass }: RestoreRequest['newUsers']): string {
  const where = '(POST /api/jobs/{job}/credentials/{user})';
  if (password === 'random') return `collect the one-time password ${where}, or issue a Temporary Access Pass`;
  const pass = temporaryAccessPass ? `collect the Temporary Access Pass ${where}` : 'issue a Temporary Access Pass';
  return `hand over the password that was supplied with the restore, to be changed at the next sign-in, or ${pass}`;
}

/** The words, as they stand when the restore ends. */
export function followUpsOf(objects: readonly ReportObject[], newUsers: RestoreRequest['newUsers']): FollowUp[] {
  const created = objects.filter(
    ({ kind, actions, newId }) => kind === 'users' && actions.includes('create') && newId !== undefined,
  );
  const [guests, members] = [created.filter(({ external }) => external), created.filter(({ external }) => !external)];
  const awaited = objects.filter(isAwaited);
  const passwords: FollowUp = {
    id: 'passwords',
    what: `Give each recreated user a way in: ${wayIn(newUsers)}.`,
    who: 'user administrator',
    objectIds: named(members),
  };
  const invitations: FollowUp = {
    id: 'invitations',
    what: 'Tell each of these guests to accept the invitation anew: they were invited again without a message, and cannot sign in before. Resend the invitation in Entra, or send them a link into the tenant.',
    who: 'user administrator',
    objectIds: named(guests),
  };
  const account: FollowUp = {
    id: 'account',
    what: 'Before the synchronization: restore the Active Directory object of each of these users whose account is deleted there too.',
    who: 'Active Directory administrator',
    objectIds: named(awaited),
  };
  const sync: FollowUp = {
    id: 'sync',
    what: 'Run a directory synchronization: these users were synced, and the next cycle takes them over. Then this job looks whether their relations are intact.',
    who: 'hybrid identity administrator',
    objectIds: named(awaited.filter(isFoundByAnchor)),
  };
  const softMatch: FollowUp = {
    id: 'soft-match',
    what: 'Run a directory synchronization: these users were synced but do not carry their anchor, so it must match them by name (soft match). Then this job looks whether their relations are intact.',
    who: 'hybrid identity administrator',
    objectIds: named(awaited.filter((object) => !isFoundByAnchor(object))),
  };
  const copies: FollowUp = {
    id: 'copies',
    what: 'Another object holds the on-premises anchor of each of these users: their notes name it. Remove it where it is only the copy that synchronization made (in the bin: purge it), restore the user again with relations, then run a directory synchronization.',
    who: 'hybrid identity administrator',
    objectIds: named(objects.filter(({ kind, reason }) => kind === 'users' && reason === 'anchor-conflict')),
  };
  return [passwords, invitations, copies, account, sync, softMatch, ...returns(objects)].filter(
    ({ objectIds }) => objectIds.length > 0,
  );
}

function nameOf(relation: string, of: string): string {
  if (relation.startsWith('eligible') && relation !== 'eligibleRoleAssignments')
    return `the eligibility in the role-assignable group ${of}`;
  return relation.includes('ember') ? `the role-assignable group ${of}` : `the role ${of}`;
}

/** One follow-up for each role or group that is given back later. */
function returns(objects: readonly ReportObject[]): FollowUp[] {
  const holders = new Map<string, { readonly name: string; readonly users: Set<Id> }>();
  for (const object of objects) {
    for (const link of heldBack(object)) {
      const { relation, targetId, newTargetId = targetId, targetName = targetId } = link;
      const [group, user] = ofHolders.includes(relation)
        ? [object.displayName ?? object.id, newTargetId]
        : [targetName, object.newId ?? object.id];
      const name = nameOf(relation, group);
      const known = holders.get(returnOf(object, link));
      holders.set(returnOf(object, link), { name, users: (known?.users ?? new Set()).add(user) });
    }
  }
  return [...holders].map(([id, { name, users }]) => ({
    id,
    what: `After the synchronization of each of these users this job gives back ${name}. Held before, it would block the synchronization.`,
    who: 'this job',
    objectIds: [...users].slice(0, maxNamed),
  }));
}

/** Joins the follow-ups of several chunks. */
export function joined(chunks: readonly (readonly FollowUp[])[]): FollowUp[] {
  const byId = new Map<string, FollowUp>();
  for (const followUp of chunks.flat()) {
    const objectIds = [...new Set([...(byId.get(followUp.id)?.objectIds ?? []), ...followUp.objectIds])];
    byId.set(followUp.id, { ...followUp, objectIds: objectIds.slice(0, maxNamed) });
  }
  return [...byId.values()];
}

/** What only a person can know to be done. */
const forPeople: readonly string[] = ['passwords', 'invitations', 'copies'];

/** Those that the job looks after begin to wait; of a cancelled job nothing more is done. */
export const begun = (followUps: readonly FollowUp[], isCancelled: boolean, now: Date): FollowUp[] =>
  followUps.map((followUp) => {
    if (forPeople.includes(followUp.id)) return followUp;
    return isCancelled ? { ...followUp, state: 'cancelled' } : pendingFollowUp(followUp, now);
  });

/** Where the follow-ups stand after a look at everything that is waited for. */
export function after(followUps: readonly FollowUp[], waiting: readonly Waiting[], now: Date): FollowUp[] {
  const tallies = new Map<string, FollowUpTally>();
  for (const { followUp, state, reason } of waiting) {
    const { pending = 0, failed = 0, ...first } = tallies.get(followUp) ?? {};
    tallies.set(followUp, {
      ...(reason === undefined ? {} : { reason }),
      ...first,
      pending: pending + (state === 'pending' ? 1 : 0),
      failed: failed + (state === 'failed' ? 1 : 0),
    });
  }
  return followUps.map((followUp) => lookedAfter(followUp, tallies.get(followUp.id), now));
}

/** Another look may do better: a right may be given, quota comes back. */
const mayPass: readonly (Reason | undefined)[] = [
  'graph-error',
  'privileged-needs-app-role',
  'restricted-admin-unit',
  'throttled-gave-up',
];

/** A held-back link once it was tried; one that may still succeed goes on waiting, with the reason for which it did not. */
export function tried(waiting: Waiting, result: ThingResult, reason?: Reason): Waiting {
  const { reason: _before, ...rest } = waiting;
  const why = reason === undefined ? {} : { reason };
  if (mayPass.includes(reason)) return { ...rest, ...why };
  return { ...rest, state: result === 'failed' || makesIncomplete(reason) ? 'failed' : 'completed', result, ...why };
}

/** The links of the object at `index` with what became later of those that were held back. */
export const withLater = (
  links: readonly LinkOutcome[],
  later: readonly Waiting[],
  index: number,
): readonly LinkOutcome[] =>
  links.map((link) => {
    const found = later.find(
      ({ index: of, relation, targetId }) => of === index && relation === link.relation && targetId === link.targetId,
    );
    if (found?.result === undefined) return link;
    const { reason: _waited, ...rest } = link;
    return { ...rest, result: found.result, ...(found.reason === undefined ? {} : { reason: found.reason }) };
  });
