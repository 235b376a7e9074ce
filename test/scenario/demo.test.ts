/** `npm run demo`, as a stranger meets it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const entry = fileURLToPath(new URL('../../src/dev/demo.ts', import.meta.url));
let temporary: string;
beforeEach(() => {
  temporary = mkdtempSync(join(tmpdir(), 'entra-restore-demo-test-'));
});
afterEach(() => rmSync(temporary, { recursive: true, force: true }));

interface Play {
  readonly child: ChildProcess;
  readonly told: () => string;
  readonly exit: Promise<number | null>;
}

function play(): Play {
  // Its own temporary folder tells its processes from those of other runs.
  const child = spawn(process.execPath, [entry], { env: { ...process.env, TMPDIR: temporary } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      text += String(chunk);
    });
  }
  return { child, told: () => text, exit: new Promise((resolve) => child.once('close', resolve)) };
}

/** Processes whose command line names this test's folder. */
function left(): string[] {
  if (!existsSync('/proc/self/cmdline')) return [];
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(temporary);
    } catch {
      return false;
    }
  });
}

describe('the demo', () => {
  it('ends verified, with a table of everyone and the names of what nobody can give back, and leaves nothing behind', async () => {
    const { exit, told } = play();
    expect(await exit, told()).toBe(0);
    expect(told()).toContain('one more restore found nothing to do: 0 writes');
    for (const name of ['Mara', 'Tomas', 'Ines', 'Hanna']) expect(told()).toMatch(new RegExp(`│ ${name} `));
    for (const how of ['undeleted, same', 'recreated, new id', 'repaired in place']) expect(told()).toContain(how);
    expect(told()).toContain('Tomas Okafor: groups "Newsletter"');
    expect(told()).toContain('Verified: everyone is back');
    expect(left()).toEqual([]);
    expect(readdirSync(temporary)).toEqual([]);
  }, 60_000);

  it('leaves nothing behind when it is interrupted in the middle, or killed', async () => {
    for (const signal of ['SIGINT', 'SIGKILL'] as const) {
      const { child, exit, told } = play();
      while (!told().includes('1. A snapshot is taken') && child.exitCode === null) await sleep(20);
      child.kill(signal);
      expect(await exit, told()).not.toBe(0);
      for (let tries = 0; tries < 200 && left().length > 0; tries++) await sleep(50);
      expect(left()).toEqual([]);
    }
  }, 60_000);
});
