/** Roles, active and eligible: what the snapshot has and live lacks (R44, R45). Pure. */
import type { RoleAssignment } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { isOver, longest, scopeNow } from '../directory/roles.ts';
import type { LinkStep } from './links.ts';
import { type EndChange, type EndRule, endChange } from './role-ends.ts';

export interface RoleStep extends Partial<EndChange> {
  readonly roleDefinitionId: Id;
  /** The definition's id in the snapshot. */
  readonly targetId: Id;
  readonly directoryScopeId: string;
  readonly endDateTime?: string;
  /** Its time is over. */
  readonly expired: boolean;
}

export interface RoleRule {
  /** The tenant's time. */
  readonly now: Date;
  /** Whether both sides tell their ends. */
  readonly knowsEnds: boolean;
  /** @param targetId of the definition in the snapshot. */
  readonly mayShorten: (targetId: Id) => boolean;
}

/**
 * Assignments of the snapshot that live lacks, or holds until another time, with role definition and unit scope under the ids they have now.
 * What either side has twice counts once, with the later end.
 */
export function roleSteps(
  wanted: readonly RoleAssignment[],
  live: readonly RoleAssignment[],
  resolve: (id: Id) => Id,
  { now, knowsEnds, mayShorten }: RoleRule,
): RoleStep[] {
  const steps = wanted.map(({ roleDefinitionId, directoryScopeId, endDateTime }): RoleStep => {
    return {
      roleDefinitionId: resolve(roleDefinitionId),
      targetId: roleDefinitionId,
      directoryScopeId: scopeNow(directoryScopeId, resolve),
      ...(endDateTime === undefined ? {} : { endDateTime }),
      expired: isOver(endDateTime, now),
    };
  });
  const held = Map.groupBy(live, placeOf);
  return [...Map.groupBy(steps, placeOf)].flatMap(([place, same]): RoleStep[] => {
    const [step, has] = [longest(same), longest(held.get(place) ?? [])];
    if (step === undefined || has === undefined) return step === undefined ? [] : [step];
    const rule: EndRule = { now, mayShorten: mayShorten(step.targetId) };
    const change = knowsEnds ? endChange(step.endDateTime, has.endDateTime, rule) : undefined;
    return change === undefined ? [] : [{ ...step, ...change }];
  });
}

const placeOf = ({
  roleDefinitionId,
  directoryScopeId,
}: Pick<RoleAssignment, 'roleDefinitionId' | 'directoryScopeId'>) => `${roleDefinitionId} ${directoryScopeId}`;

/** What a link step tells of it. */
export const endOfStep = ({
  endDateTime,
  replacesEnd,
  note,
}: Partial<Pick<RoleStep, 'endDateTime' | 'replacesEnd' | 'note'>>): Pick<
  LinkStep,
  'endDateTime' | 'replacesEnd' | 'note'
> => ({
  ...(endDateTime === undefined ? {} : { endDateTime }),
  ...(replacesEnd === undefined ? {} : { replacesEnd }),
  ...(note === undefined ? {} : { note }),
});

/** Roles that live has and the snapshot does not (R40): of the same kind, wherever their definition and unit are now. */
export const extraRoles = (
  wanted: readonly RoleAssignment[],
  live: readonly RoleAssignment[],
  resolve: (id: Id) => Id,
): readonly RoleAssignment[] => {
  const kept = new Set(
    wanted.map(
      ({ roleDefinitionId, directoryScopeId }) => `${resolve(roleDefinitionId)} ${scopeNow(directoryScopeId, resolve)}`,
    ),
  );
  return live.filter((one) => !kept.has(placeOf(one)));
};
