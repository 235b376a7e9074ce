/** A dump as a flat table of facts, so that two tenants can be compared thing by thing: `attribute|id|name` and its value, `link|relation|source|target`… */
import type { Json } from '../support/system.ts';
import type { Dump, Dumped } from './world.ts';

export type Facts = ReadonlyMap<string, string>;
/** The id an object had in the snapshot, by the id it has now. */
export type Rename = (id: string) => string;

const kinds = ['user', 'group', 'administrativeUnit'] as const;
/** Told as facts of their own. */
const apart = ['licenseAssignmentStates', 'assignedLicenses'];

/** Of what is live, or what lies in the bin besides; ids as `rename` has them. */
export function factsOf(dump: Dump, rename: Rename = (id) => id, withBin = false): Facts {
  const facts = new Map<string, string>();
  const all = kinds.flatMap((kind) => ((dump[kind] ?? []) as readonly Dumped[]).map((one) => ({ ...one, kind })));
  const live = all.filter(({ deletedDateTime }) => withBin || deletedDateTime === undefined);
  const known = new Set([...live, ...(dump.servicePrincipal ?? [])].map(({ id }) => id));
  const note = (value: unknown, ...key: readonly string[]): void => void facts.set(key.join('|'), canonical(value));
  for (const { id, kind, properties, links = {} } of live) {
    const own = rename(id);
    note(kind, 'lives', own);
    // Those whom nobody gave others have one that follows from their name.
    if (kind === 'user') note(properties.identities ?? properties.userPrincipalName, 'attribute', own, 'identities');
    for (const [name, value] of Object.entries(properties))
      if (!apart.includes(name) && canonical(value) !== 'null') note(value, 'attribute', own, name);
    for (const [relation, targets] of Object.entries(links))
      for (const target of targets) if (known.has(target)) note(true, 'link', relation, own, rename(target));
    for (const { skuId, disabledPlans, assignedByGroup = null } of [
      properties.licenseAssignmentStates ?? properties.assignedLicenses ?? [],
    ].flat())
      if (assignedByGroup === null) note(disabledPlans, 'licence', own, skuId);
      else note(true, 'inherited', own, skuId, rename(assignedByGroup));
  }
  const rows = (table: string): readonly Json[] => dump[table] ?? [];
  const scopeOf = (scope: string): string => scope.replace(/[^/]+$/, rename);
  for (const { key, templateId: _, id: __, ...definition } of rows('roleDefinition')) {
    note('roleDefinition', 'lives', rename(key));
    for (const [name, value] of Object.entries(definition)) note(value, 'attribute', rename(key), name);
  }
  for (const [table, holding] of [
    ['roleAssignment', 'active'],
    ['roleEligibility', 'eligible'],
  ] as const)
    for (const { principalId, roleDefinitionId, directoryScopeId, endDateTime = null } of rows(table))
      if (known.has(principalId))
        note(endDateTime, 'role', holding, rename(principalId), rename(roleDefinitionId), scopeOf(directoryScopeId));
  for (const { principalId, resourceId, appRoleId } of rows('appRoleAssignment'))
    if (known.has(principalId) && known.has(resourceId))
      note(true, 'appRole', rename(principalId), resourceId, appRoleId);
  for (const { key, id, ...method } of rows('authenticationMethod')) {
    const [user = ''] = key.split('/');
    if (known.has(user)) note(method, 'method', rename(user), id);
  }
  for (const { key, ...photo } of rows('photo')) if (known.has(key)) note(photo, 'photo', rename(key));
  for (const { key, digest } of rows('password')) if (known.has(key)) note(digest, 'password', rename(key));
  return facts;
}

/** Names of members sorted, lists in any order, no value alike however it is said. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'null' : `[${value.map(canonical).sort().join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value === '' ? null : (value ?? null));
  const members = Object.entries(value).map(([name, member]) => [name, canonical(member)] as const);
  const held = members.filter(([, member]) => member !== 'null').sort(([one], [other]) => (one < other ? -1 : 1));
  return held.length === 0 ? 'null' : `{${held.map(([name, member]) => `${name}:${member}`).join(',')}}`;
}
