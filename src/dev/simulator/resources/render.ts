/** A stored object as Graph shows it: the properties asked for, what follows from other things filled in. */
import { selectUnknown } from '../errors.ts';
import { graphType } from '../schema/schema.ts';
import type { DirectoryType, Entity } from '../tenant/entity.ts';
import { isExtension, knownProperties } from './extension-types.ts';
import { identitiesOf } from './identities.ts';
import { kindOf } from './kinds.ts';
import { derivedLicenses, derivedPlans } from './license-state.ts';
import type { View } from './lookup.ts';
import { isManagementRestricted } from './restricted-units.ts';
import { conceal, type Looking } from './visibility.ts';

type Derive = (view: View, entity: Entity) => unknown;

/** Properties that follow from others and are never stored, by type. */
const derived: Partial<Record<DirectoryType, Readonly<Record<string, Derive>>>> = {
  user: {
    assignedLicenses: (_, entity) => derivedLicenses(entity),
    assignedPlans: derivedPlans,
    identities: (_, entity) => identitiesOf(entity),
    isManagementRestricted: (view, entity) => isManagementRestricted(view.tenant, entity.id) || null,
    securityIdentifier: (_, entity) => securityIdentifier(entity.id),
  },
  group: {
    isManagementRestricted: (view, entity) => isManagementRestricted(view.tenant, entity.id) || null,
    securityIdentifier: (_, entity) => securityIdentifier(entity.id),
  },
};

/** What stands for "no value" where the schema allows no null. */
const neverNull: Readonly<Record<string, unknown>> = {
  'Edm.DateTimeOffset': '0001-01-01T00:00:00Z',
  'Edm.Boolean': false,
  'Edm.Int32': 0,
};

/** One property as a read shows it: stored, derived, or the empty value of its type. */
export function propertyValue(view: View, entity: Entity, name: string): unknown {
  if (name === 'id') return entity.id;
  if (name === 'deletedDateTime') return entity.deletedDateTime;
  const derive = derived[entity.type]?.[name];
  if (derive !== undefined) return derive(view, entity);
  const stored = entity.properties[name];
  if (stored !== undefined) return stored;
  const type = graphType(entity.type).properties.get(name);
  if (type?.collection === true) return [];
  if (name === 'mailboxSettings') return view.tenant.row('mailboxSettings', entity.id) ?? null;
  return type?.nullable === false ? (neverNull[type.type] ?? null) : null;
}

/** A stream is got at its own address and stands in no object. */
const shownUnasked = (type: string): readonly string[] =>
  [...graphType(type).properties].flatMap(([name, property]) => (property.type === 'Edm.Stream' ? [] : [name]));

/** The object with these properties; null: what its type shows unasked. */
export function render(view: View, entity: Entity, select: readonly string[] | null): Record<string, unknown> {
  const names = select ?? kindOf(entity.type).defaults ?? shownUnasked(entity.type);
  const body: Record<string, unknown> = {};
  for (const name of names) {
    const value = propertyValue(view, entity, name);
    // An extension without a value is left out.
    if (value !== null || !isExtension(name)) body[name] = value;
  }
  return body;
}

/** As `render`, under its `@odata.type`: an element of a collection of several types. Properties it lacks are left out, those of a type the app may not read are null. */
export function renderTyped(view: Looking, entity: Entity, select: readonly string[] | null): Record<string, unknown> {
  const properties = knownProperties(view, entity.type);
  const known = select?.filter((name) => properties.has(name)) ?? null;
  return {
    '@odata.type': `#microsoft.graph.${entity.type}`,
    ...conceal(view, entity.type, render(view, entity, known)),
  };
}

/** Derived properties that were set once what they follow from was. */
const storedAs: Readonly<Record<string, string>> = {
  assignedLicenses: 'licenseAssignmentStates',
  assignedPlans: 'licenseAssignmentStates',
};

/** What delta tells of an object: a property that was never set is absent (graph-facts 2.1). */
export function renderSet(view: View, entity: Entity, names: readonly string[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const name of names) {
    const value = propertyValue(view, entity, name);
    const isEmpty = value === null || (Array.isArray(value) && value.length === 0);
    const wasSet = [name, storedAs[name] ?? name].some((stored) => entity.properties[stored] !== undefined);
    if (!isEmpty || wasSet) body[name] = value;
  }
  body.id = entity.id;
  return body;
}

/** Checks the names of a `$select` against a type. Throws 400 naming the first unknown one. @param known default: what the schema declares. */
export function checkSelect(
  type: string,
  names: readonly string[],
  known: ReadonlyMap<string, unknown> = graphType(type).properties,
): void {
  for (const name of names) if (!known.has(name)) throw selectUnknown(name, type);
}

/** `S-1-12-1-` and the four little-endian words of the object id, as Entra derives it. */
function securityIdentifier(id: string): string {
  const hex = id.replaceAll('-', '');
  const bytes = Buffer.from(hex, 'hex');
  if (bytes.length !== 16) return '';
  const first = bytes.readUInt32BE(0);
  const second = ((bytes.readUInt16BE(6) << 16) | bytes.readUInt16BE(4)) >>> 0;
  return `S-1-12-1-${first}-${second}-${bytes.readUInt32LE(8)}-${bytes.readUInt32LE(12)}`;
}
