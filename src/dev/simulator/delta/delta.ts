/** `.../delta`: everything first, then rounds of changes (graph-facts 2). Pages are cut by objects and by links. */
import { badRequest, notImplemented, selectUnknown, unsupportedQuery } from '../errors.ts';
import { type Filter, parseFilter } from '../odata/filter.ts';
import { readSelect } from '../odata/options.ts';
import { type Call, contextUrl, type GraphResponse, json } from '../request.ts';
import { allKinds, kindOf } from '../resources/kinds.ts';
import { refuseSingleOnly } from '../resources/listing.ts';
import { isReplicated } from '../resources/lookup.ts';
import { renderSet } from '../resources/render.ts';
import { graphType } from '../schema/schema.ts';
import { type DirectoryType, directoryTypes, type Entity, type Relation } from '../tenant/entity.ts';
import { positionAfter } from '../tenant/tenant.ts';
import { type ChangedObject, changedObjects, horizonOf } from './changes.ts';
import { type DeltaToken, packDelta, readDelta } from './token.ts';

export interface DeltaStream {
  /** Empty: any, named by `isof` in the filter. */
  readonly types: readonly DirectoryType[];
  readonly context: string;
  /** Relations that `$select` may name. */
  readonly relations: readonly Relation[];
  /** Those told without `$select`. */
  readonly usualRelations: readonly Relation[];
}

const mostIds = 50;

/** Answers one page of a delta query. */
export function deltaPage(call: Call, stream: DeltaStream): GraphResponse {
  const token = startOf(call, stream);
  const round = token.phase === 'idle' ? beginRound(call, token) : token;
  if (call.settings.deltaEmptyPages && !round.begun) return answer(call, stream, [], { ...round, begun: true });
  const page = round.phase === 'all' ? pageOfAll(call, stream, round) : pageOfChanges(call, stream, round);
  if (call.settings.deltaRepeatsObjects && page.value.length > 1) {
    // Told again, and the other way round: a reader must take any order and any number of times.
    page.value.reverse();
    const last = page.value.at(-1);
    if (last !== undefined) page.value.unshift(last);
  }
  return answer(call, stream, page.value, page.next);
}

function startOf(call: Call, stream: DeltaStream): DeltaToken {
  const skip = call.query.get('$skiptoken');
  const delta = call.query.get('$deltatoken');
  for (const name of call.query.keys()) {
    // $top, $expand and $orderby are silently ignored (graph-facts 2.1, I: #17516).
    if (!['$select', '$filter', '$deltatoken', '$skiptoken', '$top', '$expand', '$orderby'].includes(name)) {
      throw notImplemented(`the query option ${name} on ${call.route}`);
    }
  }
  if (skip !== null) return readDelta(call, skip);
  if (delta !== null && delta !== '' && delta !== 'latest') return readDelta(call, delta);
  const select = readSelect(call);
  const asked = readIdentities(call, stream);
  const horizon = horizonOf(call.tenant, call.settings.replicationDelayMs);
  if (select !== null) checkNames(call, stream, select, asked.types);
  return {
    phase: delta === 'latest' ? 'idle' : 'all',
    path: call.route,
    select,
    ids: asked.ids,
    types: asked.types,
    from: horizon,
    to: delta === 'latest' ? -1 : horizon,
    at: -1,
    inside: null,
    minimal: false,
    issuedMs: call.tenant.clock.nowMs(),
    begun: false,
  };
}

function beginRound(call: Call, token: DeltaToken): DeltaToken {
  // `to` of -1 marks `latest`: nothing to tell, only a link.
  const latest = token.to === -1;
  return {
    ...token,
    phase: 'changes',
    to: latest ? token.from : Math.max(token.from, horizonOf(call.tenant, call.settings.replicationDelayMs)),
    at: 0,
    inside: null,
    minimal: /return=minimal/i.test(call.headers.get('prefer') ?? ''),
    issuedMs: call.tenant.clock.nowMs(),
    begun: latest,
  };
}

function readIdentities(
  call: Call,
  stream: DeltaStream,
): { ids: readonly string[] | null; types: readonly string[] | null } {
  const text = call.query.get('$filter');
  if (text === null) {
    if (stream.types.length === 0)
      throw badRequest("directoryObjects/delta needs a $filter with isof('microsoft.graph.user') or others.");
    return { ids: null, types: null };
  }
  const ids: string[] = [];
  const types: string[] = [];
  const gather = (filter: Filter): void => {
    if (filter.kind === 'or') {
      gather(filter.left);
      gather(filter.right);
    } else if (filter.kind === 'compare' && filter.operator === 'eq' && filter.path === 'id')
      ids.push(String(filter.value).toLowerCase());
    else if (filter.kind === 'isof' && stream.types.length === 0) {
      if (!directoryTypes.some((type) => type === filter.type))
        throw notImplemented(`isof('${filter.type}') on ${call.route}`);
      types.push(filter.type);
    } else throw unsupportedQuery('The $filter of a delta query takes only the ids of objects to track.');
  };
  gather(parseFilter(text));
  if (ids.length > mostIds) throw unsupportedQuery(`A delta query can track at most ${mostIds} ids.`);
  return { ids: ids.length > 0 ? ids : null, types: types.length > 0 ? types : null };
}

