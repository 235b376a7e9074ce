/** Relationships of one object on two sides: what stands only on the right (`added`), what only on the left (`removed`) (R06). Pure. */
import type { Id } from '../directory/record.ts';
import { scopeNow, unitOf } from '../directory/roles.ts';
import type { DescribedObject, Related } from '../snapshot/describe.ts';

export interface RelationshipDifference {
  readonly relation: string;
  readonly added: readonly Related[];
  readonly removed: readonly Related[];
}

type Described = Pick<DescribedObject, 'relationships' | 'notCaptured'>;

/**
 * @param newest the id by which an object is known now: a recreated group is the same group.
 * @param knowsEnds of a relationship, whether both sides tell when it ends.
 * @returns only relationships that differ, and that both sides know.
 */
export function compareRelationships(
  left: Described | undefined,
  right: Described | undefined,
  newest: (id: Id) => Id,
  knowsEnds: (relation: string) => boolean = () => true,
): RelationshipDifference[] {
  const unknown = new Set([...(left?.notCaptured ?? []), ...(right?.notCaptured ?? [])]);
  const names = new Set([...Object.keys(left?.relationships ?? {}), ...Object.keys(right?.relationships ?? {})]);
  return [...names]
    .filter((name) => !unknown.has(name))
    .sort()
    .flatMap((relation): RelationshipDifference[] => {
      const before = listOf(left, relation);
      const after = listOf(right, relation);
      const same = (related: Related) => identity(related, newest, knowsEnds(relation));
      const added = without(after, before, same);
      const removed = without(before, after, same);
      return added.length + removed.length === 0 ? [] : [{ relation, added, removed }];
    });
}

const listOf = (side: Described | undefined, relation: string): readonly Related[] => {
  const related = side?.relationships[relation] ?? null;
  if (related === null) return [];
  return Array.isArray(related) ? related : [related as Related];
};

function without(
  some: readonly Related[],
  others: readonly Related[],
  identityOf: (related: Related) => string,
): Related[] {
  const known = new Set(others.map(identityOf));
  return some.filter((related) => !known.has(identityOf(related)));
}

/** Two entries are one and the same link when all of this agrees; names, states and assignment ids may differ. What ends another day is another one (R45). */
function identity(related: Related, newest: (id: Id) => Id, knowsEnds: boolean): string {
  const { id, inheritedFrom, directoryScopeId = '', disabledPlans = [], accessId, endDateTime } = related;
  // An app role is the same under another assignment; a method with another number is another one.
  const { resourceId, appRoleId, phoneNumber, emailAddress } = related;
  if (resourceId !== undefined) return JSON.stringify([resourceId, appRoleId, inheritedFrom?.id]);
  const scope = scopeNow(String(directoryScopeId), newest);
  const plans = Array.isArray(disabledPlans) ? [...disabledPlans].sort() : [];
  const from = inheritedFrom === undefined ? '' : newest(inheritedFrom.id);
  const endMs = knowsEnds && typeof endDateTime === 'string' ? Date.parse(endDateTime) : null;
  return JSON.stringify([newest(id), from, scope, plans, phoneNumber, emailAddress, accessId, endMs]);
}

/** Every id that stands in the relationships of an object. */
export function idsOf({ relationships }: Described): Id[] {
  return Object.keys(relationships).flatMap((relation) =>
    listOf({ relationships, notCaptured: [] }, relation).flatMap(({ id, inheritedFrom, directoryScopeId }) => {
      const unit = unitOf(String(directoryScopeId ?? ''));
      return [id, ...(inheritedFrom === undefined ? [] : [inheritedFrom.id]), ...(unit === undefined ? [] : [unit])];
    }),
  );
}
