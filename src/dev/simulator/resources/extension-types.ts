/** What directory and schema extensions add to the types of this tenant (L:api/resources/extensionproperty, schemaextension, extensibility-overview). */
import { invalidValue } from '../errors.ts';
import { fits, graphType, type PropertyType } from '../schema/schema.ts';
import type { Row } from '../tenant/entity.ts';
import type { View } from './lookup.ts';

export const dataTypes: Readonly<Record<string, string>> = {
  Binary: 'Edm.Binary',
  Boolean: 'Edm.Boolean',
  DateTime: 'Edm.DateTimeOffset',
  Integer: 'Edm.Int32',
  LargeInteger: 'Edm.Int64',
  String: 'Edm.String',
};

/** One that an extension adds; `members` are those of a schema extension, whose value is an object. */
export interface AddedProperty extends PropertyType {
  readonly members?: ReadonlyMap<string, PropertyType>;
}

/** Every definition of a directory extension, as rows. */
export const definitions = ({ tenant }: Pick<View, 'tenant'>): readonly Row[] => [
  ...tenant.rows('extensionProperty').values(),
];

/** No property of Graph's own has an underscore in its name. */
export const isExtension = (name: string): boolean => name.includes('_');

const isOf = (type: string, targets: string) => (row: Row) =>
  (row[targets] as readonly string[]).some((target) => target.toLowerCase() === type.toLowerCase());

/** Properties that extensions add to a type. */
export function extensionsOf(view: Pick<View, 'tenant'>, type: string): ReadonlyMap<string, AddedProperty> {
  const schemas = [...view.tenant.rows('schemaExtension').values()].filter(isOf(type, 'targetTypes'));
  return new Map([...schemas.map((row) => [String(row.id), schemaProperty(row)] as const), ...directory(view, type)]);
}

/** Its type is a name of its own: what delta tells together, directory extensions of one type, it is no part of. */
function schemaProperty({ id, properties }: Row): AddedProperty {
  const members = (properties as readonly { name: string; type: string }[]).map(
    ({ name, type }) => [name, { type: dataTypes[type] ?? 'Edm.String', collection: false, nullable: true }] as const,
  );
  return { type: `microsoft.graph.${id}`, collection: false, nullable: true, members: new Map(members) };
}

function directory(view: Pick<View, 'tenant'>, type: string): ReadonlyMap<string, PropertyType> {
  return new Map(
    definitions(view)
      .filter(isOf(type, 'targetObjects'))
      .map((row) => [
        String(row.name),
        {
          type: dataTypes[String(row.dataType)] ?? 'Edm.String',
          collection: row.isMultiValued === true,
          nullable: true,
        },
      ]),
  );
}

/** All properties of a type in this tenant. */
export function knownProperties(view: Pick<View, 'tenant'>, type: string): ReadonlyMap<string, PropertyType> {
  const { properties } = graphType(type);
  const added = extensionsOf(view, type);
  return added.size === 0 ? properties : new Map([...properties, ...added]);
}

/** Of some names, with the extensions among them every other extension of the same data type (L:delta-query-overview). */
export function withSameType(view: Pick<View, 'tenant'>, type: string, names: readonly string[]): readonly string[] {
  const added = extensionsOf(view, type);
  const types = new Set(names.flatMap((name) => added.get(name)?.type ?? []));
  return types.size === 0
    ? names
    : [...names, ...[...added].flatMap(([name, own]) => (types.has(own.type) ? [name] : []))];
}

const longestText = 256;

/** Values of schema extensions laid over what an object has: members that are not named stay. Throws 400 for one that is not defined. */
export function mergedExtensions(
  values: Readonly<Record<string, unknown>>,
  before: Readonly<Record<string, unknown>>,
  added: ReadonlyMap<string, AddedProperty>,
  resource: string,
): Record<string, unknown> {
  const merged: Record<string, unknown> = {};
  for (const [name, { members }] of added) {
    const value = values[name];
    if (members === undefined || typeof value !== 'object' || value === null) continue;
    for (const [member, inner] of Object.entries(value)) {
      const type = members.get(member);
      if (type === undefined || !fits(inner, type)) throw invalidValue(name, resource);
    }
    const shown = { '@odata.type': '#microsoft.graph.ComplexExtensionValue' };
    merged[name] = { ...shown, ...(before[name] as object | null | undefined), ...value };
  }
  return merged;
}

/** Throws 400 for a value longer than an extension holds. */
export function checkExtensionValues(
  values: Readonly<Record<string, unknown>>,
  added: ReadonlyMap<string, PropertyType>,
  resource: string,
): void {
  for (const name of added.keys())
    for (const value of [values[name] ?? []].flat())
      if (typeof value === 'string' && value.length > longestText) throw invalidValue(name, resource);
}

/** Whether a property is an extension that no synchronization brought: the cloud's own, even of a synced object. */
export const isCloudExtension = (view: Pick<View, 'tenant'>, name: string): boolean =>
  view.tenant.row('schemaExtension', name) !== undefined ||
  definitions(view).some((row) => row.name === name && row.isSyncedFromOnPremises !== true);
