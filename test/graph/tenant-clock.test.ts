/** The tenant's time, as Graph's answers tell it. */
import { afterEach, describe, expect, it } from 'vitest';
import { createTenantClock } from '../../src/graph/tenant-clock.ts';
import { type Script, type ScriptedGraph, scriptedGraph } from './scripted-graph.ts';

const at = (time: string): number => Date.parse(time);
const noon = at('2026-06-01T12:00:00.400Z');

describe('R45 the tenant clock', () => {
  const clockAt = (...answers: readonly (readonly [date: string | null, sentMs: number, receivedMs: number])[]) => {
    const clock = createTenantClock(() => new Date(noon));
    for (const answer of answers) clock.hear(...answer);
    return clock.now().toISOString();
  };

  it('is the host clock before any answer, and where answers tell nothing', () => {
    expect(clockAt()).toBe('2026-06-01T12:00:00.400Z');
    expect(clockAt([null, noon, noon], ['yesterday', noon, noon])).toBe('2026-06-01T12:00:00.400Z');
  });

  it('is the host clock to the millisecond as long as an answer, told in whole seconds, agrees with it', () => {
    const same = 'Mon, 01 Jun 2026 12:00:00 GMT';
    expect(clockAt([same, noon, noon])).toBe('2026-06-01T12:00:00.400Z');
    expect(clockAt([same, noon - 3_000, noon + 50])).toBe('2026-06-01T12:00:00.400Z');
  });

  it('is what the last answer told where the host goes wrong, and goes on from there', () => {
    const later = 'Sun, 21 Jun 2026 12:00:00 GMT';
    expect(clockAt([later, noon, noon])).toBe('2026-06-21T12:00:00.000Z');
    expect(clockAt([later, noon - 5_000, noon - 5_000])).toBe('2026-06-21T12:00:05.000Z');
    const before = 'Mon, 01 Jun 2026 11:00:00 GMT';
    expect(clockAt([later, noon, noon], [before, noon, noon])).toBe('2026-06-01T11:00:01.000Z');
  });
});

let graph: ScriptedGraph | undefined;
afterEach(() => graph?.close());
const open = async (script: Script): Promise<ScriptedGraph> => {
  graph = await scriptedGraph(script);
  return graph;
};

it('R45 a gateway tells the time of the tenant by whatever Graph answered last, refusals included', async () => {
  let told = 'Fri, 01 Jan 2100 00:00:00 GMT';
  const { gateway } = await open(() => ({ status: 404, headers: { date: told }, body: {} }));
  const hour = () => gateway.now().toISOString().slice(0, 13);
  expect(hour()).not.toBe('2100-01-01T00');
  await gateway.probe().catch(() => undefined);
  expect(hour()).toBe('2100-01-01T00');
  told = 'Fri, 01 Jan 2100 05:00:00 GMT';
  await gateway.probe().catch(() => undefined);
  expect(hour()).toBe('2100-01-01T05');
});
