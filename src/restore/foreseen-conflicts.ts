/**
 * Names and addresses that somebody else has by now (R20): Graph refuses them when they are written, so a plan says it before, and a restore does
 * not even try. Whoever gets back another one in the same job is in nobody's way.
 */
import type { Candidate, Lookup } from '../directory/gateway.ts';
import { type Kind, kindOf } from '../directory/kinds.ts';
import { type DirectoryRecord, type Id, isEmpty, type Json } from '../directory/record.ts';
import { anchorHolders, anchorProperty } from './anchors.ts';
import { apart } from './apart.ts';
import { type JobContext, wantsAttribute } from './job-context.ts';
import { type Matched, makesRoom } from './matching.ts';
import { nameProperty } from './name-rings.ts';
import { asIfLive, conflictNote, isSynced, type ObjectPlan, type Unique, withoutAttributes } from './object-plan.ts';
import type { AttributeOutcome } from './outcome.ts';
import type { Reason } from './reasons.ts';
import { givenWay } from './undeleting.ts';

export interface Foreseeable {
  readonly record: DirectoryRecord;
  readonly match: Matched;
  readonly plan: ObjectPlan;
}

interface Claim extends Unique {
  readonly of: Foreseeable;
  /** Graph asks for it when the object is created, leaves the bin, or is written. */
  readonly when: 'create' | 'undelete' | 'update';
}

interface Held extends Claim {
  readonly holders: readonly Id[];
  /** All of the holders are to get back other ones in the same job. */
  readonly makesRoom: boolean;
}

/** Names are users' alone; an address no two users or groups may share. */
const holderKinds = { [nameProperty]: ['users'], proxyAddresses: ['users', 'groups'] } as const;

/** The same ones, with the plan that a taken name or address leaves them. Up to fifteen names, or addresses, to a request. */
export async function foreseeConflicts<T extends Foreseeable>(
  context: JobContext,
  definition: Kind,
  found: readonly T[],
): Promise<readonly T[]> {
  if (definition.name !== 'users' && definition.name !== 'groups') return found;
  const claims = found.flatMap((one) => claimsOf(context, definition, one));
  const ours = recordsByLiveId(found);
  const held = await apart<Claim, Held>(
    context,
    claims,
    async (some) => {
      const asked = some.flatMap((claim) =>
        holderLookups(claim, 'listed-property').map((lookup) => ({ claim, lookup })),
      );
      const holders = await context.gateway.find(asked.map(({ lookup }) => lookup));
      const judged = await Promise.all(
        asked.map(({ claim, lookup: { kind } }, at) => heldBy(context, kindOf(kind), claim, holders[at] ?? [], ours)),
      );
      return judged.flat();
    },
    // Writing it tells.
    () => [],
  );
  const byUser = Map.groupBy(blockedOf(held, found), ({ of }) => of.record);
  return found.map((one) => {
    const some = byUser.get(one.record);
    if (some === undefined) return one;
    const taken = some.map(({ property, value }) => ({ property, value }));
    return { ...one, plan: { ...planWith(context, definition, one, some), taken } };
  });
}

/** Whom to look for: whoever has the value. Anchors are asked for one by one, and in the bin as well. */
export const holderLookups = ({ property, value }: Unique, by: 'property' | 'listed-property'): readonly Lookup[] =>
  property === anchorProperty
    ? anchorHolders(value)
    : holderKinds[property].map((kind) => ({ by, kind, property, value }));

function claimsOf({ selection }: JobContext, { name: kind }: Kind, of: Foreseeable): Claim[] {
  const { match, plan } = of;
  const { [nameProperty]: name, [anchorProperty]: anchor, mail } = plan.attributes;
  const claims: Claim[] = [];
  const add = (when: Claim['when'], property: Claim['property'], value: Json | undefined) => {
    if (typeof value === 'string' && value !== '') claims.push({ of, when, property, value });
  };
  const address = isEmpty(mail) ? undefined : `SMTP:${mail}`;
  // Nothing is known yet of what is new: a restore that writes is told by Graph, only a preview has to ask. But an invitation is answered with whoever
  // has the address.
  const isTold = !selection.dryRun && plan.invites === undefined;
  if (plan.action === 'create' && kind === 'users' && !isTold) add('create', 'proxyAddresses', address);
  if (plan.action === 'undelete' && 'candidate' in match) {
    const { body } = asIfLive(match.candidate);
    if (kind === 'users') add('undelete', nameProperty, body[nameProperty]);
    for (const own of [body.proxyAddresses ?? []].flat()) add('undelete', 'proxyAddresses', own);
  }
  if (plan.action !== 'create' && kind === 'users') {
    add('update', nameProperty, name);
    add('update', anchorProperty, anchor);
  }
  if (plan.action === 'update' && kind === 'users') add('update', 'proxyAddresses', address);
  return claims;
}

/** As the snapshot knows them, also those that have another id by now. */
const recordsByLiveId = (found: readonly Foreseeable[]): ReadonlyMap<Id, DirectoryRecord> =>
  new Map(found.flatMap(({ record, plan }) => (plan.targetId === undefined ? [] : [[plan.targetId, record]])));

