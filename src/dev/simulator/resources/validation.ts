/** What a caller may write into a property (graph-facts 3.2): known, of the right type, not read-only, short enough. */
import {
  badRequest,
  denied,
  invalidValue,
  missingValue,
  onPremisesMastered,
  readOnlyProperty,
  unknownProperty,
  valueTaken,
} from '../errors.ts';
import type { Call } from '../request.ts';
import { fits, graphType } from '../schema/schema.ts';
import type { Entity } from '../tenant/entity.ts';
import { type AddedProperty, checkExtensionValues, mergedExtensions } from './extension-types.ts';
import { allKinds, type Kind } from './kinds.ts';
import type { View } from './lookup.ts';

const resourceName = (kind: Kind): string => kind.type.charAt(0).toUpperCase() + kind.type.slice(1);

interface Beside {
  /** Read-only properties that may be written all the same. */
  readonly also?: ReadonlySet<string>;
  /** Extensions. */
  readonly added?: ReadonlyMap<string, AddedProperty>;
}

/**
 * Checks the properties of a create (`before` null) or an update and returns them ready to store; `passwordProfile` and
 * annotations are left to the caller. Throws GraphError 400.
 */
export function checkProperties(
  kind: Kind,
  body: Readonly<Record<string, unknown>>,
  before: Entity | null,
  { also = new Set(), added = new Map() }: Beside = {},
): Record<string, unknown> {
  const { properties } = graphType(kind.type);
  const checked: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === '@odata.type') {
      if (value !== `#microsoft.graph.${kind.type}` && value !== `microsoft.graph.${kind.type}`)
        throw unknownProperty(name, kind.type);
      continue;
    }
    if (name.includes('@')) throw unknownProperty(name, kind.type);
    const type = properties.get(name) ?? added.get(name);
    if (type === undefined) throw unknownProperty(name, kind.type);
    if (kind.readOnly.includes(name) && !also.has(name)) throw readOnlyProperty(name);
    if (before !== null && kind.immutable.includes(name) && value !== (before.properties[name] ?? null)) {
      // A group's uniqueName can be given later, once (L:api/group-update).
      if (name !== 'uniqueName' || (before.properties[name] ?? null) !== null) throw readOnlyProperty(name);
    }
    if (value === null && kind.notNull.includes(name)) throw invalidValue(name, resourceName(kind));
    const clears = value === null && type.nullable && (!type.collection || added.has(name));
    if (!clears) {
      if (!fits(value, type)) throw invalidValue(name, resourceName(kind));
    }
    const longest = kind.lengths[name];
    if (typeof value === 'string' && longest !== undefined && value.length > longest) {
      throw invalidValue(name, resourceName(kind));
    }
    if (value === '' && kind.type === 'user') throw invalidValue(name, resourceName(kind));
    checked[name] = value;
  }
  checkExtensionValues(checked, added, resourceName(kind));
  if (before === null) {
    for (const name of kind.required) {
      if (body[name] === undefined || body[name] === null || body[name] === '')
        throw missingValue(name, resourceName(kind));
    }
  }
  return { ...checked, ...mergedExtensions(checked, before?.properties ?? {}, added, resourceName(kind)) };
}

/** Refuses a value that another object holds. Throws 400 `ObjectConflict` naming the property (graph-facts 9). */
export function requireUnique(view: View, own: string | null, properties: Readonly<Record<string, unknown>>): void {
  const { tenant } = view;
  const check = (property: Parameters<typeof tenant.holders>[0], value: unknown, named: string = property): void => {
    if (typeof value !== 'string') return;
    const other = [...tenant.holders(property, value)].find((id) => id !== own);
    if (other !== undefined) throw valueTaken(named, tenant.get(other));
  };
  check('userPrincipalName', properties.userPrincipalName);
  check('onPremisesImmutableId', properties.onPremisesImmutableId);
  check('uniqueName', properties.uniqueName);
  if (properties.mailEnabled === true) check('mailNickname', properties.mailNickname);
  for (const proxy of Array.isArray(properties.proxyAddresses) ? properties.proxyAddresses : []) {
    // Primary or not, an address belongs to one object.
    const address = String(proxy).replace(/^smtp:/i, '');
    check('proxyAddresses', `smtp:${address}`);
  }
}

/** Properties of a synced object that stay writable in the cloud (graph-facts 4.3). */
const cloudOwned: ReadonlySet<string> = new Set([
  'usageLocation',
  'customSecurityAttributes',
  'passwordPolicies',
  'ageGroup',
  'consentProvidedForMinor',
  'preferredDataLocation',
]);

/** Refuses a change of anything sync masters. Throws 400. */
export function requireCloudMastered(entity: Entity, names: readonly string[]): void {
  if (entity.properties.onPremisesSyncEnabled !== true) return;
  if (names.some((name) => !cloudOwned.has(name))) throw onPremisesMastered();
}

/** Kept in SharePoint: app-only callers cannot write these (graph-facts 4.2). */
const keptOutside: ReadonlySet<string> = new Set([
  'aboutMe',
  'birthday',
  'hireDate',
  'interests',
  'mySite',
  'pastProjects',
  'preferredName',
  'responsibilities',
  'schools',
  'skills',
]);

export function refuseForApps(call: Call, names: readonly string[], more: readonly string[]): void {
  if (call.caller === 'app' && names.some((name) => keptOutside.has(name) || more.includes(name))) throw denied();
}

/** What is kept outside the directory takes an update of its own, and no part in a creation. Throws 400. */
export function requireNotMixed(names: readonly string[], creating: boolean): void {
  const outside = names.filter((name) => keptOutside.has(name));
  if (outside.length > 0 && (creating || outside.length < names.length)) {
    throw badRequest(`Property '${outside[0]}' has to be set in an update of its own.`);
  }
}

/** The domain part of a UPN must be verified. Throws 400; returns whether it is federated. */
export function requireVerifiedDomain(call: Pick<Call, 'settings'>, userPrincipalName: string): boolean {
  const domain = userPrincipalName.split('@')[1]?.toLowerCase();
  const known = call.settings.domains.find((candidate) => candidate.id === domain);
  if (known === undefined) {
    throw badRequest(
      'The domain portion of the userPrincipalName property is invalid. You must use one of the verified domain names in your organization.',
      [{ code: 'InvalidValue', message: 'The domain is not verified.', target: 'userPrincipalName' }],
    );
  }
  return known.federated;
}

/** Whether a user of this name signs in with another service. */
export function isFederated({ settings }: Pick<Call, 'settings'>, userPrincipalName: string): boolean {
  const domain = userPrincipalName.split('@')[1]?.toLowerCase();
  return settings.domains.some(({ id, federated }) => id === domain && federated);
}

export const kindOfCollection = (collection: string): Kind | undefined =>
  allKinds.find((kind) => kind.collection.toLowerCase() === collection.toLowerCase());
