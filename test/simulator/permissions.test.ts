import { describe, expect, it } from 'vitest';
import { permits, permitsBinned } from '../../src/dev/simulator/permissions.ts';

const ask = (granted: readonly string[], method: string, route: string, body: unknown = null, query = '') =>
  permits(granted, { method, route, query: new URLSearchParams(query), body, roleAssignableGroup: false });

describe('application permissions (graph-facts 7)', () => {
  it.each([
    ['GET', '/users/delta', 'User.Read.All', 'Group.Read.All'],
    ['GET', '/groups/{id}/members', 'GroupMember.Read.All', 'User.Read.All'],
    ['GET', '/users/{id}/licenseDetails', 'LicenseAssignment.Read.All', 'Group.Read.All'],
    ['GET', '/directory/administrativeUnits/delta', 'AdministrativeUnit.Read.All', 'User.Read.All'],
    ['GET', '/roleManagement/directory/roleAssignments', 'RoleManagement.Read.Directory', 'User.ReadWrite.All'],
    ['GET', '/users/{id}/photo/$value', 'ProfilePhoto.Read.All', 'Group.Read.All'],
    ['POST', '/users', 'User.Create', 'User.ReadUpdate.All'],
    ['DELETE', '/users/{id}', 'User.DeleteRestore.All', 'User.Read.All'],
    ['PUT', '/users/{id}/manager/$ref', 'User.ReadWrite.All', 'User.ReadUpdate.All'],
    ['POST', '/groups/{id}/members/$ref', 'GroupMember.ReadWrite.All', 'GroupMember.Read.All'],
    ['POST', '/groups/{id}/owners/$ref', 'Group.ReadWrite.All', 'GroupMember.ReadWrite.All'],
    ['POST', '/users/{id}/assignLicense', 'LicenseAssignment.ReadWrite.All', 'LicenseAssignment.Read.All'],
    ['POST', '/users/{id}/authentication/phoneMethods', 'UserAuthMethod-Phone.ReadWrite.All', 'User.ReadWrite.All'],
  ])('%s %s is allowed with %s and refused with %s alone', (method, route, least, other) => {
    expect(ask([least], method, route)).toBe(true);
    expect(ask([other], method, route)).toBe(false);
    expect(ask([], method, route)).toBe(false);
  });

  it('takes a higher permission for a lower one', () => {
    expect(ask(['Directory.ReadWrite.All'], 'GET', '/users')).toBe(true);
    expect(ask(['User.ReadWrite.All'], 'POST', '/users')).toBe(true);
  });

  it('demands for some properties of a user their own permission', () => {
    expect(ask(['User.ReadUpdate.All'], 'PATCH', '/users/{id}', { department: 'HR' })).toBe(true);
    expect(ask(['User.ReadUpdate.All'], 'PATCH', '/users/{id}', { mobilePhone: '1' })).toBe(false);
    expect(ask(['User-Phone.ReadWrite.All'], 'PATCH', '/users/{id}', { mobilePhone: '1' })).toBe(true);
    expect(ask(['User-Phone.ReadWrite.All'], 'PATCH', '/users/{id}', { mobilePhone: '1', city: 'X' })).toBe(false);
    expect(ask(['User.ReadWrite.All'], 'PATCH', '/users/{id}', { identities: [] })).toBe(false);
    expect(ask(['User.Read.All'], 'GET', '/users', null, '$select=id,signInActivity')).toBe(false);
  });

  it('takes adding members for no update of the group, however many at once', () => {
    const bind = { 'members@odata.bind': ['https://graph.microsoft.com/v1.0/directoryObjects/a'] };
    expect(ask(['GroupMember.ReadWrite.All'], 'PATCH', '/groups/{id}', bind)).toBe(true);
    expect(ask(['Group.ReadWrite.All'], 'PATCH', '/groups/{id}', bind)).toBe(true);
    expect(ask(['GroupMember.ReadWrite.All'], 'PATCH', '/groups/{id}', { ...bind, description: 'x' })).toBe(false);
  });

  it('demands role management for the members of a role-assignable group', () => {
    const question = {
      method: 'PATCH',
      route: '/groups/{id}',
      query: new URLSearchParams(),
      body: {},
      roleAssignableGroup: true,
    };
    expect(permits(['Group.ReadWrite.All'], question)).toBe(false);
    expect(permits(['Group.ReadWrite.All', 'RoleManagement.ReadWrite.Directory'], question)).toBe(true);
  });

  it('asks for the permission of its type where a binned object is restored', () => {
    expect(permitsBinned(['User.DeleteRestore.All'], 'POST', 'user')).toBe(true);
    expect(permitsBinned(['User.DeleteRestore.All'], 'POST', 'group')).toBe(false);
    expect(permitsBinned(['Group.Read.All'], 'GET', 'group')).toBe(true);
  });
});
