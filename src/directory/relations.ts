/**
 * The table of relations: who points to whom, what the same link is called from the other end, and how it is read.
 * A snapshot keeps each link under both names, in the `links` record of both ends, so that one read tells all of one object.
 */
import type { KindName } from './kinds.ts';

export type RelationName = 'manager' | 'sponsors' | 'members' | 'owners' | 'unitMembers';

export interface Relation {
  readonly name: RelationName;
  readonly source: KindName;
  /** Captured kinds it may point to (others, such as devices, are kept as links only). */
  readonly targets: readonly KindName[];
  /** Name of the link in the record of its source. */
  readonly forward: string;
  /** Name of the same link in the record of its target. */
  readonly inverse: string;
  /** At most one target: setting another replaces the first. */
  readonly single: boolean;
  /** How many targets one write may carry (graph-facts 4.4: `members@odata.bind` takes 20). */
  readonly targetsPerWrite: number;
  /** Delivered with the delta of its source kind, or read by a list of its own each time (then a read replaces all of it). */
  readonly read: 'delta' | 'list';
}

export const relations: readonly Relation[] = [
  {
    name: 'manager',
    source: 'users',
    targets: ['users'],
    forward: 'manager',
    inverse: 'directReports',
    single: true,
    targetsPerWrite: 1,
    read: 'delta',
  },
  {
    name: 'sponsors',
    source: 'users',
    targets: ['users', 'groups'],
    forward: 'sponsors',
    inverse: 'sponsorOf',
    single: false,
    targetsPerWrite: 1,
    read: 'list',
  },
  {
    name: 'members',
    source: 'groups',
    targets: ['users', 'groups'],
    forward: 'members',
    inverse: 'memberOf',
    single: false,
    targetsPerWrite: 20,
    read: 'delta',
  },
  {
    name: 'owners',
    source: 'groups',
    targets: ['users'],
    forward: 'owners',
    inverse: 'ownedObjects',
    single: false,
    targetsPerWrite: 1,
    read: 'delta',
  },
  {
    name: 'unitMembers',
    source: 'administrativeUnits',
    targets: ['users', 'groups'],
    forward: 'members',
    inverse: 'administrativeUnits',
    single: false,
    targetsPerWrite: 1,
    read: 'delta',
  },
];

export function relationOf(name: RelationName): Relation {
  const relation = relations.find((candidate) => candidate.name === name);
  if (relation === undefined) throw new RangeError(`no relation ${name}`);
  return relation;
}

/** The relations one can see from an object of this kind: its own, and those that point to it under their inverse names. */
export const relationsFrom = (kind: KindName): readonly Relation[] =>
  relations.filter((relation) => relation.source === kind);
