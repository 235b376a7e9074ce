// Grants the app's identity its Microsoft Graph application permissions: those of src/graph/permissions.ts, compared by a test.
// Deployed apart from main.bicep by someone who may grant them (Privileged Role Administrator).
extension microsoftGraphV1

targetScope = 'resourceGroup'

@description('Object id of the identity: output principalId of main.bicep, or the service principal that stands for the multitenant application in another tenant.')
param principalId string

@description('false: snapshots only, nothing that could write to the directory.')
param restores bool = true

@description('For connectors that include custom security attributes.')
param customSecurityAttributes bool = false

@description('For connectors that include the day of leaving.')
param employeeLeaveDateTime bool = false

var read = [
  'User.Read.All'
  'GroupMember.Read.All'
  'Member.Read.Hidden'
  'AdministrativeUnit.Read.All'
  'RoleManagement.Read.Directory'
  'PrivilegedEligibilitySchedule.Read.AzureADGroup'
  'PrivilegedAssignmentSchedule.Read.AzureADGroup'
  'LicenseAssignment.Read.All'
  'Organization.Read.All'
  'OnPremDirectorySynchronization.Read.All'
  'ProfilePhoto.Read.All'
  'UserAuthenticationMethod.Read.All'
  'Directory.Read.All'
]

var write = [
  'User.ReadWrite.All'
  'User.ManageIdentities.All'
  'User.Invite.All'
  'User.DeleteRestore.All'
  'Group.ReadWrite.All'
  'AdministrativeUnit.ReadWrite.All'
  'RoleManagement.ReadWrite.Directory'
  'PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup'
  'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup'
  'LicenseAssignment.ReadWrite.All'
  'ProfilePhoto.ReadWrite.All'
  'AppRoleAssignment.ReadWrite.All'
  'UserAuthMethod-Phone.ReadWrite.All'
  'UserAuthMethod-Email.ReadWrite.All'
  'UserAuthMethod-TAP.ReadWrite.All'
]

var included = concat(
  customSecurityAttributes ? [{ read: 'CustomSecAttributeAssignment.Read.All', write: 'CustomSecAttributeAssignment.ReadWrite.All' }] : [],
  employeeLeaveDateTime ? [{ read: 'User-LifeCycleInfo.Read.All', write: 'User-LifeCycleInfo.ReadWrite.All' }] : []
)

// Microsoft Graph itself, in this tenant; the application id is the same in all tenants and clouds.
resource graph 'Microsoft.Graph/servicePrincipals@v1.0' existing = {
  appId: '00000003-0000-0000-c000-000000000000'
}

resource grants 'Microsoft.Graph/appRoleAssignedTo@v1.0' = [
  for permission in concat(
    read,
    restores ? write : [],
    map(included, one => one.read),
    restores ? map(included, one => one.write) : []
  ): {
    appRoleId: filter(graph.appRoles, role => role.value == permission)[0].id
    principalId: principalId
    resourceId: graph.id
  }
]
