/**
 * Why a right was missing. Graph's 403 is the same for a missing permission, a privileged user and a unit with restricted management
 * (graph-facts 4.2, 9), so the tenant is looked at; of what lies in the bin only the snapshot can tell.
 */
import type { OwnRole } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import { type Id, refId } from '../directory/record.ts';
import { leastOf, rolesToActOn } from '../directory/sensitive-actions.ts';
import { isAppError } from '../errors.ts';
import type { JobContext } from './job-context.ts';
import { holdsOneOf, isProtected, protectionNow, protectionThen } from './privilege.ts';
import type { Reason } from './reasons.ts';

export interface Refusal {
  readonly reason: Reason;
  /** For the admin: which unit, which permission. */
  readonly note?: string;
}

/** Of a read that no repetition cures: a right is lacking, Graph does not take it, or holds it back for too long. Undefined for any other error. */
export function unreadable(error: unknown): Refusal | undefined {
  if (isAppError(error, 'throttled')) return { reason: 'throttled-gave-up' };
  // What is missing or in conflict may be in our own storage, too: only Graph's word for it is a refusal.
  const isRefused =
    isAppError(error, 'forbidden', 'refused', 'unsupported') ||
    (isAppError(error, 'not-found', 'conflict') && error.details.request !== undefined);
  return isRefused ? { reason: 'graph-error', note: error.message } : undefined;
}

/** Whom a refused write touched, and whether it was a sensitive action, which roles of that object may forbid. */
export interface Touched {
  readonly kind: KindName;
  readonly id: Id;
  readonly isSensitive: boolean;
  /** In the bin: judged by the snapshot. */
  readonly isDeleted?: boolean;
}

/** @param permission what the write needs besides. @param touched undefined: nothing but the permission guards it. */
export async function whyForbidden(
  context: JobContext,
  permission: string | undefined,
  touched?: Touched,
): Promise<Refusal> {
  return (
    (touched === undefined ? undefined : await guardOf(context, touched)) ?? {
      reason: 'graph-error',
      ...(permission === undefined ? {} : { note: `The app lacks the permission ${permission}.` }),
    }
  );
}

/** What guards an object beside permissions; undefined when that is nothing, or cannot be seen for want of yet another right. */
async function guardOf(context: JobContext, touched: Touched): Promise<Refusal | undefined> {
  if (touched.kind !== 'users' && touched.kind !== 'groups') return undefined;
  try {
    const units = touched.isDeleted
      ? ((await unitsThen(context, [touched.id])).get(touched.id) ?? [])
      : await unitsNow(context, touched);
    if (units.length > 0) return { reason: 'restricted-admin-unit', note: restrictedNote(units) };
    if (!touched.isSensitive) return undefined;
    return touched.kind === 'groups' ? await roleGroupRefusal(context, touched) : await holderRefusal(context, touched);
  } catch (error) {
    return untold(error);
  }
}

/** What only explains a refusal is done without where Graph does not tell it. Throws any other error. */
export function untold(error: unknown): undefined {
  if (unreadable(error) === undefined && !isAppError(error, 'graph-unreachable')) throw error;
}

/** Graph-facts 7: such a group asks for more than others do. */
const roleGroupNote =
  'A role-assignable group: the app needs the permission RoleManagement.ReadWrite.Directory, besides that for groups.';

const restrictedNote = (units: readonly Id[]): string =>
  `In the restricted unit ${units.join(', ')}, where only roles scoped to it may change this.`;

/** A unit with restricted management leaves nothing of a user but this open to others (graph-facts 4.2). */
export const staysOpen = (property: string): boolean => property === 'usageLocation';

/** The units with restricted management that a live object is in, if it is in any. */
async function unitsNow(context: JobContext, { kind, id }: Touched): Promise<Id[]> {
  const [found] = await context.gateway.find([{ by: 'id', kind, id }]);
  return found?.[0]?.isRestricted === true ? restrictedUnitsOf(context, kind, id) : [];
}

/** Those of a live object of which Graph says that it is in some. */
export async function restrictedUnitsOf({ gateway }: JobContext, kind: KindName, id: Id): Promise<Id[]> {
  const [links] = await gateway.readLinks([{ kind, id, names: ['administrativeUnits'] }]);
  const ids = (links?.administrativeUnits ?? []).map(refId);
  const units = await gateway.find(ids.map((unit) => ({ by: 'id', kind: 'administrativeUnits', id: unit })));
  return ids.filter((_, index) => units[index]?.[0]?.body.isMemberManagementRestricted === true);
}

/** The units with restricted management that objects of the snapshot were in, by the objects' ids. */
export async function unitsThen({ reader }: JobContext, ids: readonly Id[]): Promise<ReadonlyMap<Id, readonly Id[]>> {
  if (ids.length === 0) return new Map();
  const links = await reader.linksOf(ids);
  const unitsOf = (id: Id): Id[] => (links.get(id)?.administrativeUnits ?? []).map(refId);
  const units = await reader.records('administrativeUnits', [...new Set(ids.flatMap(unitsOf))]);
  const isRestricted = (unit: Id): boolean => units.get(unit)?.body.isMemberManagementRestricted === true;
  return new Map(ids.map((id) => [id, unitsOf(id).filter(isRestricted)]));
}

/** Of a role-assignable group. */
async function roleGroupRefusal({ gateway, reader }: JobContext, touched: Touched): Promise<Refusal | undefined> {
  const { id } = touched;
  const record = touched.isDeleted
    ? await reader.record('groups', id)
    : (await gateway.find([{ by: 'id', kind: 'groups', id }]))[0]?.[0];
  const isGuarded = record?.body.isAssignableToRole === true;
  return isGuarded ? { reason: 'privileged-needs-app-role', note: roleGroupNote } : undefined;
}

/** Of a user who holds a role, or is in or owns such a group; where the app's own roles do for that, it is not they that lacked. */
async function holderRefusal(context: JobContext, { id, isDeleted }: Touched): Promise<Refusal | undefined> {
  const protection = isDeleted
    ? ((await protectionThen(context, [id])).get(id) ?? [])
    : await protectionNow(context, id);
  if (!isProtected(protection)) return undefined;
  const enough = rolesToActOn(protection);
  const own = await ownRoles(context);
  if (own !== undefined && holdsOneOf(own, enough)) return undefined;
  const note = `The app lacks the directory role ${leastOf(enough)}, or a higher one.`;
  return { reason: 'privileged-needs-app-role', ...(own === undefined ? {} : { note }) };
}

/** Undefined where nobody can tell. */
async function ownRoles({ gateway }: JobContext): Promise<readonly OwnRole[] | undefined> {
  try {
    return await gateway.ownRoles();
  } catch (error) {
    return untold(error);
  }
}
