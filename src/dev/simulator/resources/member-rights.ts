/** Permissions that the type of a new member or owner demands of an app beside those for the group (L:api/group-post-members, group-post-groups). */
import { denied } from '../errors.ts';
import { holdsPermission } from '../permissions.ts';
import type { Call } from '../request.ts';
import type { DirectoryType, Entity } from '../tenant/entity.ts';

/** To add one to a group that is there. Users and groups demand nothing more. */
const toAdd: Partial<Record<DirectoryType, string>> = {
  device: 'Device.ReadWrite.All',
  orgContact: 'OrgContact.Read.All',
  servicePrincipal: 'Application.ReadWrite.All',
};

/** To create a group with one, for an app that may do no more than create groups. */
const toCreateWith: Partial<Record<DirectoryType, string>> = {
  user: 'User.Read.All',
  servicePrincipal: 'Application.Read.All',
};

/** Throws 403 when the app may not add one of these to a group. */
export function requireRightToAdd(call: Call, members: readonly Entity[]): void {
  requireEach(call, members, (type) => toAdd[type]);
}

/** Throws 403 when the app may not name one of these as owner or member of a group it creates. */
export function requireRightToCreateWith(call: Call, linked: readonly Entity[]): void {
  if (holdsPermission(call.settings.permissions, 'Group.ReadWrite.All')) return;
  requireEach(call, linked, (type) => toCreateWith[type] ?? 'Directory.Read.All');
}

function requireEach(
  { caller, settings: { permissions } }: Call,
  linked: readonly Entity[],
  demand: (type: DirectoryType) => string | undefined,
): void {
  if (caller === 'outside') return;
  for (const { type } of linked) {
    const name = demand(type);
    if (name !== undefined && !holdsPermission(permissions, name)) throw denied();
  }
}
