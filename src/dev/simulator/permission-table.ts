/**
 * The permissions each route demands, as data (graph-facts 7 and 4.2): the least privileged set or sets, and which broader
 * permission includes a narrower one.
 */

/** A set of permissions that must all be held. A route lists several when any of the sets will do. */
export type Demand = readonly string[];
interface Row {
  readonly methods: readonly string[];
  /** Over the template with its parameters as `{}` and without casts. */
  readonly route: RegExp;
  readonly anyOf: readonly Demand[];
}

/** Which broader permissions include a narrower one. */
export const includedIn: Readonly<Record<string, readonly string[]>> = {
  'User.Read.All': ['User.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  // The narrow ones show the basic profile as well (L:api/resources/users, "User basic profile properties").
  'User.ReadBasic.All': [
    'User.Read.All',
    'User.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
    'User-Mail.ReadWrite.All',
    'User-PasswordProfile.ReadWrite.All',
    'User-Phone.ReadWrite.All',
    'User-LifeCycleInfo.Read.All',
    'User-LifeCycleInfo.ReadWrite.All',
  ],
  'User.ReadWrite.All': ['Directory.ReadWrite.All'],
  'User.Create': ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  'User.ReadUpdate.All': ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  'User.DeleteRestore.All': ['User.ReadWrite.All'],
  'User-LifeCycleInfo.Read.All': ['User-LifeCycleInfo.ReadWrite.All'],
  'User-Mail.ReadWrite.All': ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  'User-Phone.ReadWrite.All': ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  'User.EnableDisableAccount.All': ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  'GroupMember.Read.All': [
    'Group.Read.All',
    'GroupMember.ReadWrite.All',
    'Group.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'GroupMember.ReadBasic.All': [
    'Group.ReadBasic.All',
    'GroupMember.Read.All',
    'Group.Read.All',
    'GroupMember.ReadWrite.All',
    'Group.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'Group.Read.All': ['Group.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  'Group.Create': ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  'Group.ReadWrite.All': ['Directory.ReadWrite.All'],
  'GroupMember.ReadWrite.All': ['Group.ReadWrite.All', 'Directory.ReadWrite.All'],
  'AdministrativeUnit.Read.All': ['AdministrativeUnit.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  'RoleManagement.Read.Directory': [
    'RoleManagement.ReadWrite.Directory',
    'RoleManagement.Read.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'RoleEligibilitySchedule.Read.Directory': [
    'RoleEligibilitySchedule.ReadWrite.Directory',
    'RoleManagement.Read.All',
    'RoleManagement.Read.Directory',
    'RoleManagement.ReadWrite.Directory',
  ],
  'RoleAssignmentSchedule.Read.Directory': [
    'RoleAssignmentSchedule.ReadWrite.Directory',
    'RoleManagement.Read.All',
    'RoleManagement.Read.Directory',
    'RoleManagement.ReadWrite.Directory',
  ],
  'PrivilegedEligibilitySchedule.Read.AzureADGroup': ['PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup'],
  'PrivilegedAssignmentSchedule.Read.AzureADGroup': ['PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup'],
  'RoleEligibilitySchedule.ReadWrite.Directory': ['RoleManagement.ReadWrite.Directory'],
  'RoleAssignmentSchedule.ReadWrite.Directory': ['RoleManagement.ReadWrite.Directory'],
  'LicenseAssignment.Read.All': [
    'LicenseAssignment.ReadWrite.All',
    'Organization.Read.All',
    'Organization.ReadWrite.All',
    'User.Read.All',
    'User.ReadWrite.All',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'LicenseAssignment.ReadWrite.All': ['User.ReadWrite.All', 'Directory.ReadWrite.All'],
  'Organization.Read.All': ['Organization.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  'Domain.Read.All': ['Domain.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  'Directory.Read.All': ['Directory.ReadWrite.All'],
  'Application.Read.All': [
    'Application.ReadWrite.All',
    'Application.ReadWrite.OwnedBy',
    'Directory.Read.All',
    'Directory.ReadWrite.All',
  ],
  'Application.ReadWrite.All': ['Directory.ReadWrite.All'],
  'Application.ReadWrite.OwnedBy': ['Application.ReadWrite.All', 'Directory.ReadWrite.All'],
  'Device.Read.All': ['Device.ReadWrite.All', 'Directory.Read.All', 'Directory.ReadWrite.All'],
  'Device.ReadWrite.All': ['Directory.ReadWrite.All'],
  'OrgContact.Read.All': ['Directory.Read.All', 'Directory.ReadWrite.All'],
  'ProfilePhoto.Read.All': ['ProfilePhoto.ReadWrite.All', 'User.Read.All', 'User.ReadWrite.All'],
  'ProfilePhoto.ReadWrite.All': ['User.ReadWrite.All'],
  'UserAuthenticationMethod.Read.All': ['UserAuthenticationMethod.ReadWrite.All'],
  'MailboxSettings.Read': ['MailboxSettings.ReadWrite'],
  'OnPremDirectorySynchronization.Read.All': ['OnPremDirectorySynchronization.ReadWrite.All'],
  'AuditLog.Read.All': [],
  'CustomSecAttributeAssignment.Read.All': ['CustomSecAttributeAssignment.ReadWrite.All'],
};

/** Least privileged permission to read objects of a type, beside Directory.Read.All. */
export const typeReaders: Readonly<Record<string, string>> = {
  user: 'User.Read.All',
  group: 'GroupMember.Read.All',
  administrativeUnit: 'AdministrativeUnit.Read.All',
  directoryRole: 'RoleManagement.Read.Directory',
  device: 'Device.Read.All',
  servicePrincipal: 'Application.Read.All',
  application: 'Application.Read.All',
  orgContact: 'OrgContact.Read.All',
};
export const reads = ['GET', 'HEAD'];
const any = ['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE'];
const writes = ['POST', 'PATCH', 'PUT', 'DELETE'];

/** First match wins, so the narrower route stands first. */
export const rows: readonly Row[] = [
  { methods: any, route: /^\/\$batch$/, anyOf: [[]] },
  // Users
  { methods: reads, route: /^\/users\/\{\}\/photos?(\/|$)/, anyOf: [['ProfilePhoto.Read.All']] },
  { methods: writes, route: /^\/users\/\{\}\/photo(\/|$)/, anyOf: [['ProfilePhoto.ReadWrite.All']] },
  ...authenticationRows(),
  { methods: reads, route: /^\/users\/\{\}\/mailboxSettings$/, anyOf: [['MailboxSettings.Read']] },
  { methods: writes, route: /^\/users\/\{\}\/mailboxSettings$/, anyOf: [['MailboxSettings.ReadWrite']] },
  { methods: reads, route: /^\/users\/\{\}\/licenseDetails/, anyOf: [['LicenseAssignment.Read.All']] },
  { methods: writes, route: /^\/(users|groups)\/\{\}\/assignLicense$/, anyOf: [['LicenseAssignment.ReadWrite.All']] },
  {
    methods: writes,
    route: /^\/users\/\{\}\/revokeSignInSessions$/,
    anyOf: [['User.RevokeSessions.All'], ['User.ReadWrite.All']],
  },
  {
    methods: any,
    route: /^\/users\/\{\}\/onPremisesSyncBehavior$/,
    anyOf: [['User-OnPremisesSyncBehavior.ReadWrite.All']],
  },
  {
    methods: any,
    route: /^\/groups\/\{\}\/onPremisesSyncBehavior$/,
    anyOf: [['Group-OnPremisesSyncBehavior.ReadWrite.All']],
  },
  {
    methods: reads,
    route: /^\/users\/\{\}\/appRoleAssignments/,
    anyOf: [['Directory.Read.All'], ['AppRoleAssignment.ReadWrite.All']],
  },
  {
    methods: writes,
    route: /^\/(users|groups|servicePrincipals)\/\{\}\/appRole(Assignments|AssignedTo)/,
    anyOf: [['AppRoleAssignment.ReadWrite.All']],
  },
  {
    methods: any,
    route: /^\/users\/\{\}\/oauth2PermissionGrants/,
    anyOf: [['Directory.Read.All'], ['DelegatedPermissionGrant.ReadWrite.All']],
  },
  {
    methods: reads,
    route: /^\/users\/\{\}\/memberOf/,
    anyOf: [['Directory.Read.All'], ['GroupMember.Read.All', 'User.Read.All'], ['User.ReadWrite.All']],
  },
  { methods: reads, route: /^\/users\/\{\}\/scopedRoleMemberOf/, anyOf: [['RoleManagement.Read.Directory']] },
  {
    methods: ['POST'],
    route: /^\/directory\/deletedItems\/getUserOwnedObjects$/,
    anyOf: [['Group.Read.All']],
  },
  {
    methods: ['POST'],
    route: /^\/(users|groups|directoryObjects)\/\{\}\/(getMember|checkMember)(Groups|Objects)$/,
    anyOf: [['User.Read.All'], ['GroupMember.Read.All'], ['Directory.Read.All']],
  },
  // The basic profile is for lists and single users; delta and a user's relations need more (L:api/user-delta).
  { methods: reads, route: /^\/users(\/\{\})?$/, anyOf: [['User.Read.All'], ['User.ReadBasic.All']] },
  { methods: reads, route: /^\/users\/(delta$|\{\}\/)/, anyOf: [['User.Read.All']] },
  { methods: ['POST'], route: /^\/users$/, anyOf: [['User.Create']] },
  { methods: ['DELETE'], route: /^\/users\/\{\}$/, anyOf: [['User.DeleteRestore.All']] },
  { methods: writes, route: /^\/users\/\{\}\/(manager|sponsors)/, anyOf: [['User.ReadWrite.All']] },
  { methods: writes, route: /^\/users(\/|$)/, anyOf: [['User.ReadWrite.All']] },
  { methods: ['POST'], route: /^\/invitations$/, anyOf: [['User.Invite.All'], ['User.ReadWrite.All']] },
  // Groups
  { methods: reads, route: /^\/groups\/\{\}\/appRoleAssignments/, anyOf: [['Directory.Read.All']] },
  { methods: reads, route: /^\/groups\/\{\}\/(transitiveM|m)embers/, anyOf: [['GroupMember.ReadBasic.All']] },
  { methods: reads, route: /^\/groups(\/|$)/, anyOf: [['GroupMember.Read.All']] },
  { methods: ['POST'], route: /^\/groups$/, anyOf: [['Group.Create']] },
  { methods: writes, route: /^\/groups\/\{\}\/members/, anyOf: [['GroupMember.ReadWrite.All']] },
  { methods: writes, route: /^\/groups(\/|$)/, anyOf: [['Group.ReadWrite.All']] },
  // Units and roles
  {
    methods: reads,
    route: /^(\/directory)?\/administrativeUnits\/\{\}\/scopedRoleMembers/,
    anyOf: [['RoleManagement.Read.Directory']],
  },
  {
    methods: writes,
    route: /^(\/directory)?\/administrativeUnits\/\{\}\/scopedRoleMembers/,
    anyOf: [['RoleManagement.ReadWrite.Directory']],
  },
  {
    // A new group inside a unit (L:api/administrativeunit-post-members).
    methods: ['POST'],
    route: /^(\/directory)?\/administrativeUnits\/\{\}\/members$/,
    anyOf: [['Group.Create', 'AdministrativeUnit.Read.All'], ['Directory.ReadWrite.All']],
  },
  { methods: reads, route: /^(\/directory)?\/administrativeUnits/, anyOf: [['AdministrativeUnit.Read.All']] },
  { methods: writes, route: /^(\/directory)?\/administrativeUnits/, anyOf: [['AdministrativeUnit.ReadWrite.All']] },
  {
    methods: reads,
    route: /^\/roleManagement\/directory\/roleEligibility/,
    anyOf: [['RoleEligibilitySchedule.Read.Directory']],
  },
  {
    methods: writes,
    route: /^\/roleManagement\/directory\/roleEligibility/,
    anyOf: [['RoleEligibilitySchedule.ReadWrite.Directory']],
  },
  {
    methods: reads,
    route: /^\/roleManagement\/directory\/roleAssignmentSchedule/,
    anyOf: [['RoleAssignmentSchedule.Read.Directory']],
  },
  {
    methods: writes,
    route: /^\/roleManagement\/directory\/roleAssignmentSchedule/,
    anyOf: [['RoleAssignmentSchedule.ReadWrite.Directory']],
  },
  { methods: reads, route: /^\/(roleManagement|directoryRole)/, anyOf: [['RoleManagement.Read.Directory']] },
  { methods: writes, route: /^\/(roleManagement|directoryRole)/, anyOf: [['RoleManagement.ReadWrite.Directory']] },
  {
    methods: reads,
    route: /^\/identityGovernance\/privilegedAccess\/group\/eligibility/,
    anyOf: [['PrivilegedEligibilitySchedule.Read.AzureADGroup']],
  },
  {
    methods: writes,
    route: /^\/identityGovernance\/privilegedAccess\/group\/eligibility/,
    anyOf: [['PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup']],
  },
  {
    methods: reads,
    route: /^\/identityGovernance\/privilegedAccess\/group\/assignment/,
    anyOf: [['PrivilegedAssignmentSchedule.Read.AzureADGroup']],
  },
  {
    methods: writes,
    route: /^\/identityGovernance\/privilegedAccess\/group\/assignment/,
    anyOf: [['PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup']],
  },
  // The rest of the directory
  {
    methods: reads,
    route: /^\/directoryObjects\/delta$/,
    anyOf: [['User.Read.All'], ['Group.Read.All'], ['Directory.Read.All']],
  },
  { methods: any, route: /^\/directoryObjects(\/|$)/, anyOf: [['Directory.Read.All']] },
  { methods: reads, route: /^\/subscribedSkus/, anyOf: [['LicenseAssignment.Read.All']] },
  { methods: reads, route: /^\/organization/, anyOf: [['Organization.Read.All'], ['User.Read.All']] },
  { methods: reads, route: /^\/domains/, anyOf: [['Domain.Read.All']] },
  {
    methods: reads,
    route: /^\/directory\/onPremisesSynchronization/,
    anyOf: [['OnPremDirectorySynchronization.Read.All']],
  },
  {
    methods: writes,
    route: /^\/directory\/onPremisesSynchronization/,
    anyOf: [['OnPremDirectorySynchronization.ReadWrite.All']],
  },
  { methods: reads, route: /^\/contacts/, anyOf: [['OrgContact.Read.All']] },
  { methods: reads, route: /^\/devices/, anyOf: [['Device.Read.All']] },
  { methods: reads, route: /^\/(servicePrincipals|applications)/, anyOf: [['Application.Read.All']] },
  { methods: reads, route: /^\/schemaExtensions/, anyOf: [['Application.Read.All']] },
  { methods: writes, route: /^\/schemaExtensions/, anyOf: [['Application.ReadWrite.OwnedBy']] },
  { methods: writes, route: /^\/applications\/\{\}\/extensionProperties/, anyOf: [['Application.ReadWrite.OwnedBy']] },
  {
    methods: reads,
    route: /^\/oauth2PermissionGrants/,
    anyOf: [['Directory.Read.All'], ['DelegatedPermissionGrant.ReadWrite.All']],
  },
  { methods: writes, route: /^\/oauth2PermissionGrants/, anyOf: [['DelegatedPermissionGrant.ReadWrite.All']] },
  { methods: reads, route: /^\/(reports|auditLogs)/, anyOf: [['AuditLog.Read.All']] },
];

/** One row per kind of authentication method: its own narrow permission, or the umbrella. */
function authenticationRows(): readonly Row[] {
  const narrow: Readonly<Record<string, string>> = {
    phoneMethods: 'Phone',
    emailMethods: 'Email',
    temporaryAccessPassMethods: 'TAP',
    passwordMethods: 'Password',
    externalAuthenticationMethods: 'External',
    fido2Methods: 'Passkey',
    microsoftAuthenticatorMethods: 'MicrosoftAuthApp',
    windowsHelloForBusinessMethods: 'WindowsHello',
    platformCredentialMethods: 'PlatformCred',
    softwareOathMethods: 'SoftwareOATH',
  };
  const ofKind = Object.entries(narrow).flatMap(([segment, name]): Row[] => {
    const route = new RegExp(`^/users/\\{\\}/authentication/${segment}`);
    const [read, write] = [`UserAuthMethod-${name}.Read.All`, `UserAuthMethod-${name}.ReadWrite.All`];
    return [
      { methods: reads, route, anyOf: [[read], [write], ['UserAuthenticationMethod.Read.All']] },
      { methods: writes, route, anyOf: [[write], ['UserAuthenticationMethod.ReadWrite.All']] },
    ];
  });
  const umbrella = /^\/users\/\{\}\/authentication/;
  return [
    ...ofKind,
    { methods: reads, route: umbrella, anyOf: [['UserAuthenticationMethod.Read.All']] },
    { methods: writes, route: umbrella, anyOf: [['UserAuthenticationMethod.ReadWrite.All']] },
  ];
}

/** Properties of a user that a narrower permission than User.ReadWrite.All may update, or that need one beside it (4.2). */
export const updateDemands: Readonly<Record<string, readonly Demand[]>> = {
  otherMails: [['User-Mail.ReadWrite.All']],
  passwordProfile: [['User-PasswordProfile.ReadWrite.All']],
  businessPhones: [['User-Phone.ReadWrite.All']],
  mobilePhone: [['User-Phone.ReadWrite.All']],
  accountEnabled: [['User.EnableDisableAccount.All', 'User.Read.All'], ['User.ReadWrite.All']],
  identities: [['User.ManageIdentities.All']],
  employeeLeaveDateTime: [['User.Read.All', 'User-LifeCycleInfo.ReadWrite.All']],
  customSecurityAttributes: [['CustomSecAttributeAssignment.ReadWrite.All']],
};
/** Properties of a user that only their own permission shows (7). */
export const selectDemands: Readonly<Record<string, string>> = {
  customSecurityAttributes: 'CustomSecAttributeAssignment.Read.All',
  employeeLeaveDateTime: 'User-LifeCycleInfo.Read.All',
  signInActivity: 'AuditLog.Read.All',
};

/** Every permission that stands in these tables: what `permissions: "all"` comes to. */
export const permissionNames: readonly string[] = [
  ...new Set([
    ...Object.entries(includedIn).flatMap(([name, wider]) => [name, ...wider]),
    ...rows.flatMap(({ anyOf }) => anyOf.flat()),
    ...Object.values(updateDemands).flat(2),
    ...Object.values(selectDemands),
  ]),
].sort();
