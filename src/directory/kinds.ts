/**
 * The table of kinds: what of a directory is captured, how it is read, which of it can be written back.
 * A new kind of object is a row here and a test. Sources: graph-schema-v1.json for names, graph-facts 3.2 and 4 for rules.
 */
import { groupProperties, userProperties } from './properties.ts';

export type KindName =
  | 'users'
  | 'groups'
  | 'administrativeUnits'
  | 'roleDefinitions'
  | 'roleAssignments'
  | 'roleAssignmentSchedules'
  | 'roleEligibilitySchedules'
  | 'groupAssignmentSchedules'
  | 'groupEligibilitySchedules'
  | 'subscribedSkus'
  | 'organization'
  | 'domains';

export interface Kind {
  readonly name: KindName;
  /** Short Graph type, as in `#microsoft.graph.<type>`. */
  readonly type: string;
  readonly collection: string;
  /** How a snapshot reads it: a delta stream, or a list read in full each time. */
  readonly read: 'delta' | 'list';
  /** The properties a snapshot asks for and keeps; what is not here was not captured, which is not the same as empty. */
  readonly captured: readonly string[];
  /** Directory extensions among them. */
  readonly added?: readonly string[];
  /** Captured properties that its delta does not report (graph-facts 2.1), each with the reported one that tells of a change. */
  readonly untracked?: readonly { readonly property: string; readonly changesWith: string }[];
  /** Properties a restore may set when it creates the object. */
  readonly creatable: readonly string[];
  /** Properties a restore may change on a live object. */
  readonly updatable: readonly string[];
  /** Updatable properties that Graph refuses to clear (graph-facts 3.2). */
  readonly neverCleared: readonly string[];
  /** Properties that on-premises sync owns on a synced object (graph-facts 4.3): all others of `updatable` stay ours. */
  readonly cloudOwned: readonly string[];
  /** Order among the kinds of one restore; null: never restored as an object of its own. */
  readonly restoreRank: number | null;
  readonly softDeleted: boolean;
  /** Property whose value is the human name. */
  readonly nameProperty: string;
}

const unit = [
  'description',
  'displayName',
  'membershipRule',
  'membershipRuleProcessingState',
  'membershipType',
  'visibility',
];
const roleDefinition = ['description', 'displayName', 'isEnabled', 'rolePermissions', 'version'];

/** What is listed each time and never restored as an object of its own: told, or given back, with the objects it belongs to. */
const listed = (kind: Pick<Kind, 'name' | 'type' | 'collection' | 'captured' | 'nameProperty'>): Kind => ({
  ...kind,
  read: 'list',
  creatable: [],
  updatable: [],
  neverCleared: [],
  cloudOwned: [],
  restoreRank: null,
  softDeleted: false,
});

/** Roles by schedule (Privileged Identity Management): when an active one ends, and who may activate one. */
const schedule = (name: 'roleAssignmentSchedules' | 'roleEligibilitySchedules', type: string): Kind =>
  listed({
    name,
    type,
    collection: `/roleManagement/directory/${name}`,
    captured: ['roleDefinitionId', 'principalId', 'directoryScopeId', 'memberType', 'scheduleInfo', 'status'],
    nameProperty: 'id',
  });

/**
 * Memberships and ownerships by schedule (Privileged Identity Management for groups): Graph tells them of one group at a time, so they are asked
 * of the groups that may hold roles, at most 500 in a tenant (graph-facts 1.2).
 */
const groupSchedule = (name: 'groupAssignmentSchedules' | 'groupEligibilitySchedules', of: string): Kind =>
  listed({
    name,
    type: `privilegedAccessGroup${of}Schedule`,
    collection: `/identityGovernance/privilegedAccess/group/${of.toLowerCase()}Schedules`,
    captured: ['groupId', 'principalId', 'accessId', 'memberType', 'scheduleInfo', 'status'],
    nameProperty: 'id',
  });

