/** What infra/ names is what the code reads: settings, container, tables, permissions. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { readConfig, settingsSchema } from '../../src/app/config.ts';
import { connectorTable } from '../../src/azure/table-connector-store.ts';
import { tableNames } from '../../src/azure/table-job-store.ts';
import { graphPermissions, optionalPermissions } from '../../src/graph/permissions.ts';
import { alertEvents } from '../../src/snapshot/alerts.ts';

const infra = fileURLToPath(new URL('../../infra', import.meta.url));
const bicep = (path: string) => readFileSync(join(infra, path), 'utf8');
const quoted = (text = '') => [...text.matchAll(/'([^']+)'/g)].map(([, word]) => word);
/** The strings of `var name = [ … ]`. */
const list = (text: string, name: string) => quoted(new RegExp(`var ${name} = \\[([^\\]]*)\\]`).exec(text)?.[1]);

const app = bicep('modules/function-app.bicep');
const settings = [...app.matchAll(/\{ name: '(\w+)', value: (.+) \}/g)].map(([, name = '', value = '']) => ({
  name,
  value,
}));
const ours = settings.map(({ name }) => name).filter((name) => !/^(AzureWebJobs|APPLICATIONINSIGHTS_)/.test(name));
const localOnly = ['STORAGE_CONNECTION_STRING', 'GRAPH_ENDPOINT', 'GRAPH_DEVELOPMENT_TOKEN'];
/** Files on disk are for hosts other than this one. */
const elsewhere = ['CERTIFICATE_PATH', 'ENCRYPTION_KEY_FILE'];

describe('the app’s settings', () => {
  it('are those that the code reads, and nothing of the local run', () => {
    const read = Object.keys(settingsSchema.shape).filter((name) => ![...localOnly, ...elsewhere].includes(name));
    expect(ours.toSorted()).toEqual(read.toSorted());
  });

  it.each(['managed-identity', 'federated'])('make the app start, credential %s', (credential) => {
    const guid = '7d3f1f0e-6b1c-4f0e-9a53-0c0de0000001';
    const values: Record<string, string> = {
      tenantId: guid,
      identityClientId: guid,
      cloud: 'global',
      credential,
      clientId: credential === 'federated' ? guid : '',
      snapshotBlobUrl: 'https://account.blob.core.windows.net/',
      snapshotTableUrl: 'https://account.table.core.windows.net/',
      snapshotContainer: 'snapshots',
      snapshotSchedule: '0 0 2 * * *',
      throttlePatienceSeconds: '900',
      credentialKey: Buffer.alloc(32).toString('base64'),
      encryptionKeyUrl: 'https://vault.vault.azure.net/keys/restore',
    };
    const env = Object.fromEntries(
      settings.filter(({ name }) => ours.includes(name)).map(({ name, value }) => [name, values[value]]),
    );
    expect(readConfig(env)).toMatchObject({
      credential: { kind: credential },
      storage: { kind: 'identity', clientId: guid },
    });
  });

  it('carry no key and no connection string', () => {
    expect(settings.filter(({ value }) => /listKeys|AccountKey|SharedAccess/i.test(value))).toEqual([]);
    for (const path of globSync('**/*.bicep', { cwd: infra })) expect(bicep(path)).not.toMatch(/listKeys|AccountKey/);
  });

  it('offer the clouds that the code knows', () => {
    const main = bicep('main.bicep');
    const offered = quoted(/@allowed\(\[([^\]]*)\]\)\s*param cloud/.exec(main)?.[1]);
    expect(offered).toEqual([...settingsSchema.shape.CLOUD.unwrap().options]);
    expect(/param snapshotSchedule string = '([^']+)'/.exec(main)?.[1]).toMatch(/^(\S+ ){5}\S+$/);
  });
});

describe('the snapshot account', () => {
  const storage = bicep('modules/snapshot-storage.bicep');

  it('has the container and the tables that the code uses', () => {
    expect(/var containerName = '(.+)'/.exec(storage)?.[1]).toBe(
      settingsSchema.shape.SNAPSHOT_CONTAINER.parse(undefined),
    );
    expect(list(storage, 'tableNames').toSorted()).toEqual([...tableNames, connectorTable].sort());
  });

  it('takes no shared keys and nobody unnamed', () => {
    for (const account of [storage, bicep('modules/host-storage.bicep')]) {
      expect(account).toContain('allowSharedKeyAccess: false');
      expect(account).toContain('allowBlobPublicAccess: false');
    }
  });

  it('keeps what is deleted or overwritten for a while, no longer, and is itself locked', () => {
    expect(storage).toContain('isVersioningEnabled: true');
    expect(storage).toMatch(/\bdeleteRetentionPolicy: \{ enabled: true, days: softDeleteDays \}/);
    expect(storage).toMatch(/containerDeleteRetentionPolicy: \{ enabled: true, days: softDeleteDays \}/);
    expect(storage).toContain('version: { delete: { daysAfterCreationGreaterThan: softDeleteDays } }');
    // Only old versions: which snapshots go is for the app alone to say.
    expect(storage).not.toContain('baseBlob');
    expect(storage).toContain("level: 'CanNotDelete'");
    expect(bicep('main.bicep')).toContain('param lockSnapshots bool = true');
  });
});

