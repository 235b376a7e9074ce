import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HostProcess, startHost, stateFolder } from './host-process.ts';

describe('durable flows on the local host', () => {
  const state = stateFolder();
  let host: HostProcess;
  beforeAll(async () => {
    host = await startHost(state.path);
  });
  afterAll(async () => {
    await host.stop();
    state.remove();
  });

  it('fans out over 200 activities, each once, and tells the custom status', async () => {
    await host.startFlow('fanOut', 'wide', 200);
    const { runtimeStatus, output, customStatus } = await host.ended('wide');
    expect({ runtimeStatus, output }).toEqual({
      runtimeStatus: 'Completed',
      output: { values: Array.from({ length: 200 }, (_, index) => index), tail: 'tail' },
    });
    expect(customStatus).toEqual({ phase: 'after', done: 200 });
    expect(host.trace().filter((line) => line.startsWith('slow'))).toHaveLength(200);
  });

  it('runs sub-orchestrations, with a given id and without, and tells a failing one to its parent', async () => {
    await host.startFlow('family', 'family');
    const { output } = await host.ended('family');
    expect(output).toMatchObject({ counts: [3, 4, 5], tail: 'tail', caught: expect.stringContaining('gives up') });
    expect((await host.status('family-named')).runtimeStatus).toBe('Completed');
  });

  it('gives every result to its own call while retries run beside each other', async () => {
    await host.startFlow('retrying', 'r');
    const { output } = await host.ended('r');
    expect(output).toMatchObject({
      answers: ['ra done', 'between', 'rb done'],
      caught: expect.stringContaining("Activity function 'flaky' failed:  [throttled] rc fails"),
      tail: 'tail',
    });
  });

  it('fires a durable timer and lets an event win over another one', async () => {
    const links = await host.startFlow('waiting', 'w');
    await sleep(300);
    const raise = (links.sendEventPostUri ?? '').replace('{eventName}', 'go');
    expect((await fetch(raise, { method: 'POST', body: '{"word":"now"}' })).status).toBe(202);
    const { output } = await host.ended('w');
    expect(output).toMatchObject({ word: { word: 'now' }, tail: 'tail' });
    expect((output as { waited: number }).waited).toBeGreaterThanOrEqual(100);
  });

  it('keeps an event that comes before the flow waits for it', async () => {
    await host.startFlow('waiting', 'early');
    await host.call('POST', '/durabletask/instances/early/raiseEvent/go', 'soon');
    expect((await host.ended('early')).output).toMatchObject({ word: 'soon', tail: 'tail' });
  });

  it('starts anew with a fresh history', async () => {
    await host.startFlow('counting', 'count', { count: 0, until: 30 });
    expect((await host.ended('count')).output).toEqual({ count: 30 });
  });

  it('holds a suspended flow and goes on when resumed', async () => {
    await host.startFlow('counting', 'held', { count: 0, until: 100_000 });
    await host.call('POST', '/durabletask/instances/held/suspend?reason=x');
    await sleep(100);
    const before = (await host.status('held')).input;
    await sleep(200);
    expect(await host.status('held')).toMatchObject({ runtimeStatus: 'Suspended', input: before });
    await host.call('POST', '/durabletask/instances/held/resume?reason=x');
    await sleep(200);
    expect((await host.status('held')).input).not.toEqual(before);
    await host.call('POST', '/durabletask/instances/held/terminate?reason=enough');
    expect(await host.ended('held')).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  it('rewinds a failed flow: what had succeeded is not run again', async () => {
    await host.startFlow('once', 'again');
    expect((await host.ended('again')).runtimeStatus).toBe('Failed');
    const count = () => host.trace().filter((line) => line === 'echo "before"').length;
    const before = count();
    expect((await host.call('POST', '/durabletask/instances/again/rewind?reason=x')).status).toBe(202);
    expect(await host.ended('again')).toMatchObject({ runtimeStatus: 'Completed', output: { done: 'againonce done' } });
    expect(count()).toBe(before);
  });

  it('serves status, list, restart and purge at the URLs of the 202, with their key only', async () => {
    const links = await host.startFlow('fanOut', 'asked', 2);
    await host.ended('asked');
    const uri = links.statusQueryGetUri ?? '';
    const status = await fetch(uri);
    expect(status.status).toBe(200);
    expect(await status.json()).toMatchObject({ output: { values: [0, 1] } });
    expect((await fetch(uri.replace(/code=[^&]*/, 'code=wrong'))).status).toBe(401);
    const again = await fetch(links.restartPostUri ?? '', { method: 'POST' });
    expect(again.status).toBe(202);
    expect((await host.ended(((await again.json()) as { id: string }).id)).output).toMatchObject({ values: [0, 1] });
    const list = await host.json('/durabletask/instances/?runtimeStatus=Completed');
    expect(list).toContainEqual(expect.objectContaining({ instanceId: 'asked' }));
    expect(await (await fetch(links.purgeHistoryDeleteUri ?? '', { method: 'DELETE' })).json()).toEqual({
      instancesDeleted: 1,
    });
    expect((await fetch(uri)).status).toBe(404);
  });

  it('refuses to start what runs already, what is unknown and what is badly named', async () => {
    const start = (path: string) => host.call('POST', `/durabletask/orchestrators/${path}`);
    await start('waiting/busy');
    expect((await start('waiting/busy')).status).toBe(409);
    expect((await start('nobody/x')).status).toBe(400);
    expect((await start('waiting/@x')).status).toBe(400);
    expect((await host.call('GET', '/durabletask/instances/nobody')).status).toBe(404);
    expect((await host.call('POST', '/durabletask/instances/wide/terminate?reason=x')).status).toBe(410);
  });

  it.each([
    ['trapTwice', 'task yielded twice'],
    ['trapRandom', 'non-determinism'],
    ['trapClock', 'non-determinism'],
    ['trapStatus', 'custom status over 16 KB'],
    ['trapRetryTimeout', 'retryTimeoutInMilliseconds'],
    ['trapEmpty', 'empty Task.all'],
    ['trapActivity', 'unknown activity'],
    ['trapChild', 'unknown orchestrator'],
  ])('fails %s and names the trap: %s', async (flow, trap) => {
    await host.startFlow(flow, flow);
    const { runtimeStatus, output } = await host.ended(flow);
    expect(runtimeStatus).toBe('Failed');
    expect(output).toContain(`Local host check '${trap}'`);
  });
});
