/** Which permissions are lacking: an app may hold wider ones than those we ask for, or narrower ones that do for a single kind of write (graph-facts 7; P). */
import { isInGroup, type Need } from '../directory/gateway.ts';
import { graphPermissions, permissionFor, roles } from './permissions.ts';

const directory = 'Directory.ReadWrite.All';
/** Permissions that include one that we ask for. */
const wider: Readonly<Record<string, readonly string[]>> = {
  'User.Read.All': ['User.ReadWrite.All', 'Directory.Read.All', directory],
  'GroupMember.Read.All': [
    'Group.Read.All',
    'GroupMember.ReadWrite.All',
    'Group.ReadWrite.All',
    'Directory.Read.All',
    directory,
  ],
  'AdministrativeUnit.Read.All': ['AdministrativeUnit.ReadWrite.All', 'Directory.Read.All', directory],
  'PrivilegedEligibilitySchedule.Read.AzureADGroup': ['PrivilegedEligibilitySchedule.ReadWrite.AzureADGroup'],
  'PrivilegedAssignmentSchedule.Read.AzureADGroup': ['PrivilegedAssignmentSchedule.ReadWrite.AzureADGroup'],
  'RoleManagement.Read.Directory': ['RoleManagement.Read.All', roles, 'Directory.Read.All', directory],
  'LicenseAssignment.Read.All': [
    'LicenseAssignment.ReadWrite.All',
    'Organization.Read.All',
    'User.Read.All',
    'User.ReadWrite.All',
    'Directory.Read.All',
    directory,
  ],
  'Organization.Read.All': ['Organization.ReadWrite.All', 'Directory.Read.All', directory],
  'OnPremDirectorySynchronization.Read.All': ['OnPremDirectorySynchronization.ReadWrite.All'],
  'ProfilePhoto.Read.All': ['ProfilePhoto.ReadWrite.All', 'User.Read.All', 'User.ReadWrite.All'],
  'UserAuthenticationMethod.Read.All': ['UserAuthenticationMethod.ReadWrite.All'],
  'Directory.Read.All': [directory],
  'User.ReadWrite.All': [directory],
  'User.Invite.All': ['User.ReadWrite.All', directory],
  'User.DeleteRestore.All': ['User.ReadWrite.All'],
  'Group.ReadWrite.All': [directory],
  'GroupMember.ReadWrite.All': ['Group.ReadWrite.All', directory],
  'LicenseAssignment.ReadWrite.All': ['User.ReadWrite.All', directory],
  'ProfilePhoto.ReadWrite.All': ['User.ReadWrite.All'],
};

/** Narrower ones that do for a single kind of write. */
function narrower(need: Need): readonly string[] {
  switch (need.write) {
    case 'create':
      return need.kind === 'users' ? ['User.Create'] : need.kind === 'groups' ? ['Group.Create'] : [];
    case 'update':
      return need.kind === 'users' && need.property === undefined ? ['User.ReadUpdate.All'] : [];
    case 'auth-method':
    case 'remove-auth-method':
    case 'pass':
      return ['UserAuthenticationMethod.ReadWrite.All'];
    case 'assign-role':
    case 'unassign-role':
      if (need.holding !== undefined && isInGroup(need.holding)) return [];
      return ['RoleEligibilitySchedule.ReadWrite.Directory', 'RoleAssignmentSchedule.ReadWrite.Directory'];
    default:
      return [];
  }
}

/** The same of several needs at once: a part of what a deployment grants is not asked for besides the whole. */
export function lackingOfAll(needs: readonly Need[], held: ReadonlySet<string>): readonly (readonly string[])[] {
  const all = needs.map((need) => lackingOf(need, held));
  const named = new Set(all.flat());
  const isWhole = (name: string): boolean => graphPermissions.some((granted) => granted.name === name);
  const asked = (name: string): string =>
    isWhole(name) ? name : ((wider[name] ?? []).find((one) => named.has(one)) ?? name);
  return all.map((names) => [...new Set(names.map(asked))]);
}

/** Of what a need takes, the permissions that are not `held`, nor any that includes them. */
export function lackingOf(need: Need, held: ReadonlySet<string>): readonly string[] {
  const isHeld = (name: string, instead: readonly string[] = []) =>
    [name, ...(wider[name] ?? []), ...instead].some((one) => held.has(one));
  if (need.write === 'none')
    return graphPermissions.flatMap(({ name, access }) => (access === 'write' || isHeld(name) ? [] : [name]));
  const permission = permissionFor(need);
  const guard = 'isGuarded' in need && need.isGuarded === true && !isHeld(roles) ? [roles] : [];
  return isHeld(permission, narrower(need)) ? guard : [permission, ...guard];
}
