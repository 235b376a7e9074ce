/**
 * The tenant's synchronization features (L:api/resources/onpremisesdirectorysynchronizationfeature, 2026-07-02), but for
 * the two blocks, which settings call `blockSoftMatch` and `blockHardMatch`.
 */

/**
 * How they stand at first, as the page on reading them shows it. Only the quarantines are off here though most tenants have
 * them on: without them a conflict is an error that the cycle tells, not an account under a name nobody chose.
 */
export const usualFeatures = {
  allowOnPremUpdateOfOnPremisesObjectIdentifierEnabled: false,
  bypassDirSyncOverridesEnabled: false,
  cloudPasswordPolicyForPasswordSyncedUsersEnabled: false,
  concurrentCredentialUpdateEnabled: false,
  concurrentOrgIdProvisioningEnabled: false,
  deviceWritebackEnabled: false,
  directoryExtensionsEnabled: false,
  fopeConflictResolutionEnabled: false,
  groupWriteBackEnabled: false,
  passwordSyncEnabled: false,
  passwordWritebackEnabled: false,
  quarantineUponProxyAddressesConflictEnabled: false,
  quarantineUponUpnConflictEnabled: false,
  softMatchOnUpnEnabled: true,
  synchronizeUpnForManagedUsersEnabled: true,
  unifiedGroupWritebackEnabled: false,
  userForcePasswordChangeOnLogonEnabled: false,
  userWritebackEnabled: false,
} as const;
export type SyncFeature = keyof typeof usualFeatures;
export const syncFeatureNames = Object.keys(usualFeatures) as readonly SyncFeature[];

/** A feature's name in Graph, and where settings keep the two that have a name of their own there. */
export const blocks: Readonly<Record<string, 'blockSoftMatch' | 'blockHardMatch'>> = {
  blockSoftMatchEnabled: 'blockSoftMatch',
  blockCloudObjectTakeoverThroughHardMatchEnabled: 'blockHardMatch',
};
