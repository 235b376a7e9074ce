/**
 * What the administrator beside the product does to a tenant, in Graph's own calls: the building blocks of every scenario.
 * All answers are Graph's; nothing here knows how the product works.
 */
import { createHash } from 'node:crypto';
import type { Answer } from './http.ts';

// biome-ignore lint/suspicious/noExplicitAny: Graph's objects are asserted on field by field
type Json = any;

type Body = Readonly<Record<string, unknown>>;

export interface GraphCalls {
  user(name: string, more?: Body): Promise<string>;
  securityGroup(name: string, more?: Body): Promise<string>;
  microsoft365Group(name: string, more?: Body): Promise<string>;
  unit(name: string): Promise<string>;
  link(source: string, relation: string, target: string): Promise<void>;
  unlink(source: string, relation: string, target: string): Promise<void>;
  manager(user: string, manager: string): Promise<void>;
  assignRole(principal: string, role: string, scope?: string): Promise<string>;
  assignLicences(object: string, skuIds: readonly string[], disabledPlans?: readonly string[]): Promise<void>;
  photo(user: string, bytes: Uint8Array): Promise<void>;
  /** The hash of the picture, undefined when there is none. */
  photoOf(user: string): Promise<string | undefined>;
  /** Deletes; the object is in the bin. */
  bin(path: string): Promise<void>;
  /** Deletes and purges; the object is gone for good. */
  purge(path: string): Promise<void>;
  get(path: string): Promise<Json>;
  /** The object, or undefined when Graph says 404. */
  find(path: string): Promise<Json | undefined>;
  /** Every page of a collection. */
  all(path: string): Promise<Json[]>;
  ids(path: string): Promise<string[]>;
  usersNamed(userPrincipalName: string): Promise<Json[]>;
  /** Everything about one user that a restore promises, in one comparable value without the user's own id. */
  portrait(user: string): Promise<Portrait>;
}

export interface Portrait {
  readonly attributes: Body;
  readonly manager: string | undefined;
  readonly sponsors: readonly string[];
  readonly memberOf: readonly string[];
  readonly owned: readonly string[];
  readonly reports: readonly string[];
  readonly roles: readonly string[];
  readonly licences: readonly string[];
  readonly photo: string | undefined;
}

export const userAttributes =
  'accountEnabled,ageGroup,city,companyName,country,department,displayName,employeeId,employeeType,faxNumber,givenName,jobTitle,mailNickname,mobilePhone,officeLocation,otherMails,postalCode,preferredLanguage,state,streetAddress,surname,usageLocation,userPrincipalName,userType,businessPhones';

const password = { password: 'Correct-Horse-7-Battery', forceChangePasswordNextSignIn: false };

type Graph = (method: string, path: string, body?: unknown) => Promise<Json>;

export function createGraphCalls(
  graph: Graph,
  answer: (method: string, path: string, body?: unknown) => Promise<Answer>,
): GraphCalls {
  const nickname = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.');
  const reference = (id: string): Body => ({
    '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
  });
  const make = async (path: string, body: Body): Promise<string> => (await graph('POST', path, body)).id;

  const find: GraphCalls['find'] = async (path) => {
    const found = await answer('GET', path);
    if (found.status === 404) return undefined;
    if (found.status !== 200) throw new Error(`GET ${path} answered ${found.status}: ${found.text}`);
    return found.body;
  };
  const all: GraphCalls['all'] = async (path) => {
    const items: Json[] = [];
    for (let next: string | undefined = path; next !== undefined; ) {
      const page: Json = await graph('GET', next);
      items.push(...page.value);
      next = page['@odata.nextLink'];
    }
    return items;
  };
  const ids = async (path: string): Promise<string[]> => (await all(path)).map((item: Json) => item.id).sort();
  const photoOf: GraphCalls['photoOf'] = async (user) => {
    const found = await answer('GET', `/users/${user}/photo/$value`);
    return found.status === 200 ? createHash('sha256').update(found.bytes).digest('hex') : undefined;
  };
  const bin = async (path: string): Promise<void> => void (await graph('DELETE', path));

  return {
    user: (name, more = {}) =>
      make('/users', {
        accountEnabled: true,
        displayName: name,
        mailNickname: nickname(name),
        userPrincipalName: `${nickname(name)}@contoso.com`,
        passwordProfile: password,
        ...more,
      }),
    securityGroup: (name, more = {}) =>
      make('/groups', {
        displayName: name,
        mailNickname: nickname(name),
        mailEnabled: false,
        securityEnabled: true,
        ...more,
      }),
    microsoft365Group: (name, more = {}) =>
      make('/groups', {
        displayName: name,
        mailNickname: nickname(name),
        mailEnabled: true,
        securityEnabled: false,
        groupTypes: ['Unified'],
        ...more,
      }),
    unit: (name) => make('/directory/administrativeUnits', { displayName: name }),
    link: async (source, relation, target) =>
      void (await graph('POST', `${source}/${relation}/$ref`, reference(target))),
    unlink: async (source, relation, target) => void (await graph('DELETE', `${source}/${relation}/${target}/$ref`)),
    manager: async (user, manager) => void (await graph('PUT', `/users/${user}/manager/$ref`, reference(manager))),
    assignRole: (principal, role, scope = '/') =>
      make('/roleManagement/directory/roleAssignments', {
        principalId: principal,
        roleDefinitionId: role,
        directoryScopeId: scope,
      }),
    assignLicences: async (object, skuIds, disabledPlans = []) =>
      void (await graph('POST', `${object}/assignLicense`, {
        addLicenses: skuIds.map((skuId) => ({ skuId, disabledPlans })),
        removeLicenses: [],
      })),
    photo: async (user, bytes) => void (await graph('PUT', `/users/${user}/photo/$value`, bytes)),
    photoOf,
    bin,
    purge: async (path) => {
      await bin(path);
      await graph('DELETE', `/directory/deletedItems/${path.split('/').at(-1)}`);
    },
    get: (path) => graph('GET', path),
    find,
    all,
    ids,
    usersNamed: (userPrincipalName) =>
      all(`/users?$filter=${encodeURIComponent(`userPrincipalName eq '${userPrincipalName}'`)}`),
    portrait: async (user) => {
      const {
        id: _,
        '@odata.context': __,
        ...attributes
      } = await graph('GET', `/users/${user}?$select=${userAttributes}`);
      const manager = await find(`/users/${user}/manager?$select=id`);
      const assignments = await all(
        `/roleManagement/directory/roleAssignments?$filter=${encodeURIComponent(`principalId eq '${user}'`)}`,
      );
      const licensed = await graph('GET', `/users/${user}?$select=licenseAssignmentStates`);
      return {
        attributes,
        manager: manager?.id,
        sponsors: await ids(`/users/${user}/sponsors?$select=id`),
        memberOf: await ids(`/users/${user}/memberOf?$select=id`),
        owned: await ids(`/users/${user}/ownedObjects?$select=id`),
        reports: await ids(`/users/${user}/directReports?$select=id`),
        roles: assignments.map((one: Json) => `${one.roleDefinitionId} ${one.directoryScopeId}`).sort(),
        licences: licensed.licenseAssignmentStates
          .map(
            (state: Json) => `${state.skuId} ${state.assignedByGroup ?? 'direct'} ${[...state.disabledPlans].sort()}`,
          )
          .sort(),
        photo: await photoOf(user),
      };
    },
  };
}
