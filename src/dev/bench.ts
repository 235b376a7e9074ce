/**
 * `npm run bench`: what a snapshot and a restore cost, as JSON lines on stdout (contract section 4). Ratios stand against a floor measured in
 * the same run, so they say something about the product and not about the machine.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { continueOnPinnedNode } from './node-version.ts';
import { findFreePorts } from './ports.ts';
import { type Clients, createClients, type Json } from './story/clients.ts';
import { drain } from './story/drain.ts';
import { blobReadsOfLookup } from './story/lookup.ts';
import { floorOf, loseForGood } from './story/loss.ts';
import { peakRssMb, tell } from './story/measures.ts';
import { tellSimulator } from './story/simulator-speed.ts';
import { type System, startSystem } from './system.ts';

interface Size {
  readonly users: number;
  readonly groups: number;
  readonly linksPerUser: number;
}

interface Taken {
  readonly job: Json;
  readonly summary: Json;
  readonly stats: Json;
  readonly ms: number;
}

async function snapshot({ api, control, follow }: Clients, mode: 'full' | 'incremental'): Promise<Taken> {
  await control('DELETE', '/stats');
  const { jobId } = await api('POST', '/connectors/default/snapshots', { mode });
  const job = await follow(jobId, () => undefined);
  if (job.status !== 'completed') throw new Error(`the ${mode} snapshot ended ${job.status}: ${job.error?.message}`);
  const summary = await api('GET', `/connectors/default/snapshots/${job.id}`);
  const ms = Date.parse(job.completedDateTime) - Date.parse(job.startedDateTime ?? job.createdDateTime);
  return { job, summary, stats: await control('GET', '/stats'), ms };
}

async function measureFull(system: System, clients: Clients, size: Size): Promise<Taken> {
  const { control } = clients;
  await control('POST', '/seed', { ...size, seed: 1 });
  const full = await snapshot(clients, 'full');
  await control('DELETE', '/stats');
  const floor = await drain(system);
  const floorStats = await control('GET', '/stats');
  const links = size.users * size.linksPerUser;
  const facts = { users: size.users, groups: size.groups, links };
  tell('snapshot.full.time', full.ms / 1_000, 's', { ...facts, requests: full.stats.requests });
  tell('snapshot.full.time / drain', full.ms / floor.ms, 'ratio', { ...facts, drainSeconds: floor.ms / 1_000 });
  tell('snapshot.full.resourceUnits / floor', full.stats.resourceUnits / floorStats.resourceUnits, 'ratio', {
    ...facts,
    resourceUnits: full.stats.resourceUnits,
    floor: floorStats.resourceUnits,
  });
  const rss = peakRssMb(system.pids.host);
  if (rss !== undefined) tell('snapshot.peakRss', rss, 'MB', facts);
  return full;
}

async function measureIncremental(system: System, clients: Clients, size: Size, full: Taken): Promise<void> {
  const report = (share: string, taken: Taken): void => {
    tell(`snapshot.incremental.${share}.requests`, taken.stats.requests, 'requests', { full: full.stats.requests });
    tell(
      `snapshot.incremental.${share}.bytesWritten / full`,
      taken.summary.bytesWritten / full.summary.bytesWritten,
      'ratio',
      { bytes: taken.summary.bytesWritten, seconds: taken.ms / 1_000 },
    );
  };
  report('0', await snapshot(clients, 'incremental'));
  const some = await clients.graph('GET', `/users?$select=id&$top=${Math.max(1, Math.ceil(size.users / 1_000))}`);
  for (const { id } of some.value) await clients.graph('PATCH', `/users/${id}`, { jobTitle: 'Changed' });
  const changed = await snapshot(clients, 'incremental');
  report('0.001', changed);
  await measureReading(system, clients, size, [full.job.id, changed.job.id]);
}

/** What it takes to compare two snapshots that differ in a thousandth, and to look one user up. */
async function measureReading(
  system: System,
  { api, graph }: Clients,
  { users }: Size,
  [left, right]: readonly [string, string],
): Promise<void> {
  const path = `/connectors/default/snapshots/${left}/compare?with=${right}`;
  const started = performance.now();
  const { counts } = await api('GET', path);
  tell('compare.snapshots.time', (performance.now() - started) / 1_000, 's', { users, counts });
  const [{ id }] = (await graph('GET', '/users?$select=id&$top=1')).value;
  tell('lookup.blobReads', await blobReadsOfLookup(system, right, id), 'reads', { users });
}

/** Everyone hard-deleted and brought back: writes against the fewest possible, and time per user, which must not grow with their number. */
async function measureRestore(clients: Clients, users: number): Promise<void> {
  const { api, control, follow } = clients;
  await control('POST', '/seed', { users, groups: Math.ceil(users / 5), linksPerUser: 10, seed: 2 });
  await snapshot(clients, 'full');
  const floor = await floorOf(clients);
  await loseForGood(clients, floor.ids);
  await control('DELETE', '/stats');
  const { jobId } = await api('POST', '/connectors/default/restores', { users: floor.ids });
  const job = await follow(jobId, () => undefined);
  if (!['completed', 'incomplete'].includes(job.status)) throw new Error(`the restore ended ${job.status}`);
  const stats = await control('GET', '/stats');
  const seconds = (Date.parse(job.completedDateTime) - Date.parse(job.startedDateTime ?? job.createdDateTime)) / 1_000;
  const facts = { users, status: job.status, counts: job.counts };
  tell('restore.writes / floor', stats.writes / floor.writes, 'ratio', {
    ...facts,
    writes: stats.writes,
    floor: floor.writes,
  });
  tell('restore.time', seconds, 's', facts);
  tell('orchestration.perUser.ms', (seconds * 1_000) / users, 'ms', facts);
}

async function main(): Promise<number> {
  const command = new Command('npm run bench --')
    .option('--users <n>', 'users of the large tenant', Number, 20_000)
    .option('--groups <n>', 'groups of the large tenant', Number, 2_000)
    .option('--links-per-user <n>', 'group memberships of each user', Number, 10)
    .option('--no-simulator', 'leave out the simulator alone at 200,000 users')
    .parse();
  const { simulator, ...large } = command.opts<Size & { readonly simulator: boolean }>();
  const small = { ...large, users: Math.ceil(large.users / 10), groups: Math.ceil(large.groups / 10) };
  const stateDir = mkdtempSync(join(tmpdir(), 'entra-restore-bench-'));
  const lines: string[] = [];
  let stop = async (): Promise<void> => undefined;
  try {
    if (simulator) await tellSimulator();
    const system = await startSystem({
      ports: await findFreePorts(),
      stateDir,
      seed: 'empty',
      schedule: false,
      onLine: (name, line) => void (lines.push(`${name}: ${line}`) > 200 && lines.shift()),
      onLost: (name) => process.stderr.write(`the ${name} ended unexpectedly\n`),
      env: { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    });
    stop = system.stop;
    const clients = createClients(system);
    // One tenant takes the place of another here, and that it is smaller is nothing to be alarmed about.
    const { tenantId } = await clients.api('GET', '/connectors/default');
    await clients.api('PUT', '/connectors/default', { tenantId, alerts: { shrinkShare: 1 } });
    await measureFull(system, clients, small);
    await measureIncremental(system, clients, large, await measureFull(system, clients, large));
    for (const users of [200, 1_000]) await measureRestore(clients, users);
    return 0;
  } catch (error) {
    process.stderr.write(`${lines.slice(-40).join('\n')}\n${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  } finally {
    await stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

continueOnPinnedNode();
process.exit(await main());
