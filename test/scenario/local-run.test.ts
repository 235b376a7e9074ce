/** `npm start` as a person types it: flags, the ready line, what stays and what goes when something dies. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFreePorts, type Ports } from '../../src/dev/ports.ts';
import type { Json } from '../support/system.ts';

const entry = fileURLToPath(new URL('../../src/dev/start.ts', import.meta.url));
const hostEntry = fileURLToPath(new URL('../../src/dev/host/main.ts', import.meta.url));

interface Run {
  readonly child: ChildProcess;
  readonly out: string[];
  readonly err: string[];
  readonly exit: Promise<number | null>;
  ready(): Promise<Json>;
}

let folder: string;
let ports: Ports;
const runs: Run[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'entra-restore-run-'));
  ports = await findFreePorts();
});
afterEach(async () => {
  for (const run of runs.splice(0)) {
    run.child.kill('SIGKILL');
    await run.exit;
  }
  await sleep(300);
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
});

function run(main: string, ...flags: string[]): Run {
  return runWith({}, main, ...flags);
}

function runWith(settings: Readonly<Record<string, string>>, main: string, ...flags: string[]): Run {
  const env = { ...process.env, ...settings };
  const child = spawn(process.execPath, [main, ...flags], { stdio: ['ignore', 'pipe', 'pipe'], env });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout?.on('data', (chunk) => out.push(String(chunk)));
  child.stderr?.on('data', (chunk) => err.push(String(chunk)));
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
  const ready = async (): Promise<Json> => {
    for (;;) {
      const text = out.join('');
      if (text.includes('\n')) return JSON.parse(text.slice('ready '.length));
      if (child.exitCode !== null) throw new Error(`ended before it was ready: ${err.join('')}`);
      await sleep(50);
    }
  };
  const started = { child, out, err, exit, ready };
  runs.push(started);
  return started;
}

const flags = (): string[] => [
  ...['--port', `${ports.host}`, '--graph-port', `${ports.graph}`, '--storage-port', `${ports.storage}`],
  ...['--state-dir', folder, '--seed', 'empty', '--no-schedule'],
];

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function allGone(pids: readonly number[], withinMs = 10_000): Promise<boolean> {
  for (const deadline = performance.now() + withinMs; performance.now() < deadline; await sleep(50)) {
    if (!pids.some(alive)) return true;
  }
  return false;
}

const pidsOf = (ready: Json): number[] => [ready.pids.host, ready.pids.simulator, ready.pids.storage];

describe('a run', () => {
  it('says ready once, keeps its state in three folders, refuses a second one beside it, and ends all on SIGTERM', async () => {
    const first = run(entry, ...flags());
    const ready = await first.ready();
    expect(ready).toMatchObject({
      api: `http://127.0.0.1:${ports.host}/api`,
      graph: `http://127.0.0.1:${ports.graph}/v1.0`,
      control: `http://127.0.0.1:${ports.graph}/_control`,
      storage: {
        blob: `http://127.0.0.1:${ports.storage}/devstoreaccount1`,
        queue: `http://127.0.0.1:${ports.storage + 1}/devstoreaccount1`,
        table: `http://127.0.0.1:${ports.storage + 2}/devstoreaccount1`,
      },
      key: expect.stringMatching(/.{16,}/),
    });
    expect(pidsOf(ready).every(alive)).toBe(true);
    expect((await fetch(`${ready.api}/health`)).status).toBe(200);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['host', 'simulator', 'storage']));

    const second = run(entry, ...flags());
    expect(await second.exit).toBe(2);
    expect(pidsOf(ready).every(alive)).toBe(true);

    const elsewhere = await findFreePorts();
    const other = ['--port', `${elsewhere.host}`, '--graph-port', `${elsewhere.graph}`];
    const third = run(entry, ...other, '--storage-port', `${elsewhere.storage}`, '--state-dir', folder);
    expect(await third.exit).toBe(2);
    expect(third.err.join('')).toMatch(/^.*state directory.*in use.*\n$/);

    first.child.kill('SIGTERM');
    expect(await first.exit).toBe(0);
    expect(pidsOf(ready).some(alive)).toBe(false);
    expect(first.out.join('').trim().split('\n')).toHaveLength(1);
  });

  it('leaves no orphan even when it is killed with SIGKILL, and starts again on the same state with the same key', async () => {
    const first = run(entry, ...flags());
    const ready = await first.ready();
    await fetch(`${ready.graph}/groups`, {
      method: 'POST',
      headers: { authorization: 'Bearer outside', 'content-type': 'application/json' },
      body: '{"displayName":"Kept","mailNickname":"kept","mailEnabled":false,"securityEnabled":true}',
    });
    first.child.kill('SIGKILL');
    expect(await allGone(pidsOf(ready))).toBe(true);

    const second = run(entry, ...flags());
    const again = await second.ready();
    expect(again.key).toBe(ready.key);
    const groups = await fetch(`${again.graph}/groups`, { headers: { authorization: 'Bearer outside' } });
    expect(((await groups.json()) as Json).value).toEqual([expect.objectContaining({ displayName: 'Kept' })]);
  });

  it('goes on without its host and says so; npm run host takes the place', async () => {
    const first = run(entry, ...flags());
    const ready = await first.ready();
    process.kill(ready.pids.host, 'SIGKILL');
    for (let tries = 0; tries < 100 && !first.err.join('').includes('npm run host'); tries++) await sleep(50);
    expect(first.err.join('')).toMatch(/the host ended.*npm run host/);
    expect(alive(ready.pids.simulator) && alive(ready.pids.storage)).toBe(true);
    const host = run(hostEntry, ...flags());
    expect(await host.ready()).toMatchObject({ api: ready.api, key: ready.key });
    expect((await fetch(`${ready.api}/health`)).status).toBe(200);
    host.child.kill('SIGTERM');
    expect(await host.exit).toBe(0);
  });

  it.each(['simulator', 'storage'] as const)('ends and names the %s when that dies', async (name) => {
    const first = run(entry, ...flags());
    const ready = await first.ready();
    process.kill(ready.pids[name], 'SIGKILL');
    expect(await first.exit).toBe(1);
    expect(first.err.join('')).toContain(`the ${name} ended`);
    expect(await allGone(pidsOf(ready))).toBe(true);
  });
});

describe('refused with one line and exit status 2', () => {
  const expectRefusal = async (refused: Run, words: RegExp): Promise<void> => {
    expect(await refused.exit).toBe(2);
    expect(refused.err.join('').trim().split('\n')).toHaveLength(1);
    expect(refused.err.join('')).toMatch(words);
    expect(refused.out.join('')).toBe('');
  };

  it.each([
    ['an unknown flag', ['--colour', 'red'], /colour/],
    ['a port that is none', ['--port', 'eighty'], /port/],
    ['a port out of range', ['--port', '70000'], /70000/],
    ['a seed that is none', ['--seed', 'sunflower'], /seed/],
  ])('%s', async (_, more, words) => {
    await expectRefusal(run(entry, ...flags(), ...more), words);
  });

  it.each([
    ['host', 0],
    ['simulator', 1],
    ['blob', 2],
    ['queue', 3],
    ['table', 4],
  ])('the %s port in use', async (_, offset) => {
    const port = ports.host + offset;
    const holder = createServer().listen(port, '127.0.0.1');
    await new Promise((resolve) => holder.once('listening', resolve));
    await expectRefusal(run(entry, ...flags()), new RegExp(`port ${port} .*in use`));
    await new Promise((resolve) => holder.close(resolve));
  });

  it('a state directory that is a file', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    await expectRefusal(run(entry, ...flags(), '--state-dir', file), /state directory/);
    expect(existsSync(file)).toBe(true);
  });

  it.runIf(existsSync('/proc/self'))('a state directory that the kernel lets nobody make', async () => {
    await expectRefusal(run(entry, ...flags(), '--state-dir', '/proc/entra-restore'), /state directory/);
  });

  it('settings that cannot be used, every complaint at once, with nothing left running', async () => {
    const wrong = { TENANT_ID: 'not-a-guid', CLOUD: 'atlantis', SNAPSHOT_SCHEDULE: 'at dawn' };
    const refused = runWith(wrong, entry, ...flags());
    expect(await refused.exit).toBe(2);
    expect(refused.out.join('')).toBe('');
    for (const name of Object.keys(wrong)) expect(refused.err.join('')).toContain(`${name}: `);
    const freed = run(entry, ...flags());
    await freed.ready();
    freed.child.kill('SIGTERM');
    expect(await freed.exit).toBe(0);
  });
});
