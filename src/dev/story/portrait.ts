/**
 * One person as Graph shows them to an administrator, read without the product: the independent witness of the demo.
 * Everything is told by name, because the ids of what was recreated are new.
 */
import { createHash } from 'node:crypto';
import type { Clients, Json } from './clients.ts';

export const aspects = ['groups', 'owner of', 'units', 'roles', 'licences', 'manager', 'reports', 'photo'] as const;
export type Aspect = (typeof aspects)[number];

export interface Portrait {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly things: Readonly<Record<Aspect, readonly string[]>>;
}

const attributes =
  'accountEnabled,businessPhones,city,companyName,country,department,displayName,employeeId,employeeType,givenName,jobTitle,mail,mailNickname,mobilePhone,officeLocation,otherMails,postalCode,preferredLanguage,state,streetAddress,surname,usageLocation,userPrincipalName,userType';

/** What is the same for all portraits: names of roles, units, groups and licences by their ids. */
export interface Names {
  readonly roles: ReadonlyMap<string, string>;
  readonly objects: ReadonlyMap<string, string>;
  readonly skus: ReadonlyMap<string, string>;
}

export async function readNames({ all }: Clients): Promise<Names> {
  const named = async (path: string, key: string, name: string): Promise<[string, string][]> =>
    (await all(path)).map((item: Json) => [String(item[key]), String(item[name])]);
  return {
    roles: new Map(await named('/roleManagement/directory/roleDefinitions', 'id', 'displayName')),
    objects: new Map([
      ...(await named('/groups?$select=id,displayName&$top=999', 'id', 'displayName')),
      ...(await named('/directory/administrativeUnits', 'id', 'displayName')),
    ]),
    skus: new Map(await named('/subscribedSkus', 'skuId', 'skuPartNumber')),
  };
}

/** @throws Error when the user is not there. */
export async function readPortrait(clients: Clients, user: string, names: Names): Promise<Portrait> {
  const { all, find, bytes, graph } = clients;
  const body = await graph('GET', `/users/${user}?$select=id,${attributes},licenseAssignmentStates`);
  const { id, licenseAssignmentStates, '@odata.context': _, ...own } = body;
  const linked = async (relation: string, type?: string): Promise<string[]> =>
    (await all(`/users/${id}/${relation}?$select=id,displayName`))
      .filter((item: Json) => type === undefined || item['@odata.type'] === `#microsoft.graph.${type}`)
      .map((item: Json) => String(item.displayName));
  const roles = await all(
    `/roleManagement/directory/roleAssignments?$filter=${encodeURIComponent(`principalId eq '${id}'`)}`,
  );
  const manager = await find(`/users/${id}/manager?$select=id,displayName`);
  const picture = await bytes(`/users/${id}/photo/$value`);
  const things: Record<Aspect, string[]> = {
    groups: await linked('memberOf', 'group'),
    'owner of': await linked('ownedObjects'),
    units: await linked('memberOf', 'administrativeUnit'),
    roles: roles.map((role: Json) => roleName(role, names)),
    licences: licenseAssignmentStates.map((state: Json) => licenceName(state, names)),
    manager: manager === undefined ? [] : [String(manager.displayName)],
    reports: await linked('directReports'),
    photo: picture === undefined ? [] : [createHash('sha256').update(picture).digest('hex').slice(0, 12)],
  };
  for (const list of Object.values(things)) list.sort();
  return { attributes: own, things };
}

function roleName(assignment: Json, { roles, objects }: Names): string {
  const name = roles.get(assignment.roleDefinitionId) ?? assignment.roleDefinitionId;
  const unit = /^\/administrativeUnits\/(.+)$/.exec(assignment.directoryScopeId)?.[1];
  return unit === undefined ? name : `${name} of ${objects.get(unit) ?? unit}`;
}

function licenceName(state: Json, { skus, objects }: Names): string {
  const name = skus.get(state.skuId) ?? state.skuId;
  const through = state.assignedByGroup
    ? ` through ${objects.get(state.assignedByGroup) ?? state.assignedByGroup}`
    : '';
  const without = state.disabledPlans.length > 0 ? ` without ${state.disabledPlans.length} plan(s)` : '';
  return `${name}${through}${without}`;
}

/** Things of `before` that are not in `after`, and attributes whose values differ. */
export function lacking(
  before: Portrait,
  after: Portrait,
): {
  readonly things: readonly { readonly aspect: Aspect; readonly name: string }[];
  readonly attributes: readonly string[];
} {
  const things = aspects.flatMap((aspect) =>
    before.things[aspect].filter((name) => !after.things[aspect].includes(name)).map((name) => ({ aspect, name })),
  );
  const names = Object.keys(before.attributes).filter(
    (name) => JSON.stringify(before.attributes[name]) !== JSON.stringify(after.attributes[name]),
  );
  return { things, attributes: names };
}
