/**
 * What must be done to one object so that it is as the snapshot has it: a pure comparison of the snapshot's record with what
 * was found of it. Planning, restoring, and proving by reading back all run this same rule; a proof is a plan that is empty.
 */
import type { Candidate } from '../directory/gateway.ts';
import { addressOutside } from '../directory/guests.ts';
import type { Kind } from '../directory/kinds.ts';
import { type DirectoryRecord, isEmpty, type Json, type JsonObject, sameValue } from '../directory/record.ts';
import { followsName, followsOnCreation } from './following.ts';
import type { AttributeOutcome } from './outcome.ts';
import type { Reason } from './reasons.ts';

export type Match =
  | { readonly how: 'id' | 'deleted' | 'ledger' | 'anchor' | 'name'; readonly candidate: Candidate }
  | { readonly how: 'none' }
  | { readonly how: 'ambiguous'; readonly ids: readonly string[] }
  /** Another object stands in the way: it holds the name and is somebody else, or it is the same one and must not be touched. */
  | { readonly how: 'held'; readonly ids: readonly string[]; readonly reason: Reason; readonly note?: string };

export interface ObjectOptions {
  readonly onExisting: 'overwrite' | 'skip';
  /** Only these attributes; undefined: all that the snapshot captured. */
  readonly attributes?: readonly string[];
}

export interface ObjectPlan {
  /** `delete` in an undo alone. */
  readonly action: 'create' | 'undelete' | 'update' | 'delete' | 'none' | 'skip' | 'fail';
  readonly reason?: Reason;
  /** The live or binned object to work on; absent for a create. */
  readonly targetId?: string;
  /** Values to write: all of them for a create, only differing ones otherwise; null clears. */
  readonly attributes: JsonObject;
  readonly skipped: readonly AttributeOutcome[];
  /** Of a create that only an invitation does: the address outside. */
  readonly invites?: string;
  /** The live photo stays, whatever it is. */
  readonly leavesPhoto?: boolean;
  /** Ids of other objects that stand in the way (ambiguous or held names). */
  readonly conflictingIds?: readonly string[];
  /** Values that others had when the object was planned, and that it is to have. */
  readonly taken?: readonly Unique[];
  /** What the admin should do about it. */
  readonly note?: string;
}

/** A value that only one object may have. */
export interface Unique {
  readonly property: 'userPrincipalName' | 'proxyAddresses' | 'onPremisesImmutableId';
  readonly value: string;
}

/** Who stands in the way, and what to do about it, for the admin. */
export function conflictNote({ conflictingIds, note = '' }: Pick<ObjectPlan, 'conflictingIds' | 'note'>): {
  note?: string;
} {
  const holders = conflictingIds === undefined ? '' : `In the way: ${conflictingIds.join(', ')}.`;
  const words = [holders, note].join(' ').trim();
  return words === '' ? {} : { note: words };
}

/** Restored by other stages (licences, photo), or changing by themselves: never compared as attributes. */
export const restoredElsewhere: readonly string[] = [
  'assignedLicenses',
  'licenseAssignmentStates',
  'createdDateTime',
  'creationType',
  'expirationDateTime',
  'externalUserState',
  'externalUserStateChangeDateTime',
  'onPremisesSyncEnabled',
  'renewedDateTime',
];

const nothing = { attributes: {}, skipped: [] } as const;

export function planObject(
  kind: Kind,
  record: DirectoryRecord,
  match: Match,
  captured: readonly string[],
  options: ObjectOptions,
): ObjectPlan {
  switch (match.how) {
    case 'ambiguous':
      return { action: 'fail', reason: 'ambiguous-match', conflictingIds: match.ids, ...nothing };
    case 'held':
      return {
        action: 'fail',
        reason: match.reason,
        conflictingIds: match.ids,
        ...(match.note === undefined ? {} : { note: match.note }),
        ...nothing,
      };
    case 'none':
      return planCreate(kind, record, captured);
    default: {
      const { candidate } = match;
      const deleted = candidate.state === 'deleted';
      if (options.onExisting === 'skip' && !deleted) {
        return { action: 'skip', reason: 'exists-skip-mode', targetId: candidate.id, ...nothing };
      }
      const difference = differences(kind, record, asIfLive(candidate), captured, options.attributes);
      const action = deleted ? 'undelete' : Object.keys(difference.attributes).length > 0 ? 'update' : 'none';
      return { action, targetId: candidate.id, ...difference };
    }
  }
}

