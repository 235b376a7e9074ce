/** What restores cost: writes against the fewest possible, time against Graph's quota and per user, and how soon one user is begun with. */
import type { Clients, Json } from './clients.ts';
import { type Restored, restore, takeSnapshot } from './jobs.ts';
import { deleteAll, type Floor, floorOf, loseForGood } from './loss.ts';
import { type Facts, judge, peakRssMb, tell } from './measures.ts';

/** Writes that an L tenant lets an app do at once, and each second from then on (graph-facts 1.1). */
const quota = { burst: 3_000, perSecond: 20 };

const factsOf = (users: number, { job, stats }: Restored): Facts => ({
  users,
  status: job.status,
  counts: job.counts,
  requests: stats.requests,
  resourceUnits: stats.resourceUnits,
});

/**
 * A tenant of so many users, ten memberships each, in a fifth as many groups, and a snapshot of it. Each size has ids of its own, since
 * the product remembers who has come back as whom.
 */
async function seedAndKeep(clients: Clients, users: number): Promise<Floor> {
  await clients.control('POST', '/seed', { users, groups: Math.ceil(users / 5), linksPerUser: 10, seed: users });
  await takeSnapshot(clients, 'full');
  return floorOf(clients);
}

async function restoreLost(clients: Clients, users: number): Promise<Restored & { readonly floor: Floor }> {
  const floor = await seedAndKeep(clients, users);
  await loseForGood(clients, floor.ids);
  return { floor, ...(await restore(clients, { users: floor.ids })) };
}

/** Everyone hard-deleted and brought back. Answers the time for each user, in ms. */
export async function measureLost(clients: Clients, users: number): Promise<number> {
  const restored = await restoreLost(clients, users);
  const { floor, stats, seconds } = restored;
  const facts = factsOf(users, restored);
  judge('restore.writes / floor', stats.writes / floor.writes, 'ratio', 1.05, {
    ...facts,
    writes: stats.writes,
    floor: floor.writes,
  });
  tell('restore.time', seconds, 's', facts);
  const perUser = (seconds * 1_000) / users;
  tell('orchestration.perUser.ms', perUser, 'ms', facts);
  return perUser;
}

/** The same in small and in large. @param hostPid of a host whose memory nothing else has used. */
export async function measureGrowth(clients: Clients, hostPid: number, small: number, large: number): Promise<void> {
  const before = await measureLost(clients, small);
  const after = await measureLost(clients, large);
  judge('orchestration.perUser.ms / small', after / before, 'ratio', 1.3, { small, large });
  const rss = peakRssMb(hostPid);
  if (rss !== undefined) judge('restore.peakRss', rss, 'MB', 512, { users: large });
}

/** Everyone hard-deleted and brought back by an app that gets no more than an L tenant gives, its quota full at the start. */
export async function measureThrottled(clients: Clients, users: number): Promise<void> {
  await clients.control('POST', '/settings', { throttling: 'L' });
  const restored = await restoreLost(clients, users);
  const { floor, stats, seconds } = restored;
  const { tooEarly } = await clients.control('GET', '/stats/order');
  await clients.control('POST', '/settings', { throttling: 'off' });
  const needed = (floor.writes - quota.burst) / quota.perSecond;
  const facts = { ...factsOf(users, restored), writes: stats.writes, floor: floor.writes, throttled: stats.throttled };
  if (needed > 0)
    judge('restore.time / quota', seconds / needed, 'ratio', 1.15, { ...facts, seconds, quotaSeconds: needed });
  judge('restore.tooEarly', tooEarly, 'requests', 0, facts);
}

/** Everyone in the bin, and in every tenth of them something that the overlay has to put right. */
export async function measureBinned(clients: Clients, users: number): Promise<void> {
  const { ids } = await seedAndKeep(clients, users);
  const changed = ids.filter((_, at) => at % 10 === 0);
  for (const id of changed) await clients.graph('PATCH', `/users/${id}`, { jobTitle: 'Changed' });
  await deleteAll(clients, '/users', ids);
  const restored = await restore(clients, { users: ids });
  const { stats } = restored;
  const floor = ids.length + changed.length;
  judge('restore.softDeleted.writes / floor', stats.writes / floor, 'ratio', 1, {
    ...factsOf(users, restored),
    writes: stats.writes,
    floor,
  });
}

/** One user of a large tenant that the newest snapshot holds, hard-deleted and brought back. */
export async function measureOne(clients: Clients, users: number): Promise<void> {
  const [{ id }] = (await clients.graph('GET', '/users?$select=id&$top=1')).value;
  await loseForGood(clients, [id]);
  const began = Date.parse((await clients.control('GET', '/clock')).now);
  const { job }: { job: Json } = await restore(clients, { users: [id] });
  const order = await clients.control('GET', '/stats/order');
  const facts = { users, status: job.status, counts: job.counts };
  judge('restore.one.firstWrite.ms', Date.parse(order.firstWriteDateTime) - began, 'ms', 2_000, facts);
  judge('restore.one.readsBeforeWrite', order.requestsBeforeWrite, 'requests', 12, facts);
}
