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
import { judge } from './story/measures.ts';
import { measureBinned, measureGrowth, measureOne, measureThrottled } from './story/restore-cost.ts';
import { tellSimulator } from './story/simulator-speed.ts';
import { measureFull, measureIncremental, measureReading, type Size } from './story/snapshot-cost.ts';
import { type System, startSystem } from './system.ts';

/** Runs measurements on a system of its own, so that none inherits another's memory. */
async function onSystem(measure: (system: System, clients: Clients) => Promise<void>): Promise<void> {
  const stateDir = mkdtempSync(join(tmpdir(), 'entra-restore-bench-'));
  const lines: string[] = [];
  let system: System | undefined;
  try {
    system = await startSystem({
      ports: await findFreePorts(),
      stateDir,
      seed: 'empty',
      schedule: false,
      onLine: (name, line) => void (lines.push(`${name}: ${line}`) > 200 && lines.shift()),
      onLost: (name) => process.stderr.write(`the ${name} ended unexpectedly\n`),
      env: { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'warn' },
    });
    const clients = createClients(system);
    // One tenant takes the place of another here, and that it is smaller is nothing to be alarmed about.
    const { tenantId } = await clients.api('GET', '/connectors/default');
    await clients.api('PUT', '/connectors/default', { tenantId, alerts: { shrinkShare: 1 } });
    await measure(system, clients);
  } catch (error) {
    process.stderr.write(`${lines.slice(-40).join('\n')}\n`);
    throw error;
  } finally {
    await system?.stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

async function measureSnapshots(system: System, clients: Clients, large: Size, latencyMs: number): Promise<void> {
  const small = { ...large, users: Math.ceil(large.users / 10), groups: Math.ceil(large.groups / 10) };
  const before = await measureFull(system, clients, small, latencyMs);
  const full = await measureFull(system, clients, large, latencyMs);
  if (before.rss !== undefined && full.rss !== undefined) {
    judge('snapshot.peakRss / small', full.rss / before.rss, 'ratio', 1.3, { small: small.users, large: large.users });
  }
  const changed = await measureIncremental(clients, large, full.taken);
  await measureReading(system, clients, large, full.taken.job.id, changed.job.id);
  await measureOne(clients, large.users);
}

interface Options extends Size {
  readonly latency: number;
  readonly restored: number;
  readonly binned: number;
  readonly simulator: boolean;
  readonly snapshots: boolean;
  readonly restores: boolean;
}

async function main(): Promise<number> {
  const options = new Command('npm run bench --')
    .option('--users <n>', 'users of the large tenant', Number, 100_000)
    .option('--groups <n>', 'groups of the large tenant', Number, 10_000)
    .option('--links-per-user <n>', 'group memberships of each user', Number, 10)
    .option('--latency <ms>', 'what Graph takes to answer while a full snapshot is measured', Number, 20)
    .option('--restored <n>', 'users of the large restore', Number, 10_000)
    .option('--binned <n>', 'users brought back from the bin', Number, 5_000)
    .option('--no-simulator', 'leave out the simulator alone at 200,000 users')
    .option('--no-snapshots', 'leave out the large tenant: snapshots, reading them, the restore of one user')
    .option('--no-restores', 'leave out the restores of many users')
    .parse()
    .opts<Options>();
  const { users, groups, linksPerUser } = options;
  try {
    if (options.simulator) await tellSimulator();
    if (options.snapshots)
      await onSystem((...running) => measureSnapshots(...running, { users, groups, linksPerUser }, options.latency));
    if (options.restores) {
      await onSystem(async (_, clients) => {
        await measureThrottled(clients, 1_000);
        await measureBinned(clients, options.binned);
      });
      await onSystem(({ pids }, clients) => measureGrowth(clients, pids.host, 200, options.restored));
    }
    return 0;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    return 1;
  }
}

continueOnPinnedNode();
process.exit(await main());
