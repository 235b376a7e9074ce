/**
 * Names and addresses that somebody else has by now (R20): Graph refuses them when they are written, so a plan says it before. Whoever gets back
 * another one in the same job is in nobody's way.
 */
import type { Candidate } from '../directory/gateway.ts';
import { type Kind, kindOf } from '../directory/kinds.ts';
import { type DirectoryRecord, type Id, isEmpty, type Json } from '../directory/record.ts';
import { apart } from './apart.ts';
import { type JobContext, wantsAttribute } from './job-context.ts';
import { type Matched, makesRoom } from './matching.ts';
import { nameProperty } from './name-rings.ts';
import { asIfLive, type ObjectPlan } from './object-plan.ts';
import { givenWay } from './undeleting.ts';

export interface Foreseeable {
  readonly record: DirectoryRecord;
  readonly match: Matched;
  readonly plan: ObjectPlan;
}

interface Claim {
  readonly of: Foreseeable;
  /** Graph asks for it when the object is created, leaves the bin, or is written. */
  readonly when: 'create' | 'undelete' | 'update';
  readonly property: typeof nameProperty | 'proxyAddresses';
  readonly value: string;
}

interface Blocked extends Claim {
  readonly holders: readonly Id[];
}

/** Names are users' alone; an address no two users or groups may share. */
export const holderKinds = { [nameProperty]: ['users'], proxyAddresses: ['users', 'groups'] } as const;

/** The same ones, with the plan that a taken name or address leaves them. Up to fifteen names, or addresses, to a request. */
export async function foreseeConflicts<T extends Foreseeable>(
  context: JobContext,
  definition: Kind,
  found: readonly T[],
): Promise<readonly T[]> {
  if (definition.name !== 'users' && definition.name !== 'groups') return found;
  const claims = found.flatMap((one) => claimsOf(definition, one));
  const blocked = await apart<Claim, Blocked>(
    context,
    claims,
    async (some) => {
      const asked = some.flatMap((claim) => holderKinds[claim.property].map((kind) => ({ claim, kind })));
      const holders = await context.gateway.find(
        asked.map(({ claim: { property, value }, kind }) => ({ by: 'listed-property', kind, property, value })),
      );
      const judged = await Promise.all(
        asked.map(({ claim, kind }, at) => inTheWay(context, kindOf(kind), claim, holders[at] ?? [])),
      );
      return judged.flat();
    },
    // Writing it tells.
    () => [],
  );
  const byUser = Map.groupBy(blocked, ({ of }) => of.record);
  return found.map((one) => {
    const some = byUser.get(one.record);
    return some === undefined ? one : { ...one, plan: planWith(context, definition, one, some) };
  });
}

function claimsOf({ name: kind }: Kind, of: Foreseeable): Claim[] {
  const { match, plan } = of;
  const { [nameProperty]: name, mail } = plan.attributes;
  const claims: Claim[] = [];
  const add = (when: Claim['when'], property: Claim['property'], value: Json | undefined) => {
    if (typeof value === 'string' && value !== '') claims.push({ of, when, property, value });
  };
  if (plan.action === 'create' && kind === 'users' && !isEmpty(mail)) add('create', 'proxyAddresses', `SMTP:${mail}`);
  if (plan.action === 'undelete' && 'candidate' in match) {
    const { body } = asIfLive(match.candidate);
    if (kind === 'users') add('undelete', nameProperty, body[nameProperty]);
    for (const address of [body.proxyAddresses ?? []].flat()) add('undelete', 'proxyAddresses', address);
  }
  if (plan.action !== 'create' && kind === 'users') add('update', nameProperty, name);
  return claims;
}

async function inTheWay(
  context: JobContext,
  kind: Kind,
  claim: Claim,
  candidates: readonly Candidate[],
): Promise<Blocked[]> {
  const own = claim.of.plan.targetId;
  const holders = candidates.map(({ id }) => id).filter((id) => id !== own);
  if (holders.length === 0) return [];
  const known = await context.reader.records(kind.name, holders);
  // Addresses are made of the name and the mailbox, which are what can be written.
  const written = claim.property === 'proxyAddresses' ? 'mail' : claim.property;
  const isFreed =
    known.size === holders.length && (await makesRoom(context, kind, claim.property, known, claim.value, written));
  return isFreed ? [] : [{ ...claim, holders }];
}

function planWith(
  context: JobContext,
  { name: kind }: Kind,
  { plan, record }: Foreseeable,
  blocked: readonly Blocked[],
): ObjectPlan {
  const isOwnTaken = blocked.some(({ when }) => when === 'update');
  // Deleted under another name than the snapshot's, a user comes back under the snapshot's.
  const hasWay = plan.attributes[nameProperty] !== undefined && !isOwnTaken;
  const byName = blocked.filter(({ when, property }) => when === 'undelete' && property === nameProperty && !hasWay);
  const byAddress = blocked.filter(({ property }) => property === 'proxyAddresses');
  const [first] = [byName, byAddress].filter((some) => some.length > 0);
  if (first !== undefined && (kind !== 'users' || context.request.onNameConflict !== 'rename')) {
    const conflictingIds = [...new Set(first.flatMap(({ holders }) => holders))];
    const reason = first === byName ? 'name-conflict' : 'proxy-conflict';
    return { action: 'fail', reason, conflictingIds, attributes: {}, skipped: [] };
  }
  if (byName.length > 0) return givenWay(plan, 'name');
  const open = byAddress.length === 0 ? plan : withoutTakenAddresses(context, plan, record, byAddress);
  return isOwnTaken ? withoutTakenName(open) : open;
}

/** Graph takes the addresses that others have off the user, and the mail address with the first of them. */
function withoutTakenAddresses(
  context: JobContext,
  plan: ObjectPlan,
  { body }: DirectoryRecord,
  lost: readonly Blocked[],
): ObjectPlan {
  const isPrimary = lost.some(({ value }) => value.startsWith('SMTP:'));
  const names = ['proxyAddresses', ...(isPrimary ? ['mail'] : [])].filter(
    (name) => wantsAttribute(context, name) && !isEmpty(body[name]) && plan.skipped.every((skip) => skip.name !== name),
  );
  const skipped = names.map((name) => ({ name, result: 'skipped' as const, reason: 'proxy-conflict' as const }));
  return givenWay({ ...plan, skipped: [...plan.skipped, ...skipped] }, 'addresses');
}

function withoutTakenName(plan: ObjectPlan): ObjectPlan {
  const { [nameProperty]: _taken, ...attributes } = plan.attributes;
  const isEmptied = plan.action === 'update' && Object.keys(attributes).length === 0;
  return {
    ...plan,
    ...(isEmptied ? { action: 'none' } : {}),
    attributes,
    skipped: [...plan.skipped, { name: nameProperty, result: 'failed', reason: 'name-conflict' }],
  };
}
