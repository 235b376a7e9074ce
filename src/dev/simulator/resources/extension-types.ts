/** What directory extensions add to the types of this tenant (L:api/resources/extensionproperty, extensibility-overview). */
import { invalidValue } from '../errors.ts';
import { graphType, type PropertyType } from '../schema/schema.ts';
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
/** Every definition, as rows. */
export const definitions = ({ tenant }: Pick<View, 'tenant'>): readonly Row[] => [
  ...tenant.rows('extensionProperty').values(),
];

export const isExtension = (name: string): boolean => name.startsWith('extension_');

const isOf = (type: string) => (row: Row) =>
  (row.targetObjects as readonly string[]).some((target) => target.toLowerCase() === type.toLowerCase());

/** Properties that extensions add to a type. */
export function extensionsOf(view: Pick<View, 'tenant'>, type: string): ReadonlyMap<string, PropertyType> {
  return new Map(
    definitions(view)
      .filter(isOf(type))
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
  definitions(view).some((row) => row.name === name && row.isSyncedFromOnPremises !== true);
