/**
 * Links that rest in the bin (graph-facts 5): an object that comes back from there brings them along, so that nobody has to write them. Nobody
 * can read them there either: a plan takes it that they are whole, and the restore writes what does not come.
 */
import type { KindName } from '../directory/kinds.ts';
import type { Id } from '../directory/record.ts';
import { relationOf } from '../directory/relations.ts';
import { apart } from './apart.ts';
import type { JobContext } from './job-context.ts';
import type { LinkStep, LinkSubject } from './links.ts';

/** Whether an object is in the bin, by the context of a job: many of its objects have the same other ends. */
const asked = new WeakMap<JobContext, Map<Id, boolean>>();

/** Whether nothing comes back to an object from the bin: what rests there is linked to the id of then, and who lives has another one. */
export const isAnew = ({ state, id, liveId }: LinkSubject): boolean =>
  state === 'new' || (state === 'live' && id !== liveId);

/** Planned steps, those for links that come back with the other end apart, also such as nobody could write. One look into the bin for each end that is not there. */
export async function partResting(
  context: JobContext,
  subjects: readonly LinkSubject[],
  steps: readonly LinkStep[],
): Promise<{ open: readonly LinkStep[]; resting: readonly LinkStep[] }> {
  if (!context.request.useRecycleBin) return { open: steps, resting: [] };
  const anew = new Set(subjects.filter(isAnew).map(({ origin }) => origin));
  const mayRest = ({ act, isAwaited, origin, otherId, targetId, replaces }: LinkStep): boolean =>
    ['link', 'skip'].includes(act) &&
    isAwaited === true &&
    !anew.has(origin) &&
    otherId === targetId &&
    replaces === undefined;
  const ends = new Map(steps.filter(mayRest).map((step) => [step.targetId, otherKind(step)]));
  const groups = await toBeRestored(context, new Set(steps.flatMap(({ givenBy = [] }) => givenBy)));
  for (const group of groups) ends.set(group, 'groups');
  const known = asked.get(context) ?? new Map<Id, boolean>();
  asked.set(context, known);
  for (const { id, state } of subjects) known.set(id, state === 'deleted');
  const isInBin = await inBin(context, ends, known);
  // A licence comes back with the group that gives it, to whoever has stayed its member.
  const rests = (step: LinkStep): boolean =>
    (mayRest(step) && isInBin.get(step.targetId) === true) ||
    (!anew.has(step.origin) && (step.givenBy ?? []).some((group) => groups.has(group) && isInBin.get(group) === true));
  return { open: steps.filter((step) => !rests(step)), resting: steps.filter(rests) };
}

async function toBeRestored(context: JobContext, groups: ReadonlySet<Id>): Promise<ReadonlySet<Id>> {
  const found = new Set<Id>();
  for (const group of groups) if (await context.willRestore('groups', group)) found.add(group);
  return found;
}

/** The kind of the other end, which is the source where the restored object is the target. */
const otherKind = ({ relation, targetId, target, targetKind }: LinkStep): KindName | undefined =>
  target === targetId || relation === undefined ? targetKind : relationOf(relation).source;

async function inBin(
  context: JobContext,
  ends: ReadonlyMap<Id, KindName | undefined>,
  known: Map<Id, boolean>,
): Promise<ReadonlyMap<Id, boolean>> {
  const open = [...ends].flatMap(([id, kind]) => (known.has(id) || kind === undefined ? [] : [{ id, kind }]));
  const found = await apart<(typeof open)[number], readonly [Id, boolean]>(
    context,
    open,
    async (some) => {
      const all = await context.gateway.find(some.map(({ id, kind }) => ({ by: 'deleted-id' as const, kind, id })));
      return some.map(({ id }, index) => [id, (all[index] ?? []).length > 0]);
    },
    ({ id }) => [[id, false]],
  );
  for (const [id, rests] of found) known.set(id, rests);
  return known;
}
