/** The settings that Azure would give the app, for the local run. What is set already is never overridden. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Flags } from '../flags.ts';
import type { Keys } from './http/keys.ts';
import { readJson } from './load-app.ts';

/** The public development account of the storage emulator, the same in every installation of it. */
const account = 'devstoreaccount1';
const accountKey = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export function storageEndpoints(blobPort: number) {
  const at = (port: number) => `http://127.0.0.1:${port}/${account}`;
  return { blob: at(blobPort), queue: at(blobPort + 1), table: at(blobPort + 2) };
}

/** Fills process.env: our defaults, `Values` of the app's local.settings.json before them. `port` is the one really bound. */
export function setEnvironment(flags: Flags, port: number, appFolder: string, keys: Keys): void {
  const { blob, queue, table } = storageEndpoints(flags.storagePort);
  const storage =
    `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${accountKey};` +
    `BlobEndpoint=${blob};QueueEndpoint=${queue};TableEndpoint=${table};`;
  const { Values = {} } = readJson(join(appFolder, 'local.settings.json'), {}) as { Values?: Record<string, string> };
  const defaults: Record<string, string> = {
    AzureWebJobsStorage: storage,
    STORAGE_CONNECTION_STRING: storage,
    GRAPH_ENDPOINT: `http://127.0.0.1:${flags.graphPort}`,
    GRAPH_DEVELOPMENT_TOKEN: 'app',
    // Of the app registration that the token stands for.
    CLIENT_ID: '8f0c2b7e-41d9-4c65-a2f3-6e9d0b5a7c31',
    // Lives and dies with the state dir, as the passwords it seals.
    CREDENTIAL_KEY: createHash('sha256').update(`credentials ${keys.master}`).digest('base64'),
    SNAPSHOT_SCHEDULE: '0 0 2 * * *',
    // The one that the simulator plays.
    TENANT_ID: '5d6e1f0c-7a52-4c0b-9d5e-3b8f4a6c2e10',
    ...Values,
  };
  for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;
  // The durable client rewrites its management URLs to port 7071 unless this is set; always the port we really have.
  process.env.WEBSITE_HOSTNAME = `127.0.0.1:${port}`;
  // The durable client's HTTP library obeys proxy variables even for loopback.
  const direct = [...new Set([...(process.env.NO_PROXY ?? '').split(','), '127.0.0.1', 'localhost'])].filter(Boolean);
  process.env.NO_PROXY = process.env.no_proxy = direct.join(',');
}
