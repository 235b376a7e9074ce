/**
 * A second look at objects that a taken name, address or anchor kept from coming back, or from getting all of their values: when all objects have had their turn,
 * whoever held the name may have got back his own. Run again it finds nothing left to do.
 */
import type { Kind } from '../directory/kinds.ts';
import type { DirectoryRecord, Id, Json, JsonObject } from '../directory/record.ts';
import { anchorProperty } from './anchors.ts';
import { apart } from './apart.ts';
import { leavesPhoto, type Place } from './applied-plan.ts';
import { holderLookups } from './foreseen-conflicts.ts';
import { type JobContext, makingWhole } from './job-context.ts';
import { matchRecords } from './matching.ts';
import { nameProperty } from './name-rings.ts';
import type { ObjectPlan, Unique } from './object-plan.ts';
import type { ObjectOutcome } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { overlay } from './overlay.ts';
import { plannedLines } from './planned-lines.ts';
import { planMatched } from './planning.ts';
import { bringBack } from './restoring.ts';
import { isTaken } from './taken-values.ts';
import { asTenantAllows } from './tenant-rules.ts';
import { waitsForRing } from './turning-names.ts';

export interface Settling {
  readonly open: number;
  readonly settled: number;
}

/** Tries again whatever a name, an address or an anchor was in the way of that nobody else holds any more. */
export async function settleConflicts(context: JobContext, chunk: number): Promise<Settling> {
  const { definition } = await context.chunk(chunk);
  const waiting = [...(await outcomesOf(context, chunk))].filter(([, outcome]) => conflictsOf(outcome).length > 0);
  const records = await context.reader.records(
    definition.name,
    waiting.map(([, { id }]) => id),
  );
  if (waiting.length === 0) return { open: 0, settled: 0 };
  const lines = await plannedLines(context, context.jobId, chunk);
  const held = await stillHeld(context, definition, waiting, records, lines);
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
  result === 'failed' && isTaken({ reason })
    ? ['object']
    : attributes.flatMap((one) => (one.result !== 'done' && isTaken(one) ? [one.name] : []));

/** Ids of users and groups of whose name, addresses and anchor one is another's; of what the plan foresaw to be taken, where it did. */
async function stillHeld(
  context: JobContext,
  { name: kind }: Kind,
  waiting: readonly (readonly [number, ObjectOutcome])[],
  records: ReadonlyMap<Id, DirectoryRecord>,
  lines: readonly ObjectPlan[],
): Promise<ReadonlySet<Id>> {
  if (kind !== 'users' && kind !== 'groups') return new Set();
  const asked = waiting.flatMap(([index, { id, newId = id }]) => {
    const claims = lines[index]?.taken ?? uniqueOf(records.get(id)?.body ?? {});
    // Whoever was renamed a moment ago may still be listed under the name before.
    return claims.flatMap((claim) => holderLookups(claim, 'property').map((lookup) => ({ id, newId, lookup })));
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

const uniqueOf = (body: JsonObject): readonly Unique[] => {
  const claims = (property: Unique['property'], value: Json | undefined): Unique[] =>
    typeof value === 'string' ? [{ property, value }] : [];
  return [
    ...claims(nameProperty, body[nameProperty]),
    ...[body.proxyAddresses ?? []].flat().flatMap((one) => claims('proxyAddresses', one)),
    ...claims(anchorProperty, body[anchorProperty]),
  ];
};

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
  const scope = before.result === 'created' ? makingWhole(context) : context;
  const plan = await asTenantAllows(context, definition, record, planMatched(scope, definition, record, match));
  if (plan.action !== 'update') return before;
  const { kind, id, displayName, external, hybrid } = before;
  const base = {
    kind,
    id,
    ...(displayName && { displayName }),
    ...(external && { external }),
    ...(hybrid && { hybrid }),
  };
  const asked = { ...plan, leavesPhoto: await leavesPhoto(context, place) };
  const after = await overlay(scope, definition, record, asked, plan.targetId ?? id, base, []);
  const told = new Set(after.attributes.map(({ name }) => name));
  return {
    ...before,
    result: before.result === 'unchanged' ? after.result : before.result,
    actions: [...new Set([...before.actions, ...after.actions])],
    attributes: [...before.attributes.filter(({ name }) => !told.has(name)), ...after.attributes],
  };
}
