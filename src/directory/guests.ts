/**
 * People from outside (B2B collaboration): nothing but an invitation makes them, since they sign in where they come from (graph-facts 4.1,
 * L:api/invitation-post). Guests whose account is the tenant's own are users like others. Pure.
 */
import { type Id, isEmpty, type Json, type JsonObject } from './record.ts';

/** Who is invited: the words of Graph's `invitation`. */
export interface Invitation {
  readonly address: string;
  readonly displayName?: string;
  readonly userType: 'Guest' | 'Member';
  /** The id under which a snapshot knows the person; for the record only. */
  readonly standsFor?: Id;
}

/** What an invitation settles by itself, as long as nobody has changed it since the first one. */
const settled: readonly string[] = [
  'accountEnabled',
  'displayName',
  'mail',
  'mailNickname',
  'otherMails',
  'userPrincipalName',
  'userType',
];

export const comesByInvitation = (property: string): boolean => settled.includes(property);

const mark = '#EXT#';

/** The address to invite someone under again; undefined for whoever does not come from outside. */
export function addressOutside(body: JsonObject): string | undefined {
  const name = text(body.userPrincipalName);
  const at = name.toUpperCase().indexOf(mark);
  if (at < 0 && isEmpty(body.externalUserState)) return undefined;
  const [other] = [body.otherMails ?? []].flat();
  return [text(body.mail), text(other), named(name.slice(0, Math.max(at, 0)))].find((one) => one.includes('@'));
}

/** The name of a guest is made of its address, the last `_` standing for the `@`, which no domain has. */
const named = (local: string): string => local.replace(/_(?=[^_]*$)/, '@');

export function invitationOf(body: JsonObject, address: string): Invitation {
  const displayName = text(body.displayName);
  return {
    address,
    ...(displayName === '' ? {} : { displayName }),
    userType: body.userType === 'Member' ? 'Member' : 'Guest',
  };
}

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');
