/** Who may import whom: one direction, vendors at the edges, nothing of development in what is deployed. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

interface Import {
  readonly from: string;
  /** A path below the root for our own files, a package's name otherwise. */
  readonly to: string;
  readonly own: boolean;
  readonly typeOnly: boolean;
}

const statement = /^(?:import|export)\s+(type\s+)?[^;]*?\bfrom\s+'([^']+)'/gm;
const dynamic = /\bimport\(\s*'([^']+)'\s*\)/g;

function importsOf(from: string): Import[] {
  const text = readFileSync(join(root, from), 'utf8');
  const found = [
    ...[...text.matchAll(statement)].map(([, type, to = '']) => ({ to, typeOnly: type !== undefined })),
    ...[...text.matchAll(dynamic)].map(([, to = '']) => ({ to, typeOnly: false })),
  ];
  return found
    .filter(({ to }) => !to.startsWith('node:'))
    .map(({ to, typeOnly }) => {
      const own = to.startsWith('.');
      const vendor = to
        .split('/')
        .slice(0, to.startsWith('@') ? 2 : 1)
        .join('/');
      return { from, own, typeOnly, to: own ? join(dirname(from), to) : vendor };
    });
}

const files = globSync('{src,functions,infra}/**/*.ts', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
const imports = files.flatMap(importsOf);

/** The folder (or, at the top of src, the file) that a rule speaks of. */
function areaOf(path: string): string {
  const [top = '', second = '', third = ''] = path.split('/');
  if (top !== 'src') return top;
  return second === 'dev' ? ['dev', third].join('/') : second;
}

const told = (some: readonly Import[]) => some.map(({ from, to }) => `${from} -> ${to}`);

/** What each area may import of ours, beside itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  functions: ['app', 'api', 'durable', 'snapshot', 'restore', 'upkeep'],
  app: ['connectors', 'errors.ts', 'clock.ts', 'services.ts', 'directory', 'storage', 'azure', 'graph'],
  api: [
    'app',
    'audit',
    'connectors',
    'snapshot',
    'restore',
    'comparison',
    'upkeep',
    'durable',
    'job',
    'storage',
    'directory',
    'services.ts',
    'errors.ts',
    'clock.ts',
  ],
  audit: ['directory', 'storage', 'errors.ts'],
  upkeep: ['connectors', 'snapshot', 'durable', 'job', 'storage', 'directory', 'services.ts', 'errors.ts'],
  comparison: ['snapshot', 'restore', 'job', 'directory', 'services.ts', 'errors.ts'],
  restore: ['audit', 'snapshot', 'durable', 'job', 'storage', 'directory', 'services.ts', 'errors.ts', 'clock.ts'],
  connectors: ['directory', 'errors.ts'],
  snapshot: ['connectors', 'durable', 'job', 'storage', 'directory', 'services.ts', 'errors.ts', 'clock.ts'],
  durable: ['storage', 'errors.ts'],
  job: ['directory', 'errors.ts'],
  storage: ['errors.ts'],
  directory: ['errors.ts'],
  azure: ['connectors', 'storage', 'job', 'errors.ts', 'deadline.ts'],
  graph: ['directory', 'errors.ts', 'clock.ts', 'deadline.ts'],
  'services.ts': ['connectors', 'directory', 'job', 'storage', 'clock.ts'],
  'errors.ts': [],
  'clock.ts': [],
  'deadline.ts': [],
  infra: ['graph'],
};
const production = Object.keys(allowed);

describe('our own modules', () => {
  it('import in one direction', () => {
    const wrong = imports.filter(({ from, to, own }) => {
      const [area, target] = [areaOf(from), areaOf(to)];
      return own && production.includes(area) && area !== target && !allowed[area]?.includes(target);
    });
    expect(told(wrong)).toEqual([]);
  });

  it('stand in an area that has a rule', () => {
    const areas = new Set(files.map(areaOf).filter((area) => !area.startsWith('dev/')));
    expect([...areas].filter((area) => !production.includes(area))).toEqual([]);
  });

  it('leave the choice of adapters to app/services.ts; the settings know only the words of Graph', () => {
    const words = ['src/graph/cloud.ts', 'src/graph/config.ts'];
    const wrong = imports.filter(
      ({ from, to, own }) =>
        own &&
        ['azure', 'graph'].includes(areaOf(to)) &&
        areaOf(from) !== areaOf(to) &&
        areaOf(from) !== 'infra' &&
        // The benchmark counts what a lookup reads; a copy of sealed storage is opened without the app.
        !['src/dev/story/lookup.ts', 'src/dev/decrypt.ts'].includes(from) &&
        from !== 'src/app/services.ts' &&
        !(from === 'src/app/config.ts' && words.includes(to)),
    );
    expect(told(wrong)).toEqual([]);
  });

  it('take only types from the app where they handle requests', () => {
    const wrong = imports.filter(
      ({ from, to, typeOnly }) => areaOf(from) === 'api' && areaOf(to) === 'app' && !typeOnly,
    );
    expect(told(wrong)).toEqual([]);
  });
});

describe('development', () => {
  it('is imported by nothing that is deployed', () => {
    const wrong = imports.filter(({ from, to }) => !areaOf(from).startsWith('dev/') && areaOf(to).startsWith('dev/'));
    expect(told(wrong)).toEqual([]);
  });

  it('has a simulator that shares nothing with the product', () => {
    const inside = (path: string) => path.startsWith('src/dev/simulator/');
    const wrong = imports.filter(({ from, to, own }) => own && inside(from) && !inside(to));
    expect(told(wrong)).toEqual([]);
  });

  it('has a host that knows nothing of the app it serves', () => {
    const shared = ['src/clock.ts', 'src/dev/flags.ts', 'src/dev/node-version.ts'];
    const wrong = imports.filter(
      ({ from, to, own }) =>
        own && from.startsWith('src/dev/host/') && !to.startsWith('src/dev/host/') && !shared.includes(to),
    );
    expect(told(wrong)).toEqual([]);
  });
});

describe('vendors', () => {
  const deployed = imports.filter(
    ({ from, own }) => !own && !areaOf(from).startsWith('dev/') && areaOf(from) !== 'infra',
  );

  it('of the deployed app are its dependencies, and none of those of development', () => {
    const { dependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(told(deployed.filter(({ to }) => !(to in dependencies)))).toEqual([]);
    const used = new Set(deployed.map(({ to }) => to));
    expect(Object.keys(dependencies).filter((name) => !used.has(name))).toEqual([]);
  });

  it('appear where they belong', () => {
    const homes: Readonly<Record<string, (file: Import) => boolean>> = {
      'durable-functions': ({ from, typeOnly }) =>
        ['functions', 'durable'].includes(areaOf(from)) ||
        /\/[\w-]*flow\.ts$/.test(from) ||
        (areaOf(from) === 'api' && typeOnly),
      '@azure/functions': ({ from, typeOnly }) => areaOf(from) === 'functions' || (areaOf(from) === 'api' && typeOnly),
      '@azure/storage-blob': ({ from }) => areaOf(from) === 'azure' || from === 'src/app/services.ts',
      '@azure/keyvault-keys': ({ from }) => areaOf(from) === 'azure' || from === 'src/app/services.ts',
      '@azure/data-tables': ({ from }) => areaOf(from) === 'azure' || from === 'src/app/services.ts',
      '@azure/identity': ({ from }) => areaOf(from) === 'graph' || from === 'src/app/services.ts',
      '@microsoft/microsoft-graph-client': ({ from }) => areaOf(from) === 'graph',
      'csv-stringify': ({ from }) => areaOf(from) === 'api',
    };
    expect(told(deployed.filter((one) => homes[one.to]?.(one) === false))).toEqual([]);
  });
});

it('keeps files short enough to hold one idea, those that are deployed above all', () => {
  const long = globSync('{src,functions,infra,test}/**/*.ts', { cwd: root })
    .map((path) => ({ path, lines: readFileSync(join(root, path), 'utf8').split('\n').length - 1 }))
    .filter(({ path, lines }) => lines > (path.startsWith('test/') || path.startsWith('src/dev/') ? 420 : 300));
  expect(long).toEqual([]);
});
