import { describe, expect, it } from 'vitest';
import { type CloudName, cloudNames, clouds } from '../../src/graph/cloud.ts';
import type { CredentialConfig } from '../../src/graph/config.ts';
import { createGraphGateway } from '../../src/graph/graph-gateway.ts';
import { graphPermissions } from '../../src/graph/permissions.ts';

const make = (cloud: CloudName, credential: CredentialConfig, endpoint?: string) => () =>
  createGraphGateway({ cloud, credential, ...(endpoint === undefined ? {} : { endpoint }) });
const development = { kind: 'development', token: 'app' } as const;
const real: CredentialConfig[] = [
  { kind: 'managed-identity' },
  { kind: 'managed-identity', clientId: 'c' },
  { kind: 'federated', tenantId: 'contoso', clientId: 'c' },
  { kind: 'federated', tenantId: 'contoso', clientId: 'c', tokenFile: 'token' },
  { kind: 'certificate', tenantId: 'contoso', clientId: 'c', certificatePath: 'app.pem' },
];

describe('who is trusted with what', () => {
  it.each(['http://127.0.0.1:7072', 'http://localhost:7072/v1.0', 'http://[::1]:7072'])(
    'takes a development token to %s',
    (endpoint) => {
      expect(make('global', development, endpoint)).not.toThrow();
    },
  );

  it.each(['https://graph.example.com', 'http://127.0.0.1.example.com', 'http://10.0.0.1', 'nonsense'])(
    'takes no token of any kind to %s',
    (endpoint) => {
      expect(make('global', development, endpoint)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
      for (const credential of real) expect(make('global', credential, endpoint)).toThrow();
    },
  );

  it('refuses a development token for every real cloud', () => {
    for (const cloud of cloudNames)
      expect(make(cloud, development)).toThrow(expect.objectContaining({ code: 'invalid-input' }));
  });

  it('accepts each real credential in each cloud, and none of them for this machine', () => {
    for (const credential of real) {
      for (const cloud of cloudNames) expect(make(cloud, credential)).not.toThrow();
      expect(make('global', credential, 'http://127.0.0.1:7072')).toThrow();
    }
  });

  it('knows Graph and the token service of each cloud', () => {
    expect(Object.values(clouds).every(({ endpoint, authorityHost }) => /^https:/.test(endpoint + authorityHost))).toBe(
      true,
    );
    expect(clouds.usgov.endpoint).toBe('https://graph.microsoft.us');
    expect(clouds.china.authorityHost).toBe('https://login.chinacloudapi.cn');
  });

  it('names each permission once', () => {
    const names = graphPermissions.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(
      graphPermissions.filter(({ access }) => access === 'read').every(({ name }) => !name.includes('Write')),
    ).toBe(true);
  });
});
