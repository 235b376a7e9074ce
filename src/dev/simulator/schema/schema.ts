/** The types of Microsoft Graph v1.0 as its CSDL declares them (graph-types.json, taken from msgraph-metadata). */
import { readFileSync } from 'node:fs';

export interface PropertyType {
  /** `Edm.String`, `microsoft.graph.passwordProfile`, ... */
  readonly type: string;
  readonly collection: boolean;
  readonly nullable: boolean;
}
interface DeclaredType {
  readonly kind: 'entity' | 'complex' | 'enum';
  readonly base?: string;
  /** `String`, `String[]` for a collection of them, `!` behind for what is never null. */
  readonly properties?: Readonly<Record<string, string>>;
  readonly navigation?: readonly string[];
  readonly members?: readonly string[];
}
export interface GraphType {
  readonly kind: DeclaredType['kind'];
  /** Own and inherited. */
  readonly properties: ReadonlyMap<string, PropertyType>;
  readonly navigation: ReadonlySet<string>;
  readonly members: readonly string[];
}

const { types: declared } = JSON.parse(readFileSync(new URL('./graph-types.json', import.meta.url), 'utf8')) as {
  types: Readonly<Record<string, DeclaredType>>;
};
const built = new Map<string, GraphType>();

/** A type by its short name (`user`), with what it inherits. Throws for a name the schema lacks. */
export function graphType(name: string): GraphType {
  const known = built.get(name);
  if (known !== undefined) return known;
  const type = declared[name];
  if (type === undefined) throw new RangeError(`the schema has no type ${name}`);
  const base = type.base === undefined ? null : graphType(type.base);
  const own = Object.entries(type.properties ?? {}).map(([property, form]) => [property, propertyType(form)] as const);
  const result: GraphType = {
    kind: type.kind,
    properties: new Map([...(base?.properties ?? []), ...own]),
    navigation: new Set([...(base?.navigation ?? []), ...(type.navigation ?? [])]),
    members: type.members ?? [],
  };
  built.set(name, result);
  return result;
}

function propertyType(form: string): PropertyType {
  const [, type = '', many, always] = /^([^[!]+)(\[\])?(!)?$/.exec(form) ?? [];
  return {
    type: type.startsWith('Edm.') ? type : `microsoft.graph.${type}`,
    collection: many !== undefined,
    nullable: always === undefined,
  };
}

export const hasGraphType = (name: string): boolean => declared[name] !== undefined;

/** Whether a JSON value has the declared form. */
export function fits(value: unknown, declaredAs: PropertyType): boolean {
  if (value === null) return declaredAs.nullable && !declaredAs.collection;
  if (!declaredAs.collection) return fitsOne(value, declaredAs.type);
  return Array.isArray(value) && value.every((one) => fitsOne(one, declaredAs.type));
}

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

export const isGuid = (value: unknown): value is string => typeof value === 'string' && guid.test(value);

function fitsOne(value: unknown, type: string): boolean {
  switch (type) {
    case 'Edm.String':
    case 'Edm.Binary':
    case 'Edm.Stream':
      return typeof value === 'string';
    case 'Edm.Duration':
    case 'Edm.TimeOfDay':
    case 'Edm.Date':
      return typeof value === 'string' && value !== '';
    case 'Edm.Boolean':
      return typeof value === 'boolean';
    case 'Edm.Int32':
    case 'Edm.Int64':
    case 'Edm.Int16':
    case 'Edm.Byte':
      return Number.isInteger(value);
    case 'Edm.Double':
    case 'Edm.Single':
    case 'Edm.Decimal':
      return typeof value === 'number';
    case 'Edm.Guid':
      return isGuid(value);
    case 'Edm.DateTimeOffset':
      return typeof value === 'string' && dateTime.test(value) && !Number.isNaN(Date.parse(value));
    default:
      return fitsNamed(value, type.replace('microsoft.graph.', ''));
  }
}

function fitsNamed(value: unknown, name: string): boolean {
  if (!hasGraphType(name)) return typeof value === 'object' || typeof value === 'string';
  const type = graphType(name);
  if (type.kind === 'enum') return typeof value === 'string' && type.members.includes(value);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([property, inner]) => {
    const known = type.properties.get(property);
    return property.startsWith('@odata.') || (known !== undefined && fits(inner, known));
  });
}
