/** Objects by id whatever their type, and the read-only collections (graph-facts 2.1, 3). */
import { deltaPage } from '../delta/delta.ts';
import { badRequest, notFound, notImplemented } from '../errors.ts';
import { allowOptions, readBody, readSelect } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, noContent, param, type Route } from '../request.ts';
import { type DirectoryType, directoryTypes, type Entity } from '../tenant/entity.ts';
import { moveToBin } from './bin.ts';
import { answerOne, type Expanders } from './bodies.ts';
import { applicationExpanders } from './extension-properties.ts';
import { reachable } from './links.ts';
import { countOf, listPage } from './listing.ts';
import { findReadable, isReplicated } from './lookup.ts';
import { renderTyped } from './render.ts';

const mostIds = 1000;

const readOnly = (collection: string, type: DirectoryType, expand: Expanders = {}): readonly Route[] => {
  const list = (call: Call) => ({ entities: call.tenant.ofType(type), type, context: collection, expand });
  return [
    { method: 'GET', template: `/${collection}`, handle: (call) => listPage(call, list(call)) },
    { method: 'GET', template: `/${collection}/$count`, handle: (call) => countOf(call, list(call)) },
    {
      method: 'GET',
      template: `/${collection}/delta`,
      handle: (call) => deltaPage(call, { types: [type], context: collection, relations: [], usualRelations: [] }),
    },
    {
      method: 'GET',
      template: `/${collection}/{id}`,
      handle: (call) => answerOne(call, findReadable(call, type, param(call, 0)), expand),
    },
  ];
};

export const directoryObjectRoutes: readonly Route[] = [
  ...readOnly('devices', 'device'),
  ...readOnly('servicePrincipals', 'servicePrincipal'),
  ...readOnly('applications', 'application', applicationExpanders),
  ...readOnly('contacts', 'orgContact'),
  {
    method: 'GET',
    template: '/oauth2PermissionGrants/delta',
    handle: () => {
      throw notImplemented('oauth2PermissionGrants/delta');
    },
  },
  { method: 'POST', template: '/directoryObjects/getByIds', handle: getByIds },
  {
    method: 'GET',
    template: '/directoryObjects/delta',
    handle: (call) =>
      deltaPage(call, {
        types: [],
        context: 'directoryObjects',
        relations: ['members', 'owners', 'manager'],
        usualRelations: ['members'],
      }),
  },
  {
    method: 'GET',
    template: '/directoryObjects/{id}',
    handle: (call) => {
      allowOptions(call, ['$select']);
      const entity = findAny(call, param(call, 0));
      return json({
        '@odata.context': contextUrl('directoryObjects/$entity'),
        ...renderTyped(call, entity, readSelect(call)),
      });
    },
  },
  {
    method: 'DELETE',
    template: '/directoryObjects/{id}',
    handle: (call) => {
      moveToBin(call, findAny(call, param(call, 0)));
      return noContent();
    },
  },
  ...(['users', 'groups', 'directoryObjects'] as const).flatMap((collection): Route[] => [
    { method: 'POST', template: `/${collection}/{id}/getMemberGroups`, handle: (call) => memberIds(call, true) },
    { method: 'POST', template: `/${collection}/{id}/getMemberObjects`, handle: (call) => memberIds(call, false) },
    { method: 'POST', template: `/${collection}/{id}/checkMemberGroups`, handle: (call) => checkIds(call, 'groupIds') },
    { method: 'POST', template: `/${collection}/{id}/checkMemberObjects`, handle: (call) => checkIds(call, 'ids') },
  ]),
];

function findAny(call: Call, key: string): Entity {
  const entity = call.tenant.live(key.toLowerCase());
  if (entity !== undefined && isReplicated(call, entity)) return entity;
  if (key.includes('@')) return findReadable(call, 'user', key);
  throw notFound(key);
}

function getByIds(call: Call): GraphResponse {
  allowOptions(call, ['$select']);
  const { ids, types, ...others } = readBody(call);
  const [other] = Object.keys(others);
  if (other !== undefined) throw badRequest(`Invalid property '${other}' of the action 'getByIds'.`);
  if (!Array.isArray(ids) || (types !== undefined && !Array.isArray(types)))
    throw badRequest("The action 'getByIds' needs 'ids'.");
  if (ids.length > mostIds) throw badRequest(`The number of ids exceeds the maximum of ${mostIds}.`);
  const wanted =
    types === undefined ? null : types.map((type) => directoryTypes.find((known) => known === type) ?? 'unknown');
  const select = readSelect(call);
  const found = [...new Set(ids.map((id) => String(id).toLowerCase()))]
    .map((id) => call.tenant.live(id))
    .filter(
      (entity) =>
        entity !== undefined && isReplicated(call, entity) && (wanted === null || wanted.includes(entity.type)),
    );
  const value = found.flatMap((entity) => (entity === undefined ? [] : [renderTyped(call, entity, select)]));
  return json({ '@odata.context': contextUrl('directoryObjects'), value });
}

function memberOf(call: Call, securityOnly: boolean): readonly string[] {
  const entity = findAny(call, param(call, 0));
  const all = reachable(call, entity.id, (from) => [...call.tenant.sources('members', from)]);
  return all.filter((id) => !securityOnly || call.tenant.live(id)?.properties.securityEnabled === true);
}

function memberIds(call: Call, groupsOnly: boolean): GraphResponse {
  const { securityEnabledOnly } = readBody(call);
  if (typeof securityEnabledOnly !== 'boolean') throw badRequest("A value is required for 'securityEnabledOnly'.");
  const ids = memberOf(call, securityEnabledOnly).filter((id) => !groupsOnly || call.tenant.live(id)?.type === 'group');
  return json({ '@odata.context': contextUrl('Collection(Edm.String)'), value: ids });
}

function checkIds(call: Call, name: 'groupIds' | 'ids'): GraphResponse {
  const asked = readBody(call)[name];
  if (!Array.isArray(asked) || asked.length > 20) throw badRequest(`'${name}' takes up to 20 ids.`);
  const held = new Set(memberOf(call, false));
  return json({
    '@odata.context': contextUrl('Collection(Edm.String)'),
    value: asked.filter((id) => held.has(String(id).toLowerCase())),
  });
}
