/** Every setting of the app, read and checked once at start. What is wrong is said all at once, each with what to do. */
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { cloudNames, isLoopback } from '../graph/cloud.ts';
import type { CredentialConfig } from '../graph/config.ts';

const url = z.url({ protocol: /^https?$/ });
/** An account's endpoint, as Azure gives it, with or without the last slash. */
const accountUrl = z.url({ protocol: /^https$/ }).transform((text) => text.replace(/\/+$/, ''));
const loopbackUrl = url.refine(isLoopback, 'may only be an address of this machine (127.0.0.1, ::1, localhost)');

/** Names and forms of the settings; `infra/` sets exactly these. */
export const settingsSchema = z.object({
  TENANT_ID: z.guid('must be the tenant id, a GUID'),
  CLOUD: z.enum(cloudNames).default('global'),
  /** `managed-identity`: the app's own. `federated`, `certificate`: an application (CLIENT_ID) of the tenant TENANT_ID. */
  CREDENTIAL: z.enum(['managed-identity', 'federated', 'certificate']).default('managed-identity'),
  CLIENT_ID: z.guid('must be an application id, a GUID').optional(),
  /** The user-assigned managed identity of the function app, where it has one. */
  MANAGED_IDENTITY_CLIENT_ID: z.guid('must be a client id, a GUID').optional(),
  CERTIFICATE_PATH: z.string().min(1).optional(),
  GRAPH_ENDPOINT: loopbackUrl.optional(),
  GRAPH_DEVELOPMENT_TOKEN: z.string().min(1).optional(),
  STORAGE_BLOB_URL: accountUrl.optional(),
  STORAGE_TABLE_URL: accountUrl.optional(),
  STORAGE_CONNECTION_STRING: z.string().min(1).optional(),
  SNAPSHOT_CONTAINER: z
    .string()
    .regex(
      /^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){2,62}$/,
      'must be a container name: 3 to 63 small letters, digits, single hyphens',
    )
    .default('snapshots'),
  /** Seals the passwords of recreated users until they are collected; without it they are not kept. */
  CREDENTIAL_KEY: z
    .base64()
    .refine((text) => Buffer.from(text, 'base64').length === 32, 'must be 32 bytes in Base64')
    .optional(),
  /** Seals every blob with data keys that this key of a Key Vault, or the one in a file (32 bytes in Base64), wraps. */
  ENCRYPTION_KEY_URL: z
    .url({ protocol: /^https$/ })
    .refine((text) => /^\/keys\/[^/]+(\/[^/]*)?$/.test(new URL(text).pathname), 'must be https://<vault>/keys/<name>')
    .optional(),
  ENCRYPTION_KEY_FILE: z.string().min(1).optional(),
  /** How long one call to Graph may be held back by throttling before it is given up. */
  THROTTLE_PATIENCE_SECONDS: z.coerce.number('must be a number of seconds').int().min(1).max(86_400).default(900),
  SNAPSHOT_SCHEDULE: z
    .string()
    .regex(/^(\S+\s+){5}\S+$/, 'must be an NCRONTAB expression of six fields, such as "0 0 2 * * *"'),
});

export type StorageConfig =
  | { readonly kind: 'identity'; readonly blobUrl: string; readonly tableUrl: string; readonly clientId?: string }
  | { readonly kind: 'connection-string'; readonly connectionString: string };

export interface Config {
  readonly tenantId: string;
  readonly cloud: (typeof cloudNames)[number];
  readonly graphEndpoint?: string;
  readonly credential: CredentialConfig;
  readonly storage: StorageConfig;
  readonly container: string;
  readonly schedule: string;
  readonly throttlePatienceMs: number;
  /** 32 bytes. */
  readonly credentialKey?: Uint8Array;
  /** Absent: blobs are stored in the open, as the platform encrypts them. */
  readonly encryption?: { readonly keyUrl: string } | { readonly keyFile: string };
}

