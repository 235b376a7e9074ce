/** What a planned chunk takes beside goodwill: permissions, directory roles of the app, roles scoped to restricted units (R10, R23). */

import { isInGroup, type Need } from '../directory/gateway.ts';
import { isGuarded as hasGuard, isWrittenApart } from '../directory/guarded-properties.ts';
import { comesByInvitation } from '../directory/guests.ts';
import type { KindName } from '../directory/kinds.ts';
import type { DirectoryRecord, Id } from '../directory/record.ts';
import { relationOf } from '../directory/relations.ts';
import { isSensitive, rolesToActOn } from '../directory/sensitive-actions.ts';
import type { JobContext } from './job-context.ts';
import type { LinkStep } from './links.ts';
import type { Matched } from './matching.ts';
import type { ObjectPlan } from './object-plan.ts';
import type { Named } from './plan-summary.ts';
import type { PlannedObject } from './planning.ts';
import { isProtected, protectionNow, protectionThen } from './privilege.ts';
import { restrictedUnitsOf, staysOpen, unitsThen, untold } from './refusals.ts';

/** The need of whoever cannot be read, as JSON. */
export const toRead: string = JSON.stringify({ write: 'none' } satisfies Need);

export interface PlannedRecord {
  readonly record: DirectoryRecord;
  readonly match: Matched;
  readonly plan: ObjectPlan;
}

/** Each need of a planned object once, as JSON. */
export function needsOf(line: PlannedObject, record?: DirectoryRecord): Named {
  const kind = line.kind as KindName;
  const isGuarded = record?.body.isAssignableToRole === true;
  const needs: Need[] = line.links.flatMap((step) => needOfLink(step) ?? []);
  const { action, invites } = line;
  if (invites !== undefined) needs.push({ write: 'invite' });
  else if (action === 'create' || action === 'undelete' || action === 'delete')
    needs.push({ write: action, kind, isGuarded });
  const names = Object.keys(line.attributes);
  const later = action === 'create' ? names.filter((name) => invites !== undefined && !comesByInvitation(name)) : names;
  if (later.some((name) => !isWrittenApart(name))) needs.push({ write: 'update', kind, isGuarded });
  // A new user is given identities like everything else.
  const apart = action === 'create' ? names.filter(hasGuard) : names.filter(isWrittenApart);
  for (const property of apart) needs.push({ write: 'update', kind, property });
  if (line.photo) needs.push({ write: 'photo' });
  return [...new Set(needs.map((need) => JSON.stringify(need)))].map((need) => [need, line.id]);
}

function needOfLink({ act, relation, isGuarded = false, method, holding }: LinkStep): Need | undefined {
  if (act === 'skip') return undefined;
  if (act === 'auth-method' || act === 'remove-auth-method')
    return { write: act, method: { type: method?.type ?? '' } };
  if (act === 'assign-role' || act === 'unassign-role')
    return { write: act, ...(holding !== undefined && isInGroup(holding) ? { holding } : {}) };
  if (act !== 'link' && act !== 'unlink') return { write: act };
  return relation === undefined ? { write: 'license' } : { write: act, relation, isGuarded };
}

/**
 * Users on whom something sensitive is to be done and who are protected, with the roles that may do it. Whom the snapshot knows as anybody's
 * user costs no read: if he has become more since, the refusal tells.
 */
export async function protectedUsers(
  context: JobContext,
  kind: KindName,
  planned: readonly PlannedRecord[],
): Promise<Named> {
  if (kind !== 'users') return [];
  const touched = planned.filter(
    ({ plan }) =>
      plan.action === 'undelete' || (plan.action === 'update' && Object.keys(plan.attributes).some(isSensitive)),
  );
  const then = await protectionThen(
    context,
    touched.map(({ record }) => record.id),
  );
  const found = await Promise.all(
    touched.map(async ({ record, plan }) => {
      const before = then.get(record.id) ?? [];
      const isLive = isProtected(before) && plan.action === 'update';
      const now = isLive ? await protectionNow(context, plan.targetId ?? record.id).catch(untold) : undefined;
      return [now ?? before, record.id] as const;
    }),
  );
  return found.flatMap(([protection, id]) =>
    isProtected(protection) ? [[JSON.stringify(rolesToActOn(protection)), id]] : [],
  );
}

/** Objects that are to be written, or whose links are, and that a restricted unit shuts, each with such a unit. */
export async function restrictedObjects(
  context: JobContext,
  kind: KindName,
  planned: readonly PlannedRecord[],
  links: readonly LinkStep[],
): Promise<Named> {
  const shut = new Map<Id, { readonly kind: KindName; readonly id: Id }>();
  for (const { record, match, plan } of planned) {
    const isLive = plan.action === 'update' && 'candidate' in match && match.candidate.isRestricted === true;
    if (isLive && Object.keys(plan.attributes).some((name) => !staysOpen(name)))
      shut.set(plan.targetId ?? record.id, { kind, id: record.id });
  }
  for (const { act, isShut, relation, source } of links)
    if (act !== 'skip' && isShut === true && relation !== undefined && !shut.has(source))
      shut.set(source, { kind: relationOf(relation).source, id: source });
  const found = await Promise.all(
    [...shut].map(async ([liveId, object]) => {
      const units = (await restrictedUnitsOf(context, object.kind, liveId).catch(untold)) ?? [];
      return units.map((unit) => [unit, object.id] as const);
    }),
  );
  const binned = planned.filter(({ plan }) => plan.action === 'undelete').map(({ record }) => record.id);
  const then = [...(await unitsThen(context, binned))].flatMap(([id, units]) =>
    units.map((unit) => [unit, id] as const),
  );
  return [...found.flat(), ...then];
}
