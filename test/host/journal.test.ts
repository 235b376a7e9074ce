import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWork } from '../../src/dev/host/durable/history.ts';
import { openJournal } from '../../src/dev/host/durable/journal.ts';
import { stateFolder } from './host-process.ts';

const at = '2026-01-01T00:00:00.000Z';
let state: ReturnType<typeof stateFolder>;
beforeEach(() => {
  state = stateFolder();
});
afterEach(() => state.remove());

it('compacts while it runs and loses nothing of what is still open', () => {
  const journal = openJournal(state.path, 20_000);
  journal.commit({ type: 'start', at, id: 'open', name: 'flow', execution: 'e', input: '1' });
  const scheduled = [0, 1].map((id) => ({ type: 'activityScheduled' as const, id, name: 'work' }));
  journal.commit({ type: 'turn', at, id: 'open', took: 0, scheduled, status: 'Running', customStatus: '"half"' });
  for (let index = 0; index < 1_000; index += 1) {
    const id = `ended${index}`;
    journal.commit({ type: 'start', at, id, name: 'flow', execution: id });
    journal.commit({ type: 'turn', at, id, took: 0, scheduled, status: 'Completed', output: '"x"' });
    journal.commit({ type: 'purge', id });
  }
  journal.commit({
    type: 'arrive',
    at,
    id: 'open',
    execution: 'e',
    event: { type: 'activityCompleted', of: 0, result: '5' },
  });
  journal.commit({
    type: 'arrive',
    at,
    id: 'open',
    execution: 'older',
    event: { type: 'activityCompleted', of: 1, result: '6' },
  });
  expect(statSync(join(state.path, 'journal.jsonl')).size).toBeLessThan(25_000);
  const before = structuredClone(journal.instances);
  journal.close();

  const again = openJournal(state.path);
  expect(again.instances).toEqual(before);
  const open = again.instances.get('open');
  expect(open && openWork(open).map(({ id }) => id)).toEqual([1]);
  expect(open).toMatchObject({ customStatus: '"half"', inbox: [{ of: 0, result: '5' }] });
  again.close();
});

it('forgets sub-orchestrations whose parent has ended well, and keeps those of a failed one for its rewind', () => {
  const journal = openJournal(state.path);
  for (const [id, status] of [
    ['good', 'Completed'],
    ['bad', 'Failed'],
  ] as const) {
    journal.commit({ type: 'start', at, id, name: 'flow', execution: id });
    journal.commit({
      type: 'start',
      at,
      id: `${id}:0`,
      name: 'flow',
      execution: 'c',
      parent: { id, execution: id, of: 0 },
    });
    journal.commit({ type: 'status', at, id: `${id}:0`, status, output: '1' });
    journal.commit({ type: 'status', at, id, status, output: '1' });
  }
  journal.close();
  const again = openJournal(state.path);
  expect([...again.instances.keys()]).toEqual(['good', 'bad', 'bad:0']);
  again.close();
});
