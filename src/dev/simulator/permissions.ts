/**
 * Which application permissions each call demands (graph-facts 7): the least privileged one or any that includes it. Which
 * directory role of the app a sensitive action demands stands in sensitive-actions.ts.
 */
import { type Demand, includedIn, reads, rows, selectDemands, typeReaders, updateDemands } from './permission-table.ts';
import { priceRoute } from './quota/cost.ts';

export interface PermissionQuestion {
  readonly method: string;
  /** The route template, `/users/{id}/manager/$ref`. */
  readonly route: string;
  readonly query: URLSearchParams;
  /** The parsed JSON body, or null. */
  readonly body: unknown;
  /** Whether the call writes members or owners of a role-assignable group, or creates one. */
  readonly roleAssignableGroup: boolean;
  /** The switch `basicProfileRefused`: reading users takes User.Read.All. */
  readonly basicProfileRefused?: boolean;
}

const binDemands: Readonly<Record<string, { readonly read: string; readonly write: string }>> = {
  user: { read: 'User.Read.All', write: 'User.DeleteRestore.All' },
  group: { read: 'Group.Read.All', write: 'Group.ReadWrite.All' },
  administrativeUnit: { read: 'AdministrativeUnit.Read.All', write: 'AdministrativeUnit.ReadWrite.All' },
};

/** Whether the app may make a call: `granted` are the app roles in its token. Unknown routes are left to answer 501. */
export function permits(granted: 'all' | readonly string[], question: PermissionQuestion): boolean {
  if (granted === 'all') return true;
  const held = new Set(granted);
  const holds = (name: string): boolean => held.has(name) || (includedIn[name] ?? []).some((wider) => held.has(wider));
  return demandsOf(question).every((anyOf) => anyOf.some((demand) => demand.every(holds)));
}

/** Whether the app holds a permission, or one that includes it. */
export function permitsOne(granted: 'all' | readonly string[], name: string): boolean {
  return granted === 'all' || [name, ...(includedIn[name] ?? [])].some((wider) => granted.includes(wider));
}

/**
 * Whether the app may read, restore or purge a binned object of this type; the route does not tell the type, so the
 * handler asks. `type`: `user`, `group`, `administrativeUnit`.
 */
export function permitsBinned(granted: 'all' | readonly string[], method: string, type: string): boolean {
  const demand = binDemands[type];
  if (granted === 'all') return true;
  const name = demand === undefined ? 'Directory.ReadWrite.All' : reads.includes(method) ? demand.read : demand.write;
  return [name, ...(includedIn[name] ?? [])].some((wider) => granted.includes(wider));
}

/** Whether a permission is among the app's, by itself or within a wider one. */
export function holdsPermission(granted: 'all' | readonly string[], name: string): boolean {
  return granted === 'all' || [name, ...(includedIn[name] ?? [])].some((wider) => granted.includes(wider));
}

function demandsOf(question: PermissionQuestion): ReadonlyArray<readonly Demand[]> {
  const { method, body, query } = question;
  const route = priceRoute(question.route);
  const demands: Array<readonly Demand[]> = [];
  if (method === 'PATCH' && route === '/users/{}') demands.push(...userUpdateDemands(body));
  else if (method === 'PATCH' && route === '/groups/{}' && bindsMembersAlone(body))
    demands.push([['GroupMember.ReadWrite.All']]);
  else {
    const row = rows.find((candidate) => candidate.methods.includes(method) && candidate.route.test(route));
    if (row !== undefined) demands.push(row.anyOf);
    if (question.basicProfileRefused === true && reads.includes(method) && /^\/users(\/\{\})?$/.test(route)) {
      demands.push([['User.Read.All']]);
    }
  }
  if (reads.includes(method) && /^\/users(\/delta|\/\{\})?$/.test(route)) {
    for (const name of (query.get('$select') ?? '').split(',')) {
      const demand = selectDemands[name.trim()];
      if (demand !== undefined) demands.push([[demand]]);
    }
  }
  if (route === '/directoryObjects/delta') {
    // Each type that the stream is asked for needs the permission to read it (L:api/directoryobject-delta).
    for (const [, type = ''] of (query.get('$filter') ?? '').matchAll(/isof\(\s*'microsoft\.graph\.(\w+)'/gi)) {
      demands.push([[typeReaders[type] ?? 'Directory.Read.All']]);
    }
  }
  if (question.roleAssignableGroup) demands.push([['RoleManagement.ReadWrite.Directory']]);
  return demands;
}

/** Adding members, twenty at once, is no update of the group (L:api/group-post-members). */
const bindsMembersAlone = (body: unknown): boolean =>
  typeof body === 'object' && body !== null && Object.keys(body).join() === 'members@odata.bind';

function userUpdateDemands(body: unknown): ReadonlyArray<readonly Demand[]> {
  const names = typeof body === 'object' && body !== null ? Object.keys(body) : [];
  const special = names.flatMap((name) => {
    const demand = updateDemands[name];
    return demand === undefined ? [] : [demand];
  });
  const plain = names.some((name) => updateDemands[name] === undefined) || names.length === 0;
  return plain ? [[['User.ReadUpdate.All']], ...special] : special;
}
