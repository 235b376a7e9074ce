/** The other ends of links: whether they are there, and what they are. */
import { type KindName, kindOfType } from '../directory/kinds.ts';
import { type Id, refId, refType } from '../directory/record.ts';
import { apart, type Unread } from './apart.ts';
import type { Expects } from './expecting.ts';
import { asRecreated } from './hybrid.ts';
import { type JobContext, wantsAttribute } from './job-context.ts';
import type { LinkDifference, LinkSubject } from './links.ts';
import { type LookupById, manyById, presence } from './lookups.ts';
import { isMicrosoft365 } from './object-plan.ts';
import type { Refusal } from './refusals.ts';
import { hasRestrictedUnits } from './restricted-units.ts';

/** `why`: it is not known whether it is there; `isAwaited`: it is not there yet. */
export type End = Pick<LinkSubject, 'body' | 'isRestricted'> & { readonly why?: Refusal; readonly isAwaited?: boolean };

/** The live other ends, by live id; those of types that no snapshot keeps (devices, service principals) have an empty body. */
export async function endsOf(
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
  const untold = new Set<Id>();
  for (const { difference } of differences) {
    const { other, otherId } = difference;
    const kind = kindOfType(refType(other));
    if (ends.has(otherId)) continue;
    if (kind === undefined) untold.add(otherId);
    else {
      lookups.set(otherId, lookup(kind.name, otherId));
      snapshotIds.set(otherId, refId(other));
    }
  }
  const isPresent = await presence(context, [...untold]);
  for (const id of untold) if (isPresent(id)) ends.set(id, { body: {} });
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
    if (end !== undefined) ends.set(id, await asPlanned(context, end, lookup, snapshotIds.get(id) ?? id, expects));
    else await addPlanned(context, ends, lookup, snapshotIds.get(id) ?? id, expects);
  }
  return ends;
}

/** A live group that the job is still to turn into a dynamic one, or into an assigned one, as it will be when links are made. */
async function asPlanned(
  context: JobContext,
  end: End,
  { kind }: LookupById,
  snapshotId: Id,
  expects: Expects,
): Promise<End> {
  const isAhead = kind === 'groups' && expects === context.willRestore && context.request.onExisting === 'overwrite';
  if (!isAhead || !wantsAttribute(context, 'groupTypes') || !(await expects(kind, snapshotId))) return end;
  const record = (await context.reader.records(kind, [snapshotId])).get(snapshotId);
  const isTurned = record !== undefined && isMicrosoft365(record.body) === isMicrosoft365(end.body);
  return isTurned ? { ...end, body: { ...end.body, groupTypes: record.body.groupTypes ?? [] } } : end;
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
  if (record === undefined) return;
  ends.set(id, { body: id === snapshotId ? record.body : asRecreated(record.body), isAwaited: true });
}

/** What the snapshot calls the other ends that are gone, so that the report can name both ends (R37). */
export async function namesOfMissing(
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

export const refusalOf = ({ reason, note }: Unread): Refusal => ({ reason, ...(note === undefined ? {} : { note }) });
