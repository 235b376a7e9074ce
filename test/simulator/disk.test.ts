import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aGroup, aUser, callsTo, created, readDelta, ref, type Simulated, startSimulated } from './simulated.ts';

const entry = fileURLToPath(new URL('../../src/dev/simulator/main.ts', import.meta.url));
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'simulated-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Process extends Simulated {
  readonly kill: (signal: NodeJS.Signals) => Promise<number | null>;
}

async function start(...flags: readonly string[]): Promise<Process> {
  const child = spawn(process.execPath, [entry, '--graph-port', '0', '--state-dir', folder, ...flags], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString())),
  );
  const ready: { control: string } = JSON.parse(line.slice('ready '.length));
  const url = ready.control.replace('/_control', '');
  const kill = (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return ended;
  };
  return { ...callsTo(url), url, kill, close: async () => void (await kill('SIGKILL')) };
}

async function refusal(...flags: readonly string[]): Promise<{ code: number | null; text: string }> {
  const child = spawn(process.execPath, [entry, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { code: await new Promise((resolve) => child.once('close', resolve)), text };
}

describe('the tenant on disk', () => {
  it('survives SIGKILL: objects, links, bin, licences, settings, clock and delta tokens', async () => {
    const before = await start('--seed', 'empty');
    await before.door('POST', '/settings', { pageSize: { list: 7 } });
    await before.door('POST', '/clock', { now: '2027-05-01T00:00:00Z' });
    const [user, gone] = [
      await created(before, '/users', aUser({ jobTitle: 'Baker' })),
      await created(before, '/users', aUser()),
    ];
    const group = await created(before, '/groups', aGroup());
    const { link } = await readDelta(before, '/groups/delta?$select=displayName,members');
    await before.graph('POST', `/groups/${group}/members/$ref`, ref(user));
    await before.graph('DELETE', `/users/${gone}`);
    const dump = await before.door('GET', '/dump');
    await before.kill('SIGKILL');

    const after = await start('--seed', 'demo');
    expect(await after.door('GET', '/dump')).toEqual(dump);
    expect((await after.door('GET', '/clock')).now).toContain('2027-05-01');
    expect((await after.door('GET', '/settings')).pageSize.list).toBe(7);
    const told = await readDelta(after, link.replace(before.url, after.url));
    expect(told.value[0]['members@delta']).toEqual([{ '@odata.type': '#microsoft.graph.user', id: user }]);
    expect((await after.graph('GET', `/directory/deletedItems/${gone}`)).status).toBe(200);
    expect(await after.kill('SIGTERM')).toBe(0);
  });

  it('drops a torn last line, which nobody was ever told of', async () => {
    const first = await startSimulated(folder);
    const id = await created(first, '/users', aUser());
    await first.close();
    const journal = readdirSync(join(folder, 'simulator')).find((name) => name.startsWith('journal-')) ?? '';
    appendFileSync(join(folder, 'simulator', journal), '["create",99,0,{"id":"to');
    const second = await startSimulated(folder);
    await created(second, '/users', aUser());
    await second.close();
    const third = await startSimulated(folder);
    expect((await third.graph('GET', `/users/${id}`)).status).toBe(200);
    expect((await third.graph('GET', '/users')).body.value).toHaveLength(2);
    await third.close();
  });

  it('writes a seeded tenant as a whole and reads it back equal', async () => {
    const first = await startSimulated(folder, 'demo');
    await first.door('POST', '/seed', { users: 30, groups: 4, linksPerUser: 2, hybridShare: 0.5 });
    const dump = await first.door('GET', '/dump');
    await first.close();
    const second = await startSimulated(folder);
    expect(await second.door('GET', '/dump')).toEqual(dump);
    await second.close();
  });
});

describe('a start that cannot be (contract 1)', () => {
  it('ends with status 2 and one clear line: wrong flag, wrong seed, port in use, unusable folder', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const cases = [
      [await refusal('--colour', 'red'), '--colour'],
      [await refusal('--seed', 'many'), 'many'],
      [await refusal('--graph-port', String(port), '--state-dir', folder), String(port)],
      [await refusal('--graph-port', '0', '--state-dir', file), 'state directory'],
    ] as const;
    server.close();
    for (const [{ code, text }, named] of cases) {
      expect(code).toBe(2);
      expect(text.trim().split('\n')).toHaveLength(1);
      expect(text).toContain(named);
    }
  });
});
