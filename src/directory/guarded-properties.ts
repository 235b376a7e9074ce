/**
 * Properties of users that a permission of their own guards (graph-facts 4.2, 7): custom security attributes, by set and name
 * (L:custom-security-attributes-examples), and the day of leaving. Told to whoever asks by name and may read them; no delta is documented to
 * carry them. Pure.
 */
import type { Kind } from './kinds.ts';
import type { Json, JsonObject } from './record.ts';

export const guardedProperties = ['customSecurityAttributes', 'employeeLeaveDateTime'] as const;
export type GuardedProperty = (typeof guardedProperties)[number];

export const isGuarded = (name: string): name is GuardedProperty =>
  guardedProperties.some((guarded) => guarded === name);

/** Written under a permission of their own: these, and the sign-in identities, which are told to whoever reads users (graph-facts 4.2). */
export type WrittenApart = GuardedProperty | 'identities';

export const isWrittenApart = (name: string): name is WrittenApart => name === 'identities' || isGuarded(name);

/** Users with one of them. @param isReadable whether the app may read it: if not, it can only be found missing by writing it. */
export const withGuarded = (kind: Kind, name: GuardedProperty, isReadable: boolean): Kind => ({
  ...kind,
  ...(isReadable ? { added: [...(kind.added ?? []), name] } : {}),
  captured: [...kind.captured, name],
  creatable: [...kind.creatable, name],
  updatable: [...kind.updatable, name],
  // Synchronization may bring the day of leaving, and never custom security attributes.
  cloudOwned: name === 'customSecurityAttributes' ? [...kind.cloudOwned, name] : kind.cloudOwned,
});

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Changes of a user with each set of attributes under the type that writing takes, which is not the one that reading shows. */
export function writable(changes: JsonObject): JsonObject {
  const { customSecurityAttributes: sets } = changes;
  if (!isObject(sets)) return changes;
  const typed = Object.entries(sets).map(([set, values]) => [
    set,
    isObject(values)
      ? { ...values, '@odata.type': '#Microsoft.DirectoryServices.CustomSecurityAttributeValue' }
      : values,
  ]);
  return { ...changes, customSecurityAttributes: Object.fromEntries(typed) };
}
