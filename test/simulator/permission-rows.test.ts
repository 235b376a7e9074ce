/** Every call of graph-facts 7 with the permission it needs, none, one that is not it, and one that includes it. */
import { describe, expect, it } from 'vitest';
import { permits } from '../../src/dev/simulator/permissions.ts';
import { routes } from '../../src/dev/simulator/routes.ts';

const ask = (granted: readonly string[], method: string, route: string, query = '') =>
  permits(granted, { method, route, query: new URLSearchParams(query), body: null, roleAssignableGroup: false });
const schedules = '/roleManagement/directory/role';
const groups = '/identityGovernance/privilegedAccess/group';

describe('least privileged permissions of reads (graph-facts 7)', () => {
  it.each([
    ['/users', 'User.Read.All', 'Directory.Read.All', 'Group.Read.All'],
    ['/users/{id}', 'User.ReadBasic.All', 'User.ReadWrite.All', 'Group.Read.All'],
    ['/users/delta', 'User.Read.All', 'User.ReadWrite.All', 'User.ReadBasic.All'],
    ['/users/{id}/manager', 'User.Read.All', 'User.ReadWrite.All', 'User.ReadBasic.All'],
    ['/users/{id}/sponsors', 'User.Read.All', 'Directory.Read.All', 'Group.Read.All'],
    ['/users/{id}/ownedObjects', 'User.Read.All', 'Directory.Read.All', 'GroupMember.Read.All'],
    ['/users/{id}/registeredDevices', 'User.Read.All', 'Directory.Read.All', 'Device.Read.All'],
    ['/users/{id}/memberOf', 'Directory.Read.All', 'Directory.ReadWrite.All', 'GroupMember.Read.All'],
    ['/users/{id}/transitiveMemberOf', 'User.Read.All', 'Directory.Read.All', 'GroupMember.Read.All'],
    ['/groups', 'GroupMember.Read.All', 'Group.Read.All', 'GroupMember.ReadBasic.All'],
    ['/groups/delta', 'GroupMember.Read.All', 'Group.ReadWrite.All', 'User.Read.All'],
    ['/groups/{id}/members', 'GroupMember.ReadBasic.All', 'GroupMember.Read.All', 'User.Read.All'],
    ['/groups/{id}/owners', 'GroupMember.Read.All', 'Group.Read.All', 'GroupMember.ReadBasic.All'],
    ['/directory/administrativeUnits', 'AdministrativeUnit.Read.All', 'Directory.Read.All', 'User.Read.All'],
    ['/directory/administrativeUnits/delta', 'AdministrativeUnit.Read.All', 'Directory.Read.All', 'Group.Read.All'],
    ['/administrativeUnits/{id}/members', 'AdministrativeUnit.Read.All', 'Directory.Read.All', 'User.Read.All'],
    ['/directoryRoles', 'RoleManagement.Read.Directory', 'Directory.Read.All', 'AdministrativeUnit.Read.All'],
    [
      '/roleManagement/directory/roleAssignments',
      'RoleManagement.Read.Directory',
      'Directory.Read.All',
      'User.Read.All',
    ],
    [
      '/roleManagement/directory/roleDefinitions',
      'RoleManagement.Read.Directory',
      'Directory.Read.All',
      'User.Read.All',
    ],
    [
      '/directory/administrativeUnits/{id}/scopedRoleMembers',
      'RoleManagement.Read.Directory',
      'Directory.Read.All',
      'AdministrativeUnit.Read.All',
    ],
    [
      `${schedules}EligibilitySchedules`,
      'RoleEligibilitySchedule.Read.Directory',
      'RoleManagement.Read.Directory',
      'RoleAssignmentSchedule.Read.Directory',
    ],
    [
      `${schedules}AssignmentSchedules`,
      'RoleAssignmentSchedule.Read.Directory',
      'RoleManagement.Read.Directory',
      'RoleEligibilitySchedule.Read.Directory',
    ],
    [
      `${groups}/eligibilitySchedules`,
      'PrivilegedEligibilitySchedule.Read.AzureADGroup',
      'PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup',
      'RoleManagement.Read.Directory',
    ],
    [
      `${groups}/assignmentSchedules`,
      'PrivilegedAssignmentSchedule.Read.AzureADGroup',
      'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup',
      'PrivilegedEligibilitySchedule.Read.AzureADGroup',
    ],
    ['/users/{id}/licenseDetails', 'LicenseAssignment.Read.All', 'User.Read.All', 'Group.Read.All'],
    ['/subscribedSkus', 'LicenseAssignment.Read.All', 'Organization.Read.All', 'Group.Read.All'],
    ['/users/{id}/appRoleAssignments', 'Directory.Read.All', 'Directory.ReadWrite.All', 'Application.Read.All'],
    ['/servicePrincipals/{id}/appRoleAssignedTo', 'Application.Read.All', 'Directory.Read.All', 'User.Read.All'],
    ['/oauth2PermissionGrants', 'Directory.Read.All', 'Directory.ReadWrite.All', 'Application.Read.All'],
    ['/users/{id}/photo/$value', 'ProfilePhoto.Read.All', 'User.Read.All', 'Group.Read.All'],
    [
      '/users/{id}/authentication/methods',
      'UserAuthenticationMethod.Read.All',
      'UserAuthenticationMethod.ReadWrite.All',
      'User.Read.All',
    ],
    [
      '/users/{id}/authentication/phoneMethods',
      'UserAuthMethod-Phone.Read.All',
      'UserAuthenticationMethod.Read.All',
      'UserAuthMethod-Email.Read.All',
    ],
    ['/users/{id}/mailboxSettings', 'MailboxSettings.Read', 'MailboxSettings.ReadWrite', 'User.Read.All'],
    ['/directoryObjects/delta', 'User.Read.All', 'Directory.Read.All', 'AuditLog.Read.All'],
    ['/organization', 'Organization.Read.All', 'Directory.Read.All', 'Group.Read.All'],
    [
      '/directory/onPremisesSynchronization',
      'OnPremDirectorySynchronization.Read.All',
      'OnPremDirectorySynchronization.ReadWrite.All',
      'Directory.Read.All',
    ],
    [
      '/users/{id}/onPremisesSyncBehavior',
      'User-OnPremisesSyncBehavior.ReadWrite.All',
      'User-OnPremisesSyncBehavior.ReadWrite.All',
      'User.Read.All',
    ],
  ])('GET %s: %s or %s, not %s', (route, least, higher, other) => {
    expect(ask([least], 'GET', route)).toBe(true);
    expect(ask([higher], 'GET', route)).toBe(true);
    expect(ask([other], 'GET', route)).toBe(false);
    expect(ask([], 'GET', route)).toBe(false);
  });

  it('memberOf is told by GroupMember.Read.All and User.Read.All together as well', () => {
    expect(ask(['GroupMember.Read.All', 'User.Read.All'], 'GET', '/users/{id}/memberOf')).toBe(true);
    expect(ask(['User.Read.All'], 'GET', '/users/{id}/memberOf')).toBe(false);
  });

  it('directoryObjects/delta asks for the permission of every type it is to tell', () => {
    const both = "$filter=isof('microsoft.graph.user') or isof('microsoft.graph.group')";
    expect(ask(['User.Read.All'], 'GET', '/directoryObjects/delta', both)).toBe(false);
    expect(ask(['User.Read.All', 'Group.Read.All'], 'GET', '/directoryObjects/delta', both)).toBe(true);
    expect(ask(['Directory.Read.All'], 'GET', '/directoryObjects/delta', both)).toBe(true);
    expect(ask(['User.Read.All'], 'GET', '/directoryObjects/delta', "$filter=isof('microsoft.graph.user')")).toBe(true);
  });

  it.each([
    ['customSecurityAttributes', 'CustomSecAttributeAssignment.Read.All'],
    ['signInActivity', 'AuditLog.Read.All'],
  ])('$select=%s asks for %s beside the reading of users', (property, permission) => {
    for (const route of ['/users', '/users/{id}']) {
      expect(ask(['Directory.ReadWrite.All'], 'GET', route, `$select=id,${property}`)).toBe(false);
      expect(ask([permission], 'GET', route, `$select=id,${property}`)).toBe(false);
      expect(ask(['User.Read.All', permission], 'GET', route, `$select=id,${property}`)).toBe(true);
    }
  });
});

