/** Writing attributes so that one refusal does not lose the rest (R30). */

import type { WriteResult } from '../directory/gateway.ts';
import { isWrittenApart } from '../directory/guarded-properties.ts';
import type { Kind } from '../directory/kinds.ts';
import type { Id, JsonObject } from '../directory/record.ts';
import { isSensitive } from '../directory/sensitive-actions.ts';
import { identitiesWith } from './following.ts';
import { holderNote } from './holders.ts';
import type { JobContext } from './job-context.ts';
import { nameProperty } from './name-rings.ts';
import type { AttributeOutcome } from './outcome.ts';
import type { Reason } from './reasons.ts';
import { type Refusal, staysOpen, type Touched, untold, whyForbidden } from './refusals.ts';

type Failure = Extract<WriteResult, { ok: false }>;

/** What a refused write means for the admin; `property` as far as Graph named one. A missing right is looked into apart. */
export function reasonOf(failure: Failure, property = failure.property): Reason {
  switch (failure.problem) {
    case 'conflict':
      return conflictReason(property);
    case 'throttled':
      return 'throttled-gave-up';
    case 'refused':
      return property === undefined ? 'graph-error' : 'attribute-rejected';
    default:
      return 'graph-error';
  }
}

/** The same, with a look at the tenant where a right was missing, and a word on what of an object was refused. */
export async function refusalOf(context: JobContext, failure: Failure, touched?: Touched): Promise<Refusal> {
  if (failure.problem === 'forbidden') return whyForbidden(context, failure.permission, touched);
  const reason = reasonOf(failure);
  return { reason, ...(reason === 'attribute-rejected' ? { note: `Graph refused its ${failure.property}.` } : {}) };
}

function conflictReason(property: string | undefined): Reason {
  if (property === 'onPremisesImmutableId') return 'anchor-conflict';
  return property === 'proxyAddresses' || property === 'mail' || property === 'otherMails'
    ? 'proxy-conflict'
    : 'name-conflict';
}

/** Updates a live object; its identities last, since the name is one of them, whatever has become of it. */
export async function writeAttributes(
  context: JobContext,
  kind: Kind,
  id: Id,
  changes: JsonObject,
): Promise<AttributeOutcome[]> {
  const { identities, ...rest } = changes;
  if (identities === undefined) return writeTogether(context, kind, id, rest);
  const outcomes = await writeTogether(context, kind, id, rest);
  const isNamed = outcomes.some(({ name, result }) => name === nameProperty && result === 'done');
  // What is written already stays told, whoever refuses a look.
  const found = isNamed ? [] : await context.gateway.find([{ by: 'id', kind: kind.name, id }]).catch(untold);
  const name = isNamed ? rest[nameProperty] : found?.[0]?.[0]?.body[nameProperty];
  if (typeof name !== 'string') return [...outcomes, ...failed(['identities'], { reason: 'graph-error' })];
  return [...outcomes, ...(await writeTogether(context, kind, id, { identities: identitiesWith(name, identities) }))];
}

/**
 * Updates a live object. All attributes go in one write; when Graph names a culprit the rest is sent again without it, and when
 * it names none each is sent alone, since Graph refuses a PATCH as a whole.
 */
async function writeTogether(
  context: JobContext,
  kind: Kind,
  id: Id,
  changes: JsonObject,
): Promise<AttributeOutcome[]> {
  const names = Object.keys(changes);
  const [only] = names;
  if (only === undefined) return [];
  const [result] = await context.gateway.apply([{ write: 'update', kind: kind.name, id, changes }]);
  if (result === undefined || result.ok) return names.map((name) => ({ name, result: 'done' }));
  if (result.problem === 'throttled') return failed(names, { reason: 'throttled-gave-up' });
  if (result.problem === 'forbidden') return withoutRight(context, kind, id, changes, result);
  const culprit = names.length === 1 ? only : names.find((name) => name === result.property);
  if (culprit !== undefined) {
    const { [culprit]: _refused, ...rest } = changes;
    const reason = reasonOf(result, culprit);
    const held = reason === 'anchor-conflict' ? await holderNote(context, { id, body: changes }, reason) : {};
    const refusal: AttributeOutcome = { name: culprit, result: 'failed', reason, ...held };
    return [refusal, ...(await writeTogether(context, kind, id, rest))];
  }
  const outcomes: AttributeOutcome[] = [];
  for (const name of names)
    outcomes.push(...(await writeTogether(context, kind, id, { [name]: changes[name] ?? null })));
  return outcomes;
}

const failed = (names: readonly string[], refusal: Refusal): AttributeOutcome[] =>
  names.map((name) => ({ name, result: 'failed', ...refusal }));

/** A right is missing for some of the attributes, or for all: what needs less is sent again without the rest. */
async function withoutRight(
  context: JobContext,
  kind: Kind,
  id: Id,
  changes: JsonObject,
  failure: Failure,
): Promise<AttributeOutcome[]> {
  const names = Object.keys(changes);
  const guarded = names.filter(isWrittenApart);
  // Each needs a permission of its own, and may be all that is refused.
  if (guarded.length > 0 && names.length > 1) {
    const others = Object.fromEntries(Object.entries(changes).filter(([name]) => !isWrittenApart(name)));
    const outcomes = await writeTogether(context, kind, id, others);
    for (const name of guarded)
      outcomes.push(...(await writeTogether(context, kind, id, { [name]: changes[name] ?? null })));
    return outcomes;
  }
  const sensitive = names.filter(isSensitive);
  const touched = { kind: kind.name, id, isSensitive: sensitive.length > 0 || kind.name === 'groups' };
  const refusal = await refusalOf(context, failure, touched);
  const open = names.filter((name) =>
    refusal.reason === 'restricted-admin-unit' ? staysOpen(name) : !sensitive.includes(name),
  );
  const shut = names.filter((name) => !open.includes(name));
  if (shut.length === 0) return failed(names, refusal);
  const rest = Object.fromEntries(open.map((name) => [name, changes[name] ?? null]));
  return [...failed(shut, refusal), ...(await writeTogether(context, kind, id, rest))];
}
