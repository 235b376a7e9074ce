/**
 * A second look at objects that a taken name kept from coming back, or from getting all of their values: when all objects have had their turn,
 * whoever held the name may have got back his own. Run again it finds nothing left to do.
 */
import type { Lookup } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { apart } from './apart.ts';
import { leavesPhoto, type Place } from './applied-plan.ts';
import { holderKinds } from './foreseen-conflicts.ts';
import type { JobContext } from './job-context.ts';
import { matchRecords } from './matching.ts';
import { nameProperty } from './name-rings.ts';
import type { ObjectOutcome } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { overlay } from './overlay.ts';
import { planMatched } from './planning.ts';
import type { Reason } from './reasons.ts';
import { bringBack } from './restoring.ts';
import { waitsForRing } from './turning-names.ts';

export interface Settling {
  readonly open: number;
  readonly settled: number;
}

const conflicts: readonly (Reason | undefined)[] = ['name-conflict', 'proxy-conflict'];

/** Tries again whatever a name or an address was in the way of that nobody else holds any more. */
export async function settleConflicts(context: JobContext, chunk: number): Promise<Settling> {
  const { definition } = await context.chunk(chunk);
  const waiting = [...(await outcomesOf(context, chunk))].filter(([, outcome]) => conflictsOf(outcome).length > 0);
  const records = await context.reader.records(
    definition.name,
    waiting.map(([, { id }]) => id),
  );
  const held = await stillHeld(context, definition, waiting, records);
  let settled = 0;
  for (const [index, outcome] of waiting) {
    const record = records.get(outcome.id);
    if (record === undefined || held.has(outcome.id) || waitsForRing(outcome)) continue;
    const again = await onceMore(context, definition, record, outcome, { chunk, index });
    await context.jobs.putOutcome(context.jobId, { chunk, index, json: JSON.stringify(again) });
    if (conflictsOf(again).length < conflictsOf(outcome).length) settled += 1;
  }
  return { open: waiting.length - settled, settled };
}

/** What of an object a conflict stands in the way of: attributes, or all of it. */
const conflictsOf = ({ result, reason, attributes }: ObjectOutcome): readonly string[] =>
  result === 'failed' && conflicts.includes(reason)
    ? ['object']
    : attributes.flatMap((one) => (one.result !== 'done' && conflicts.includes(one.reason) ? [one.name] : []));

/** Ids of users whose name or one of whose addresses is another's; of other kinds Graph tells when it is asked to write. */
async function stillHeld(
  context: JobContext,
  { name: kind }: Kind,
  waiting: readonly (readonly [number, ObjectOutcome])[],
  records: ReadonlyMap<Id, DirectoryRecord>,
): Promise<ReadonlySet<Id>> {
  if (kind !== 'users') return new Set();
  const asked = waiting.flatMap(([, { id, newId = id }]) => {
    const { userPrincipalName, proxyAddresses = [] } = records.get(id)?.body ?? {};
    const claims = [
      { property: nameProperty, value: userPrincipalName } as const,
      ...[proxyAddresses].flat().map((value) => ({ property: 'proxyAddresses', value }) as const),
    ];
    return claims.flatMap(({ property, value }) =>
      typeof value !== 'string'
        ? []
        : holderKinds[property].map((kind): { id: Id; newId: Id; lookup: Lookup } => ({
            id,
            newId,
            // Whoever was renamed a moment ago may still be listed under the name before.
            lookup: { by: 'property', kind, property, value },
          })),
    );
  });
  const held = await apart(
    context,
    asked,
    async (some) => {
      const found = await context.gateway.find(some.map(({ lookup }) => lookup));
      return some.flatMap(({ id, newId }, at) => ((found[at] ?? []).some((one) => one.id !== newId) ? [id] : []));
    },
    ({ id }) => [id],
  );
  return new Set(held);
}

/** What is not there is restored as in the first place; of what is there the rest is laid over, and what was done before stays told. */
async function onceMore(
  context: JobContext,
  definition: Kind,
  record: DirectoryRecord,
  before: ObjectOutcome,
  place: Place,
): Promise<ObjectOutcome> {
  if (before.result === 'failed') return bringBack(context, definition, record, place);
  const [match = { how: 'none' } as const] = await matchRecords(context, definition, [record]);
  const plan = planMatched(context, definition, record, match);
  if (plan.action !== 'update') return before;
  const { kind, id, displayName, hybrid } = before;
  const base = { kind, id, ...(displayName && { displayName }), ...(hybrid && { hybrid }) };
  const asked = { ...plan, leavesPhoto: await leavesPhoto(context, place) };
  const after = await overlay(context, definition, record, asked, plan.targetId ?? id, base, []);
  const told = new Set(after.attributes.map(({ name }) => name));
  return {
    ...before,
    result: before.result === 'unchanged' ? after.result : before.result,
    actions: [...new Set([...before.actions, ...after.actions])],
    attributes: [...before.attributes.filter(({ name }) => !told.has(name)), ...after.attributes],
  };
}
