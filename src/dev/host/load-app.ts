/** Loads an unmodified functions app from the `main` pattern of its package.json, as the Azure worker does. */
import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Registry } from './core-module.ts';
import { StartError } from './start-error.ts';

/** What the host reads of host.json. */
export interface HostSettings {
  /** Without slashes; '' serves at the root. */
  readonly routePrefix: string;
  /** Activities at once (`extensions.durableTask.maxConcurrentActivityFunctions`). */
  readonly maxActivities: number;
  readonly taskHub: string;
}

export interface LoadedApp {
  /** Where its library takes requests and gives answers in pieces, if the app switched that on. */
  readonly httpUri: string | undefined;
}

/** Imports every file that `main` matches, runs the start hooks and closes the registry. Throws StartError or what the app throws. */
export async function loadApp(folder: string, registry: Registry, appHookData: object): Promise<LoadedApp> {
  const { main } = readJson(join(folder, 'package.json')) as { main?: string };
  if (main === undefined) throw new StartError(`${join(folder, 'package.json')} names no "main".`);
  const files = globSync(main, { cwd: folder }).sort();
  if (files.length === 0) throw new StartError(`"main" of package.json, ${main}, matches no file in ${folder}.`);
  for (const file of files) await import(pathToFileURL(resolve(folder, file)).href);
  for (const hook of registry.hooks('appStart'))
    await hook({ hookData: {}, appHookData, functionAppDirectory: folder });
  if (registry.model === undefined) throw new StartError(`The app in ${folder} registers no function.`);
  const { HttpUri } = await registry.model.getCapabilities({});
  registry.lock();
  return { httpUri: HttpUri };
}

/** host.json of the app; missing means all defaults. */
export function readHostSettings(folder: string): HostSettings {
  const { extensions = {} } = readJson(join(folder, 'host.json'), {}) as { extensions?: Record<string, Section> };
  const durable = extensions.durableTask ?? {};
  return {
    routePrefix: String(extensions.http?.routePrefix ?? 'api').replace(/^\/+|\/+$/g, ''),
    maxActivities: Number(durable.maxConcurrentActivityFunctions ?? 10),
    taskHub: String(durable.hubName ?? 'LocalHub'),
  };
}
type Section = Record<string, unknown>;

/** A JSON file's content; `otherwise` when it is absent and that is given. */
export function readJson(path: string, otherwise?: unknown): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT' && otherwise !== undefined) return otherwise;
    throw new StartError(`${path}: ${(error as Error).message}`);
  }
}
