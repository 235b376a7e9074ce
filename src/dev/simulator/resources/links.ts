/** Reading relations as lists (`/members`, `/memberOf`, with casts, `$ref` and `$count`), and the references that writes carry. */
import { badRequest, denied, notFound, notImplemented } from '../errors.ts';
import { readBody } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json, param, type Route } from '../request.ts';
import { type DirectoryType, directoryTypes, type Entity } from '../tenant/entity.ts';
import { kindOf } from './kinds.ts';
import { countOf, type Listing, listPage } from './listing.ts';
import { findReadable, findReferenced } from './lookup.ts';
import { renderTyped } from './render.ts';

/** The object that the body's `@odata.id` names. */
export function readReference(call: Call): Entity {
  const body = readBody(call);
  const others = Object.keys(body).filter((name) => name !== '@odata.id' && name !== '@odata.context');
  if (others.length > 0) throw badRequest(`Invalid property '${others[0]}' in a reference.`);
  if (body['@odata.id'] === undefined) throw badRequest("A reference needs '@odata.id'.");
  return findReferenced(call, body['@odata.id']);
}

type Related = (call: Call, id: string) => Iterable<string>;

/** Routes that list one relation of a type: plain, by cast, as references, counted, and one element of it. */
export function linkedObjects(
  prefix: string,
  type: DirectoryType,
  relation: string,
  related: Related,
): readonly Route[] {
  const path = `${prefix}/{id}/${relation}`;
  const gather = (call: Call, cast: DirectoryType | null): Listing => {
    const source = findReadable(call, type, param(call, 0));
    const hidden = relation === 'members' && hidesMembers(call, source);
    if (hidden && !call.settings.hiddenMembersOmitted) throw denied();
    const entities: Entity[] = [];
    const knownIssue = type === 'group' && relation === 'members' && call.settings.groupMembersOmitServicePrincipals;
    for (const id of hidden ? [] : related(call, source.id)) {
      const entity = call.tenant.live(id);
      if (knownIssue && entity?.type === 'servicePrincipal') continue;
      if (entity !== undefined && (cast === null || entity.type === cast)) entities.push(entity);
    }
    return { entities, type: cast, context: cast === null ? 'directoryObjects' : kindOf(cast).collection, keyed: true };
  };
  const castOf = (call: Call): DirectoryType => {
    const name = param(call, 1).replace('microsoft.graph.', '');
    const cast = directoryTypes.find((candidate) => candidate === name);
    if (cast === undefined) throw notImplemented(`the cast ${param(call, 1)}`);
    return cast;
  };
  return [
    { method: 'GET', template: path, handle: (call) => listPage(call, gather(call, null)) },
    { method: 'GET', template: `${path}/$count`, handle: (call) => countOf(call, gather(call, null)) },
    { method: 'GET', template: `${path}/$ref`, handle: (call) => listReferences(call, gather(call, null)) },
    { method: 'GET', template: `${path}/{cast}`, handle: (call) => listPage(call, gather(call, castOf(call))) },
    { method: 'GET', template: `${path}/{cast}/$count`, handle: (call) => countOf(call, gather(call, castOf(call))) },
    {
      method: 'GET',
      template: `${path}/{id}`,
      handle: (call) => {
        const entity = gather(call, null).entities.find((candidate) => candidate.id === param(call, 1).toLowerCase());
        if (entity === undefined) throw notFound(param(call, 1));
        return json({ '@odata.context': contextUrl('directoryObjects/$entity'), ...renderTyped(call, entity, null) });
      },
    },
  ];
}

/** Hidden membership shows only to callers with a permission of its own (graph-facts 7). */
function hidesMembers({ caller, settings }: Call, source: Entity): boolean {
  const { permissions } = settings;
  const hidden = source.properties.visibility === 'HiddenMembership';
  return hidden && caller === 'app' && permissions !== 'all' && !permissions.includes('Member.Read.Hidden');
}

function listReferences(call: Call, listing: Listing): GraphResponse {
  const page = listPage(call, listing);
  const body = page.body as { value: ReadonlyArray<{ id: string }> };
  const value = body.value.map(({ id }) => ({
    '@odata.id': `https://graph.microsoft.com/v1.0/directoryObjects/${id}`,
  }));
  return json({ ...body, '@odata.context': contextUrl('Collection($ref)'), value });
}

/** Everything reachable over live groups, without the start. `next`: the neighbours of one id. */
export function reachable(call: Call, start: string, next: (id: string) => Iterable<string>): readonly string[] {
  const seen = new Set<string>();
  const waiting = [start];
  for (let at = 0; at < waiting.length; at += 1) {
    for (const id of next(waiting[at] ?? '')) {
      if (seen.has(id) || id === start || call.tenant.live(id) === undefined) continue;
      seen.add(id);
      waiting.push(id);
    }
  }
  return [...seen];
}
