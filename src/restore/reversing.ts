/**
 * What takes a restore back: of one object, and of one link. Pure. Only what still is as the restore left it is changed; what already is as it
 * was before needs nothing, and what somebody has changed since is left alone with `plan-drift`.
 */
import type { LinksOf, RoleAssignment, RoleHolding } from '../directory/gateway.ts';
import type { Kind } from '../directory/kinds.ts';
import { type Id, type Json, type JsonObject, refId, sameValue } from '../directory/record.ts';
import { relationOf } from '../directory/relations.ts';
import { isOver, sameEnd } from '../directory/roles.ts';
import { type DetailItem, sameMethod } from '../directory/user-details.ts';
import { followsName } from './following.ts';
import { type Licences, sameLicence } from './licences.ts';
import type { LinkStep } from './links.ts';
import { type ObjectPlan, unwritable, valueToWrite } from './object-plan.ts';
import type { AttributeOutcome } from './outcome.ts';

/** What a restore did to an object. */
export interface Done {
  readonly how: 'created' | 'undeleted' | 'updated';
  /** The attributes it may have written, each with the value it wrote, the one from before, and one that it may have had for a moment. */
  readonly written: readonly {
    readonly name: string;
    readonly before: Json;
    readonly between?: Json;
    readonly after: Json;
  }[];
}

/** @param live the object as it is now; undefined: it is in the bin, or gone. */
export function reverseObject(kind: Kind, done: Done | undefined, live: JsonObject | undefined): ObjectPlan {
  const nothing = { attributes: {}, skipped: [] };
  if (done === undefined) return { action: 'none', ...nothing };
  // Somebody has deleted since what the restore found living; what it made or undeleted is where it is to be.
  if (live === undefined)
    return done.how === 'updated'
      ? { action: 'skip', reason: 'plan-drift', ...nothing }
      : { action: 'none', ...nothing };
  const isAs = (name: string, one: Json): boolean =>
    sameValue(live[name], one) || followsName(kind.name, name, live, { [name]: one });
  const drifted = done.written.some(
    ({ name, before, between = before, after }) => ![before, between, after].some((one) => isAs(name, one)),
  );
  if (drifted) return { action: 'skip', reason: 'plan-drift', ...nothing };
  if (done.how === 'created') return { action: 'delete', ...nothing };
  const wanted = Object.fromEntries(done.written.map(({ name, before }) => [name, before]));
  const attributes: Record<string, Json> = {};
  const skipped: AttributeOutcome[] = [];
  for (const [name, before] of Object.entries(wanted)) {
    if (isAs(name, before)) continue;
    const reason = unwritable(kind, name, wanted, live);
    if (reason === undefined) attributes[name] = valueToWrite(before, live[name]);
    else skipped.push({ name, result: 'skipped', reason });
  }
  const changes = Object.keys(attributes).length > 0;
  return { action: done.how === 'undeleted' ? 'delete' : changes ? 'update' : 'none', attributes, skipped };
}

export interface HeldRole extends RoleAssignment {
  readonly holding: RoleHolding;
}

/** What hangs on a live object now; of what was not asked for, nothing. */
export interface Hanging {
  readonly links: LinksOf;
  readonly licences: Licences;
  readonly roles: readonly HeldRole[];
  readonly appRoles: readonly DetailItem[];
  readonly methods: readonly DetailItem[];
  /** The tenant's time. */
  readonly now: Date;
}

/** The step that takes one back; undefined when there is nothing to take back. @param liveId the object's that the step belongs to. */
export function reverseLink(step: LinkStep, liveId: Id, now: Hanging): LinkStep | undefined {
  if (step.name === 'licenses') return reverseLicence(step, now.licences);
  switch (step.act) {
    case 'link':
      return reverseAdded(step, liveId, (now.links[step.name] ?? []).map(refId));
    case 'unlink':
      return (now.links[step.name] ?? []).some((other) => refId(other) === otherEnd(step))
        ? undefined
        : { ...step, act: 'link' };
    case 'assign-role':
    case 'unassign-role':
      return reverseRole(step, now);
    case 'app-role': {
      const held = now.appRoles.find((has) => has.resourceId === step.target && has.appRoleId === step.appRoleId);
      return held && { ...step, act: 'remove-app-role', assignmentId: held.id };
    }
    case 'remove-app-role': {
      const { assignmentId: _gone, ...rest } = step;
      const isHeld = now.appRoles.some((has) => has.resourceId === step.target && has.appRoleId === step.appRoleId);
      return isHeld ? undefined : { ...rest, act: 'app-role' };
    }
    case 'auth-method': {
      const held = now.methods.find((has) => step.method !== undefined && sameMethod(has, step.method));
      return held && { ...step, act: 'remove-auth-method', method: held };
    }
    default:
      return undefined;
  }
}

