/** Properties that nobody writes and that a new object has all the same, since Graph makes them of others (graph-facts 4.1). Pure. */
import type { KindName } from '../directory/kinds.ts';
import { type Json, type JsonObject, sameValue } from '../directory/record.ts';

/** Whether an object that is created from this record comes to have the record's value of a property by itself. */
export function followsOnCreation(kind: KindName, name: string, body: JsonObject): boolean {
  if (kind === 'roleDefinitions') return name === 'isBuiltIn' || (name === 'resourceScopes' && isWholeTenant(body));
  if (name === 'identities') return kind === 'users' && listOf(body.identities).every((one) => isOwnName(one, body));
  if (name === 'mail') return isMailboxOf(kind, body) && text(body.mail).startsWith(`${text(body.mailNickname)}@`);
  if (name !== 'proxyAddresses' || !(kind === 'users' || followsOnCreation(kind, 'mail', body))) return false;
  return listOf(body.proxyAddresses).every((one) => text(one) === `smtp:${text(body.mail)}`);
}

/** What an app creates is a custom role, of the whole tenant (L:api/resources/unifiedroledefinition). */
const isWholeTenant = ({ resourceScopes }: JsonObject): boolean => listOf(resourceScopes).every((one) => one === '/');

/** Whether two values differ only since the names do of which Graph makes them: whatever becomes of the name, they follow it. */
export const followsName = (kind: KindName, name: string, left: JsonObject, right: JsonObject): boolean =>
  kind === 'users' && name === 'identities' && sameValue(otherIdentities(left[name]), otherIdentities(right[name]));

const nameType = 'userPrincipalName';

/** Identities beside the user principal name, which is one of them. */
export const otherIdentities = (identities: Json | undefined): Json[] =>
  listOf(identities).filter((one) => (one as JsonObject).signInType !== nameType);

/** What an update sends, since it replaces all of them and must have the name in it (graph-facts 3.2). */
export const identitiesWith = (name: string, identities: Json | undefined): Json[] => [
  ...otherIdentities(identities),
  { signInType: nameType, issuer: name.slice(name.lastIndexOf('@') + 1), issuerAssignedId: name },
];

const isMailboxOf = (kind: KindName, { groupTypes }: JsonObject): boolean =>
  kind === 'groups' && listOf(groupTypes).includes('Unified');

function isOwnName(identity: Json, { userPrincipalName }: JsonObject): boolean {
  const { signInType, issuerAssignedId } = identity as JsonObject;
  return signInType === nameType && text(issuerAssignedId) === text(userPrincipalName);
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);
const text = (value: Json | undefined): string => String(value ?? '').toLowerCase();
