/**
 * What `POST /_control/settings` may set: quotas, delays, page sizes, the rights of the product's app, the tenant's SKUs
 * and domains, and one switch per uncertain fact. Parsed strictly: a name that is not known is refused, never ignored.
 */
import { z } from 'zod';
import { type SyncFeature, syncFeatureNames, usualFeatures } from './on-premises/features.ts';

/**
 * Every fact about Graph that could not be confirmed (graph-facts marks them [unsure] or [inf]), as a switch. Off is the
 * cautious reading; on, the other one. The value says what happens when the switch is on, and where the doubt stands.
 */
export const uncertainFacts = {
  managerBindOnCreate: 'POST /users accepts manager@odata.bind (4.1; off: 400)',
  ownersBindOnUpdate: 'PATCH /groups/{id} accepts owners@odata.bind (4.4; off: 400)',
  administrativeUnitMembersBindOnUpdate: 'PATCH of an administrative unit accepts members@odata.bind (4.4; off: 400)',
  securityGroupKeepsLastOwner:
    'the last owner of a security group cannot be removed either (L:api/group-delete-owners; off: 204, see 9)',
  mailNicknameDotOnUpdate: 'PATCH /groups/{id} accepts a dot in mailNickname (L:api/group-update; off: 400)',
  groupMailSettingsByApps: 'an app may set hideFromOutlookClients and its like (L:api/group-update; off: 403)',
  licencesAwaitUsageLocation:
    'assignLicense refuses a usageLocation set within the replication delay (4.4, 9; off: it counts at once)',
  sponsorsInUserDelta: 'users/delta accepts sponsors in $select (3.3; off: 400)',
  employeeHireDateOnCreate: 'POST /users accepts employeeHireDate from an app (4.2; off: 403)',
  syncPropertiesOnCloudUsers: 'an app may write onPremises* names on cloud users, as ADSyncTools does (6; off: 400)',
  photoCountsAsIdentity: 'photo calls are charged 1 resource unit and 1 write (1.1; off: another budget, uncharged)',
  authenticationMethodsReportLimit: 'users/{id}/authentication/* shares the 5 requests / 10 s of reports (1.1)',
  decimalRetryAfter: 'Retry-After on 429 is a decimal number of seconds (1.1; off: whole seconds)',
  dynamicGroupMembersBadRequest: 'a membership write to a dynamic group answers 400 instead of 403 (4.4)',
  mailGroupMembersForbidden: 'a membership write to an Exchange-owned group answers 403 instead of 400 (4.4)',
  deltaExpiryBadRequest:
    'an expired delta token answers 400 Request_UnsupportedQuery (2.1; off: 400 syncStateNotFound)',
  deltaExpiryGone: 'an expired delta token answers 410 with Location (2.1)',
  deltaRepeatsObjects: 'delta rounds tell some objects twice and in any order (2.1)',
  deltaStartsWithBinned: 'the first round of a delta also tells what is in the bin, as removed (2.1)',
  deltaOverlooksPurgedMembers:
    'delta does not tell the links that went with the purge of their target (L:delta-query-groups; off: told as removed, 2.2)',
  deltaEmptyPages: 'delta rounds begin with an empty page (2.1)',
  basicProfileRefused:
    'User.ReadBasic.All reads no users, as the pages of GET /users have it (7; off: the basic profile, as permissions.json has it)',
  hiddenMembersOmitted:
    'a hidden membership reads as empty without Member.Read.Hidden (7, L:api/group-list-members; off: 403)',
  groupMembersOmitServicePrincipals:
    'GET /groups/{id}/members leaves service principals out, a known issue of v1.0 (L:api/group-list-members; off: listed)',
  linkChangeTouchesMember: 'a membership change also reports the member in users/delta (2.2)',
} as const;
export type UncertainFact = keyof typeof uncertainFacts;

const switches = Object.fromEntries(Object.keys(uncertainFacts).map((name) => [name, z.boolean()])) as Record<
  UncertainFact,
  z.ZodBoolean
>;

const count = z.int().min(1);
const guid = z.guid().toLowerCase();

const servicePlan = z.strictObject({ servicePlanId: guid, servicePlanName: z.string().min(1) });
const sku = z.strictObject({
  skuId: guid,
  skuPartNumber: z.string().min(1),
  enabled: z.int().min(0),
  servicePlans: z.array(servicePlan).optional(),
});
const domain = z.strictObject({
  id: z
    .string()
    .toLowerCase()
    .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/),
  federated: z.boolean(),
});
const customThrottling = z.strictObject({
  resourceUnits: count,
  seconds: z.number().positive(),
  writes: count,
  writeSeconds: z.number().positive(),
});
const pageSize = z.strictObject({ delta: count, list: count, links: count });

