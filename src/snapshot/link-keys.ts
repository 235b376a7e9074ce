/**
 * Names of links as they are stored. A link record holds one list a key; a key tells relation and direction alone, without the kind of
 * its record: the relation's own name on the source (`members`, `unitMembers`), its inverse on the target (`memberOf`). Pure.
 */
import { type Relation, relations } from '../directory/relations.ts';

export interface LinkKey {
  readonly key: string;
  readonly relation: Relation;
  readonly forward: boolean;
  /** What the link is called by whoever reads the record: a unit's `unitMembers` are its `members`. */
  readonly name: string;
}

export const linkKeys: readonly LinkKey[] = relations.flatMap((relation) => [
  { key: relation.name, relation, forward: true, name: relation.forward },
  { key: relation.inverse, relation, forward: false, name: relation.inverse },
]);

const byKey = new Map(linkKeys.map((entry) => [entry.key, entry]));

/** The reader's name of a stored key; a key of another version of the table stands for itself. */
export const linkName = (key: string): string => byKey.get(key)?.name ?? key;

export const keysOf = (relation: Relation): readonly string[] => [relation.name, relation.inverse];
