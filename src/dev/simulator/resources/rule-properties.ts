/** What a membership rule may ask about a user (E:identity/users/groups-dynamic-membership, 2026-08-13): its names, and where Graph has them. */

/** The rule language's own names for properties that Graph calls otherwise; letter case counts, as the page says. */
const renamed: Readonly<Record<string, string>> = {
  dirSyncEnabled: 'onPremisesSyncEnabled',
  facsimileTelephoneNumber: 'faxNumber',
  mailNickName: 'mailNickname',
  mobile: 'mobilePhone',
  objectId: 'id',
  physicalDeliveryOfficeName: 'officeLocation',
  telephoneNumber: 'businessPhones',
  employeehiredate: 'employeeHireDate',
};
const texts: ReadonlySet<string> = new Set([
  'city',
  'companyName',
  'country',
  'department',
  'displayName',
  'employeeId',
  'givenName',
  'jobTitle',
  'mail',
  'mailNickname',
  'onPremisesDistinguishedName',
  'onPremisesSecurityIdentifier',
  'passwordPolicies',
  'postalCode',
  'preferredLanguage',
  'state',
  'streetAddress',
  'surname',
  'usageLocation',
  'userPrincipalName',
  'userType',
]);

export type RuleProperty =
  /** `within`: the part of an object-valued property. */
  | { readonly kind: 'text'; readonly name: string; readonly within: string | null }
  | { readonly kind: 'boolean' | 'time' | 'texts' | 'plans'; readonly name: string };

/** The property that `user.<name>` means; null: rules know none of this name. */
export function findRuleProperty(name: string): RuleProperty | null {
  const graphName = renamed[name] ?? name;
  if (name === 'accountEnabled' || name === 'dirSyncEnabled') return { kind: 'boolean', name: graphName };
  if (graphName === 'employeeHireDate') return { kind: 'time', name: graphName };
  if (name === 'otherMails' || name === 'proxyAddresses') return { kind: 'texts', name };
  if (name === 'assignedPlans') return { kind: 'plans', name };
  if (/^extensionAttribute([1-9]|1[0-5])$/.test(name)) {
    return { kind: 'text', name: 'onPremisesExtensionAttributes', within: name };
  }
  if (/^extension_[0-9A-Za-z]{32}_\w+$/.test(name)) return { kind: 'text', name, within: null };
  return name in renamed || texts.has(name) ? { kind: 'text', name: graphName, within: null } : null;
}

/** What rules may ask about one assigned plan. */
export const planProperties: readonly string[] = ['capabilityStatus', 'service', 'servicePlanId'];
