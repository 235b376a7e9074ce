/**
 * Properties whose update is a sensitive action (L:api/resources/users, 2026-07-03; graph-facts 4.2): on a user with a directory role the app
 * needs, besides its permission, a role of its own that is high enough.
 */
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