/** @param ours of the objects that are planned together, by their live ids. */
async function heldBy(
  context: JobContext,
  kind: Kind,
  claim: Claim,
  candidates: readonly Candidate[],
  ours: ReadonlyMap<Id, DirectoryRecord>,
): Promise<Held[]> {
  const own = claim.of.plan.targetId;
  const holders = candidates.map(({ id }) => id).filter((id) => id !== own);
  if (holders.length === 0) return [];
  const others = holders.filter((id) => !ours.has(id));
  const known = new Map(await context.reader.records(kind.name, others));
  for (const record of holders.flatMap((id) => ours.get(id) ?? [])) known.set(record.id, record);
  // Whose anchor synchronization has set keeps it.
  const isKept = claim.property === anchorProperty && candidates.some(({ body }) => isSynced(body));
  const room =
    !isKept &&
    known.size === holders.length &&
    (await makesRoom(context, kind, claim.property, known, claim.value, writtenFor(claim)));
  return [{ ...claim, holders, makesRoom: room }];
}

/** Addresses are made of the name and the mailbox, which are what can be written. */
const writtenFor = ({ property }: Unique): string => (property === 'proxyAddresses' ? 'mail' : property);

/** Those that nobody frees: whoever is to make room, and cannot get the own one back, stays in the way. */
function blockedOf(held: readonly Held[], found: readonly Foreseeable[]): Held[] {
  const plans = new Map(found.flatMap(({ plan }) => (plan.targetId === undefined ? [] : [[plan.targetId, plan]])));
  const blocked = new Set(held.filter(({ makesRoom }) => !makesRoom));
  const stays = (claim: Held) => (holder: Id) => {
    const plan = plans.get(holder);
    if (plan === undefined) return false;
    const isBlocked = [...blocked].some(({ of, property }) => of.plan === plan && property === claim.property);
    return isBlocked || !(writtenFor(claim) in plan.attributes);
  };
  for (let before = -1; before < blocked.size; ) {
    before = blocked.size;
    for (const claim of held) if (!blocked.has(claim) && claim.holders.some(stays(claim))) blocked.add(claim);
  }
  return [...blocked];
}

function planWith(
  context: JobContext,
  { name: kind }: Kind,
  { plan, record }: Foreseeable,
  blocked: readonly Held[],
): ObjectPlan {
  const lost = (name: string, property: Claim['property'], reason: Reason): AttributeOutcome[] => {
    const some = blocked.filter(({ when, ...claim }) => when === 'update' && claim.property === property);
    if (some.length === 0) return [];
    return [{ name, result: 'failed', reason, ...conflictNote({ conflictingIds: holdersOf(some) }) }];
  };
  const ownTaken = lost(nameProperty, nameProperty, 'name-conflict');
  // Deleted under another name than the snapshot's, a user comes back under the snapshot's.
  const hasWay = plan.attributes[nameProperty] !== undefined && ownTaken.length === 0;
  const byName = blocked.filter(({ when, property }) => when === 'undelete' && property === nameProperty && !hasWay);
  const byAddress = blocked.filter(({ when, property }) => when !== 'update' && property === 'proxyAddresses');
  const [first] = [byName, byAddress].filter((some) => some.length > 0);
  // Nobody is invited without an address.
  const isFixed = kind !== 'users' || plan.invites !== undefined;
  if (first !== undefined && (isFixed || context.request.onNameConflict !== 'rename')) {
    const conflictingIds = holdersOf(first);
    const reason = first === byName ? 'name-conflict' : 'proxy-conflict';
    return { action: 'fail', reason, conflictingIds, attributes: {}, skipped: [] };
  }
  const anchored = withoutAttributes(plan, lost(anchorProperty, anchorProperty, 'anchor-conflict'));
  if (byName.length > 0) return givenWay(anchored, 'name');
  const open = byAddress.length === 0 ? anchored : withoutTakenAddresses(context, anchored, record, byAddress);
  return withoutAttributes(open, [...ownTaken, ...lost('mail', 'proxyAddresses', 'proxy-conflict')]);
}

const holdersOf = (some: readonly Held[]): readonly Id[] => [...new Set(some.flatMap(({ holders }) => holders))];

/** Graph takes the addresses that others have off the user, and the mail address with the first of them. */
function withoutTakenAddresses(
  context: JobContext,
  plan: ObjectPlan,
  { body }: DirectoryRecord,
  lost: readonly Held[],
): ObjectPlan {
  const isPrimary = lost.some(({ value }) => value.startsWith('SMTP:'));
  const names = ['proxyAddresses', ...(isPrimary ? ['mail'] : [])].filter(
    (name) => wantsAttribute(context, name) && !isEmpty(body[name]) && plan.skipped.every((skip) => skip.name !== name),
  );
  const skipped = names.map((name) => ({ name, result: 'skipped' as const, reason: 'proxy-conflict' as const }));
  return givenWay({ ...plan, skipped: [...plan.skipped, ...skipped] }, 'addresses');
}
