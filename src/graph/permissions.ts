/**
 * The Graph application permissions this product needs, least privileged per call (graph-facts 4.2, 7): snapshots need the `read`
 * rows, restores both. `infra/` grants exactly these.
 */
import { isInGroup, type Need } from '../directory/gateway.ts';
import { type GuardedProperty, isWrittenApart } from '../directory/guarded-properties.ts';
import type { KindName } from '../directory/kinds.ts';
import type { RelationName } from '../directory/relations.ts';

export interface GraphPermission {
  readonly name: string;
  readonly access: 'read' | 'write';
  readonly for: string;
}

export const graphPermissions: readonly GraphPermission[] = [
  { name: 'User.Read.All', access: 'read', for: 'users with managers, sponsors and owned objects, live and deleted' },
  { name: 'GroupMember.Read.All', access: 'read', for: 'groups with members and owners; memberships of users' },
  {
    name: 'Member.Read.Hidden',
    access: 'read',
    for: 'members of groups and units that hide them, else silently left out',
  },
  { name: 'AdministrativeUnit.Read.All', access: 'read', for: 'administrative units with members, live and deleted' },
  {
    name: 'RoleManagement.Read.Directory',
    access: 'read',
    for: 'role definitions; roles, active, eligible and by schedule',
  },
  {
    name: 'PrivilegedEligibilitySchedule.Read.AzureADGroup',
    access: 'read',
    for: 'who may become a member or an owner of a role-assignable group',
  },
  {
    name: 'PrivilegedAssignmentSchedule.Read.AzureADGroup',
    access: 'read',
    for: 'until when someone is a member or an owner of a role-assignable group',
  },
  { name: 'LicenseAssignment.Read.All', access: 'read', for: 'subscriptions and their free seats' },
  { name: 'Organization.Read.All', access: 'read', for: 'name of the tenant and whether it is synced' },
  {
    name: 'OnPremDirectorySynchronization.Read.All',
    access: 'read',
    for: 'whether synchronization may take a recreated user over by its anchor',
  },
  { name: 'ProfilePhoto.Read.All', access: 'read', for: 'photos' },
  { name: 'UserAuthenticationMethod.Read.All', access: 'read', for: 'authentication methods of users' },
  {
    name: 'Directory.Read.All',
    access: 'read',
    for: 'app roles of users; domains; directory extensions; the rights of the app itself',
  },
  { name: 'User.ReadWrite.All', access: 'write', for: 'creating and updating users, their managers and sponsors' },
  { name: 'User.ManageIdentities.All', access: 'write', for: 'sign-in identities of users: local, federated, social' },
  { name: 'User.Invite.All', access: 'write', for: 'inviting guests anew who were deleted for good' },
  {
    name: 'User.DeleteRestore.All',
    access: 'write',
    for: 'undeleting users, and deleting them again where that is undone',
  },
  { name: 'Group.ReadWrite.All', access: 'write', for: 'creating, updating, undeleting groups; members and owners' },
  {
    name: 'AdministrativeUnit.ReadWrite.All',
    access: 'write',
    for: 'creating, updating, undeleting units; their members',
  },
  {
    name: 'RoleManagement.ReadWrite.Directory',
    access: 'write',
    for: 'custom roles; roles, active, eligible and by schedule; role-assignable groups',
  },
  {
    name: 'PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup',
    access: 'write',
    for: 'eligibility in role-assignable groups',
  },
  {
    name: 'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup',
    access: 'write',
    for: 'memberships and ownerships of role-assignable groups that end',
  },
  { name: 'LicenseAssignment.ReadWrite.All', access: 'write', for: 'licences' },
  { name: 'ProfilePhoto.ReadWrite.All', access: 'write', for: 'photos' },
  { name: 'AppRoleAssignment.ReadWrite.All', access: 'write', for: 'app roles of users' },
  { name: 'UserAuthMethod-Phone.ReadWrite.All', access: 'write', for: 'phones, where a restore asks for it' },
  { name: 'UserAuthMethod-Email.ReadWrite.All', access: 'write', for: 'email methods, where a restore asks for it' },
  {
    name: 'UserAuthMethod-TAP.ReadWrite.All',
    access: 'write',
    for: 'Temporary Access Passes, where a restore asks for one',
  },
];

/** What a connector's inclusions take besides: granted only where they are wanted. */
export const optionalPermissions: Readonly<Record<GuardedProperty, { readonly read: string; readonly write: string }>> =
  {
    customSecurityAttributes: {
      read: 'CustomSecAttributeAssignment.Read.All',
      write: 'CustomSecAttributeAssignment.ReadWrite.All',
    },
    employeeLeaveDateTime: { read: 'User-LifeCycleInfo.Read.All', write: 'User-LifeCycleInfo.ReadWrite.All' },
  };

export const roles = 'RoleManagement.ReadWrite.Directory';
const ofKinds: Readonly<Partial<Record<KindName, string>>> = {
  users: 'User.ReadWrite.All',
  groups: 'Group.ReadWrite.All',
  administrativeUnits: 'AdministrativeUnit.ReadWrite.All',
};
const ofRelations: Readonly<Record<RelationName, string>> = {
  members: 'GroupMember.ReadWrite.All',
  owners: 'Group.ReadWrite.All',
  unitMembers: 'AdministrativeUnit.ReadWrite.All',
  manager: 'User.ReadWrite.All',
  sponsors: 'User.ReadWrite.All',
};

/** Of an update, the permission for what is guarded in it. */
function guardOf(need: object): string | undefined {
  const { property, changes = {} } = need as { readonly property?: string; readonly changes?: object };
  const name = [property ?? '', ...Object.keys(changes)].find(isWrittenApart);
  if (name === 'identities') return 'User.ManageIdentities.All';
  return name === undefined ? undefined : optionalPermissions[name].write;
}

/** The least permission that a write needs: one of those above, or, for the members of a group, a part of one. */
export function permissionFor(write: Exclude<Need, { write: 'none' }>): string {
  switch (write.write) {
    case 'undelete':
    case 'delete':
      return write.kind === 'users' ? 'User.DeleteRestore.All' : (ofKinds[write.kind] ?? roles);
    case 'invite':
      return 'User.Invite.All';
    case 'create':
      return ofKinds[write.kind] ?? roles;
    case 'update':
      return guardOf(write) ?? ofKinds[write.kind] ?? roles;
    case 'link':
    case 'unlink':
      return ofRelations[write.relation];
    case 'license':
      return 'LicenseAssignment.ReadWrite.All';
    case 'assign-role':
    case 'unassign-role':
      if (write.holding === undefined || !isInGroup(write.holding)) return roles;
      return write.holding === 'active-in-group'
        ? 'PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup'
        : 'PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup';
    case 'auth-method':
    case 'remove-auth-method':
      return `UserAuthMethod-${write.method.type.startsWith('phone') ? 'Phone' : 'Email'}.ReadWrite.All`;
    case 'pass':
      return 'UserAuthMethod-TAP.ReadWrite.All';
    case 'app-role':
    case 'remove-app-role':
      return 'AppRoleAssignment.ReadWrite.All';
    case 'photo':
    case 'remove-photo':
      return 'ProfilePhoto.ReadWrite.All';
  }
}
