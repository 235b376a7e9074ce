/**
 * A link between two objects of one job is seen from both ends and told once: a membership, ownership or place in a unit on the row of who is in it,
 * a manager and a sponsor on the row of whose they are (the report of the contract). The other end's step of the same link is its twin.
 */
import { type KindName, kindOfType } from '../directory/kinds.ts';
import { type Id, refId, refType } from '../directory/record.ts';
import type { Expects } from './expecting.ts';
import { type JobContext, wantsLinks } from './job-context.ts';
import type { LinkDifference } from './links.ts';

/** The other end of a difference whose row is the one to tell of it, as the snapshot knows it; undefined: this row tells. */
function tellingEnd(
  context: JobContext,
  { relation, subjectIsSource, other }: LinkDifference,
  idInSnapshot: (liveId: Id) => Id,
): { readonly kind: KindName; readonly id: Id } | undefined {
  const kind = kindOfType(refType(other))?.name;
  const tellsOnSource = relation.source === 'users';
  if (kind === undefined || subjectIsSource === tellsOnSource) return undefined;
  const name = tellsOnSource ? relation.forward : relation.inverse;
  if (!wantsLinks(context, name) || context.reader.linksNotCaptured(kind).includes(name)) return undefined;
  return { kind, id: idInSnapshot(refId(other)) };
}

/**
 * The differences that are twins, with the `kind/id` of the object whose row tells of them.
 * @param tells whether an object of the snapshot has a row with its links in this job.
 * @param idsNow ids that objects of the snapshot have now, where they have others.
 */
export async function twinsOf(
  context: JobContext,
  differences: readonly LinkDifference[],
  tells: Expects,
  idsNow: ReadonlyMap<Id, Id>,
): Promise<ReadonlyMap<LinkDifference, string>> {
  const inSnapshot = new Map([...idsNow].map(([id, now]) => [now, id]));
  // An extra link is one of live's, and may be to somebody whom nothing else in the snapshot names.
  const strangers = differences.flatMap(({ act, other }) =>
    act === 'unlink' && !inSnapshot.has(refId(other)) ? [refId(other)] : [],
  );
  const before = await context.jobs.predecessors(context.connectorId, [...new Set(strangers)]);
  const twins = new Map<LinkDifference, string>();
  for (const difference of differences) {
    const idOf = (id: Id): Id => (difference.act === 'link' ? id : (inSnapshot.get(id) ?? before.get(id)?.oldId ?? id));
    const end = tellingEnd(context, difference, idOf);
    if (end !== undefined && (await tells(end.kind, end.id))) twins.set(difference, `${end.kind}/${end.id}`);
  }
  return twins;
}

/** What a step that is a twin has of that. */
export const twinOf = (row: string | undefined): { twinOf?: string } => (row === undefined ? {} : { twinOf: row });
