import { describe, expect, it } from 'vitest';
import { readConfig } from '../../src/app/config.ts';

const tenant = '7d3f1f0e-6b1c-4f0e-9a53-0c0de0000001';
const client = '7d3f1f0e-6b1c-4f0e-9a53-0c0de0000002';
const azure = {
  TENANT_ID: tenant,
  STORAGE_BLOB_URL: 'https://acc.blob.core.windows.net',
  STORAGE_TABLE_URL: 'https://acc.table.core.windows.net',
  SNAPSHOT_SCHEDULE: '0 0 2 * * *',
};
const local = {
  TENANT_ID: tenant,
  STORAGE_CONNECTION_STRING: 'UseDevelopmentStorage=true',
  GRAPH_ENDPOINT: 'http://127.0.0.1:7072',
  GRAPH_DEVELOPMENT_TOKEN: 'app',
  SNAPSHOT_SCHEDULE: '0 0 2 * * *',
};

/** Every line of the complaint, without the heading. */
function complaints(env: Record<string, string>): string[] {
  try {
    readConfig(env);
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim());
  }
  throw new Error('these settings were taken');
}

describe('settings', () => {
  it('of a deployment: identities everywhere, the global cloud, one container', () => {
    expect(readConfig(azure)).toEqual({
      tenantId: tenant,
      cloud: 'global',
      credential: { kind: 'managed-identity' },
      storage: { kind: 'identity', blobUrl: azure.STORAGE_BLOB_URL, tableUrl: azure.STORAGE_TABLE_URL },
      container: 'snapshots',
      schedule: '0 0 2 * * *',
      throttlePatienceMs: 900_000,
    });
  });

  it('of the local run: a development token and the emulator, both on this machine', () => {
    expect(readConfig(local)).toMatchObject({
      graphEndpoint: 'http://127.0.0.1:7072',
      credential: { kind: 'development', token: 'app' },
      storage: { kind: 'connection-string' },
    });
  });

  it('of an application elsewhere, by federation or by certificate', () => {
    const federated = { ...azure, CREDENTIAL: 'federated', CLIENT_ID: client, MANAGED_IDENTITY_CLIENT_ID: tenant };
    expect(readConfig(federated).credential).toEqual({
      kind: 'federated',
      tenantId: tenant,
      clientId: client,
      managedIdentityClientId: tenant,
    });
    const certificate = { ...azure, CREDENTIAL: 'certificate', CLIENT_ID: client, CERTIFICATE_PATH: 'c.pem' };
    expect(readConfig(certificate).credential).toMatchObject({ kind: 'certificate', certificatePath: 'c.pem' });
  });

  it('of sealed storage: a key of a vault, or one in a file, not both', () => {
    const keyUrl = 'https://vault.vault.azure.net/keys/restore';
    expect(readConfig({ ...azure, ENCRYPTION_KEY_URL: keyUrl }).encryption).toEqual({ keyUrl });
    expect(readConfig({ ...local, ENCRYPTION_KEY_FILE: 'key' }).encryption).toEqual({ keyFile: 'key' });
    expect(readConfig(local).encryption).toBeUndefined();
    expect(complaints({ ...azure, ENCRYPTION_KEY_URL: keyUrl, ENCRYPTION_KEY_FILE: 'key' })).toHaveLength(1);
    for (const wrong of ['http://vault.vault.azure.net/keys/a', 'https://vault.vault.azure.net/secrets/a'])
      expect(complaints({ ...azure, ENCRYPTION_KEY_URL: wrong })).toEqual([
        expect.stringMatching(/^ENCRYPTION_KEY_URL: /),
      ]);
  });

  it('that are empty count as absent', () => {
    expect(readConfig({ ...azure, CLOUD: '', SNAPSHOT_CONTAINER: '' })).toMatchObject({ container: 'snapshots' });
  });

  it('that are wrong are named all at once', () => {
    const found = complaints({
      TENANT_ID: 'contoso',
      CLOUD: 'moon',
      CREDENTIAL: 'certificate',
      SNAPSHOT_CONTAINER: 'No Spaces',
      SNAPSHOT_SCHEDULE: 'daily',
      STORAGE_BLOB_URL: 'not a url',
    });
    for (const name of [
      'TENANT_ID',
      'CLOUD',
      'CLIENT_ID',
      'CERTIFICATE_PATH',
      'SNAPSHOT_CONTAINER',
      'SNAPSHOT_SCHEDULE',
      'STORAGE_BLOB_URL',
      'STORAGE_TABLE_URL',
    ])
      expect(found.filter((line) => line.startsWith(`${name}:`))).toHaveLength(1);
  });

  it('that are missing altogether are named all at once', () => {
    const found = complaints({}).map((line) => line.split(':')[0]);
    expect(found.sort()).toEqual(['SNAPSHOT_SCHEDULE', 'STORAGE_BLOB_URL', 'STORAGE_TABLE_URL', 'TENANT_ID']);
  });

  it.each([
    [
      'a development token for Microsoft’s own endpoint',
      { ...azure, GRAPH_DEVELOPMENT_TOKEN: 'app' },
      'GRAPH_DEVELOPMENT_TOKEN',
    ],
    [
      'another Graph endpoint that is not on this machine',
      { ...local, GRAPH_ENDPOINT: 'https://evil.example' },
      'GRAPH_ENDPOINT',
    ],
    [
      'a name that only looks like this machine',
      { ...local, GRAPH_ENDPOINT: 'http://127.0.0.1.evil.example' },
      'GRAPH_ENDPOINT',
    ],
    [
      'a connection string with a key for a real account',
      { ...local, STORAGE_CONNECTION_STRING: 'DefaultEndpointsProtocol=https;AccountName=acc;AccountKey=secret' },
      'STORAGE_CONNECTION_STRING',
    ],
    [
      'a connection string of which one endpoint is elsewhere',
      {
        ...local,
        STORAGE_CONNECTION_STRING:
          'AccountName=a;AccountKey=secret;BlobEndpoint=http://127.0.0.1:1/a;TableEndpoint=https://x.example/a',
      },
      'STORAGE_CONNECTION_STRING',
    ],
  ])('refuse %s, without repeating a secret', (_, env, name) => {
    const found = complaints(env);
    expect(found.some((line) => line.startsWith(`${name}:`))).toBe(true);
    expect(found.join()).not.toContain('secret');
  });
});