const otherEnd = ({ target, otherId = target }: LinkStep): Id => otherId;

function reverseAdded(step: LinkStep, liveId: Id, linked: readonly Id[]): LinkStep | undefined {
  const { replaces, isCarried: _done, ...rest } = step;
  const isThere = linked.includes(otherEnd(step));
  const isSingle = step.relation !== undefined && relationOf(step.relation).single && step.source === liveId;
  if (isThere && replaces === undefined) return { ...rest, act: 'unlink' };
  if (!isSingle || replaces === undefined) return isSingle && linked.length > 0 ? drifted(rest) : undefined;
  if (linked.includes(replaces)) return undefined;
  const { targetName: _other, ...back } = rest;
  if (!isThere) return drifted(rest);
  return { ...back, act: 'link', target: replaces, targetId: replaces, otherId: replaces, replaces: otherEnd(step) };
}

const drifted = (step: LinkStep): LinkStep => ({ ...step, act: 'skip', reason: 'plan-drift' });

function reverseLicence(step: LinkStep, { direct }: Licences): LinkStep | undefined {
  const { replacesPlans, ...rest } = step;
  const held = direct.find(({ skuId }) => skuId === step.target);
  if (step.act === 'unlink') return held === undefined ? { ...rest, act: 'license' } : undefined;
  if (step.act !== 'license') return undefined;
  const isSame = (plans: readonly string[] | undefined) =>
    held !== undefined && plans !== undefined && sameLicence(held, { skuId: held.skuId, disabledPlans: plans });
  if (isSame(replacesPlans) || (held === undefined && replacesPlans === undefined)) return undefined;
  if (!isSame(step.disabledPlans ?? [])) return drifted(rest);
  return replacesPlans === undefined
    ? { ...rest, act: 'unlink' }
    : { ...rest, act: 'license', disabledPlans: replacesPlans, replacesPlans: step.disabledPlans ?? [] };
}

const withdrawn = (step: LinkStep, { holding: _holding, ...assignment }: HeldRole): LinkStep => ({
  ...step,
  act: 'unassign-role',
  assignment,
});

function reverseRole(step: LinkStep, { roles, now }: Hanging): LinkStep | undefined {
  const { assignment, replacesEnd, isPlain: _plain, note: _note, ...rest } = step;
  const same = roles.find(
    ({ holding, principalId, roleDefinitionId, directoryScopeId }) =>
      holding === (step.holding ?? 'active') &&
      principalId === step.source &&
      roleDefinitionId === step.target &&
      directoryScopeId === step.directoryScopeId,
  );
  if (step.act === 'assign-role') {
    if (replacesEnd !== undefined) return reverseEnd({ ...rest, replacesEnd }, same, now);
    return same && withdrawn(rest, same);
  }
  if (same !== undefined) return undefined;
  const { endDateTime } = assignment ?? {};
  const back = { ...rest, ...(endDateTime === undefined ? {} : { endDateTime }) };
  return isOver(endDateTime, now) ? { ...back, act: 'skip', reason: 'role-expired' } : { ...back, act: 'assign-role' };
}

/** The end from before, unless somebody has set another since. */
function reverseEnd(
  { endDateTime, replacesEnd, ...rest }: LinkStep & { readonly replacesEnd: string | null },
  held: HeldRole | undefined,
  now: Date,
): LinkStep | undefined {
  const before = replacesEnd ?? undefined;
  const wouldBeOver = isOver(before, now);
  if (held === undefined) return wouldBeOver ? undefined : drifted(rest);
  if (sameEnd(held.endDateTime, before)) return undefined;
  if (!sameEnd(held.endDateTime, endDateTime)) return drifted(rest);
  if (wouldBeOver) return withdrawn(rest, held);
  return {
    ...rest,
    act: 'assign-role',
    ...(before === undefined ? {} : { endDateTime: before }),
    replacesEnd: endDateTime ?? null,
  };
}
