/**
 * What the simulator itself costs at full size, so that no other number of the benchmark is secretly its own (issue 2):
 * seeding, memory, a delta page and the usual writes. A request of the smallest kind stands beside them as the floor.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEntry } from '../processes.ts';
import type { Json } from './clients.ts';
import { peakRssMb, tell } from './measures.ts';

interface SimulatorSpeed {
  readonly pid: number;
  readonly seedMs: number;
  /** Wall time of single requests as their caller sees it, in ms, by what was asked. */
  readonly requests: Readonly<Record<'floor' | 'usersDeltaPage' | 'groupsDeltaPage' | 'write' | 'linkWrite', number[]>>;
}

interface SimulatorSize {
  readonly users: number;
  readonly groups: number;
  readonly linksPerUser: number;
}

/** Seeds a tenant of this size in a simulator on a free port and times requests; `read` is called before the process ends. */
async function measureSimulator(
  size: SimulatorSize,
  stateDir: string,
  read: (speed: SimulatorSpeed) => void,
): Promise<void> {
  const flags = ['--graph-port', '0', '--state-dir', stateDir, '--seed', 'empty'];
  const { running, ready } = await startEntry('simulator', flags, { onLine: () => undefined });
  try {
    const call = async (method: string, url: string, body?: unknown): Promise<{ ms: number; body: Json }> => {
      const started = performance.now();
      const response = await fetch(url, {
        method,
        headers: { authorization: 'Bearer app', 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text.slice(0, 300)}`);
      return { ms: performance.now() - started, body: text === '' ? null : JSON.parse(text) };
    };
    const { ms: seedMs } = await call('POST', `${ready.control}/seed`, { ...size, seed: 1 });
    const pages = async (path: string, most: number): Promise<{ ms: number[]; ids: string[] }> => {
      const ms: number[] = [];
      const ids = new Set<string>();
      for (let next: string | undefined = `${ready.graph}${path}`; next !== undefined && ms.length < most; ) {
        const page = await call('GET', next);
        ms.push(page.ms);
        for (const { id } of page.body.value) ids.add(id);
        next = page.body['@odata.nextLink'];
      }
      return { ms, ids: [...ids] };
    };
    const users = await pages('/users/delta?$select=displayName,userPrincipalName,jobTitle,department,manager', 300);
    const groups = await pages('/groups/delta?$select=displayName,members,owners', 300);
    const each = async (count: number, one: (at: number) => Promise<{ ms: number }>): Promise<number[]> => {
      const times: number[] = [];
      for (let at = 0; at < count; at += 1) times.push((await one(at)).ms);
      return times;
    };
    const user = (at: number): string => users.ids[(at * 31) % users.ids.length] ?? '';
    read({
      pid: running.pid,
      seedMs,
      requests: {
        floor: await each(300, () => call('GET', `${ready.graph}/organization`)),
        usersDeltaPage: users.ms,
        groupsDeltaPage: groups.ms,
        write: await each(300, (at) => call('PATCH', `${ready.graph}/users/${user(at)}`, { jobTitle: `Title ${at}` })),
        linkWrite: await each(300, (at) => {
          const reference = { '@odata.id': `${ready.graph}/users/${user(at + 1)}` };
          return call('PUT', `${ready.graph}/users/${user(at)}/manager/$ref`, reference);
        }),
      },
    });
  } finally {
    await running.stop();
  }
}

const fullSize: SimulatorSize = { users: 200_000, groups: 20_000, linksPerUser: 10 };

/** Measures and tells the simulator alone at full size. */
export async function tellSimulator(): Promise<void> {
  const { users, groups, linksPerUser } = fullSize;
  const facts = { users, groups, links: users * linksPerUser };
  const stateDir = mkdtempSync(join(tmpdir(), 'entra-restore-bench-simulator-'));
  try {
    await measureSimulator(fullSize, stateDir, ({ pid, seedMs, requests }) => {
      tell('simulator.seed', seedMs / 1_000, 's', { ...facts, limit: 30 });
      const rss = peakRssMb(pid);
      if (rss !== undefined) tell('simulator.peakRss', rss, 'MB', { ...facts, limit: 1_536 });
      const floor = Math.round(quantile(requests.floor, 0.5) * 1_000) / 1_000;
      for (const [name, times] of Object.entries(requests)) {
        const more = { p95: Math.round(quantile(times, 0.95) * 100) / 100, requests: times.length, ...facts };
        tell(`simulator.${name}.ms`, quantile(times, 0.5), 'ms', name === 'floor' ? more : { ...more, floor });
      }
    });
  } finally {
    rmSync(stateDir, { recursive: true, force: true });
  }
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.floor((sorted.length - 1) * share)] ?? 0;
}
