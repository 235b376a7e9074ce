/**
 * Which properties the directory filters and sorts by, and when that is an advanced query (L:aad-advanced-queries,
 * tables per type). A property that stands in no table cannot be filtered at all.
 */

/** `D`: always; `A`: only as an advanced query; `O`: only without one; `-`: never. */
export type Support = 'D' | 'A' | 'O' | '-';
export interface FilterSupport {
  readonly eq: Support;
  readonly startsWith: Support;
  readonly range: Support;
  readonly isNull: Support;
}

/** Property, then eq, startsWith, ge/le, eq null. Elements of collections stand under the collection's name. */
const tables: Readonly<Record<string, string>> = {
  user: `
id D---
accountEnabled D---
ageGroup D---
assignedLicenses D---
assignedPlans AA--
authorizationInfo A---
businessPhones AA--
city DD-A
companyName AA-A
consentProvidedForMinor D---
country DD-A
createdDateTime D-DA
creationType D---
department DD-A
displayName DD-A
employeeHireDate A-A-
employeeId D--A
employeeOrgData AA--
employeeType A---
externalUserState D---
faxNumber AA-A
givenName DD-A
identities O--O
imAddresses DD--
isResourceAccount D---
jobTitle DD-A
mail DD-A
mailNickname DD-A
mobilePhone AA-A
officeLocation AA-A
onPremisesDistinguishedName AA-A
onPremisesExtensionAttributes AA-A
onPremisesImmutableId D---
onPremisesLastSyncDateTime D-D-
onPremisesProvisioningErrors D---
onPremisesSamAccountName AA--
onPremisesSecurityIdentifier D--A
onPremisesSyncEnabled D--A
otherMails DD--
passwordPolicies ---A
passwordProfile A--A
postalCode AA-A
preferredLanguage A--A
provisionedPlans AA--
proxyAddresses DD--
signInActivity D-D-
state D--A
streetAddress AA-A
surname DD-A
usageLocation DD-A
userPrincipalName DD--
userType D--A`,
  group: `
id D---
assignedLicenses D---
classification DD--
createdDateTime A-AA
description AA-A
displayName DD-A
expirationDateTime A-A-
groupTypes D---
hasMembersWithLicenseErrors O--O
infoCatalogs DD--
isAssignableToRole D---
mail DD-A
mailEnabled D---
mailNickname DD-A
membershipRule DD--
membershipRuleProcessingState D---
onPremisesLastSyncDateTime D-D-
onPremisesProvisioningErrors D---
onPremisesSamAccountName AA--
onPremisesSecurityIdentifier D--A
onPremisesSyncEnabled D--A
preferredLanguage A--A
proxyAddresses DD--
renewedDateTime D-D-
resourceBehaviorOptions D---
resourceProvisioningOptions D---
securityEnabled D---
uniqueName DD--`,
  administrativeUnit: `
id D---
description AA-A
displayName DD-A
isMemberManagementRestricted D---
membershipRule DD--
membershipRuleProcessingState D---`,
  directoryRole: `
id D---
description AA-A
displayName DA-A
roleTemplateId D---`,
};

const parsed = new Map<string, ReadonlyMap<string, FilterSupport>>(
  Object.entries(tables).map(([type, text]) => [type, new Map(text.trim().split('\n').map(parseRow))]),
);

function parseRow(line: string): readonly [string, FilterSupport] {
  const [name = '', codes = ''] = line.split(' ');
  const [eq, startsWith, range, isNull] = [...codes] as Support[];
  return [name, { eq: eq ?? '-', startsWith: startsWith ?? '-', range: range ?? '-', isNull: isNull ?? '-' }];
}

const anything: FilterSupport = { eq: 'D', startsWith: 'D', range: 'D', isNull: 'A' };
const nothing: FilterSupport = { eq: '-', startsWith: '-', range: '-', isNull: '-' };

/** How a property of a type can be filtered. Types without a table (devices, service principals) are taken as they come. */
export function filterSupport(type: string, property: string): FilterSupport {
  const table = parsed.get(type);
  return table === undefined ? anything : (table.get(property) ?? nothing);
}

/** `endsWith` works on these only, and only as an advanced query. */
export const endsWithProperties: ReadonlySet<string> = new Set([
  'mail',
  'otherMails',
  'userPrincipalName',
  'proxyAddresses',
]);

/** How a type can be sorted by a property. */
export function orderSupport(type: string, property: string): Support {
  if (property === 'displayName') return type === 'user' || type === 'group' ? 'D' : 'A';
  if (property === 'userPrincipalName' && type === 'user') return 'D';
  return property === 'createdDateTime' || property === 'deletedDateTime' ? 'A' : '-';
}
