/**
 * `npm run demo`: the whole road once. A small company is snapshotted, loses people, and gets them back; in the end Graph
 * itself is asked, beside the product, whether it is true. Exit status 0 only then.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { continueOnPinnedNode } from './node-version.ts';
import { findFreePorts } from './ports.ts';
import { type Clients, createClients, type Json } from './story/clients.ts';
import { drawTable, type Fate, judge } from './story/ending.ts';
import { incident, type Victim, victims } from './story/incident.ts';
import { readNames, readPortrait } from './story/portrait.ts';
import { createProgress } from './story/progress.ts';
import { startSystem } from './system.ts';

const say = (line = ''): void => void process.stdout.write(`${line}\n`);

async function follow(clients: Clients, title: string, path: string, body: unknown): Promise<Json> {
  const { jobId } = await clients.api('POST', path, body);
  const progress = createProgress(title, process.stdout);
  const job = await clients.follow(jobId, progress.tell);
  progress.end(job);
  return job;
}

async function play(clients: Clients): Promise<boolean> {
  const { api, all, control } = clients;
  say('Contoso is a small company with everything a directory can hold: people and guests, groups of every kind,');
  say('units, roles, licences, managers, photos, and accounts that come from an on-premises directory.');
  say();
  say('1. A snapshot is taken.');
  const snapshot = await follow(clients, 'snapshot', '/connectors/default/snapshots', { mode: 'full' });
  if (snapshot.status !== 'completed') throw new Error(`the snapshot ended ${snapshot.status}`);
  say(
    `  kept: ${Object.entries(snapshot.counts)
      .map(([kind, count]) => `${count} ${kind}`)
      .join(', ')}`,
  );

  const namesBefore = await readNames(clients);
  const ids = new Map<Victim, string>();
  const before = new Map<Victim, Fate['before']>();
  for (const victim of victims) {
    const { id } = await clients.graph('GET', `/users/${victim.userPrincipalName}?$select=id`);
    ids.set(victim, id);
    before.set(victim, await readPortrait(clients, id, namesBefore));
  }

  say();
  say('2. Then a cleanup script runs in the wrong window.');
  for (const deed of incident(clients, ids)) {
    await deed.do();
    say(`  ${deed.told}`);
  }

  say();
  say('3. The admin asks for the four of them back.');
  const request = {
    users: victims.map((victim) => victim.userPrincipalName),
    reason: 'Demo: the cleanup script ran in the wrong window',
  };
  const job = await follow(clients, 'restore', '/connectors/default/restores', request);
  const { objects, followUps = [] } = await api('GET', `/jobs/${job.id}/report`);
  for (const { who, what } of followUps) say(`  still to do (${who}): ${what}`);

  say();
  say('4. The on-premises directory synchronizes, and what had to wait for that is asked for again.');
  const { matched } = await control('POST', '/on-premises/sync');
  say(`  the synchronization took over ${matched.length} recreated user(s)`);
  const last = await follow(clients, 'restore', '/connectors/default/restores', request);
  const report = await api('GET', `/jobs/${last.id}/report`);

  say();
  say('5. Not taking the product’s word for it: everything is read from Graph again, beside the product.');
  const namesAfter = await readNames(clients);
  const fates: Fate[] = [];
  for (const victim of victims) {
    const rowOf = (rows: Json[]) => rows.find(({ id }) => id === ids.get(victim));
    const live = await all(
      `/users?$select=id&$filter=${encodeURIComponent(`userPrincipalName eq '${victim.userPrincipalName}'`)}`,
    );
    if (live.length !== 1) throw new Error(`${victim.name} exists ${live.length} times after the restore`);
    const after = await readPortrait(clients, live[0].id, namesAfter);
    fates.push({
      victim,
      before: before.get(victim) ?? after,
      after,
      first: rowOf(objects),
      row: rowOf(report.objects),
    });
  }
  await control('DELETE', '/stats');
  await follow(clients, 'the same restore once more', '/connectors/default/restores', request);
  const { writes } = await control('GET', '/stats');
  say(`  one more restore found nothing to do: ${writes} writes`);

  say();
  say(drawTable(fates));
  const { named, complaints } = judge(last, fates, writes);
  for (const line of named) say(`  * ${line}`);

  say();
  for (const complaint of complaints) say(`NOT VERIFIED: ${complaint}`);
  if (complaints.length === 0) {
    say(
      named.length === 0
        ? 'Verified: everyone is back, with everything they had.'
        : `Verified: everyone is back, with everything that Graph lets anyone give back; the ${named.length} thing(s) marked * are named in the report.`,
    );
  }
  return complaints.length === 0;
}

async function main(): Promise<number> {
  const stateDir = mkdtempSync(join(tmpdir(), 'entra-restore-demo-'));
  const lines: string[] = [];
  const interrupted = Promise.withResolvers<number>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.resolve(130));
  say('Starting storage, a Graph simulator and the functions host on this machine...');
  let stop = async (): Promise<void> => undefined;
  try {
    const system = await startSystem({
      ports: await findFreePorts(),
      stateDir,
      seed: 'demo',
      schedule: false,
      onLine: (name, line) => lines.push(`${name}: ${line}`),
      onLost: (name) => {
        lines.push(`the ${name} ended unexpectedly`);
        interrupted.resolve(1);
      },
    });
    stop = system.stop;
    const played = play(createClients(system)).then((verified) => (verified ? 0 : 1));
    // When interrupted, the system is stopped under the play's feet; its complaint about that is of no interest.
    played.catch(() => undefined);
    return await Promise.race([played, interrupted.promise]);
  } catch (error) {
    process.stderr.write(`${lines.slice(-40).join('\n')}\n`);
    process.stderr.write(`The demo could not go on: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  } finally {
    await stop();
    rmSync(stateDir, { recursive: true, force: true });
  }
}

continueOnPinnedNode();
process.exit(await main());
