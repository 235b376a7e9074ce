/** What Graph does with each type of directory object: where it stands, what it shows unasked, what a caller may write (graph-facts 3.2). */
import type { DirectoryType } from '../tenant/entity.ts';

export interface Kind {
  readonly type: DirectoryType;
  /** Path and context name of its collection. */
  readonly collection: string;
  /** Shown without `$select`; null: every property of the schema. */
  readonly defaults: readonly string[] | null;
  /** Only readable one object at a time: 501 in a list. */
  readonly singleOnly: readonly string[];
  /** Never writable by a caller. */
  readonly readOnly: readonly string[];
  /** Writable at creation only. */
  readonly immutable: readonly string[];
  /** Needed to create one. */
  readonly required: readonly string[];
  /** Cannot be set to null. */
  readonly notNull: readonly string[];
  /** Longest string, in characters. */
  readonly lengths: Readonly<Record<string, number>>;
  readonly softDeleted: boolean;
}

const common = ['id', 'deletedDateTime'];
const nothing = { singleOnly: [], readOnly: common, immutable: [], required: [], notNull: [], lengths: {} };

const user: Kind = {
  type: 'user',
  collection: 'users',
  defaults: [
    'businessPhones',
    'displayName',
    'givenName',
    'id',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
    'preferredLanguage',
    'surname',
    'userPrincipalName',
  ],
  singleOnly: [
    'aboutMe',
    'birthday',
    'hireDate',
    'interests',
    'mySite',
    'pastProjects',
    'preferredName',
    'responsibilities',
    'schools',
    'skills',
    'mailboxSettings',
  ],
  readOnly: [
    ...common,
    'assignedLicenses',
    'assignedPlans',
    'authorizationInfo',
    'createdDateTime',
    'creationType',
    'deviceEnrollmentLimit',
    'externalUserState',
    'externalUserStateChangeDateTime',
    'identityParentId',
    'imAddresses',
    'isManagementRestricted',
    'isResourceAccount',
    'lastPasswordChangeDateTime',
    'legalAgeGroupClassification',
    'licenseAssignmentStates',
    'mailboxSettings',
    'onPremisesDistinguishedName',
    'onPremisesDomainName',
    'onPremisesLastSyncDateTime',
    'onPremisesProvisioningErrors',
    'onPremisesSamAccountName',
    'onPremisesSecurityIdentifier',
    'onPremisesSyncEnabled',
    'onPremisesUserPrincipalName',
    'print',
    'provisionedPlans',
    'proxyAddresses',
    'securityIdentifier',
    'serviceProvisioningErrors',
    'signInActivity',
    'signInSessionsValidFromDateTime',
  ],
  immutable: [],
  required: ['accountEnabled', 'displayName', 'mailNickname', 'userPrincipalName', 'passwordProfile'],
  notNull: ['displayName', 'userPrincipalName', 'mailNickname', 'mail', 'usageLocation', 'accountEnabled', 'userType'],
  lengths: {
    displayName: 256,
    givenName: 64,
    surname: 64,
    department: 64,
    companyName: 64,
    mailNickname: 64,
    mobilePhone: 64,
    city: 128,
    country: 128,
    state: 128,
    jobTitle: 128,
    streetAddress: 1024,
    postalCode: 40,
    employeeId: 16,
    usageLocation: 2,
  },
  softDeleted: true,
};

const group: Kind = {
  type: 'group',
  collection: 'groups',
  defaults: [
    'id',
    'deletedDateTime',
    'classification',
    'createdDateTime',
    'description',
    'displayName',
    'expirationDateTime',
    'groupTypes',
    'isAssignableToRole',
    'mail',
    'mailEnabled',
    'mailNickname',
    'membershipRule',
    'membershipRuleProcessingState',
    'onPremisesDomainName',
    'onPremisesLastSyncDateTime',
    'onPremisesNetBiosName',
    'onPremisesSamAccountName',
    'onPremisesSecurityIdentifier',
    'onPremisesSyncEnabled',
    'preferredDataLocation',
    'preferredLanguage',
    'proxyAddresses',
    'renewedDateTime',
    'resourceBehaviorOptions',
    'resourceProvisioningOptions',
    'securityEnabled',
    'securityIdentifier',
    'theme',
    'uniqueName',
    'visibility',
    'onPremisesProvisioningErrors',
    'serviceProvisioningErrors',
  ],
  singleOnly: [
    'accessType',
    'allowExternalSenders',
    'autoSubscribeNewMembers',
    'hideFromAddressLists',
    'hideFromOutlookClients',
    'isArchived',
    'isFavorite',
    'isSubscribedByMail',
    'unseenConversationsCount',
    'unseenCount',
    'unseenMessagesCount',
  ],
  readOnly: [
    ...common,
    'assignedLicenses',
    'createdDateTime',
    'expirationDateTime',
    'hasMembersWithLicenseErrors',
    'infoCatalogs',
    'isArchived',
    'isManagementRestricted',
    'licenseProcessingState',
    'mail',
    'onPremisesDomainName',
    'onPremisesLastSyncDateTime',
    'onPremisesNetBiosName',
    'onPremisesProvisioningErrors',
    'onPremisesSamAccountName',
    'onPremisesSecurityIdentifier',
    'onPremisesSyncEnabled',
    'organizationId',
    'proxyAddresses',
    'renewedDateTime',
    'securityIdentifier',
    'serviceProvisioningErrors',
    'unseenConversationsCount',
    'unseenCount',
    'unseenMessagesCount',
  ],
  immutable: ['isAssignableToRole', 'resourceBehaviorOptions', 'uniqueName'],
  required: ['displayName', 'mailEnabled', 'mailNickname', 'securityEnabled'],
  notNull: ['displayName', 'mailNickname', 'mailEnabled', 'securityEnabled', 'groupTypes', 'isAssignableToRole'],
  lengths: { displayName: 256, description: 1024, mailNickname: 64 },
  softDeleted: true,
};

const administrativeUnit: Kind = {
  ...nothing,
  type: 'administrativeUnit',
  collection: 'administrativeUnits',
  defaults: null,
  immutable: ['isMemberManagementRestricted'],
  required: ['displayName'],
  notNull: ['displayName'],
  lengths: { displayName: 256, description: 1024 },
  softDeleted: true,
};

const plain = (type: DirectoryType, collection: string): Kind => ({
  ...nothing,
  type,
  collection,
  defaults: null,
  softDeleted: type === 'servicePrincipal' || type === 'application',
});

const kinds: Readonly<Record<DirectoryType, Kind>> = {
  user,
  group,
  administrativeUnit,
  directoryRole: plain('directoryRole', 'directoryRoles'),
  device: plain('device', 'devices'),
  servicePrincipal: plain('servicePrincipal', 'servicePrincipals'),
  application: plain('application', 'applications'),
  orgContact: plain('orgContact', 'contacts'),
};

export const kindOf = (type: DirectoryType): Kind => kinds[type];
export const allKinds: readonly Kind[] = Object.values(kinds);
