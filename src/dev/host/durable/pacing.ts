/**
 * When turns run. Each turn replays the whole history, so while other work of an instance is open, arrivals are gathered for a moment
 * that grows with the length of its last turn (local-host.md 3): a fan-out costs a few turns instead of one per activity.
 */
import { type Instance, openWork } from './history.ts';

const longestGatherMs = 250;
const gatherFactor = 2;

export interface Pacing {
  /** Has `run` called soon; once, however often it is asked for meanwhile. */
  plan(instance: Instance, run: () => void): void;
  /** How long a turn of this instance took. */
  took(id: string, ms: number): void;
  forget(id: string): void;
  stop(): void;
}

export function createPacing(): Pacing {
  const lastTurnMs = new Map<string, number>();
  const planned = new Map<string, NodeJS.Timeout>();
  return {
    plan(instance, run) {
      const { id } = instance;
      if (planned.has(id)) return;
      const busy = openWork(instance).some(({ type }) => type !== 'timerCreated');
      const wait = busy ? Math.min(longestGatherMs, gatherFactor * (lastTurnMs.get(id) ?? 0)) : 0;
      const due = () => {
        planned.delete(id);
        run();
      };
      planned.set(id, setTimeout(due, wait));
    },
    took: (id, ms) => void lastTurnMs.set(id, ms),
    forget(id) {
      lastTurnMs.delete(id);
      clearTimeout(planned.get(id));
      planned.delete(id);
    },
    stop() {
      for (const timer of planned.values()) clearTimeout(timer);
    },
  };
}
