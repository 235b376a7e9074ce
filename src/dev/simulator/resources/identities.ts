/** Sign-in identities of users: what a caller may write, and the user name that goes with them (L:api/resources/objectidentity). */
import { badRequest, invalidValue, valueTaken } from '../errors.ts';
import type { Call } from '../request.ts';
import type { Entity } from '../tenant/entity.ts';

export interface Identity {
  /** `userPrincipalName`, `federated`, `userName`, `emailAddress` or a name of the tenant's own. */
  readonly signInType: string;
  readonly issuer: string;
  readonly issuerAssignedId: string;
}

const longestIssuer = 512;
const longestId = 64;

const isName = (identity: Identity): boolean => identity.signInType === 'userPrincipalName';
export const isSocial = (identity: Identity): boolean => identity.signInType === 'federated';
/** A local account signs in with a password, under a name that is not the user principal name. */
const isLocal = (identity: Identity): boolean => !isName(identity) && !isSocial(identity);

/** What has to be given to create a user, by the identities sent along (L:api/user-post-users). */
export function requiredWith(identities: unknown, usually: readonly string[]): readonly string[] {
  const kinds = Array.isArray(identities) ? (identities as readonly Identity[]) : [];
  if (kinds.some(isSocial)) return [];
  return kinds.some(isLocal) ? ['displayName', 'passwordProfile'] : usually;
}

/**
 * Checks the identities of a new user or of an update, which replaces the whole collection. Returns what is kept beside the
 * user principal name, and that name when it is among them. Throws GraphError 400.
 */
export function readIdentities(
  call: Call,
  value: unknown,
  before: Entity | null,
): { readonly kept: readonly Identity[]; readonly name: string | null } {
  const identities = Array.isArray(value) ? (value as readonly Identity[]) : [];
  for (const identity of identities) checkOne(call, identity);
  const names = identities.filter(isName);
  if (names.length > 1 || (before !== null && names.length === 0)) throw invalidValue('identities', 'User');
  const kept = identities.filter((identity) => !isName(identity));
  const held = (before?.properties.identities as readonly Identity[] | undefined) ?? [];
  if (before !== null && kept.some(isLocal) && !held.some(isLocal)) {
    throw badRequest('A local account identity cannot be added to a user who has none.');
  }
  for (const identity of kept) requireFree(call, identity, before?.id ?? null);
  return { kept, name: names[0]?.issuerAssignedId ?? null };
}

/** Local accounts keep their password for good (L:api/user-post-users, examples 2 and 3). Throws 400. */
export function requireLastingPassword(identities: readonly Identity[], policies: unknown): void {
  if (identities.some(isLocal) && !String(policies ?? '').includes('DisablePasswordExpiration')) {
    throw invalidValue('passwordPolicies', 'User');
  }
}

/** Every identity as a read shows it: the kept ones, then the user principal name. */
export function identitiesOf(user: Entity): readonly Identity[] {
  const name = user.properties.userPrincipalName;
  const kept = ((user.properties.identities as readonly Identity[] | undefined) ?? []).filter((one) => !isName(one));
  if (typeof name !== 'string') return kept;
  return [...kept, { signInType: 'userPrincipalName', issuer: name.split('@')[1] ?? '', issuerAssignedId: name }];
}

function checkOne(call: Call, identity: Identity): void {
  const { signInType, issuer, issuerAssignedId } = identity;
  const domain = call.settings.domains.some(({ id }) => id === String(issuer).toLowerCase());
  const holds =
    [signInType, issuer, issuerAssignedId].every((text) => typeof text === 'string' && text !== '') &&
    issuer.length <= longestIssuer &&
    (isName(identity) || issuerAssignedId.length <= longestId) &&
    (isSocial(identity) || domain) &&
    (!signInType.startsWith('emailAddress') || /^[^@\s]+@[^@\s]+$/.test(issuerAssignedId)) &&
    (signInType !== 'userName' || /^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(issuerAssignedId));
  if (!holds) throw invalidValue('identities', 'User');
}

/** Issuer and assigned id together belong to one user of the tenant. */
function requireFree({ tenant }: Call, wanted: Identity, own: string | null): void {
  const same = (one: Identity): boolean =>
    one.issuer.toLowerCase() === wanted.issuer.toLowerCase() &&
    one.issuerAssignedId.toLowerCase() === wanted.issuerAssignedId.toLowerCase();
  const holder = tenant
    .ofType('user')
    .find((user) => user.id !== own && (user.properties.identities as readonly Identity[] | undefined)?.some(same));
  if (holder !== undefined) throw valueTaken('identities', holder);
}
