/**
 * Carries out the rings of names of a job, once all objects have had their turn. Run again it looks at the names first, and goes on where the
 * earlier run was; where one of a ring cannot be renamed, the others get back the names they came with.
 */
import type { Candidate } from '../directory/gateway.ts';
import { getJson } from '../storage/json-blob.ts';
import { apart } from './apart.ts';
import type { Place } from './applied-plan.ts';
import { reasonOf, refusalOf } from './attribute-writing.ts';
import type { JobContext } from './job-context.ts';
import { layout } from './layout.ts';
import { asideName, isNamed, nameProperty, type Rename, type Ring } from './name-rings.ts';
import type { AttributeOutcome, ObjectOutcome } from './outcome.ts';

/** Whether the name of an object waits for its ring. */
export async function isInRing({ bucket, ...job }: JobContext, { chunk, index }: Place): Promise<boolean> {
  const rings = (await getJson<Ring[]>(bucket, layout.nameRings(job))) ?? [];
  return rings.some((ring) => ring.some((one) => one.chunk === chunk && one.index === index));
}

/**
 * Turns the rings whose first user stands in the chunk. Returns how many had not been before.
 * @param cancelled then only those are finished that were begun.
 */
export async function turnNames(context: JobContext, chunk: number, cancelled: boolean): Promise<number> {
  const rings = (await getJson<Ring[]>(context.bucket, layout.nameRings(context))) ?? [];
  let turned = 0;
  for (const ring of rings.filter(([first]) => first?.chunk === chunk))
    if (await turn(context, ring, cancelled)) turned += 1;
  return turned;
}

async function turn(context: JobContext, ring: Ring, cancelled: boolean): Promise<boolean> {
  const outcomes = await Promise.all(ring.map((one) => outcomeOf(context, one)));
  if (!outcomes.some(waitsForRing)) return false;
  const live = await liveOf(context, ring);
  const told = await rename(context, ring, live, { cancelled, isReady: outcomes.every(waitsForRing) });
  for (const [at, one] of ring.entries()) {
    const [outcome, name] = [outcomes[at], told.get(one)];
    if (outcome === undefined || name === undefined || !waitsForRing(outcome)) continue;
    const { chunk, index } = one;
    await context.jobs.putOutcome(context.jobId, { chunk, index, json: JSON.stringify(withName(outcome, name)) });
  }
  return told.size > 0;
}

async function outcomeOf({ jobs, jobId }: JobContext, { chunk, index }: Rename): Promise<ObjectOutcome | undefined> {
  const stored = await jobs.getOutcome(jobId, chunk, index);
  return stored === undefined ? undefined : (JSON.parse(stored.json) as ObjectOutcome);
}

export const waitsForRing = (outcome: ObjectOutcome | undefined): boolean =>
  outcome?.attributes.some(({ name, reason }) => name === nameProperty && reason === 'not-tried') === true;

const liveOf = ({ gateway, ...context }: JobContext, ring: Ring): Promise<readonly (Candidate | undefined)[]> =>
  apart<Rename, Candidate | undefined>(
    { gateway, ...context },
    ring,
    async (some) => {
      const found = await gateway.find(some.map(({ liveId }) => ({ by: 'id', kind: 'users', id: liveId })));
      return some.map((_, at) => found[at]?.[0]);
    },
    () => [undefined],
  );

type Told = Map<Rename, Omit<AttributeOutcome, 'name'>>;

/** What became of the names of a ring; of those that nobody tried, nothing. @param live in the order of the ring. */
async function rename(
  context: JobContext,
  ring: Ring,
  live: readonly (Candidate | undefined)[],
  { cancelled, isReady }: { readonly cancelled: boolean; readonly isReady: boolean },
): Promise<Told> {
  const told: Told = new Map();
  const nameOf = (one: Rename) => live[ring.indexOf(one)]?.body;
  const [first, ...others] = ring;
  if (first === undefined) return told;
  const isAside = isNamed(asideName(first), nameOf(first));
  const isBegun = isAside || ring.some((one) => isNamed(one.to, nameOf(one)));
  if (!isBegun && cancelled) return told;
  if (!isBegun && !(isReady && ring.every((one) => isNamed(one.from, nameOf(one)))))
    return new Map(ring.map((one) => [one, { result: 'failed', reason: 'name-conflict' }]));

  const moved: Rename[] = isAside ? [first] : [];
  if (!isBegun) {
    const refusal = await give(context, first, asideName(first));
    if (refusal !== undefined) return new Map(ring.map((one) => [one, refusal]));
    moved.push(first);
  }
  for (const one of [...others, first]) {
    const isDone = isNamed(one.to, nameOf(one));
    if (isDone) await context.gateway.noteEarlier(writeOf(one, one.to));
    const refusal = isDone ? undefined : await give(context, one, one.to);
    if (refusal === undefined) {
      told.set(one, { result: 'done' });
      moved.push(one);
      continue;
    }
    for (const back of new Set(moved.toReversed())) await give(context, back, back.from);
    return new Map(ring.map((each) => [each, each === one ? refusal : { result: 'failed', reason: 'name-conflict' }]));
  }
  return told;
}

const writeOf = ({ liveId }: Rename, name: string) =>
  ({ write: 'update', kind: 'users', id: liveId, changes: { [nameProperty]: name } }) as const;

/** Undefined: the user has the name. */
async function give(
  context: JobContext,
  one: Rename,
  name: string,
): Promise<Omit<AttributeOutcome, 'name'> | undefined> {
  const isLast = name === one.to;
  const [result] = await context.gateway.apply([writeOf(one, name)], isLast ? [] : [[layout.nameRings(context)]]);
  if (result === undefined) return { result: 'failed', reason: 'graph-error' };
  if (result.ok) return undefined;
  const touched = { kind: 'users', id: one.liveId, isSensitive: true } as const;
  const refusal =
    result.problem === 'refused'
      ? { reason: reasonOf(result, nameProperty) }
      : await refusalOf(context, result, touched);
  return { result: 'failed', ...refusal };
}

/** The outcome with the word on the name in it. */
function withName(outcome: ObjectOutcome, name: Omit<AttributeOutcome, 'name'>): ObjectOutcome {
  const attributes = outcome.attributes.map((one) =>
    one.name === nameProperty ? { name: nameProperty, ...name } : one,
  );
  if (name.result !== 'done') return { ...outcome, attributes };
  return {
    ...outcome,
    attributes,
    result: outcome.result === 'unchanged' ? 'updated' : outcome.result,
    actions: [...new Set([...outcome.actions, 'update'])],
  };
}
