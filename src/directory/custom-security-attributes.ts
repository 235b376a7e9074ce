/**
 * Custom security attributes of users, by set and name (L:custom-security-attributes-examples). Told to whoever asks by name and may read them;
 * no delta is documented to carry them, and a permission of their own guards them (graph-facts 3.2, 4.2). Pure.
 */
import type { Kind } from './kinds.ts';
import type { Json, JsonObject } from './record.ts';

export const customSecurityAttributes = 'customSecurityAttributes';

/** Users with them. @param isReadable whether the app may read them: if not, they can only be found missing by writing them. */
export const withAttributes = (kind: Kind, isReadable: boolean): Kind => ({
  ...kind,
  ...(isReadable ? { added: [...(kind.added ?? []), customSecurityAttributes] } : {}),
  captured: [...kind.captured, customSecurityAttributes],
  creatable: [...kind.creatable, customSecurityAttributes],
  updatable: [...kind.updatable, customSecurityAttributes],
  cloudOwned: [...kind.cloudOwned, customSecurityAttributes],
});

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Changes of a user with each set under the type that writing takes, which is not the one that reading shows. */
export function writable(changes: JsonObject): JsonObject {
  const sets = changes[customSecurityAttributes];
  if (!isObject(sets)) return changes;
  const typed = Object.entries(sets).map(([set, values]) => [
    set,
    isObject(values)
      ? { ...values, '@odata.type': '#Microsoft.DirectoryServices.CustomSecurityAttributeValue' }
      : values,
  ]);
  return { ...changes, [customSecurityAttributes]: Object.fromEntries(typed) };
}
