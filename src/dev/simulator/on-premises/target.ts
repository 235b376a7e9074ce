/** The tenant as a sync cycle sees it, what it does there, and what it tells afterwards. */
import type { Properties } from './active-directory.ts';
import type { SyncFeature } from './features.ts';

export interface SyncUser {
  readonly id: string;
  readonly binned: boolean;
  readonly properties: Properties;
  /** Assigned to, or eligible for, a privileged role. */
  readonly privileged: boolean;
  /** Its source of authority was switched to the cloud: sync leaves it alone. */
  readonly cloudManaged: boolean;
}
/** What a cycle does to the tenant; the store fills it in. Writes skip every check that Graph makes of a caller. */
export interface SyncTarget {
  /** Live and binned users with this immutable id. */
  usersByAnchor(anchor: string): readonly SyncUser[];
  liveUserByName(userPrincipalName: string): SyncUser | null;
  liveUserByPrimaryAddress(address: string): SyncUser | null;
  /** A live object other than `exceptId` that holds this UPN or proxy address; null when it is free. */
  holderOf(value: string, exceptId: string | null): { readonly id: string; readonly type: string } | null;
  /** A live user other than `exceptId` with this on-premises security identifier. */
  holderOfSecurityIdentifier(value: string, exceptId: string | null): { readonly id: string } | null;
  createUser(properties: Properties): string;
  /** True when something changed. */
  updateUser(id: string, properties: Properties): boolean;
  setManager(id: string, managerId: string | null): boolean;
  /** Takes a user out of the bin, under this name if one is given. */
  restoreUser(id: string, userPrincipalName: string | null): void;
  binUser(id: string): void;
  /** Whether a group is there and still of this directory; `cloudManaged`: its source of authority was switched. */
  groupState(id: string): 'gone' | 'synced' | 'cloudManaged';
  createGroup(properties: Properties): string;
  /** Marks a group as synced, whose source of authority is this directory again; false when it was so. */
  reclaimGroup(id: string, dateTime: string): boolean;
  setMembers(groupId: string, memberIds: readonly string[]): boolean;
  /** Stamps the organization with the time of the cycle. */
  finished(dateTime: string): void;
}

export type SyncErrorCode =
  | 'InvalidHardMatch'
  | 'AttributeUpdateNotAllowed'
  | 'IdentityDataValidationFailed'
  | 'InvalidSoftMatch'
  | 'AttributeValueMustBeUnique'
  | 'ObjectTypeMismatch'
  | 'ExistingAdminRoleConflict';
export interface SyncOutcome {
  created: number;
  updated: number;
  readonly matched: Array<{ anchor: string; id: string; how: 'hard' | 'soft' }>;
  restored: number;
  deleted: number;
  readonly errors: Array<{ code: SyncErrorCode; anchor: string; message: string }>;
}
export interface SyncRules {
  readonly blockSoftMatch: boolean;
  readonly blockHardMatch: boolean;
  readonly features: Readonly<Record<SyncFeature, boolean>>;
  /** Verified domains; a name in another one falls back to the first of them. */
  readonly domains: readonly string[];
}