const table: readonly Kind[] = [
  {
    name: 'roleDefinitions',
    type: 'unifiedRoleDefinition',
    collection: '/roleManagement/directory/roleDefinitions',
    read: 'list',
    captured: [...roleDefinition, 'isBuiltIn', 'templateId', 'resourceScopes'],
    creatable: [...roleDefinition, 'templateId'],
    updatable: roleDefinition,
    neverCleared: ['displayName', 'isEnabled', 'rolePermissions'],
    cloudOwned: roleDefinition,
    restoreRank: 1,
    softDeleted: false,
    nameProperty: 'displayName',
  },
  {
    name: 'administrativeUnits',
    type: 'administrativeUnit',
    collection: '/directory/administrativeUnits',
    read: 'delta',
    captured: [...unit, 'isMemberManagementRestricted'],
    creatable: [...unit, 'isMemberManagementRestricted'],
    updatable: ['description', 'displayName', 'membershipRule', 'membershipRuleProcessingState', 'membershipType'],
    neverCleared: ['displayName'],
    cloudOwned: unit,
    restoreRank: 2,
    softDeleted: true,
    nameProperty: 'displayName',
  },
  {
    name: 'groups',
    type: 'group',
    collection: '/groups',
    read: 'delta',
    captured: groupProperties.captured,
    creatable: groupProperties.creatable,
    updatable: groupProperties.updatable,
    neverCleared: ['displayName', 'mailNickname', 'mailEnabled', 'securityEnabled'],
    cloudOwned: [],
    restoreRank: 3,
    softDeleted: true,
    nameProperty: 'displayName',
  },
  {
    name: 'users',
    type: 'user',
    collection: '/users',
    read: 'delta',
    captured: userProperties.captured,
    untracked: [{ property: 'licenseAssignmentStates', changesWith: 'assignedLicenses' }],
    creatable: userProperties.creatable,
    updatable: userProperties.updatable,
    neverCleared: [
      'displayName',
      'userPrincipalName',
      'mailNickname',
      'mail',
      'usageLocation',
      'accountEnabled',
      'userType',
    ],
    cloudOwned: userProperties.cloudOwned,
    restoreRank: 4,
    softDeleted: true,
    nameProperty: 'displayName',
  },
  listed({
    name: 'roleAssignments',
    type: 'unifiedRoleAssignment',
    collection: '/roleManagement/directory/roleAssignments',
    captured: ['roleDefinitionId', 'principalId', 'directoryScopeId', 'appScopeId'],
    nameProperty: 'id',
  }),
  schedule('roleAssignmentSchedules', 'unifiedRoleAssignmentSchedule'),
  schedule('roleEligibilitySchedules', 'unifiedRoleEligibilitySchedule'),
  groupSchedule('groupAssignmentSchedules', 'Assignment'),
  groupSchedule('groupEligibilitySchedules', 'Eligibility'),
  listed({
    name: 'subscribedSkus',
    type: 'subscribedSku',
    collection: '/subscribedSkus',
    captured: ['skuId', 'skuPartNumber', 'capabilityStatus', 'servicePlans'],
    nameProperty: 'skuPartNumber',
  }),
  listed({
    name: 'organization',
    type: 'organization',
    collection: '/organization',
    captured: ['displayName', 'onPremisesSyncEnabled', 'verifiedDomains'],
    nameProperty: 'displayName',
  }),
  listed({
    name: 'domains',
    type: 'domain',
    collection: '/domains',
    captured: [
      'authenticationType',
      'isAdminManaged',
      'isDefault',
      'isInitial',
      'isRoot',
      'isVerified',
      'passwordNotificationWindowInDays',
      'passwordValidityPeriodInDays',
      'supportedServices',
    ],
    nameProperty: 'id',
  }),
];

const byName = new Map(table.map((kind) => [kind.name as string, kind]));
const byType = new Map(table.map((kind) => [kind.type, kind]));

export const kindNames: readonly KindName[] = table.map((kind) => kind.name);

/** Kinds a restore brings back as objects, in the order it must: definitions and units before groups before users. */
export const restorableKinds: readonly Kind[] = table
  .filter((kind) => kind.restoreRank !== null)
  .sort((left, right) => (left.restoreRank ?? 0) - (right.restoreRank ?? 0));

export const isKindName = (name: string): name is KindName => byName.has(name);

export function kindOf(name: KindName): Kind {
  const kind = byName.get(name);
  if (kind === undefined) throw new RangeError(`no kind ${name}`);
  return kind;
}

/**
 * Told by lists alone: an incremental snapshot takes them from its parent until what that holds is so many ms old. Organization and domains
 * change a few times a year; schedules of groups take a request a group, once a day.
 */
export const carriedForMs: Readonly<Partial<Record<KindName, number>>> = {
  organization: Number.POSITIVE_INFINITY,
  domains: Number.POSITIVE_INFINITY,
  groupAssignmentSchedules: 20 * 3_600_000,
  groupEligibilitySchedules: 20 * 3_600_000,
};

/** The kind of a short Graph type (`user`), or undefined for types no snapshot keeps (devices, service principals). */
export const kindOfType = (type: string): Kind | undefined => byType.get(type);