function typesOf(stream: DeltaStream, token: { readonly types: readonly string[] | null }): readonly DirectoryType[] {
  if (stream.types.length > 0) return stream.types;
  return directoryTypes.filter((type) => token.types?.includes(type) ?? true);
}

function relationsOf(call: Call, stream: DeltaStream): readonly Relation[] {
  const sponsors = stream.types[0] === 'user' && call.settings.sponsorsInUserDelta;
  return sponsors ? [...stream.relations, 'sponsors'] : stream.relations;
}

function checkNames(call: Call, stream: DeltaStream, select: readonly string[], types: readonly string[] | null): void {
  const among = typesOf(stream, { types });
  for (const name of select) {
    const known = among.some((type) => graphType(type).properties.has(name));
    if (!known && !relationsOf(call, stream).some((relation) => relation === name)) {
      throw selectUnknown(name, among[0] ?? 'directoryObject');
    }
  }
  for (const kind of allKinds) if (among.length === 1 && among[0] === kind.type) refuseSingleOnly(kind, select);
}

interface Wanted {
  readonly names: readonly string[];
  readonly relations: readonly Relation[];
}

function wanted(call: Call, stream: DeltaStream, token: DeltaToken, type: DirectoryType): Wanted {
  const { properties } = graphType(type);
  if (token.select === null) {
    const kind = kindOf(type);
    const all = kind.defaults ?? [...properties.keys()];
    return { names: all.filter((name) => !kind.singleOnly.includes(name)), relations: stream.usualRelations };
  }
  const { select } = token;
  return {
    names: select.filter((name) => properties.has(name)),
    relations: relationsOf(call, stream).filter((relation) => select.includes(relation)),
  };
}

interface Page {
  readonly value: object[];
  /** Null: the round ends here. */
  readonly next: DeltaToken;
}

/** Objects and links that still fit on a page. */
interface Room {
  objects: number;
  links: number;
}

function pageOfAll(call: Call, stream: DeltaStream, token: DeltaToken): Page {
  const { tenant, settings } = call;
  const types = typesOf(stream, token);
  const [only] = types;
  const entities =
    types.length === 1 && only !== undefined
      ? tenant.ofType(only)
      : types.flatMap((type) => tenant.ofType(type)).sort((left, right) => left.born - right.born);
  const room: Room = { objects: settings.pageSize.delta, links: settings.pageSize.links };
  const value: object[] = [];
  let { inside } = token;
  for (let index = positionAfter(entities, token.at); index < entities.length; index += 1) {
    const entity = entities[index];
    if (entity === undefined || !isReplicated(call, entity)) continue;
    if (entity.deletedDateTime !== null && !settings.deltaStartsWithBinned) continue;
    if (token.ids !== null && !token.ids.includes(entity.id)) continue;
    const before = entity.born - 1;
    if (room.objects === 0 || room.links <= 0) return { value, next: { ...token, at: before, inside } };
    if (entity.deletedDateTime !== null) {
      value.push({ ...typeMark(stream, entity.type), id: entity.id, '@removed': { reason: 'changed' } });
      room.objects -= 1;
      continue;
    }
    const { names, relations } = wanted(call, stream, token, entity.type);
    const body = { ...typeMark(stream, entity.type), ...renderSet(call, entity, names) };
    const rest = addLinks(call, body, entity, relations, inside, room);
    value.push(body);
    room.objects -= 1;
    inside = null;
    if (rest !== null) return { value, next: { ...token, at: before, inside: rest } };
  }
  return { value, next: { ...token, phase: 'idle', to: token.from } };
}

/** Adds all links of an object that fit; returns where to go on when some did not. */
function addLinks(
  call: Call,
  body: Record<string, unknown>,
  entity: Entity,
  relations: readonly Relation[],
  inside: DeltaToken['inside'],
  room: Room,
): DeltaToken['inside'] {
  let skipping = inside !== null;
  for (const relation of relations) {
    if (skipping && relation !== inside?.relation) continue;
    const after = skipping ? (inside?.after ?? -1) : -1;
    skipping = false;
    const told: object[] = [];
    let last = after;
    for (const [target, number] of call.tenant.targets(relation, entity.id)) {
      if (number <= after) continue;
      if (room.links <= 0) {
        if (told.length > 0) body[`${relation}@delta`] = told;
        return { relation, after: last };
      }
      told.push(linkEntry(call, target, 'user', true));
      last = number;
      room.links -= 1;
    }
    if (told.length > 0) body[`${relation}@delta`] = told;
  }
  return null;
}