/** @throws AppError `invalid-input` whose message holds every complaint, a line each. */
export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.fromEntries(Object.keys(settingsSchema.shape).map((name) => [name, env[name] || undefined]));
  const parsed = settingsSchema.safeParse(given);
  const complaints = parsed.success
    ? []
    : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const settings = { ...given, ...(parsed.success ? parsed.data : {}) } as z.output<typeof settingsSchema>;
  const complain = (complaint: string) => void complaints.push(complaint);
  const credential = credentialOf(settings, complain);
  const storage = storageOf(settings, complain);
  const encryption = encryptionOf(settings, complain);
  if (complaints.length > 0 || credential === undefined || storage === undefined) {
    throw new AppError(
      'invalid-input',
      ['The app cannot start with these settings:', ...complaints.map((line) => `  ${line}`)].join('\n'),
    );
  }
  return {
    tenantId: settings.TENANT_ID,
    cloud: settings.CLOUD,
    ...(settings.GRAPH_ENDPOINT === undefined ? {} : { graphEndpoint: settings.GRAPH_ENDPOINT }),
    credential,
    storage,
    container: settings.SNAPSHOT_CONTAINER,
    schedule: settings.SNAPSHOT_SCHEDULE,
    throttlePatienceMs: settings.THROTTLE_PATIENCE_SECONDS * 1_000,
    ...(settings.CREDENTIAL_KEY === undefined ? {} : { credentialKey: Buffer.from(settings.CREDENTIAL_KEY, 'base64') }),
    ...(encryption === undefined ? {} : { encryption }),
  };
}

type Settings = z.output<typeof settingsSchema>;

function credentialOf(settings: Settings, complain: (complaint: string) => void): CredentialConfig | undefined {
  const { GRAPH_DEVELOPMENT_TOKEN: token, GRAPH_ENDPOINT: endpoint, CLIENT_ID: clientId } = settings;
  const identity = settings.MANAGED_IDENTITY_CLIENT_ID;
  if (token !== undefined) {
    if (endpoint !== undefined && isLoopback(endpoint))
      return { kind: 'development', token, ...(clientId === undefined ? {} : { clientId }) };
    complain(
      'GRAPH_DEVELOPMENT_TOKEN: goes only with a GRAPH_ENDPOINT on this machine; remove it to use a real credential',
    );
    return undefined;
  }
  if (settings.CREDENTIAL === 'managed-identity' || settings.CREDENTIAL === undefined) {
    return { kind: 'managed-identity', ...(identity === undefined ? {} : { clientId: identity }) };
  }
  if (clientId === undefined) complain(`CLIENT_ID: is needed with CREDENTIAL=${settings.CREDENTIAL}`);
  const application = { tenantId: settings.TENANT_ID, clientId: clientId ?? '' };
  if (settings.CREDENTIAL === 'federated') {
    return {
      kind: 'federated',
      ...application,
      ...(identity === undefined ? {} : { managedIdentityClientId: identity }),
    };
  }
  const certificatePath = settings.CERTIFICATE_PATH;
  if (certificatePath === undefined)
    complain('CERTIFICATE_PATH: is needed with CREDENTIAL=certificate: a PEM file with certificate and key');
  return { kind: 'certificate', ...application, certificatePath: certificatePath ?? '' };
}

function storageOf(settings: Settings, complain: (complaint: string) => void): StorageConfig | undefined {
  const {
    STORAGE_CONNECTION_STRING: connectionString,
    STORAGE_BLOB_URL: blobUrl,
    STORAGE_TABLE_URL: tableUrl,
  } = settings;
  if (connectionString !== undefined) {
    if (isLocalConnection(connectionString)) return { kind: 'connection-string', connectionString };
    complain(
      'STORAGE_CONNECTION_STRING: is for the emulator on this machine; use STORAGE_BLOB_URL and STORAGE_TABLE_URL with an identity',
    );
    return undefined;
  }
  if (blobUrl === undefined) complain('STORAGE_BLOB_URL: is needed, such as https://<account>.blob.core.windows.net');
  if (tableUrl === undefined)
    complain('STORAGE_TABLE_URL: is needed, such as https://<account>.table.core.windows.net');
  if (blobUrl === undefined || tableUrl === undefined) return undefined;
  const clientId = settings.MANAGED_IDENTITY_CLIENT_ID;
  return { kind: 'identity', blobUrl, tableUrl, ...(clientId === undefined ? {} : { clientId }) };
}

function encryptionOf(
  { ENCRYPTION_KEY_URL: keyUrl, ENCRYPTION_KEY_FILE: keyFile }: Settings,
  complain: (complaint: string) => void,
): Config['encryption'] {
  if (keyUrl !== undefined && keyFile !== undefined) complain('ENCRYPTION_KEY_FILE: goes without ENCRYPTION_KEY_URL');
  if (keyUrl !== undefined) return { keyUrl };
  return keyFile === undefined ? undefined : { keyFile };
}

/** The emulator's short form, or endpoints that are all on this machine. */
function isLocalConnection(text: string): boolean {
  if (text === 'UseDevelopmentStorage=true') return true;
  const endpoints = [...text.matchAll(/(?:Blob|Table|Queue)Endpoint=([^;]+)/g)].map((match) => match[1] ?? '');
  return endpoints.length > 0 && endpoints.every(isLoopback);
}
