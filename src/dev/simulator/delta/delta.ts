/** `.../delta`: everything first, then rounds of changes (graph-facts 2). Pages are cut by objects and by links. */
import { type Call, contextUrl, type GraphResponse, json } from '../request.ts';
import { isReplicated } from '../resources/lookup.ts';
import { renderSet } from '../resources/render.ts';
import { relations } from '../tenant/entity.ts';
import { positionAfter } from '../tenant/order.ts';
import { beginRound, type DeltaStream, startOf, typesOf, wanted } from './asking.ts';
import { changedObjects } from './changes.ts';
import { addLinks, type Room, tellChange, typeMark } from './telling.ts';
import { type DeltaToken, packDelta } from './token.ts';

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

interface Page {
  readonly value: object[];
  /** What the link of this page carries. */
  readonly next: DeltaToken;
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

function pageOfChanges(call: Call, stream: DeltaStream, token: DeltaToken): Page {
  const { tenant, settings } = call;
  const changed = changedObjects(tenant, {
    types: typesOf(stream, token),
    from: token.from,
    to: token.to,
    overlooksPurged: settings.deltaOverlooksPurgedMembers,
  });
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

function answer(call: Call, stream: DeltaStream, value: readonly object[], next: DeltaToken): GraphResponse {
  // Relations are told beside the properties and stand in no context (L:delta-query-groups, initial response).
  // Neither does what is selected from a stream of several types (L:api/directoryobject-delta, example 3).
  const selected = stream.types.length === 0 ? [] : (next.select ?? []);
  const properties = selected.filter((name) => !relations.some((relation) => relation === name));
  const suffix = properties.length === 0 ? '' : `(${properties.join(',')})`;
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
