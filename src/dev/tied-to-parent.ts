/**
 * Preloaded (`node --import`) into every process of the local run: ends the process when whoever started it is gone.
 *
 * The starter holds the other end of our standard input. The kernel closes it however the starter ends, SIGKILL included,
 * so this needs no polling, no process group and no help from the program it is preloaded into (Azurite among them).
 */
import { isMainThread } from 'node:worker_threads';

const graceMs = 5_000;

if (isMainThread) {
  const end = (): void => {
    setTimeout(() => process.exit(1), graceMs).unref();
    process.kill(process.pid, 'SIGTERM');
  };
  process.stdin.on('end', end);
  process.stdin.on('error', end);
  process.stdin.resume();
  // Without this an idle input would keep a process alive that has nothing else to do.
  (process.stdin as { unref?: () => void }).unref?.();
}
