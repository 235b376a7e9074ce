/** What is deployed: all that the app needs, nothing that only development needs, and it starts. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { productionPackages, stagePackage } from '../../infra/package-contents.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
// Outside the project: what the package lacks is not found in the project’s node_modules either.
const temporary = mkdtempSync(join(tmpdir(), 'entra-restore-package-'));
const folder = join(temporary, 'app');
beforeAll(() => stagePackage(folder), 120_000);
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));

describe('the package', () => {
  it('holds the app compiled, host.json and packages, and nothing else', () => {
    expect(globSync('*', { cwd: folder }).sort()).toEqual([
      'functions',
      'host.json',
      'node_modules',
      'package.json',
      'src',
    ]);
    const functions = globSync('*', { cwd: join(folder, 'functions') }).sort();
    const sources = globSync('*.ts', { cwd: join(root, 'functions') }).sort();
    expect(functions).toEqual(sources.map((name) => name.replace(/\.ts$/, '.js')));
    expect(globSync('**/*.{ts,cts,mts,map}', { cwd: folder })).toEqual([]);
  });

  it('holds neither simulator nor local host', () => {
    expect(globSync('src/dev', { cwd: folder })).toEqual([]);
  });

  it('holds the production dependencies and none of development', () => {
    const { dependencies, devDependencies, optionalDependencies } = json(join(root, 'package.json'));
    const has = (name: string) => globSync(`node_modules/${name}/package.json`, { cwd: folder }).length === 1;
    expect(Object.keys(dependencies).filter((name) => !has(name))).toEqual([]);
    expect(Object.keys({ ...devDependencies, ...optionalDependencies }).filter(has)).toEqual([]);
    const found = globSync('node_modules/**/package.json', { cwd: folder })
      .map((path) => path.replaceAll('\\', '/').replace(/\/package\.json$/, ''))
      .filter((path) => /(^|\/)node_modules\/(@[^/]+\/)?[^/]+$/.test(path));
    expect(found.length).toBeGreaterThan(50);
    const allowed = productionPackages();
    return expect(allowed).resolves.toEqual(expect.arrayContaining(found));
  });

  it('names its entry files and has no scripts', () => {
    const manifest = json(join(folder, 'package.json'));
    expect(manifest).toMatchObject({ type: 'module', main: 'functions/*.js' });
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest).not.toHaveProperty('devDependencies');
    expect(json(join(folder, 'host.json'))).toEqual(json(join(root, 'host.json')));
  });

  it('starts on a host and answers with its own packages alone', async () => {
    const { api, key, stop } = await startHost();
    // No storage is there: what says so is the app with its Azure packages.
    const answer = await fetch(`${api}/connectors`, { headers: { 'x-functions-key': key } });
    expect({ status: answer.status, body: await answer.json() }).toMatchObject({
      status: 503,
      body: { code: 'storage-unreachable' },
    });
    expect(await stop()).toBe(0);
  });

  it('does not start with unusable settings: every complaint at once, exit status 2', async () => {
    const child = launch({ TENANT_ID: 'contoso', SNAPSHOT_SCHEDULE: 'daily', CLOUD: 'moon' });
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += String(chunk);
    });
    const [status] = (await once(child, 'close')) as [number];
    expect(status).toBe(2);
    for (const name of ['TENANT_ID', 'SNAPSHOT_SCHEDULE', 'CLOUD']) expect(stderr).toContain(`${name}: `);
  });
});

function launch(env: Record<string, string> = {}) {
  const main = join(root, 'src/dev/host/main.ts');
  const flags = ['--port', '0', '--no-schedule', '--state-dir', join(temporary, 'state'), '--app', folder];
  return spawn(process.execPath, [main, ...flags], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function startHost() {
  const child = launch();
  let stderr = '';
  child.stderr.on('data', (chunk) => {
    stderr += String(chunk);
  });
  const ready = await new Promise<{ api: string; key: string }>((resolve, reject) => {
    child.stdout.once('data', (line) => resolve(JSON.parse(String(line).slice('ready '.length))));
    child.once('exit', () => reject(new Error(`the host did not start: ${stderr}`)));
  });
  const stop = async (): Promise<number | null> => {
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    return ((await exit) as [number | null])[0];
  };
  return { ...ready, stop };
}