function planCreate(kind: Kind, record: DirectoryRecord, captured: readonly string[]): ObjectPlan {
  const refusal = creationRefusal(kind, record);
  if (refusal !== undefined) return { action: 'skip', reason: refusal, ...nothing };
  const invites = kind.name === 'users' ? addressOutside(record.body) : undefined;
  const writable = invites === undefined ? kind.creatable : kind.updatable;
  const attributes: Record<string, Json> = {};
  const skipped: AttributeOutcome[] = [];
  for (const name of captured) {
    const value = record.body[name];
    if (value === undefined || isEmpty(value) || restoredElsewhere.includes(name)) continue;
    const comesAlone =
      name === 'identities' && (invites !== undefined || followsOnCreation(kind.name, name, record.body));
    if (writable.includes(name) && !comesAlone) attributes[name] = value;
    else skipped.push({ name, result: 'skipped', reason: whyNever(kind, name) });
  }
  // Nobody but its owner ever had it: a recreated user gets a new one.
  if (kind.name === 'users' && invites === undefined)
    skipped.push({ name: 'passwordProfile', result: 'skipped', reason: 'secret-not-restorable' });
  return { action: 'create', attributes, skipped, ...(invites === undefined ? {} : { invites }) };
}

/** Kinds of objects that Graph lets nobody create (graph-facts 3.2, 4.4; R31). */
function creationRefusal(kind: Kind, { body }: DirectoryRecord): Reason | undefined {
  if (kind.name === 'roleDefinitions' && body.isBuiltIn === true) return 'role-builtin-not-creatable';
  if (kind.name !== 'groups') return undefined;
  if (body.onPremisesSyncEnabled === true) return 'group-on-premises';
  return isExchangeOwned(body) ? 'mail-enabled-group-not-writable' : undefined;
}

export const isMicrosoft365 = (body: JsonObject): boolean =>
  Array.isArray(body.groupTypes) && body.groupTypes.includes('Unified');

/** Distribution lists and mail-enabled security groups belong to Exchange; Graph only reads them (graph-facts 3.2). */
export const isExchangeOwned = (body: JsonObject): boolean => body.mailEnabled === true && !isMicrosoft365(body);

export const isDynamic = (body: JsonObject): boolean =>
  (Array.isArray(body.groupTypes) && body.groupTypes.includes('DynamicMembership')) ||
  String(body.membershipType ?? '').toLowerCase() === 'dynamic';

export const isSynced = (body: JsonObject): boolean => body.onPremisesSyncEnabled === true;

/** In the bin the object id stands before the user principal name (graph-facts 5): seen without it, as undeleting gives it back. */
export function asIfLive(candidate: Candidate): DirectoryRecord {
  const { userPrincipalName, identities } = candidate.body;
  if (candidate.state === 'live') return candidate;
  const prefix = candidate.id.replaceAll('-', '').toLowerCase();
  const plain = (name: Json | undefined): Json | undefined =>
    typeof name === 'string' && name.toLowerCase().startsWith(prefix) ? name.slice(prefix.length) : name;
  const body: Record<string, Json> = { ...candidate.body };
  if (userPrincipalName !== undefined) body.userPrincipalName = plain(userPrincipalName) ?? null;
  if (Array.isArray(identities)) {
    body.identities = (identities as readonly JsonObject[]).map((identity) => ({
      ...identity,
      issuerAssignedId: plain(identity.issuerAssignedId) ?? null,
    }));
  }
  return { id: candidate.id, body };
}

