import { appendFileSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { startHost, stateFolder } from './host-process.ts';

describe('a host that is killed', () => {
  it('R36 goes on with every flow after two SIGKILLs in the middle, and a torn last line', async () => {
    const state = stateFolder();
    try {
      const first = await startHost(state.path);
      await Promise.all([
        first.startFlow('fanOut', 'wide', 200),
        first.startFlow('family', 'family'),
        first.startFlow('counting', 'count', { count: 0, until: 400 }),
        first.startFlow('waiting', 'waiting'),
      ]);
      await sleep(250);
      await first.stop('SIGKILL');
      appendFileSync(join(state.path, 'host/journal/journal.jsonl'), '{"type":"arrive","at":"20');

      const second = await startHost(state.path);
      expect(second.key).toBe(first.key);
      await sleep(150);
      await second.stop('SIGKILL');

      const third = await startHost(state.path);
      const values = Array.from({ length: 200 }, (_, index) => index);
      expect((await third.ended('wide')).output).toEqual({ values, tail: 'tail' });
      expect((await third.ended('family')).output).toMatchObject({ counts: [3, 4, 5], tail: 'tail' });
      expect((await third.ended('count')).output).toEqual({ count: 400 });
      await third.call('POST', '/durabletask/instances/waiting/raiseEvent/go', 'late');
      expect((await third.ended('waiting')).output).toMatchObject({ word: 'late' });
      // At least once, and only what was under way (ten at once) a second time.
      const ran = third.trace().filter((line) => /^slow \d+$/.test(line)).length;
      expect(ran).toBeGreaterThanOrEqual(200);
      expect(ran).toBeLessThan(200 + 13 + 2 * 10 + 1);
      await third.stop();
    } finally {
      state.remove();
    }
  });

  it('keeps the outcome of ended flows over a restart and drops their history from the journal', async () => {
    const state = stateFolder();
    const journal = join(state.path, 'host/journal/journal.jsonl');
    try {
      const first = await startHost(state.path);
      await first.startFlow('fanOut', 'wide', 200);
      const before = await first.ended('wide');
      expect(await first.stop()).toBe(0);
      const grown = statSync(journal).size;

      const second = await startHost(state.path);
      expect(await second.status('wide')).toEqual(before);
      await second.stop('SIGINT');
      expect(statSync(journal).size).toBeLessThan(grown / 10);
      expect(readFileSync(journal, 'utf8')).not.toContain('activityScheduled');
    } finally {
      state.remove();
    }
  });
});
