/**
 * Sensitive actions on users who hold directory roles (L:api/resources/users, 2026-07-03, "Who can perform sensitive actions"; graph-facts 4.2):
 * besides its permission the app needs a directory role of its own that is high enough.
 */
import type { Id } from './record.ts';

/** Their update is one; deleting and undeleting a user are two more. */
const sensitive: readonly string[] = [
  'accountEnabled',
  'businessPhones',
  'mobilePhone',
  'onPremisesImmutableId',
  'otherMails',
  'passwordProfile',
  'userPrincipalName',
];

export const isSensitive = (property: string): boolean => sensitive.includes(property);

/** `full`: in or owner of a role-assignable group, or a role scoped to a restricted unit; else the roles held, by template id. */
export type Protection = 'full' | readonly Id[];

const userAdministrator = 'fe930be7-5e62-47db-91af-98c3a49a38b1';
const authenticationAdministrator = 'c4e39bd9-1100-46d3-8c65-fb160da0071f';
const privilegedAuthenticationAdministrator = '7be44c8a-adaf-4e2a-84d6-ab2649e08a13';
const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';

/** Directory Readers, Guest Inviter, Message Center Reader, Password Administrator, Reports Reader, Usage Summary Reports Reader. */
const minor: readonly Id[] = [
  '88d8e3e3-8f55-4a1e-953a-9b9898b8876b',
  '95e79109-95c0-4d8e-aee3-d01accf2d47b',
  '790c1fb9-7f7d-4f88-86a1-ef1f95c05c1b',
  '966707d0-3269-4727-9be2-8c3a10f19b9d',
  '4a5d8f65-41da-4de4-8968-e035b65339cf',
  '75934031-6c7e-415a-99d7-48dbd49e875e',
];
const groupsAdministrator = 'fdd7a751-b60b-444a-984c-02652fe8fa1c';
const helpdeskAdministrator = '729827e3-9c14-49f7-bb1b-9608f156bbb8';

/** Roles that may act on holders of certain others alone; a role that no row names is left to the last two. */
const actsOn: readonly (readonly [Id, readonly Id[]])[] = [
  [userAdministrator, [...minor, groupsAdministrator, helpdeskAdministrator, userAdministrator]],
  [authenticationAdministrator, [...minor, authenticationAdministrator]],
];

/** The roles any one of which lets an app act on a user so protected, the least first. */
export function rolesToActOn(protection: Protection): readonly Id[] {
  const some = actsOn.filter(
    ([, covers]) => protection !== 'full' && protection.every((held) => covers.includes(held)),
  );
  return [...some.map(([role]) => role), privilegedAuthenticationAdministrator, globalAdministrator];
}

const names: Readonly<Record<Id, string>> = {
  [userAdministrator]: 'User Administrator',
  [authenticationAdministrator]: 'Authentication Administrator',
  [privilegedAuthenticationAdministrator]: 'Privileged Authentication Administrator',
};

/** What the least of these roles is called. */
export const leastOf = ([role = '']: readonly Id[]): string => names[role] ?? role;
