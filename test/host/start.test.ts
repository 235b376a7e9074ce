import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { startFails, startHost, stateFolder } from './host-process.ts';

describe('starting the local host', () => {
  const state = stateFolder();
  afterAll(state.remove);

  it('fires timers by schedule', async () => {
    const host = await startHost(state.path, { env: { TICK_SCHEDULE: '*/1 * * * * *' } });
    await sleep(2_200);
    await host.stop();
    expect(host.trace().filter((line) => line === 'tick').length).toBeGreaterThanOrEqual(2);
  });

  it('fires no timer with --no-schedule but by hand, with a key', async () => {
    const own = stateFolder();
    const host = await startHost(own.path, { env: { TICK_SCHEDULE: '*/1 * * * * *' }, args: ['--no-schedule'] });
    await sleep(1_200);
    expect(host.trace()).toEqual([]);
    expect((await host.call('POST', '/admin/functions/tick', {}, {})).status).toBe(401);
    expect((await host.call('POST', '/admin/functions/nobody', {})).status).toBe(404);
    expect((await host.call('POST', '/admin/functions/tick', {})).status).toBe(202);
    await sleep(100);
    expect(host.trace()).toEqual(['tick']);
    await host.stop();
    own.remove();
  });

  it.each([
    ['an unknown flag', ['--colour'], "unknown option '--colour'"],
    ['a port that is none', ['--port', '99999'], "'99999' is invalid"],
    ['a seed that is none', ['--seed', 'huge'], "'huge' is invalid"],
    ['a word too many', ['now'], 'too many arguments'],
  ])('refuses %s in one line, status 2', async (_, args, text) => {
    const { status, stderr } = await startFails(state.path, { args });
    expect({ status, lines: stderr.trimEnd().split('\n').length }).toEqual({ status: 2, lines: 1 });
    expect(stderr).toContain(text);
  });

  it('refuses a port in use in one line, status 2', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => taken.once('listening', resolve));
    const port = String((taken.address() as AddressInfo).port);
    const { status, stderr } = await startFails(state.path, { args: ['--port', port] });
    expect({ status, stderr }).toEqual({ status: 2, stderr: `Port ${port} is in use.\n` });
    taken.close();
  });

  it('refuses an unusable state dir in one line, status 2', async () => {
    const file = join(state.path, 'a-file');
    writeFileSync(file, '');
    const { status, stderr } = await startFails(state.path, { args: ['--state-dir', file] });
    expect(status).toBe(2);
    expect(stderr).toMatch(/^The state dir cannot be used: .*\n$/);
  });

  it.each(['L * * * * *', '@hourly', '0 0 2 ? * *', '0 0 2 * * 7', '61 * * * * *', '00:00:00'])(
    'refuses the schedule %s, which Azure would not take',
    async (schedule) => {
      const { status, stderr } = await startFails(state.path, { env: { TICK_SCHEDULE: schedule } });
      expect(status).toBe(2);
      expect(stderr).toContain('is no schedule Azure would take');
    },
  );

  it('tells what the app complains about when it is loaded, status 2', async () => {
    const { status, stderr } = await startFails(state.path, { app: 'complaining' });
    expect({ status, stderr }).toEqual({ status: 2, stderr: 'A_SETTING is missing\nB_SETTING is no number\n' });
  });

  it('refuses two functions of one name, status 2', async () => {
    const { status, stderr } = await startFails(state.path, { app: 'twins' });
    expect(status).toBe(2);
    expect(stderr).toContain("Two functions are named 'Same'");
  });

  it.runIf(process.platform === 'linux')('keeps a second host off the same state dir', async () => {
    const own = stateFolder();
    const host = await startHost(own.path);
    const { status, stderr } = await startFails(own.path, {});
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Another host works on .*\n$/);
    await host.stop('SIGKILL');
    expect(await (await startHost(own.path)).stop()).toBe(0);
    own.remove();
  });
});
