/**
 * What the snapshot does not know of the objects it holds, because a source could not be read or was left out (R48): never compared, never
 * removed, and said of each object that is restored.
 */
import { type Kind, type KindName, kindOf } from '../directory/kinds.ts';
import { userDetails } from '../directory/user-details.ts';
import { type JobContext, wantsAttribute, wantsLinks } from './job-context.ts';
import { type LinkStep, type LinkSubject, viewsOf } from './links.ts';
import { type ObjectPlan, restoredElsewhere } from './object-plan.ts';

const reason = 'not-captured-by-snapshot' as const;

/** The plan of an object, with the attributes that the snapshot did not ask for. */
export function withUnknown(context: JobContext, kind: Kind, plan: ObjectPlan): ObjectPlan {
  const { reader } = context;
  if (plan.action === 'fail' || plan.action === 'skip') return plan;
  const captured = reader.captured(kind.name);
  const names = kind.captured.filter((name) => !captured.includes(name) && !restoredElsewhere.includes(name));
  if (kind.name === 'users' && !reader.has('photos')) names.push('photo');
  const unknown = names.filter((name) => wantsAttribute(context, name));
  if (unknown.length === 0) return plan;
  return {
    ...plan,
    skipped: [...plan.skipped, ...unknown.map((name) => ({ name, result: 'skipped' as const, reason }))],
  };
}

/** A step for each name of links that the snapshot cannot speak of, with no other end. */
export function unknownLinks(context: JobContext, subjects: readonly LinkSubject[]): LinkStep[] {
  const [first] = subjects;
  if (first === undefined) return [];
  const names = unknownNames(context, kindOf(first.kind).name).filter((name) => wantsLinks(context, name));
  return subjects.flatMap(({ origin, liveId }) =>
    names.map((name): LinkStep => ({ act: 'skip', reason, origin, name, source: liveId, target: '', targetId: '' })),
  );
}

function unknownNames({ reader }: JobContext, kind: KindName): string[] {
  const missing = reader.linksNotCaptured(kind);
  const own = viewsOf(kind).filter(({ name, onlyForNewId }) => !onlyForNewId && missing.includes(name));
  const names = own.map(({ name }) => name);
  if (kind !== 'users' && kind !== 'groups') return names;
  if (!reader.has('roleAssignments')) names.push('roleAssignments');
  if (!reader.has('roleEligibilitySchedules')) names.push('eligibleRoleAssignments');
  if (!reader.has('groupEligibilitySchedules'))
    names.push(...(kind === 'users' ? ['eligibleGroups'] : ['eligibleGroups', 'eligiblePrincipals']));
  return kind === 'users' ? [...names, ...userDetails.filter((detail) => !reader.has(detail))] : names;
}
