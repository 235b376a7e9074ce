/** Which records tell when a relationship ends. Two sides are compared by ends that both know (R48). Pure. */
import type { KindName } from '../directory/kinds.ts';

/** What tells of roles and of places in groups by schedule, and when these end. */
export const heldKinds = [
  'roleAssignments',
  'roleAssignmentSchedules',
  'roleEligibilitySchedules',
  'groupAssignmentSchedules',
  'groupEligibilitySchedules',
] as const satisfies readonly KindName[];

const endsIn: Readonly<Partial<Record<string, KindName>>> = {
  roleAssignments: 'roleAssignmentSchedules',
  memberOf: 'groupAssignmentSchedules',
  ownedObjects: 'groupAssignmentSchedules',
  members: 'groupAssignmentSchedules',
  owners: 'groupAssignmentSchedules',
};

/** What is eligible tells its end itself. @param sides the snapshots among them; live knows. */
export function knowEnds(relation: string, sides: readonly { has(kind: KindName): boolean }[]): boolean {
  const kind = endsIn[relation];
  return kind === undefined || sides.every((side) => side.has(kind));
}
