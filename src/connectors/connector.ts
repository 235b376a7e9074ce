/**
 * A connector: how one tenant is reached and what is kept of it. Credentials are references (which identity, which certificate file), never
 * secrets. Pure: the shape, and what a caller may say of it.
 */
import { Cron } from 'croner';
import { z } from 'zod';
import { extensionName } from '../directory/extensions.ts';
import { guardedProperties } from '../directory/guarded-properties.ts';
import { kindNames } from '../directory/kinds.ts';
import { userDetails } from '../directory/user-details.ts';
import { retentionSchema } from './retention-policy.ts';

/** Six fields, UTC, as Azure's timers read them. */
const schedule = z.string().refine(isSchedule, 'must be an NCRONTAB expression of six fields, such as "0 0 2 * * *"');

/** What can be left out although its kind is kept: each costs requests of its own, most of them one a user. */
export const exclusionNames = ['photos', 'sponsors', ...userDetails] as const;

/** What is kept only where a connector asks for it: each takes permissions that few apps are given. */
export const inclusionNames = guardedProperties;

/** Schema extensions to keep, by kind: Graph lists those of all tenants together, so nobody but the administrator knows which are in use. */
const named = z.array(z.string().regex(extensionName, 'must be the id of a schema extension')).max(100).default([]);
const schemaExtensions = z.strictObject({ users: named, groups: named, administrativeUnits: named });
export const noSchemaExtensions = schemaExtensions.parse({});

const credential = z.discriminatedUnion('kind', [
  /** The deployment's own credential, whatever it is. */
  z.strictObject({ kind: z.literal('deployment') }),
  z.strictObject({ kind: z.literal('managed-identity'), clientId: z.guid().optional() }),
  z.strictObject({ kind: z.literal('federated'), clientId: z.guid(), managedIdentityClientId: z.guid().optional() }),
  z.strictObject({ kind: z.literal('certificate'), clientId: z.guid(), certificatePath: z.string().min(1).max(500) }),
]);

/** Users make no sense without what they belong to, nor is there a restore without users: they are always kept. */
const kinds = z
  .array(z.enum(kindNames as [string, ...string[]]))
  .refine((names) => names.includes('users'), 'must hold "users"')
  .transform((names) => kindNames.filter((name) => names.includes(name)));

/** When a snapshot is suspect: a kind lost more than this share of its objects since the snapshot before, and at least so many. 1 turns it off. */
const alerts = z.strictObject({
  shrinkShare: z.number().min(0).max(1).default(0.5),
  shrinkAtLeast: z.number().int().min(1).default(25),
});

export type Alerts = z.output<typeof alerts>;
export const defaultAlerts: Alerts = alerts.parse({});

/** The body of a PUT. */
export const connectorInput = z.strictObject({
  displayName: z.string().min(1).max(200).optional(),
  tenantId: z.guid('must be the tenant id, a GUID').transform((id) => id.toLowerCase()),
  cloud: z.enum(['global', 'usgov', 'usgov-dod', 'china']).default('global'),
  /** null: only by request. */
  schedule: schedule.nullable().default(null),
  retention: retentionSchema.nullable().default(null),
  kinds: kinds.default([...kindNames]),
  exclusions: z.array(z.enum(exclusionNames)).default([]),
  inclusions: z.array(z.enum(inclusionNames)).default([]),
  schemaExtensions: schemaExtensions.default(noSchemaExtensions),
  credential: credential.default({ kind: 'deployment' }),
  alerts: alerts.default(defaultAlerts),
});

export type ConnectorInput = z.output<typeof connectorInput>;

/** What a body may leave out of a connector that is there: its tenant never changes, and the deployment's own is as its settings say. */
export type ConnectorChange = Omit<ConnectorInput, 'tenantId' | 'cloud'> & {
  readonly tenantId?: ConnectorInput['tenantId'] | undefined;
  readonly cloud?: ConnectorInput['cloud'] | undefined;
};

/** The same as a GET answered it: what that tells beside it is nobody's to change. */
export const connectorBody = connectorInput.extend({
  tenantId: connectorInput.shape.tenantId.optional(),
  cloud: connectorInput.shape.cloud.removeDefault().optional(),
  id: z.string().optional(),
  createdDateTime: z.string().optional(),
});

export interface Connector extends ConnectorInput {
  readonly id: string;
  readonly displayName: string;
  readonly createdDateTime: string;
}

/** Part of every blob's name and of table keys. */
export const connectorId = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/, 'must be 1 to 40 small letters, digits and inner hyphens');

function isSchedule(text: string): boolean {
  if (text.trim().split(/\s+/).length !== 6) return false;
  try {
    new Cron(text, { paused: true, timezone: 'UTC' });
    return true;
  } catch {
    return false;
  }
}

/** Whether a schedule has come round since a time. */
export function isDue(scheduled: string, since: Date, now: Date): boolean {
  const next = new Cron(scheduled, { paused: true, timezone: 'UTC' }).nextRun(since);
  return next !== null && next.getTime() <= now.getTime();
}
