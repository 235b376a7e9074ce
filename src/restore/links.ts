/**
 * The rules of linking: which links the snapshot has and live lacks, and which of them Graph lets anyone write. Pure.
 * A link is seen from the restored object ("name": `memberOf`) and written on its source ("relation": `members` of the group).
 */
import type { LinksOf, RoleAssignment, RoleHolding } from '../directory/gateway.ts';
import type { KindName } from '../directory/kinds.ts';
import { type Id, type JsonObject, type Ref, refId, refType } from '../directory/record.ts';
import { type Relation, type RelationName, relations } from '../directory/relations.ts';
import type { DetailItem } from '../directory/user-details.ts';
import { isDynamic, isExchangeOwned, isSynced } from './object-plan.ts';
import type { Reason } from './reasons.ts';

/** A restored object as the linking stage knows it. `id` is the snapshot's, `liveId` the one it has now. */
export interface Subject {
  readonly kind: KindName;
  readonly id: Id;
  readonly liveId: Id;
  readonly body: JsonObject;
  /** `new`: it has no links yet, or is still to be created, under another id; `deleted`: in the bin, with its links. */
  readonly state?: 'live' | 'new' | 'deleted';
}

export interface LinkStep {
  readonly act:
    | 'link'
    | 'unlink'
    | 'license'
    | 'assign-role'
    | 'unassign-role'
    | 'app-role'
    | 'remove-app-role'
    | 'auth-method'
    | 'remove-auth-method'
    | 'pass'
    | 'skip';
  /** Place of the restored object in the job, where the outcome is reported. */
  readonly origin: { readonly chunk: number; readonly index: number };
  readonly name: string;
  readonly relation?: RelationName;
  /** Live ids of both ends; for a licence `target` is the SKU, for a role the role definition. */
  readonly source: Id;
  readonly target: Id;
  /** Of a licence: whose it is. */
  readonly sourceKind?: KindName;
  /** The target's kind, where it is one that a snapshot keeps. */
  readonly targetKind?: KindName;
  /** To be written when all others are: it shuts its target to every other write. */
  readonly last?: boolean;
  /** The id of the other end in the snapshot. */
  readonly targetId: Id;
  /** The live id of the other end, where that is the source (a group, of a member's step). */
  readonly otherId?: Id;
  readonly targetName?: string;
  readonly reason?: Reason;
  /** For the admin, with the reason. */
  readonly note?: string;
  readonly disabledPlans?: readonly string[];
  /** Of a licence that groups gave: those groups, by their ids in the snapshot. */
  readonly givenBy?: readonly Id[];
  readonly directoryScopeId?: string;
  readonly appRoleId?: Id;
  readonly method?: DetailItem;
  /** Of a pass: the user's id in the snapshot. */
  readonly userId?: Id;
  /** Of a role to be taken away. */
  readonly assignment?: RoleAssignment;
  /** Of an app role to be taken away. */
  readonly assignmentId?: Id;
  /** What the step takes the place of: the manager's live id. */
  readonly replaces?: Id;
  /** The same of a licence that was held with other plans. */
  readonly replacesPlans?: readonly string[];
  /** `kind/id` of the other end, an object of the job whose row tells of the same link. */
  readonly twinOf?: string;
  /** Done with the creation of its source. */
  readonly isCarried?: boolean;
  /** The other end is an object of the job that is not there yet. */
  readonly isAwaited?: boolean;
  /** The source is a group that may hold roles. */
  readonly isGuarded?: boolean;
  /** The source is in a unit with restricted management. */
  readonly isShut?: boolean;
  /** Of a role. */
  readonly holding?: RoleHolding;
  readonly endDateTime?: string;
  /** Of a role that was held until another time: that time; null: for good. */
  readonly replacesEnd?: string | null;
  /** Of a membership that is held, and not by schedule. */
  readonly isPlain?: boolean;
}

export type LinkAction = 'link' | 'unlink' | 'license' | 'skip';

/** What plan and report call a step: whatever is not named here is a link. */
export const actionOf = ({ act }: LinkStep): LinkAction =>
  act === 'unassign-role' || act === 'remove-app-role' || act === 'remove-auth-method'
    ? 'unlink'
    : act === 'unlink' || act === 'license' || act === 'skip'
      ? act
      : 'link';

export interface LinkSubject extends Subject {
  readonly origin: LinkStep['origin'];
  /** `body` is what live has or will have. */
  readonly state: 'live' | 'new' | 'deleted';
  /** In a unit with restricted management. */
  readonly isRestricted?: boolean;
}

