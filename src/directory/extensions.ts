/**
 * Properties that apps add to kinds: directory extensions (L:api/resources/extensionproperty), each a value, and schema extensions, each an
 * object (L:api/resources/schemaextension). Graph shows them to whoever asks by name, and they are written and cleared as any other property
 * (graph-facts 4.2). Pure.
 */
import type { Kind, KindName } from './kinds.ts';

export interface Extension {
  readonly name: string;
  /** Brought by synchronization, which owns it on a synced object. */
  readonly isSynced: boolean;
}
export type Extensions = Readonly<Partial<Record<KindName, readonly Extension[]>>>;

/** Captured kinds that can be extended, with what a definition calls them. */
export const extensible = { users: 'User', groups: 'Group', administrativeUnits: 'AdministrativeUnit' } as const;
export const extensibleKinds = Object.keys(extensible) as readonly (keyof typeof extensible)[];

/** No property of Graph's own has an underscore in its name. */
export const isExtension = (name: string): boolean => extensionName.test(name);
export const extensionName = /^[A-Za-z][A-Za-z0-9]*_\w+$/;

export const isDirectoryExtension = (name: string): boolean => /^extension_[0-9a-f]{32}_/i.test(name);

/** A kind with its extensions, which are properties like the others. */
export function extended(kind: Kind, extensions: readonly Extension[]): Kind {
  if (extensions.length === 0) return kind;
  const added = extensions.map(({ name }) => name);
  return {
    ...kind,
    added,
    captured: [...kind.captured, ...added],
    creatable: [...kind.creatable, ...added],
    updatable: [...kind.updatable, ...added],
    cloudOwned: [...kind.cloudOwned, ...extensions.flatMap(({ name, isSynced }) => (isSynced ? [] : [name]))],
  };
}