describe('narrow permissions of users (L:api/resources/users)', () => {
  it.each(['User-Mail.ReadWrite.All', 'User-PasswordProfile.ReadWrite.All', 'User-Phone.ReadWrite.All'])(
    '%s reads the basic profile too',
    (permission) => {
      expect(ask([permission], 'GET', '/users/{id}')).toBe(true);
      expect(ask([permission], 'GET', '/users/delta')).toBe(false);
    },
  );

  it('employeeLeaveDateTime is told by its own permission only', () => {
    const query = '$select=id,employeeLeaveDateTime';
    expect(ask(['Directory.ReadWrite.All'], 'GET', '/users/{id}', query)).toBe(false);
    for (const own of ['User-LifeCycleInfo.Read.All', 'User-LifeCycleInfo.ReadWrite.All']) {
      expect(ask([own], 'GET', '/users/{id}', query)).toBe(true);
    }
  });
});

describe('least privileged permissions of writes (graph-facts 7)', () => {
  it.each([
    ['POST', '/users', 'User.Create', 'User.ReadWrite.All', 'User.ReadUpdate.All'],
    ['DELETE', '/users/{id}', 'User.DeleteRestore.All', 'User.ReadWrite.All', 'User.ReadUpdate.All'],
    ['PUT', '/users/{id}/manager/$ref', 'User.ReadWrite.All', 'Directory.ReadWrite.All', 'User.ReadUpdate.All'],
    ['POST', '/users/{id}/sponsors/$ref', 'User.ReadWrite.All', 'Directory.ReadWrite.All', 'User.Read.All'],
    ['POST', '/groups', 'Group.Create', 'Group.ReadWrite.All', 'GroupMember.ReadWrite.All'],
    ['PATCH', '/groups/{id}', 'Group.ReadWrite.All', 'Directory.ReadWrite.All', 'Group.Create'],
    ['DELETE', '/groups/{id}', 'Group.ReadWrite.All', 'Group.ReadWrite.All', 'GroupMember.ReadWrite.All'],
    ['POST', '/groups/{id}/members/$ref', 'GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Group.Read.All'],
    ['DELETE', '/groups/{id}/members/{id}/$ref', 'GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Group.Create'],
    ['POST', '/groups/{id}/owners/$ref', 'Group.ReadWrite.All', 'Directory.ReadWrite.All', 'GroupMember.ReadWrite.All'],
    [
      'POST',
      '/directory/administrativeUnits',
      'AdministrativeUnit.ReadWrite.All',
      'AdministrativeUnit.ReadWrite.All',
      'AdministrativeUnit.Read.All',
    ],
    [
      'POST',
      '/directory/administrativeUnits/{id}/members/$ref',
      'AdministrativeUnit.ReadWrite.All',
      'AdministrativeUnit.ReadWrite.All',
      'User.ReadWrite.All',
    ],
    [
      'POST',
      '/directory/administrativeUnits/{id}/scopedRoleMembers',
      'RoleManagement.ReadWrite.Directory',
      'RoleManagement.ReadWrite.Directory',
      'AdministrativeUnit.ReadWrite.All',
    ],
    [
      'POST',
      '/roleManagement/directory/roleAssignments',
      'RoleManagement.ReadWrite.Directory',
      'RoleManagement.ReadWrite.Directory',
      'Directory.ReadWrite.All',
    ],
    [
      'POST',
      '/directoryRoles',
      'RoleManagement.ReadWrite.Directory',
      'RoleManagement.ReadWrite.Directory',
      'RoleManagement.Read.Directory',
    ],
    [
      'POST',
      `${schedules}EligibilityScheduleRequests`,
      'RoleEligibilitySchedule.ReadWrite.Directory',
      'RoleManagement.ReadWrite.Directory',
      'RoleAssignmentSchedule.ReadWrite.Directory',
    ],
    [
      'POST',
      `${schedules}AssignmentScheduleRequests`,
      'RoleAssignmentSchedule.ReadWrite.Directory',
      'RoleManagement.ReadWrite.Directory',
      'RoleEligibilitySchedule.ReadWrite.Directory',
    ],
    [
      'POST',
      `${groups}/eligibilityScheduleRequests`,
      'PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup',
      'PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup',
      'PrivilegedEligibilitySchedule.Read.AzureADGroup',
    ],
    [
      'POST',
      `${groups}/assignmentScheduleRequests`,
      'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup',
      'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup',
      'PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup',
    ],
    [
      'POST',
      '/users/{id}/assignLicense',
      'LicenseAssignment.ReadWrite.All',
      'User.ReadWrite.All',
      'LicenseAssignment.Read.All',
    ],
    [
      'POST',
      '/users/{id}/appRoleAssignments',
      'AppRoleAssignment.ReadWrite.All',
      'AppRoleAssignment.ReadWrite.All',
      'Directory.ReadWrite.All',
    ],
    [
      'POST',
      '/oauth2PermissionGrants',
      'DelegatedPermissionGrant.ReadWrite.All',
      'DelegatedPermissionGrant.ReadWrite.All',
      'Directory.Read.All',
    ],
    ['PUT', '/users/{id}/photo/$value', 'ProfilePhoto.ReadWrite.All', 'User.ReadWrite.All', 'ProfilePhoto.Read.All'],
    [
      'POST',
      '/users/{id}/authentication/phoneMethods',
      'UserAuthMethod-Phone.ReadWrite.All',
      'UserAuthenticationMethod.ReadWrite.All',
      'UserAuthMethod-Phone.Read.All',
    ],
    [
      'POST',
      '/users/{id}/authentication/temporaryAccessPassMethods',
      'UserAuthMethod-TAP.ReadWrite.All',
      'UserAuthenticationMethod.ReadWrite.All',
      'UserAuthMethod-Phone.ReadWrite.All',
    ],
    [
      'PATCH',
      '/users/{id}/mailboxSettings',
      'MailboxSettings.ReadWrite',
      'MailboxSettings.ReadWrite',
      'MailboxSettings.Read',
    ],
    [
      'POST',
      '/users/{id}/revokeSignInSessions',
      'User.RevokeSessions.All',
      'User.ReadWrite.All',
      'User.ReadUpdate.All',
    ],
    [
      'PATCH',
      '/groups/{id}/onPremisesSyncBehavior',
      'Group-OnPremisesSyncBehavior.ReadWrite.All',
      'Group-OnPremisesSyncBehavior.ReadWrite.All',
      'Group.ReadWrite.All',
    ],
    ['POST', '/invitations', 'User.Invite.All', 'User.ReadWrite.All', 'User.Create'],
  ])('%s %s: %s or %s, not %s', (method, route, least, higher, other) => {
    expect(ask([least], method, route)).toBe(true);
    expect(ask([higher], method, route)).toBe(true);
    expect(ask([other], method, route)).toBe(false);
    expect(ask([], method, route)).toBe(false);
  });
});

describe('the table', () => {
  it('leaves no route of this simulator to an app without any permission', () => {
    const open = routes
      .map(({ method, template }) => ({ method, template: template.replace('{cast}', 'microsoft.graph.user') }))
      // Binned objects are asked about by type, in their handlers (permissions.test.ts).
      .filter(({ template }) => !template.startsWith('/directory/deletedItems'))
      .filter(({ method, template }) => ask([], method, template));
    expect(open).toEqual([]);
  });
});
