/** Wakes up at a time, also one further away than setTimeout can count, never early. */
import type { Clock } from '../../../clock.ts';

const longestMs = 2 ** 31 - 1;

export interface Alarms {
  set(key: string, at: string, ring: () => void): void;
  clear(key: string): void;
  /** Clears every alarm whose key begins so. */
  clearAll(prefix?: string): void;
}

export function createAlarms(clock: Clock): Alarms {
  const pending = new Map<string, NodeJS.Timeout>();
  const clear = (key: string) => {
    clearTimeout(pending.get(key));
    pending.delete(key);
  };
  const set = (key: string, at: string, ring: () => void) => {
    clear(key);
    const left = Date.parse(at) - clock().getTime();
    const wake = () => {
      pending.delete(key);
      if (clock().getTime() < Date.parse(at)) set(key, at, ring);
      else ring();
    };
    pending.set(key, setTimeout(wake, Math.min(Math.max(left, 0), longestMs)));
  };
  return {
    set,
    clear,
    clearAll(prefix = '') {
      for (const key of [...pending.keys()]) if (key.startsWith(prefix)) clear(key);
    },
  };
}
