/**
 * Random tenants, damaged at random, restored whole: what was in the snapshot is there again, or the report says why not, and planning again finds
 * nothing to do. `DAMAGE_RUNS` makes it run for longer, `DAMAGE_SEED` the same again.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { useSystem } from '../support/system.ts';
import { numRuns, seed, trials, tryOut, withoutAlarm } from './trial.ts';
import { worldOf } from './world.ts';

const system = useSystem();
withoutAlarm(system);

it(
  'names everything that a restore of a damaged tenant does not bring back, and nothing else (R09, R13, R54)',
  async () => {
    await fc.assert(
      fc.asyncProperty(trials, async (trial) => {
        const { report: _, ...story } = await tryOut(worldOf(system), trial);
        expect(story.wrong, JSON.stringify(story, null, 1)).toEqual([]);
      }),
      { numRuns, seed, interruptAfterTimeLimit: 60_000 + numRuns * 10_000 },
    );
  },
  120_000 + numRuns * 10_000,
);
