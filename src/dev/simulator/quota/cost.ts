/**
 * What one request costs: resource units and writes per method and route, as the identity and access table of the
 * throttling page has it (graph-facts 1.1), with the modifiers for $select, $expand and $top.
 */

/** Which allowance a request draws on. `none`: another service's, without documented limit. */
export type Budget = 'identity' | 'reports' | 'none';
export interface Cost {
  /** Resource units, a whole number; 0 only outside the identity budget. */
  readonly resourceUnits: number;
  readonly writes: number;
  readonly budget: Budget;
  /** Asks for signInActivity, which has a limit of its own beside the others. */
  readonly signInActivity?: boolean;
}
export interface CostSwitches {
  readonly photoCountsAsIdentity: boolean;
  readonly authenticationMethodsReportLimit: boolean;
}

/** Base costs that differ from the rule (GET 1/0, any other verb 1/1); parameters of a template are written `{}`. */
const listed: ReadonlyMap<string, readonly [resourceUnits: number, writes: number]> = new Map([
  ['GET /users', [2, 0]],
  ['GET /users/{}/memberOf', [2, 0]],
  ['GET /users/{}/transitiveMemberOf', [2, 0]],
  ['GET /users/{}/ownedObjects', [2, 0]],
  ['GET /users/{}/licenseDetails', [2, 0]],
  ['GET /groups/{}/members', [3, 0]],
  ['GET /groups/{}/transitiveMembers', [5, 0]],
  ['GET /subscribedSkus', [3, 0]],
  ['GET /oauth2PermissionGrants', [2, 0]],
  ['GET /oauth2PermissionGrants/{}', [2, 0]],
  ['GET /servicePrincipals/{}/appRoleAssignments', [2, 0]],
  ['GET /applications', [2, 0]],
  ['GET /applications/{}/extensionProperties', [2, 0]],
  ['GET /contracts', [3, 0]],
  ['GET /domains/{}/domainNameReferences', [4, 0]],
  ['POST /users/{}/getMemberGroups', [2, 0]],
  ['POST /users/{}/getMemberObjects', [2, 0]],
  ['POST /users/{}/checkMemberGroups', [4, 0]],
  ['POST /users/{}/checkMemberObjects', [4, 0]],
  ['POST /groups/{}/checkMemberGroups', [4, 0]],
  ['POST /groups/{}/checkMemberObjects', [4, 0]],
  ['POST /directoryObjects/{}/checkMemberGroups', [4, 0]],
  ['POST /directoryObjects/{}/checkMemberObjects', [4, 0]],
  ['POST /isMemberOf', [4, 0]],
  ['POST /directoryObjects/getByIds', [5, 0]],
  ['POST /directoryObjects/getAvailableExtensionProperties', [1, 0]],
  ['POST /getObjectsById', [5, 0]],
]);
const getByIds = new Set(['POST /directoryObjects/getByIds', 'POST /getObjectsById']);

/** `/users/{id}/memberOf/microsoft.graph.group` -> `/users/{}/memberOf`: parameter names, casts and /$count do not change the price. */
export function priceRoute(routeTemplate: string): string {
  return routeTemplate
    .replace(/\{[^}]*\}/g, '{}')
    .replace(/^\/me(?=\/|$)/, '/users/{}')
    .replace(/\/(microsoft\.)?graph\.[A-Za-z]+(?=\/|$)/g, '')
    .replace(/\/\$count$/, '');
}

/**
 * The price of one request under its route template (`/users/{id}/manager/$ref`), by graph-facts 1.1.
 * Photos and authentication methods belong to other services: uncharged unless a switch says otherwise.
 */
export function costOf(method: string, routeTemplate: string, query: URLSearchParams, switches?: CostSwitches): Cost {
  const route = priceRoute(routeTemplate);
  const reading = method === 'GET' || method === 'HEAD';
  if (route === '/$batch') return { resourceUnits: 0, writes: 0, budget: 'none' };
  if (/\/photos?(\/|$)/.test(route) && switches?.photoCountsAsIdentity !== true) {
    return { resourceUnits: 0, writes: 0, budget: 'none' };
  }
  if (/^\/(reports|auditLogs)\//.test(route)) return { resourceUnits: 0, writes: 0, budget: 'reports' };
  if (/^\/users\/\{\}\/authentication(\/|$)/.test(route)) {
    const limited = switches?.authenticationMethodsReportLimit === true;
    return { resourceUnits: 0, writes: 0, budget: limited ? 'reports' : 'none' };
  }
  const key = `${reading ? 'GET' : method} ${route}`;
  const [base, writes] = listed.get(key) ?? [1, reading ? 0 : 1];
  if (getByIds.has(key)) return { resourceUnits: query.has('$select') ? 2 : base, writes, budget: 'identity' };
  const top = Number(query.get('$top') ?? Number.NaN);
  const modified = base - (query.has('$select') ? 1 : 0) + (query.has('$expand') ? 1 : 0) - (top < 20 ? 1 : 0);
  const asked = `${query.get('$select') ?? ''},${query.get('$filter') ?? ''}`;
  const signInActivity = reading && /^\/users(\/\{\})?$/.test(route) && /\bsignInActivity\b/.test(asked);
  const cost = { resourceUnits: Math.max(1, modified), writes, budget: 'identity' } as const;
  return signInActivity ? { ...cost, signInActivity } : cost;
}
