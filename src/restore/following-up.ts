/**
 * Looking after what waits for a synchronization (H05, H10): once it has taken a user over, the roles that were held back are given back,
 * and the user is proven again. Looks first, so that a second run finds its own work.
 */
import type { Candidate } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { getJson, putJson } from '../storage/json-blob.ts';
import { readSlots, writeSlots } from '../storage/slotted-blob.ts';
import { isUnread } from './apart.ts';
import { tried, type Waiting, withLater } from './follow-ups.ts';
import type { JobContext } from './job-context.ts';
import { layout, linkSlots } from './layout.ts';
import { linkOutcomesOf } from './link-outcomes.ts';
import { gatherLinks } from './link-planning.ts';
import { settleLinks } from './link-writing.ts';
import type { LinkStep } from './links.ts';
import { isSynced } from './object-plan.ts';
import type { Verification } from './outcome.ts';
import { outcomesOf } from './outcomes.ts';
import { writeReport } from './reporting.ts';
import { prove } from './verifying.ts';

/**
 * Looks after one chunk. The report is made again before what waits is told to have ended: a run that dies in between is done over.
 * @param cancelled follow-ups that nobody wants any more.
 */
export async function lookAfter(
  context: JobContext,
  chunk: number,
  linkParts: number,
  cancelled: ReadonlySet<string>,
): Promise<void> {
  const name = layout.waiting(context, chunk);
  const all = (await getJson<Waiting[]>(context.bucket, name)) ?? [];
  const open = all.filter(({ state, followUp }) => state === 'pending' && !cancelled.has(followUp));
  const users = await arrivals(context, open);
  const strangers = open.filter(({ user }) => users.get(user.liveId) === 'stranger');
  const come = open.filter(({ user }) => users.get(user.liveId) === 'come');
  if (strangers.length + come.length === 0) return;

  const ended = new Map<Waiting, Waiting>(strangers.map((one) => [one, tried(one, 'skipped', 'anchor-conflict')]));
  const held = come.filter(({ relation }) => relation !== undefined);
  for (const [one, then] of await giveBack(context, chunk, held)) ended.set(one, then);

  const later = all.map((one) => ended.get(one) ?? one);
  const links = new Map(
    [...(await linkOutcomesOf(context, chunk, linkParts))].map(([index, some]) => [
      index,
      withLater(some, later, index),
    ]),
  );
  const indexes = [...new Set(come.map(({ index }) => index))];
  const proof = await prove(context, chunk, indexes, {
    outcomes: await outcomesOf(context, chunk),
    links,
    // What was written long ago is there to be read, or is not there.
    ...(held.length === 0 ? { waitsMs: [] } : {}),
  });
  for (const one of come.filter(({ relation }) => relation === undefined)) {
    const lacks = one.followUp !== 'account' && proof[one.index]?.matched !== true;
    ended.set(one, lacks ? tried(one, 'failed', 'verification-mismatch') : tried(one, 'done'));
  }
  const verification = layout.verification(context, chunk);
  const before = (await getJson<Record<number, Verification>>(context.bucket, verification)) ?? {};
  await putJson(context.bucket, verification, { ...before, ...proof });
  await writeReport(context, chunk, linkParts, later);
  await putJson(
    context.bucket,
    name,
    all.map((one) => ended.get(one) ?? one),
  );
}

/**
 * The users whom synchronization has taken over by now, by live id. With another anchor than the snapshot's it is another account's doing:
 * such a `stranger` is given no role by us.
 */
async function arrivals(
  { gateway, reader }: JobContext,
  waiting: readonly Waiting[],
): Promise<ReadonlyMap<Id, 'come' | 'stranger'>> {
  const users = [...new Map(waiting.map(({ user }) => [user.liveId, user])).values()];
  const records = await reader.records(
    'users',
    users.map(({ id }) => id),
  );
  const found = await gateway.find(users.map(({ liveId }) => ({ by: 'id', kind: 'users', id: liveId })));
  return new Map(
    users.flatMap(({ id, liveId }, index): [Id, 'come' | 'stranger'][] => {
      const body = found[index]?.[0]?.body;
      if (body === undefined || !isSynced(body)) return [];
      const anchor = records.get(id)?.body.onPremisesImmutableId ?? null;
      return [[liveId, anchor === null || anchor === body.onPremisesImmutableId ? 'come' : 'stranger']];
    }),
  );
}

/** Kept as the job's other steps are, before they are carried out: an undo takes them back, too. */
async function keepLater({ bucket, ...job }: JobContext, chunk: number, steps: readonly LinkStep[]): Promise<void> {
  if (steps.length === 0) return;
  const name = layout.laterLinkSteps(job, chunk);
  const lines = steps.map((step) => JSON.stringify(step));
  if (await bucket.exists(name))
    for await (const line of readSlots(bucket, name, 0, linkSlots)) if (!lines.includes(line)) lines.push(line);
  await writeSlots(
    bucket,
    name,
    linkSlots,
    lines.map((line) => ({ slot: 0, line })),
  );
}

/** Writes the held-back links that live still lacks; what is there already is done. */
async function giveBack(
  context: JobContext,
  chunk: number,
  held: readonly Waiting[],
): Promise<ReadonlyMap<Waiting, Waiting>> {
  const { kind } = await context.chunk(chunk);
  const objects = [...new Map(held.map((one) => [one.index, one])).values()];
  const found = await context.gateway.find(objects.map(({ liveId }) => ({ by: 'id', kind, id: liveId })));
  const live = (index: number): Candidate | undefined => found[index]?.[0];
  const subjects = objects.flatMap(({ index, id, liveId }, place) => {
    const body = live(place)?.body;
    return body === undefined ? [] : [{ kind, id, liveId, body, origin: { chunk, index }, state: 'live' as const }];
  });
  const isOf = (one: Waiting, index: number, relation: string, targetId: Id): boolean =>
    one.index === index && one.relation === relation && one.targetId === targetId;
  const gathered = await gatherLinks(context, subjects);
  const unread = gathered.filter(isUnread);
  const steps = gathered.filter(({ origin, name, targetId }) =>
    held.some((one) => isOf(one, origin.index, name, targetId)),
  );
  await keepLater(context, chunk, steps);
  const outcomes = await settleLinks(context, steps, layout.laterLinkSteps);
  return new Map(
    held
      .filter(({ index }) => subjects.some(({ origin }) => origin.index === index))
      .map((one) => {
        const hidden = unread.find(({ origin, name }) => origin.index === one.index && name === one.relation);
        if (hidden !== undefined) return [one, tried(one, 'failed', hidden.reason)];
        const mine = outcomes.filter(({ index, relation, targetId }) => isOf(one, index, relation, targetId));
        const worst = mine.find(({ result }) => result !== 'done');
        return [one, worst === undefined ? tried(one, 'done') : tried(one, worst.result, worst.reason)];
      }),
  );
}