const syncFeatures = z.strictObject(
  Object.fromEntries(syncFeatureNames.map((name) => [name, z.boolean()])) as Record<SyncFeature, z.ZodBoolean>,
);
const accidentalDeletionPrevention = z.strictObject({
  synchronizationPreventionType: z.enum(['disabled', 'enabledForCount', 'enabledForPercentage']),
  alertThreshold: z.int().min(0),
});

const settingsShape = z.strictObject({
  throttling: z.union([z.enum(['off', 'S', 'M', 'L']), customThrottling]),
  latencyMs: z.number().min(0),
  replicationDelayMs: z.number().min(0),
  pageSize,
  permissions: z.union([z.literal('all'), z.array(z.string().regex(/^[A-Za-z][A-Za-z0-9.-]*$/))]),
  directoryRoles: z.array(z.string().min(1)),
  objectQuota: count,
  tokens: z.enum(['valid', 'expired']),
  skus: z.array(sku),
  domains: z.array(domain).min(1),
  blockSoftMatch: z.boolean(),
  blockHardMatch: z.boolean(),
  syncFeatures,
  accidentalDeletionPrevention,
  ...switches,
});
export type Settings = z.infer<typeof settingsShape>;
export type Sku = Settings['skus'][number];
export type CustomThrottling = z.infer<typeof customThrottling>;

const patchShape = settingsShape
  .extend({ pageSize: pageSize.partial(), syncFeatures: syncFeatures.partial() })
  .partial();

/** The settings of a tenant nobody configured. `pageSize.links` is the most links one delta page carries (facts 11). */
export function defaultSettings(): Settings {
  const off = Object.fromEntries(Object.keys(uncertainFacts).map((name) => [name, false])) as Record<
    UncertainFact,
    boolean
  >;
  return {
    throttling: 'off',
    latencyMs: 0,
    replicationDelayMs: 0,
    pageSize: { delta: 200, list: 999, links: 1000 },
    permissions: 'all',
    directoryRoles: ['Global Administrator'],
    // What a tenant with a verified domain may hold (graph-facts 1.2).
    objectQuota: 300_000,
    tokens: 'valid',
    skus: [],
    domains: [{ id: 'contoso.com', federated: false }],
    blockSoftMatch: false,
    blockHardMatch: false,
    syncFeatures: usualFeatures,
    // What the documentation's example has; the cycles here are small, and delete whatever they are told to.
    accidentalDeletionPrevention: { synchronizationPreventionType: 'enabledForCount', alertThreshold: 500 },
    ...off,
  };
}

/** What is wrong with a body sent to a door, in one line a person can act on. */
export function explainIssues(error: z.ZodError): string {
  return error.issues
    .map((issue) => {
      const where = issue.path.length > 0 ? issue.path.join('.') : 'body';
      return issue.code === 'unrecognized_keys'
        ? `${where}: unknown field ${issue.keys.join(', ')}`
        : `${where}: ${issue.message}`;
    })
    .join('; ');
}

export type SettingsResult = { readonly settings: Settings } | { readonly problem: string };

/**
 * Lays a change over settings: named fields replace, `pageSize` and `syncFeatures` merge entry by entry.
 * Returns a problem, and changes nothing, when a field is unknown or has the wrong form.
 */
export function mergeSettings(current: Settings, change: unknown): SettingsResult {
  const parsed = patchShape.safeParse(change);
  if (!parsed.success) return { problem: explainIssues(parsed.error) };
  const { pageSize: sizes, syncFeatures: features, ...rest } = parsed.data;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  const merged = {
    ...current,
    ...given,
    pageSize: { ...current.pageSize, ...sizes },
    syncFeatures: { ...current.syncFeatures, ...features },
  };
  const whole = settingsShape.safeParse(merged);
  if (!whole.success) return { problem: explainIssues(whole.error) };
  const repeated = findRepeated(whole.data);
  return repeated === null ? { settings: whole.data } : { problem: repeated };
}

function findRepeated(settings: Settings): string | null {
  const lists = [
    { name: 'skus', ids: settings.skus.map((row) => row.skuId) },
    { name: 'domains', ids: settings.domains.map((row) => row.id) },
  ];
  for (const { name, ids } of lists) if (new Set(ids).size < ids.length) return `${name}: the same id stands twice`;
  return null;
}
