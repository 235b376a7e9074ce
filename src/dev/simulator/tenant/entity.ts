/** What the tenant holds: directory objects, links between them, and rows of everything that is no directory object. */

/** Short Graph types of directory objects. */
export const directoryTypes = [
  'user',
  'group',
  'administrativeUnit',
  'directoryRole',
  'device',
  'servicePrincipal',
  'application',
  'orgContact',
] as const;
export type DirectoryType = (typeof directoryTypes)[number];

/**
 * Stored links, named as seen from their source: `members` of groups and units, `owners` of groups, service principals and
 * applications, `manager` and `sponsors` of users; `members` of directory roles mirror the role assignments of the whole tenant.
 */
export const relations = ['members', 'owners', 'manager', 'sponsors', 'registeredOwners', 'registeredUsers'] as const;
export type Relation = (typeof relations)[number];

export type Properties = Readonly<Record<string, unknown>>;

export interface Entity {
  readonly id: string;
  readonly type: DirectoryType;
  /** Number of the change that created it: the order of lists, and what page tokens hold. */
  readonly born: number;
  /** The tenant's time of creation; what replication delay counts from. */
  readonly createdMs: number;
  /** Graph properties by name. Absent: never set (delta leaves it out); null: set to null. `id` is not among them. */
  readonly properties: Properties;
  /** ISO time at which it was put into the bin; null while it lives. */
  readonly deletedDateTime: string | null;
}

/**
 * Rows beside the directory, by table: plain JSON under a key. `settings`, `clock` and `organization` hold one row each.
 * `photo`: by user id; `password`: by user id; `authenticationMethod`: by `{userId}/{methodId}`.
 */
export const tables = [
  'settings',
  'clock',
  'organization',
  'photo',
  'password',
  'authenticationMethod',
  'roleDefinition',
  'roleAssignment',
  'roleEligibility',
  'roleRequest',
  'groupEligibility',
  'groupAssignment',
  'groupRequest',
  'appRoleAssignment',
  'oauth2PermissionGrant',
  'extensionProperty',
  'schemaExtension',
  'onPremisesUser',
  'onPremisesGroup',
  'mailboxSettings',
] as const;
export type TableName = (typeof tables)[number];
export type Row = Readonly<Record<string, unknown>>;

/** One change that delta queries tell of. */
export interface Change {
  readonly number: number;
  readonly atMs: number;
  readonly type: DirectoryType;
  readonly id: string;
  readonly what: 'created' | 'updated' | 'binned' | 'restored' | 'purged' | 'linked' | 'unlinked';
  /** Names of the properties that an update touched. */
  readonly properties?: readonly string[];
  readonly relation?: Relation;
  readonly target?: string;
  readonly targetType?: DirectoryType;
  /** An unlinking that came with the purge of the target. */
  readonly byPurge?: boolean;
}
