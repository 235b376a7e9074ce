/** Puts the host together: socket, environment, app, timers, durable engine; tells `ready`; ends on a signal. */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../clock.ts';
import type { Flags } from '../flags.ts';
import { installCoreModule, type Registry } from './core-module.ts';
import { createActivityRunner } from './durable/activities.ts';
import { serveDurable } from './durable/endpoints.ts';
import { createEngine } from './durable/engine.ts';
import { openJournal } from './durable/journal.ts';
import { durableUrls } from './durable/management-urls.ts';
import { setEnvironment, storageEndpoints } from './environment.ts';
import { type Handler, serveFunctions } from './http/functions.ts';
import { hasKey, type Keys, loadKeys } from './http/keys.ts';
import { send, sendProblem } from './http/problem.ts';
import { listen } from './http/server.ts';
import { createInvoke, writeLog } from './invoke.ts';
import { loadApp, readHostSettings } from './load-app.ts';
import { lockFolder } from './lock.ts';
import { createLog, type Log } from './log.ts';
import { StartError } from './start-error.ts';
import { startTimers, type Timers } from './timers.ts';

const clock = systemClock;

type Closer = () => unknown;

/** Starts everything and returns when it is ready. Throws StartError, or what the app threw while it was loaded. */
export async function runHost(flags: Flags): Promise<void> {
  const log = createLog();
  const stateFolder = usableFolder(join(resolve(flags.stateDir), 'host'));
  const appFolder = flags.app === undefined ? fileURLToPath(new URL('../../..', import.meta.url)) : resolve(flags.app);
  const closers: Closer[] = [];
  endOnSignal(log, closers);
  await lockFolder(stateFolder);
  const server = await listen(flags.port, log);
  const keys = loadKeys(stateFolder);
  setEnvironment(flags, server.port, appFolder, keys);
  const appHookData = {};
  const registry = installCoreModule((level, category, message) => writeLog(log, level, { category }, message));
  const { httpUri } = await loadApp(appFolder, registry, appHookData);

  const settings = readHostSettings(appFolder);
  const urls = durableUrls(`http://127.0.0.1:${server.port}`, settings.taskHub, keys.system);
  const durableClient = () => ({ string: urls.clientInput });
  const invoke = createInvoke(registry, log, appHookData);
  const find = (type: string, name: string) => {
    const fn = registry.functions.get(name);
    return fn?.triggerType === type ? fn : undefined;
  };
  const journal = openJournal(usableFolder(join(stateFolder, 'journal')));
  const runActivity = createActivityRunner(invoke, settings.maxActivities);
  const engine = createEngine({ journal, runActivity, invoke, find, clock, log });
  const timers = startTimers(registry.functions.values(), flags.schedule, { invoke, log, clock, durableClient });
  const endpoints = { engine, instances: journal.instances, find, urls };
  server.serve([
    ['/admin/functions/', serveAdmin(timers, keys)],
    ['/durabletask/', serveDurable('/durabletask/', undefined, endpoints)],
    ['/runtime/webhooks/durabletask/', serveDurable('/runtime/webhooks/durabletask/', keys, endpoints)],
    [
      '/',
      serveFunctions(registry.functions.values(), settings.routePrefix, { keys, invoke, log, durableClient, httpUri }),
    ],
  ]);
  engine.resume();

  closers.push(timers.stop, engine.stop, server.close, () => runEndHooks(registry, appHookData), journal.close);
  const ready = {
    api: [`http://127.0.0.1:${server.port}`, settings.routePrefix].filter(Boolean).join('/'),
    graph: `http://127.0.0.1:${flags.graphPort}/v1.0`,
    control: `http://127.0.0.1:${flags.graphPort}/_control`,
    storage: storageEndpoints(flags.storagePort),
    key: keys.function,
    pids: { host: process.pid },
  };
  process.stdout.write(`ready ${JSON.stringify(ready)}\n`);
}

function usableFolder(path: string): string {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    return path;
  } catch (error) {
    throw new StartError(`The state dir cannot be used: ${path} (${(error as NodeJS.ErrnoException).code ?? error}).`);
  }
}

/** Fires a timer by hand, as Azure's admin endpoint does. */
function serveAdmin(timers: Timers, keys: Keys): Handler {
  return async (request, response, url) => {
    if (!hasKey(request, url.searchParams, [keys.master, keys.function]))
      return sendProblem(response, 401, 'unauthorized', 'A key is needed: x-functions-key or ?code=.');
    const name = decodeURIComponent(url.pathname.split('/')[3] ?? '');
    if (request.method !== 'POST') return sendProblem(response, 405, 'method-not-allowed', 'Timers are fired by POST.');
    if (!timers.fire(name)) return sendProblem(response, 404, 'not-found', `No timer is named '${name}'.`);
    send(response, 202);
  };
}

async function runEndHooks(registry: Registry, appHookData: object): Promise<void> {
  for (const hook of registry.hooks('appTerminate')) await hook({ hookData: {}, appHookData });
}

/** Runs the closers in order, however far the start has come, and ends with 0. */
function endOnSignal(log: Log, closers: readonly Closer[]): void {
  let ending = false;
  const end = async () => {
    if (ending) return;
    ending = true;
    try {
      for (const close of closers) await close();
      process.exit(0);
    } catch (error) {
      log.error({ err: error }, 'did not close cleanly');
      process.exit(1);
    }
  };
  process.on('SIGTERM', () => void end());
  process.on('SIGINT', () => void end());
}
