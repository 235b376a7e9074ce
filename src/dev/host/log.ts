/** One log on stderr, so that stdout carries the `ready` line and nothing else. Names, ids, counts and times only, never bodies. */
import { Console } from 'node:console';
import pino from 'pino';

export type Log = pino.Logger;

/** Level by LOG_LEVEL, `info` by default. Also sends the app's own `console` to stderr. */
export function createLog(): Log {
  globalThis.console = new Console(process.stderr, process.stderr);
  const level = process.env.LOG_LEVEL ?? 'info';
  return pino(
    { name: 'host', level: level in pino.levels.values || level === 'silent' ? level : 'info' },
    pino.destination({ fd: 2, sync: true }),
  );
}
