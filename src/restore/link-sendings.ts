/** From link steps to the writes that carry them out: as few as Graph takes. Pure. */
import type { Write } from '../directory/gateway.ts';
import type { Id } from '../directory/record.ts';
import { relationOf } from '../directory/relations.ts';
import { slices } from '../durable/orchestration.ts';
import type { LinkStep } from './links.ts';

/** One write and the steps it carries out; several objects may have asked for the same link. */
export interface Sending {
  readonly write: Write;
  readonly steps: readonly LinkStep[];
}

/** Groups equal links, puts links of one source and relation together as far as one write takes them. @param now the tenant's time, when roles begin. */
export function sendings(steps: readonly LinkStep[], now: Date): Sending[] {
  const groups = new Map<string, LinkStep[]>();
  for (const step of steps) {
    const key = `${step.act}|${step.relation ?? step.holding ?? step.name}|${step.source}|${step.directoryScopeId ?? ''}|${step.endDateTime ?? ''}`;
    groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return [...groups.values()].flatMap((some) => sendingsOfGroup(some, now));
}

export function sendingsOfGroup(steps: readonly LinkStep[], now: Date): Sending[] {
  const [first] = steps;
  if (first === undefined) return [];
  if (first.name === 'licenses') return [{ write: licenceWrite(first, steps), steps }];
  const byTarget = new Map<Id, LinkStep[]>();
  for (const step of steps) byTarget.set(step.target, [...(byTarget.get(step.target) ?? []), step]);
  if (first.act === 'unassign-role')
    return steps.flatMap((step) =>
      step.assignment === undefined
        ? []
        : [
            {
              write: { write: 'unassign-role', assignment: step.assignment, holding: step.holding ?? 'active' },
              steps: [step],
            },
          ],
    );
  if (['app-role', 'remove-app-role', 'auth-method', 'remove-auth-method'].includes(first.act))
    return steps.map((step) => ({ write: detailWrite(step), steps: [step] }));
  if (first.act === 'assign-role')
    return [...byTarget.values()].map((same) => ({ write: roleWrite(same[0] ?? first, now), steps: same }));
  const { relation } = first;
  if (relation === undefined) return [];
  const size = first.act === 'unlink' ? 1 : relationOf(relation).targetsPerWrite;
  return slices([...byTarget], size).map((some) => {
    const targets = some.map(([target]) => target);
    const write: Write =
      first.act === 'unlink'
        ? { write: 'unlink', relation, source: first.source, target: targets[0] ?? first.target }
        : { write: 'link', relation, source: first.source, targets };
    return { write, steps: some.flatMap(([, same]) => same) };
  });
}

const licenceWrite = (first: LinkStep, steps: readonly LinkStep[]): Write => ({
  write: 'license',
  kind: first.sourceKind ?? 'users',
  id: first.source,
  add: steps
    .filter(({ act }) => act === 'license')
    .map(({ target, disabledPlans }) => ({ skuId: target, disabledPlans: disabledPlans ?? [] })),
  remove: steps.filter(({ act }) => act === 'unlink').map(({ target }) => target),
});

function detailWrite(step: LinkStep): Write {
  if (step.act === 'remove-app-role')
    return { write: 'remove-app-role', id: step.source, assignmentId: step.assignmentId ?? '' };
  return step.method === undefined
    ? { write: 'app-role', id: step.source, resourceId: step.target, appRoleId: step.appRoleId ?? '' }
    : {
        write: step.act === 'remove-auth-method' ? step.act : 'auth-method',
        id: step.source,
        method: step.method,
      };
}

const roleWrite = (step: LinkStep, now: Date): Write => ({
  write: 'assign-role',
  principalId: step.source,
  roleDefinitionId: step.target,
  directoryScopeId: step.directoryScopeId ?? '/',
  holding: step.holding ?? 'active',
  startDateTime: now.toISOString(),
  ...(step.endDateTime === undefined ? {} : { endDateTime: step.endDateTime }),
  ...(step.replacesEnd === undefined || step.isPlain === true ? {} : { changesEnd: true }),
});
