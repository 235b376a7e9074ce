/**
 * What is deployed: the app compiled to JavaScript, its production dependencies exactly as the lockfile has them, host.json.
 * Nothing is downloaded: the packages are those that `npm ci` installed here. What functions/ does not reach is not compiled, so
 * the simulator and the local host cannot slip in.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Lockfile {
  readonly packages: Readonly<Record<string, { dev?: boolean; optional?: boolean; devOptional?: boolean }>>;
}

/** Fills an empty (or emptied) folder with the app as Azure runs it. Throws with the compiler's words when it does not compile. */
export async function stagePackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await compile(folder);
  await cp(join(root, 'host.json'), join(folder, 'host.json'));
  await writeManifest(folder);
  await copyPackages(folder);
}

async function compile(folder: string): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const project = join(root, 'infra/tsconfig.package.json');
  try {
    await promisify(execFile)(process.execPath, [tsc, '--project', project, '--outDir', folder]);
  } catch (error) {
    throw new Error(`The app does not compile:\n${(error as { stdout?: string }).stdout ?? String(error)}`);
  }
}

/** package.json for the worker: its entry files, and the dependencies for whoever asks what is in there. No scripts. */
async function writeManifest(folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { name, version, license, type, dependencies } = manifest;
  const main = String(manifest.main).replace(/\.ts$/, '.js');
  const text = JSON.stringify({ name, version, license, private: true, type, main, dependencies }, undefined, 2);
  await writeFile(join(folder, 'package.json'), `${text}\n`);
}

/** Paths below the root of all that `npm ci --omit=dev --omit=optional` would install. */
export async function productionPackages(): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as Lockfile;
  return Object.entries(packages)
    .filter(([path, { dev, optional, devOptional }]) => path !== '' && !dev && !optional && !devOptional)
    .map(([path]) => path);
}

/** Types, sources, source maps and the builds of @azure for browsers are two thirds of the files; Node.js reads none. */
const isRuntime = (path: string) =>
  !/\.([cm]?ts|map|tsbuildinfo)$/.test(path) && !/[\\/]dist[\\/](browser|react-native|workerd)$/.test(path);

async function copyPackages(folder: string): Promise<void> {
  for (const path of await productionPackages()) {
    // A package nested in another is listed by itself, if it is one of production.
    const filter = (source: string) => basename(source) !== 'node_modules' && isRuntime(source);
    await cp(join(root, path), join(folder, path), { recursive: true, filter });
  }
}
