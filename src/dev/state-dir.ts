/** The folder that survives a restart: made, proved writable, and held by one run at a time. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from './ports.ts';

export interface StateDir {
  readonly path: string;
  release(): void;
}

/**
 * Takes the folder for this process. Two runs on one folder would write the same journals; the second is refused.
 * @throws UsageError when the folder cannot be made or written, or belongs to a run that is still alive.
 */
export function takeStateDir(path: string): StateDir {
  const root = resolve(path);
  const lock = join(root, 'run.lock');
  try {
    for (const folder of ['storage', 'host', 'simulator']) makeFolder(join(root, folder));
    // A folder that can be listed but not written must fail here and not in the middle of a job.
    writeFileSync(join(root, '.probe'), '');
    rmSync(join(root, '.probe'));
  } catch (error) {
    throw new UsageError(`the state directory ${path} is not usable: ${(error as NodeJS.ErrnoException).code}`);
  }
  const holder = readHolder(lock);
  if (holder !== undefined) {
    throw new UsageError(`the state directory ${path} is in use by another run (process ${holder})`);
  }
  writeFileSync(lock, `${process.pid} ${startOf(process.pid)}\n`);
  return { path: root, release: () => rmSync(lock, { force: true }) };
}

/** Step by step: where the kernel refuses a folder with ENOENT, as below /proc, Node's own recursive mkdir never returns. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}

function readHolder(lock: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(lock, 'utf8');
  } catch {
    return undefined;
  }
  const [pid = '', start = ''] = text.trim().split(' ');
  return Number(pid) !== process.pid && isAlive(Number(pid)) && startOf(Number(pid)) === start
    ? Number(pid)
    : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** When the process began, in kernel ticks: a pid alone may have been given to someone else since. Empty where unknown. */
function startOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
  } catch {
    return '';
  }
}
