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
import { type Clients, createClients } from './story/clients.ts';
import { takeSnapshot } from './story/jobs.ts';
import { floorOf, loseForGood } from './story/loss.ts';
import { judge, tell } from './story/measures.ts';
import { tellSimulator } from './story/simulator-speed.ts';
import { measureFull, measureIncremental, measureReading, type Size } from './story/snapshot-cost.ts';
import { startSystem } from './system.ts';

/** Everyone hard-deleted and brought back: writes against the fewest possible, and time per user, which must not grow with their number. */
async function measureRestore(clients: Clients, users: number): Promise<void> {
  const { api, control, follow } = clients;
  await control('POST', '/seed', { users, groups: Math.ceil(users / 5), linksPerUser: 10, seed: 2 });
  await takeSnapshot(clients, 'full');
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
    .option('--users <n>', 'users of the large tenant', Number, 100_000)
    .option('--groups <n>', 'groups of the large tenant', Number, 10_000)
    .option('--links-per-user <n>', 'group memberships of each user', Number, 10)
    .option('--latency <ms>', 'what Graph takes to answer while a full snapshot is measured', Number, 20)
    .option('--no-simulator', 'leave out the simulator alone at 200,000 users')
    .parse();
  const { simulator, latency, ...large } = command.opts<Size & { simulator: boolean; latency: number }>();
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
    const before = await measureFull(system, clients, small, latency);
    const full = await measureFull(system, clients, large, latency);
    if (before.rss !== undefined && full.rss !== undefined) {
      judge('snapshot.peakRss / small', full.rss / before.rss, 'ratio', 1.3, {
        small: small.users,
        large: large.users,
      });
    }
    const changed = await measureIncremental(clients, large, full.taken);
    await measureReading(system, clients, large, full.taken.job.id, changed.job.id);
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