/** A link the snapshot has and live lacks (or the other way round), before it is known whether it can be written. */
export interface LinkDifference {
  readonly act: 'link' | 'unlink';
  readonly name: string;
  readonly relation: Relation;
  /** The restored object is the source of the link (its manager) or its target (a member of a group). */
  readonly subjectIsSource: boolean;
  readonly other: Ref;
  readonly otherId: Id;
}

export interface LinkNeeds {
  readonly mode: 'merge' | 'rollback' | 'skip';
  /** Names of links to restore; undefined: all. */
  readonly only?: readonly string[];
  /** Old id -> the id it has now (itself, where it never changed). */
  readonly resolve: (id: Id) => Id;
  /** Names whose links the snapshot did not capture: never compared, never removed (R48). */
  readonly notCaptured: readonly string[];
}

interface View {
  readonly name: string;
  readonly relation: Relation;
  readonly subjectIsSource: boolean;
  /** Others point to this object: theirs to keep, so only re-pointed when this object has come back under a new id (R26). */
  readonly onlyForNewId: boolean;
}

/** The names under which an object of a kind sees links: its own, and those that point to it. */
export const viewsOf = (kind: KindName): readonly View[] =>
  relations.flatMap((relation) => [
    ...(relation.source === kind
      ? [{ name: relation.forward, relation, subjectIsSource: true, onlyForNewId: false }]
      : []),
    ...(relation.targets.includes(kind) ? [inverseView(relation)] : []),
  ]);

const inverseView = (relation: Relation): View => ({
  name: relation.inverse,
  relation,
  subjectIsSource: false,
  onlyForNewId: relation.inverse === 'directReports' || relation.inverse === 'sponsorOf',
});

/** Compares the links of one object; `live` undefined means it is new and has none. */
export function linkDifferences(
  subject: Subject,
  wanted: LinksOf,
  live: LinksOf | undefined,
  needs: LinkNeeds,
): LinkDifference[] {
  if (needs.mode === 'skip') return [];
  return viewsOf(subject.kind).flatMap((view) => {
    const outOfScope = needs.only !== undefined && !needs.only.includes(view.name);
    if (outOfScope || needs.notCaptured.includes(view.name)) return [];
    if (view.onlyForNewId && subject.id === subject.liveId && subject.state !== 'new') return [];
    const has = new Set((live?.[view.name] ?? []).map(refId));
    const wants = (wanted[view.name] ?? []).map((other) => ({ other, otherId: needs.resolve(refId(other)) }));
    const missing = wants
      .filter(({ otherId }) => !has.has(otherId))
      .map((end): LinkDifference => ({ act: 'link', ...end, ...pick(view) }));
    if (needs.mode !== 'rollback' || view.onlyForNewId) return missing;
    const kept = new Set(wants.map(({ otherId }) => otherId));
    if (view.relation.single && missing.length > 0) return missing;
    const extra = (live?.[view.name] ?? [])
      .filter((other) => !kept.has(refId(other)) && isKnownType(view, other))
      .map((other): LinkDifference => ({ act: 'unlink', other, otherId: refId(other), ...pick(view) }));
    return [...missing, ...extra];
  });
}

const pick = ({ name, relation, subjectIsSource }: View) => ({ name, relation, subjectIsSource });

/** `ownedObjects` also lists applications and service principals, which no snapshot holds: not ours to remove. */
const isKnownType = (view: View, other: Ref): boolean =>
  view.subjectIsSource || ['group', 'administrativeUnit', 'user'].includes(refType(other));

/**
 * Why Graph would refuse this link, or undefined. `sourceBody` is the live source, `targetBody` the live target; undefined
 * means that end is not there.
 */
export function linkRefusal(
  difference: LinkDifference,
  sourceBody: JsonObject | undefined,
  targetBody: JsonObject | undefined,
): Reason | undefined {
  if (sourceBody === undefined || targetBody === undefined) return 'linked-object-missing';
  switch (difference.relation.name) {
    case 'manager':
      return isSynced(sourceBody) ? 'user-on-premises-attribute' : undefined;
    case 'members':
      if (isDynamic(sourceBody)) return 'group-dynamic';
      if (isSynced(sourceBody)) return 'group-on-premises';
      return isExchangeOwned(sourceBody) ? 'mail-enabled-group-not-writable' : undefined;
    case 'owners':
      if (isSynced(sourceBody)) return 'group-on-premises';
      return isExchangeOwned(sourceBody) ? 'mail-enabled-group-not-writable' : undefined;
    case 'unitMembers':
      return isDynamic(sourceBody) ? 'group-dynamic' : undefined;
    default:
      return undefined;
  }
}

/** R40: nothing is taken out of a role-assignable group unless the request says so. */
export const mayUnlink = (sourceBody: JsonObject, allowPrivileged: boolean): boolean =>
  allowPrivileged || sourceBody.isAssignableToRole !== true;