function differences(
  kind: Kind,
  record: DirectoryRecord,
  live: DirectoryRecord,
  captured: readonly string[],
  only: readonly string[] | undefined,
): { attributes: JsonObject; skipped: AttributeOutcome[] } {
  const attributes: Record<string, Json> = {};
  const skipped: AttributeOutcome[] = [];
  for (const name of captured) {
    if (restoredElsewhere.includes(name) || (only !== undefined && !only.includes(name))) continue;
    if (sameValue(record.body[name], live.body[name]) || followsName(kind.name, name, record.body, live.body)) continue;
    const reason = unwritable(kind, name, record.body, live.body);
    if (reason === undefined) attributes[name] = valueToWrite(record.body[name], live.body[name]);
    else skipped.push({ name, result: 'skipped', reason });
  }
  return { attributes, skipped };
}

/** An extension whose definition is gone has no place to be written to; any other property that cannot be written is Graph's own. */
const whyNever = ({ captured }: Kind, name: string): Reason =>
  captured.includes(name) ? 'attribute-read-only' : 'attribute-unsupported';

/** Why an app cannot write `wanted`'s value of a property over `live`'s; undefined: it can. */
export function unwritable(kind: Kind, name: string, wanted: JsonObject, live: JsonObject): Reason | undefined {
  if (!kind.updatable.includes(name)) return whyNever(kind, name);
  if (isSynced(live) && !kind.cloudOwned.includes(name)) {
    return kind.name === 'groups' ? 'group-on-premises' : 'user-on-premises-attribute';
  }
  if (kind.name === 'groups' && isExchangeOwned(live)) return 'mail-enabled-group-not-writable';
  if (kind.name === 'groups' && isSettled(name, wanted, live)) return 'attribute-read-only';
  // Who comes from outside gets them by accepting the invitation.
  if (name === 'identities' && addressOutside(live) !== undefined) return 'attribute-read-only';
  if (kind.name === 'roleDefinitions' && live.isBuiltIn === true) return 'attribute-read-only';
  return isEmpty(wanted[name]) && kind.neverCleared.includes(name) ? 'attribute-read-only' : undefined;
}

/** What a group is for good: with a mailbox or without one, and the unique name that it once was given (L:api/group-update). */
const isSettled = (name: string, wanted: JsonObject, live: JsonObject): boolean =>
  (name === 'groupTypes' && isMicrosoft365(wanted) !== isMicrosoft365(live)) ||
  (name === 'uniqueName' && !isEmpty(live.uniqueName));

/** The plan without these attributes, and what the report says of them. */
export function withoutAttributes(plan: ObjectPlan, told: readonly AttributeOutcome[]): ObjectPlan {
  const names = told.map(({ name }) => name);
  const attributes = Object.fromEntries(Object.entries(plan.attributes).filter(([name]) => !names.includes(name)));
  const isEmptied = plan.action === 'update' && Object.keys(attributes).length === 0;
  return { ...plan, ...(isEmptied ? { action: 'none' } : {}), attributes, skipped: [...plan.skipped, ...told] };
}

/** What Graph must be sent so that the property reads as the snapshot's: lists clear with [], members of objects with null. */
export function valueToWrite(wanted: Json | undefined, live: Json | undefined): Json {
  if (wanted === undefined || wanted === null)
    return Array.isArray(live) ? [] : isObject(live) ? nulled(live, {}) : null;
  return isObject(wanted) && isObject(live) ? nulled(live, wanted) : wanted;
}

const nulled = (live: JsonObject, wanted: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.keys({ ...live, ...wanted }).map((key) => [
      key,
      // What says of which type a value is stays with it.
      key.includes('@') ? (wanted[key] ?? live[key] ?? null) : valueToWrite(wanted[key], live[key]),
    ]),
  );

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