function pageOfChanges(call: Call, stream: DeltaStream, token: DeltaToken): Page {
  const { tenant, settings } = call;
  const changed = changedObjects(tenant, typesOf(stream, token), token.from, token.to);
  const room: Room = { objects: settings.pageSize.delta, links: settings.pageSize.links };
  const value: object[] = [];
  let { inside } = token;
  for (let index = token.at; index < changed.length; index += 1) {
    const object = changed[index];
    if (object === undefined || (token.ids !== null && !token.ids.includes(object.id))) continue;
    if (room.objects === 0 || room.links <= 0) return { value, next: { ...token, at: index, inside } };
    const told = tellChange(call, stream, token, object, inside, room);
    inside = null;
    if (told === null) continue;
    value.push(told.body);
    room.objects -= 1;
    if (told.rest !== null) return { value, next: { ...token, at: index, inside: told.rest } };
  }
  return { value, next: { ...token, phase: 'idle', from: token.to } };
}

function tellChange(
  call: Call,
  stream: DeltaStream,
  token: DeltaToken,
  object: ChangedObject,
  inside: DeltaToken['inside'],
  room: Room,
): { body: Record<string, unknown>; rest: DeltaToken['inside'] } | null {
  const entity = call.tenant.get(object.id);
  const mark = typeMark(stream, object.type);
  if (entity === undefined) return { body: { ...mark, id: object.id, '@removed': { reason: 'deleted' } }, rest: null };
  if (entity.deletedDateTime !== null) {
    const told = object.binned || object.whole;
    return told ? { body: { ...mark, id: object.id, '@removed': { reason: 'changed' } }, rest: null } : null;
  }
  const { names, relations } = wanted(call, stream, token, object.type);
  if (object.whole) {
    const body = { ...mark, ...renderSet(call, entity, names) };
    return { body, rest: addLinks(call, body, entity, relations, inside, room) };
  }
  const changedNames = names.filter((name) => object.properties.has(name));
  const changedRelations = relations.filter((relation) => object.links.has(relation));
  if (changedNames.length === 0 && changedRelations.length === 0 && !object.touched) return null;
  const body: Record<string, unknown> = { ...mark, ...renderSet(call, entity, token.minimal ? changedNames : names) };
  if (token.minimal) for (const name of changedNames) body[name] ??= null;
  let skip = inside?.after ?? 0;
  let position = 0;
  for (const relation of changedRelations) {
    const told: object[] = [];
    for (const [target, type] of object.links.get(relation) ?? []) {
      position += 1;
      if (position <= skip) continue;
      if (room.links <= 0) {
        if (told.length > 0) body[`${relation}@delta`] = told;
        return { body, rest: { relation, after: position - 1 } };
      }
      told.push(linkEntry(call, target, type, call.tenant.targets(relation, object.id).has(target)));
      room.links -= 1;
    }
    if (told.length > 0) body[`${relation}@delta`] = told;
    skip = Math.max(skip, 0);
  }
  return { body, rest: null };
}

function linkEntry(call: Call, target: string, type: DirectoryType, present: boolean): object {
  const entry = { '@odata.type': `#microsoft.graph.${call.tenant.get(target)?.type ?? type}`, id: target };
  return present ? entry : { ...entry, '@removed': { reason: 'deleted' } };
}

function typeMark(stream: DeltaStream, type: DirectoryType): Record<string, unknown> {
  return stream.types.length === 1 ? {} : { '@odata.type': `#microsoft.graph.${type}` };
}

function answer(call: Call, stream: DeltaStream, value: readonly object[], next: DeltaToken): GraphResponse {
  const suffix = next.select === null ? '' : `(${next.select.join(',')})`;
  const name = next.phase === 'idle' ? 'deltatoken' : 'skiptoken';
  const link = `${call.base}${call.path}?$${name}=${packDelta(next)}`;
  const headers: Record<string, string> = next.minimal ? { 'Preference-Applied': 'return=minimal' } : {};
  return json(
    {
      '@odata.context': contextUrl(`${stream.context}${suffix}`),
      [next.phase === 'idle' ? '@odata.deltaLink' : '@odata.nextLink']: link,
      value,
    },
    200,
    headers,
  );
}
