/** Which properties Graph filters, and which only with advanced query capabilities (L:aad-advanced-queries). */

const none: ReadonlySet<string> = new Set();

const refused: Readonly<Record<string, ReadonlySet<string>>> = {
  user: new Set([
    'aboutMe',
    'authorizationInfo',
    'birthday',
    'customSecurityAttributes',
    'deviceEnrollmentLimit',
    'hireDate',
    'interests',
    'legalAgeGroupClassification',
    'licenseAssignmentStates',
    'mailboxSettings',
    'mySite',
    'pastProjects',
    'passwordPolicies',
    'passwordProfile',
    'preferredName',
    'responsibilities',
    'schools',
    'securityIdentifier',
    'skills',
    'isManagementRestricted',
  ]),
  group: new Set([
    'allowExternalSenders',
    'autoSubscribeNewMembers',
    'classification',
    'hideFromAddressLists',
    'hideFromOutlookClients',
    'isSubscribedByMail',
    'licenseProcessingState',
    'theme',
    'unseenCount',
    'visibility',
  ]),
};

const advanced: Readonly<Record<string, ReadonlySet<string>>> = {
  user: new Set([
    'businessPhones',
    'companyName',
    'employeeOrgData',
    'faxNumber',
    'mobilePhone',
    'officeLocation',
    'onPremisesExtensionAttributes',
    'onPremisesSamAccountName',
    'onPremisesDistinguishedName',
    'onPremisesDomainName',
    'otherMails',
    'postalCode',
    'preferredLanguage',
    'streetAddress',
  ]),
  group: new Set(['onPremisesSamAccountName', 'preferredLanguage']),
};

export const notFilterable = (type: string): ReadonlySet<string> => refused[type] ?? none;
export const advancedOnly = (type: string): ReadonlySet<string> => advanced[type] ?? none;
