/** What snapshots cost and what reading them takes, against floors measured in the same run, with the bars they have to meet. */
import type { System } from '../system.ts';
import type { Clients } from './clients.ts';
import { drain } from './drain.ts';
import { type Taken, takeSnapshot } from './jobs.ts';
import { blobReadsOfLookup } from './lookup.ts';
import { judge, peakRssMb, tell } from './measures.ts';

export interface Size {
  readonly users: number;
  readonly groups: number;
  readonly linksPerUser: number;
}

/**
 * A full snapshot of a tenant of this size, and the same pages fetched and thrown away.
 * @param latencyMs how long Graph takes to answer while both run; without any, the drain measures the speed of the simulator alone.
 * @returns the snapshot, and the most memory the host has held so far in MB.
 */
export async function measureFull(
  system: System,
  clients: Clients,
  size: Size,
  latencyMs: number,
): Promise<{ taken: Taken; rss: number | undefined }> {
  const { control } = clients;
  await control('POST', '/seed', { ...size, seed: 1 });
  await control('POST', '/settings', { latencyMs });
  const full = await takeSnapshot(clients, 'full');
  await control('DELETE', '/stats');
  const floor = await drain(system);
  const { resourceUnits } = await control('GET', '/stats');
  await control('POST', '/settings', { latencyMs: 0 });
  const facts = { users: size.users, groups: size.groups, links: size.users * size.linksPerUser };
  const { requests } = full.stats;
  tell('snapshot.full.time', full.ms / 1_000, 's', { ...facts, latencyMs, requests, bytes: full.summary.bytesWritten });
  const drainSeconds = floor.ms / 1_000;
  judge('snapshot.full.time / drain', full.ms / floor.ms, 'ratio', 1.5, { ...facts, latencyMs, drainSeconds });
  judge('snapshot.full.resourceUnits / floor', full.stats.resourceUnits / resourceUnits, 'ratio', 1.1, {
    ...facts,
    resourceUnits: full.stats.resourceUnits,
    floor: resourceUnits,
  });
  const rss = peakRssMb(system.pids.host);
  if (rss !== undefined) judge('snapshot.peakRss', rss, 'MB', 512, facts);
  return { taken: full, rss };
}

/** Two incremental snapshots on top of a full one: nothing changed, and a thousandth of the users. @returns the second. */
export async function measureIncremental(clients: Clients, { users }: Size, full: Taken): Promise<Taken> {
  const { graph } = clients;
  const nothing = await takeSnapshot(clients, 'incremental');
  judge('snapshot.incremental.0.requests', nothing.stats.requests, 'requests', 12, { full: full.stats.requests });
  judge('snapshot.incremental.0.time', nothing.ms / 1_000, 's', 2);
  const share = (taken: Taken) => taken.summary.bytesWritten / full.summary.bytesWritten;
  judge('snapshot.incremental.0.bytesWritten / full', share(nothing), 'ratio', 0);
  const some = await graph('GET', `/users?$select=id&$top=${Math.min(999, Math.max(1, Math.ceil(users / 1_000)))}`);
  for (const { id } of some.value) await graph('PATCH', `/users/${id}`, { jobTitle: 'Changed' });
  const changed = await takeSnapshot(clients, 'incremental');
  tell('snapshot.incremental.0.001.time', changed.ms / 1_000, 's');
  tell('snapshot.incremental.0.001.requests', changed.stats.requests, 'requests', { full: full.stats.requests });
  judge('snapshot.incremental.0.001.bytesWritten / full', share(changed), 'ratio', 0.1, {
    bytes: changed.summary.bytesWritten,
  });
  const [units, all] = [changed.stats.resourceUnits, full.stats.resourceUnits];
  judge('snapshot.incremental.0.001.resourceUnits / full', units / all, 'ratio', 0.05, { resourceUnits: units });
  return changed;
}

/** What it takes to compare two snapshots, to search one, and to look one user up. */
export async function measureReading(
  system: System,
  { api, graph }: Clients,
  { users }: Size,
  left: string,
  right: string,
): Promise<void> {
  const timed = async (path: string) => {
    const started = performance.now();
    const answer = await api('GET', `/connectors/default/snapshots/${path}`);
    return { answer, seconds: (performance.now() - started) / 1_000 };
  };
  const compared = await timed(`${left}/compare?with=${right}`);
  judge('compare.snapshots.time', compared.seconds, 's', 1, { users, counts: compared.answer.counts });
  const [{ id, displayName }] = (await graph('GET', '/users?$select=id,displayName&$top=1')).value;
  const searched = await timed(`${right}/users?search=${encodeURIComponent(displayName.slice(1))}`);
  judge('search.time', searched.seconds, 's', 1, { users, found: searched.answer.value.length });
  // Nobody has this name, so everybody's has to be looked at.
  judge('search.nobody.time', (await timed(`${right}/users?search=nobody-has-this-name`)).seconds, 's', 1, { users });
  judge('lookup.blobReads', await blobReadsOfLookup(system, right, id), 'reads', 3, { users });
}
