/** `/directory/deletedItems`: what is in the bin, restore and purge (graph-facts 5). */
import { badRequest, denied, notFound, notImplemented } from '../errors.ts';
import { allowOptions, readBody, readSelect } from '../odata/options.ts';
import { permitsBinned } from '../permissions.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import { type DirectoryType, directoryTypes, type Entity } from '../tenant/entity.ts';
import { purgeNow, type RestoreOptions, restoreNow } from './bin.ts';
import { knownProperties } from './extension-types.ts';
import { kindOf } from './kinds.ts';
import { countOf, hideSecurity, type Listing, listPage } from './listing.ts';
import { requireAuthorityOver } from './privilege.ts';
import { checkSelect, renderTyped } from './render.ts';

const root = '/directory/deletedItems';

export const deletedItemRoutes: readonly Route[] = [
  {
    method: 'GET',
    template: root,
    handle: () => {
      throw badRequest("The request needs a type: '/directory/deletedItems/microsoft.graph.user', for example.");
    },
  },
  { method: 'GET', template: `${root}/{cast}`, handle: (call) => listPage(call, binOf(call)) },
  { method: 'GET', template: `${root}/{cast}/$count`, handle: (call) => countOf(call, binOf(call)) },
  {
    method: 'GET',
    template: `${root}/{cast}/{id}`,
    handle: (call) => readBinned(call, param(call, 1), castOf(call, 0)),
  },
  { method: 'GET', template: `${root}/{id}`, handle: (call) => readBinned(call, param(call, 0), null) },
  {
    method: 'GET',
    template: `${root}/{id}/{cast}`,
    handle: (call) => readBinned(call, param(call, 0), castOf(call, 1)),
  },
  { method: 'POST', template: `${root}/{id}/restore`, handle: restoreBinned },
  { method: 'POST', template: `${root}/getUserOwnedObjects`, handle: ownedInBin },
  { method: 'DELETE', template: `${root}/{id}`, handle: purgeBinned },
];

function castOf(call: Call, at: number): DirectoryType {
  const name = param(call, at).replace('microsoft.graph.', '');
  const cast = directoryTypes.find((candidate) => candidate === name);
  if (
    cast === undefined ||
    !['user', 'group', 'administrativeUnit', 'application', 'servicePrincipal'].includes(cast)
  ) {
    throw notImplemented(`deleted items of type ${param(call, at)}`);
  }
  return cast;
}

/** What lies in the bin of a type. Throws 403 without the right to read it. */
function binOf(call: Call): Listing {
  const type = castOf(call, 0);
  requireBinRight(call, type);
  // In the order of deletion nobody documents; the order of birth pages safely.
  const entities = [...call.tenant.binned()].filter((entity) => entity.type === type).sort((a, b) => a.born - b.born);
  return { entities, type, context: kindOf(type).collection, binned: true };
}

function requireBinRight(call: Call, type: string): void {
  if (call.caller === 'app' && !permitsBinned(call.settings.permissions, call.method, type)) throw denied();
}

function findBinned(call: Call, id: string): Entity {
  const entity = call.tenant.get(id.toLowerCase());
  if (entity === undefined || entity.deletedDateTime === null) throw notFound(id);
  requireBinRight(call, entity.type);
  return entity;
}

function readBinned(call: Call, id: string, cast: DirectoryType | null): GraphResponse {
  allowOptions(call, ['$select']);
  const entity = findBinned(call, id);
  if (cast !== null && entity.type !== cast) throw notFound(id);
  const select = readSelect(call);
  if (select !== null) checkSelect(entity.type, select, knownProperties(call, entity.type));
  const body = renderTyped(call, entity, select);
  hideSecurity(entity, body);
  return json({ '@odata.context': contextUrl('directoryObjects/$entity'), ...body });
}

function restoreBinned(call: Call): GraphResponse {
  const entity = findBinned(call, param(call, 0));
  const options = readRestoreOptions(call);
  if (entity.type === 'user') requireAuthorityOver(call, entity);
  const restored = call.tenant.transact(() => restoreNow(call, entity, options));
  return json({ '@odata.context': contextUrl('directoryObjects/$entity'), ...renderTyped(call, restored, null) });
}

function readRestoreOptions(call: Call): RestoreOptions {
  const body = call.body === undefined || call.body === '' ? {} : readBody(call);
  const { autoReconcileProxyConflict = false, newUserPrincipalName = null, ...others } = body;
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@odata.'));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of the action 'restore'.`);
  if (
    typeof autoReconcileProxyConflict !== 'boolean' ||
    (newUserPrincipalName !== null && typeof newUserPrincipalName !== 'string')
  ) {
    throw badRequest("Invalid value for a parameter of the action 'restore'.");
  }
  return { autoReconcileProxyConflict, newUserPrincipalName };
}

const mostOwned = 1000;

/** Binned groups or applications that a user owns: one page of at most a thousand, by id (L:api/directory-deleteditems-getuserownedobjects). */
function ownedInBin(call: Call): GraphResponse {
  const { userId, type, ...others } = readBody(call);
  const [other] = Object.keys(others).filter((name) => !name.startsWith('@odata.'));
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of the action 'getUserOwnedObjects'.`);
  if (typeof userId !== 'string') throw badRequest("A value is required for the parameter 'userId'.");
  if (type !== 'Group' && type !== 'Application') {
    throw badRequest("The parameter 'type' takes 'Group' or 'Application'.");
  }
  const { tenant } = call;
  const owner = tenant.get(userId.toLowerCase());
  if (owner?.type !== 'user') throw notFound(userId);
  const wanted = type === 'Group' ? 'group' : 'application';
  const owned = [...tenant.sources('owners', owner.id)]
    .map((id) => tenant.get(id))
    .filter((entity) => entity !== undefined)
    .filter((entity) => entity.type === wanted && entity.deletedDateTime !== null)
    .sort((left, right) => (left.id < right.id ? -1 : 1))
    .slice(0, mostOwned);
  const value = owned.map((entity) => {
    const body = renderTyped(call, entity, null);
    hideSecurity(entity, body);
    return body;
  });
  return json({ '@odata.context': contextUrl('directoryObjects'), value });
}

function purgeBinned(call: Call): GraphResponse {
  const entity = findBinned(call, param(call, 0));
  if (entity.type === 'administrativeUnit') {
    throw badRequest('An administrative unit cannot be deleted permanently before its thirty days have passed.');
  }
  if (entity.type === 'user') requireAuthorityOver(call, entity);
  call.tenant.transact(() => purgeNow(call, entity));
  return noContent();
}
