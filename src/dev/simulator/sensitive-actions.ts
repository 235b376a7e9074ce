/**
 * Who may do a sensitive action on whom (L:api/resources/users, 2026-07-03, "Who can perform sensitive actions";
 * graph-facts 4.2): the directory roles of the app against those the user holds.
 */

/** Template ids of the roles the table speaks of. */
export const roleTemplates = {
  globalAdministrator: '62e90394-69f5-4237-9190-012177145e10',
  privilegedRoleAdministrator: 'e8611ab8-c189-46e8-94e1-60213ab1f814',
  privilegedAuthenticationAdministrator: '7be44c8a-adaf-4e2a-84d6-ab2649e08a13',
  authenticationAdministrator: 'c4e39bd9-1100-46d3-8c65-fb160da0071f',
  userAdministrator: 'fe930be7-5e62-47db-91af-98c3a49a38b1',
  directoryReaders: '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  groupsAdministrator: 'fdd7a751-b60b-444a-984c-02652fe8fa1c',
  guestInviter: '95e79109-95c0-4d8e-aee3-d01accf2d47b',
  helpdeskAdministrator: '729827e3-9c14-49f7-bb1b-9608f156bbb8',
  messageCenterReader: '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b',
  passwordAdministrator: '966707d0-3269-4727-9be2-8c3a10f19b9d',
  reportsReader: '4a5d8f65-41da-4de4-8968-e035b65339cf',
  usageSummaryReportsReader: '75934031-6c7e-415a-99d7-48dbd49e875e',
} as const;

/** May act on everyone. */
const onEveryone: readonly string[] = [
  roleTemplates.globalAdministrator,
  roleTemplates.privilegedAuthenticationAdministrator,
];
const readersAndTheLike = [
  roleTemplates.directoryReaders,
  roleTemplates.guestInviter,
  roleTemplates.messageCenterReader,
  roleTemplates.passwordAdministrator,
  roleTemplates.reportsReader,
  roleTemplates.usageSummaryReportsReader,
];
/** Whose holders a role may act on. A role that no row names is left to those who may act on everyone. */
const actsOn: ReadonlyMap<string, readonly string[]> = new Map([
  [roleTemplates.authenticationAdministrator, [...readersAndTheLike, roleTemplates.authenticationAdministrator]],
  [
    roleTemplates.userAdministrator,
    [
      ...readersAndTheLike,
      roleTemplates.groupsAdministrator,
      roleTemplates.helpdeskAdministrator,
      roleTemplates.userAdministrator,
    ],
  ],
]);

/**
 * How protected a user is: `full` for custom roles, roles scoped to a restricted unit, and members or owners of
 * role-assignable groups; else the template ids of the built-in roles he holds or is eligible for.
 */
export type Protection = 'full' | readonly string[];

/** Properties whose update is a sensitive action; deleting and restoring a user are two more. */
export const sensitiveProperties: ReadonlySet<string> = new Set([
  'accountEnabled',
  'businessPhones',
  'mobilePhone',
  'onPremisesImmutableId',
  'otherMails',
  'passwordProfile',
  'userPrincipalName',
]);

/** Whether an app with these directory roles (template ids) may do a sensitive action on a user so protected. */
export function mayActOn(appRoles: readonly string[], protection: Protection): boolean {
  if (appRoles.some((role) => onEveryone.includes(role))) return true;
  if (protection === 'full') return false;
  // Nobody's user needs no role of the app beside its permission.
  return (
    protection.length === 0 ||
    appRoles.some((role) => {
      const covered = actsOn.get(role) ?? [];
      return protection.every((held) => covered.includes(held));
    })
  );
}

/** Whether the app may set a password: besides its permission it needs User Administrator or higher (graph-facts 4.1). */
export function maySetPassword(appRoles: readonly string[]): boolean {
  return appRoles.some((role) => role === roleTemplates.userAdministrator || onEveryone.includes(role));
}