describe('the identity’s roles', () => {
  /** Ids of built-in roles, the same in every tenant and cloud (learn.microsoft.com, Azure built-in roles). */
  const builtIn: Record<string, string> = {
    storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
    storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b',
    storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88',
    storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
    monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb',
  };

  it.each([
    ['snapshot-storage', ['storageBlobDataContributor', 'storageTableDataContributor']],
    ['host-storage', ['storageBlobDataOwner', 'storageQueueDataContributor', 'storageTableDataContributor']],
    ['monitoring', ['monitoringMetricsPublisher']],
    ['function-app', []],
    ['identity', []],
  ])('in %s are the least that work, by their right ids', (module, roles) => {
    const named = [...bicep(`modules/${module}.bicep`).matchAll(/(\w+)(?: =|:) '([0-9a-f]{8}-[0-9a-f-]{27})'/g)];
    expect(named.map(([, name, id]) => [name, id])).toEqual(roles.map((name) => [name, builtIn[name]]));
  });
});

describe('the alerts', () => {
  const monitoring = bicep('modules/monitoring.bicep');

  it('look for the lines that the code logs, a rule each, at their level', () => {
    expect(list(monitoring, 'alertEvents').toSorted()).toEqual(Object.values(alertEvents).toSorted());
    expect(monitoring).toContain('for event in alertEvents:');
    expect(monitoring).toContain(`severityLevel == 3 and message startswith "\${event} "`);
  });

  it('miss none, since log lines are not sampled', () => {
    const { applicationInsights } = JSON.parse(bicep('../host.json')).logging;
    expect(applicationInsights.samplingSettings.excludedTypes.split(';')).toContain('Trace');
  });
});

describe('the Graph permissions', () => {
  const graph = bicep('graph.bicep');
  it.each(['read', 'write'] as const)('granted for %s are those of the code’s table', (access) => {
    const needed = graphPermissions.filter((permission) => permission.access === access).map(({ name }) => name);
    expect(list(graph, access).toSorted()).toEqual(needed.toSorted());
  });

  it.each(Object.entries(optionalPermissions))(
    'of the inclusion %s are granted only where somebody says so',
    (name, of) => {
      expect(graph).toMatch(new RegExp(`^param ${name} bool = false$`, 'm'));
      expect(graph).toContain(`${name} ? [{ read: '${of.read}', write: '${of.write}' }] : []`);
    },
  );

  it('are what the loop of the README finds in the template', () => {
    const [, pattern = ''] = /grep -oE "([^"]+)" infra\/graph\.bicep/.exec(bicep('README.md')) ?? [];
    const found = [...graph.matchAll(new RegExp(pattern, 'gm'))].flatMap(([line]) => quoted(line));
    expect(found.toSorted()).toEqual(graphPermissions.map(({ name }) => name).toSorted());
  });

  it('come through an extension that the configuration names, and only there', () => {
    const [, extension = ''] = /^extension (\w+)$/m.exec(graph) ?? [];
    expect(Object.keys(JSON.parse(bicep('bicepconfig.json')).extensions)).toEqual([extension]);
    expect(bicep('main.bicep')).not.toMatch(/^extension /m);
  });
});

it('puts every module together, with every parameter it asks for', () => {
  const main = bicep('main.bicep');
  const modules = globSync('modules/*.bicep', { cwd: infra }).map((path) => path.replaceAll('\\', '/'));
  for (const path of modules) {
    const [, block = ''] = new RegExp(`'${path}' = \\{([\\s\\S]*?)\\n\\}`).exec(main) ?? [];
    const asked = [...bicep(path).matchAll(/^param (\w+)/gm)].map(([, name]) => name);
    const params = block.slice(block.indexOf('params:') + 'params:'.length);
    const given = [...params.matchAll(/(\w+): [^{]/g)].map(([, name]) => name);
    expect({ path, given: given.toSorted() }).toEqual({ path, given: asked.toSorted() });
  }
  const outputs = [...main.matchAll(/(\w+)\.outputs\.(\w+)/g)].map(([, module, output]) => `${module}.${output}`);
  const offered = modules.flatMap((path) => {
    const symbol = new RegExp(`module (\\w+) '${path}'`).exec(main)?.[1];
    return [...bicep(path).matchAll(/^output (\w+)/gm)].map(([, output]) => `${symbol}.${output}`);
  });
  expect(outputs.filter((output) => !offered.includes(output))).toEqual([]);
});
